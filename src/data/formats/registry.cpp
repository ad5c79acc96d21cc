#include "data/formats/conll.h"
#include "data/formats/export.h"
#include "data/formats/exporters.h"
#include "data/formats/import.h"

namespace reamo::data {

const std::vector<ImportFormat>& import_formats() {
  static const std::vector<ImportFormat> formats{
      {"conll", "a token and a BIO tag a line: CoNLL-2003, WNUT17, CrossNER, Twitter-2015/17", {".conll", ".txt", ".bio", ".iob", ".annotated"}, &import_conll},
  };
  return formats;
}

const std::vector<ExportFormat>& export_formats() {
  static const std::vector<ExportFormat> formats{
      {"conll", "text: entities as BIO", &export_conll},
      {"brat", "text: a .txt and .ann file for each document", &export_brat},
  };
  return formats;
}

}  // namespace reamo::data
