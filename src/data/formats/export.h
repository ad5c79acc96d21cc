// Documents and their gold or predictions to the formats of other tools.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "data/formats/import.h"
#include "ie/document.h"
#include "ie/result.h"

namespace reamo::data {

struct ExportOptions {
  std::filesystem::path results;                   // gold or predictions, one result a line
  bool predicted = false;                          // scores are written where the format has a place for them
  std::optional<std::filesystem::path> documents;  // else documents.jsonl beside the results
  std::filesystem::path out;                       // a folder
  bool strict = false;                             // the first bad line stops the run
  std::size_t max_record_bytes = std::size_t{256} << 20;  // of a line
};

struct ExportCounts {
  std::uint64_t documents = 0;
  std::uint64_t items = 0;     // entities, relations, events or words written
  std::uint64_t left_out = 0;  // items that the format cannot say
  std::uint64_t skipped = 0;   // lines reported
};

class Export;

struct ExportFormat {
  std::string name;
  std::string what;  // one line of help
  void (*write)(Export&) = nullptr;
};
const std::vector<ExportFormat>& export_formats();
// UsageError that lists the names when there is none.
const ExportFormat& export_format(const std::string& name);

// Throws Error when the results or documents cannot be read or nothing could be written. Every file of the
// export appears whole or not at all.
ExportCounts run_export(const ExportFormat& format, const ExportOptions& options,
                        const ReportRow& report = {});

// One run: the pairs of a document and its result, in the order of the results.
class Export {
 public:
  Export(const ExportOptions& options, const ReportRow& report) : options_(options), report_(report) {}

  const ExportOptions& options() const { return options_; }
  ExportCounts& counts() { return counts_; }
  // Calls `write` for each pair; its Error is reported with the line of the result.
  void each(const std::function<void(const ie::Document&, const ie::Result&)>& write);
  // A name for the files of a document: its id with all but letters, digits, '-', '_' and '.' replaced; used
  // once in a run.
  std::string file_name(const std::string& id);

 private:
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> index_documents(
      const std::filesystem::path& path);

  void report_fault(const std::filesystem::path& file, std::uint64_t line, const std::string& reason);

  const ExportOptions& options_;
  ReportRow report_;
  ExportCounts counts_;
  std::string first_fault_;
  std::map<std::string, std::uint64_t> names_;
};

}  // namespace reamo::data
