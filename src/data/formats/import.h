// Annotated data of other tools to documents and gold: one run over the files of one format.
//
// A format's reader calls record() for every record of a file (a line, a block of lines, an element of an
// array); inside, it builds a Gold and gives it to add(). What record() catches is reported as `file:line:
// reason`, the record is skipped and reading goes on, or the run stops (strict). Documents stream to the
// folder; only the labels are kept in memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "data/formats/gold.h"
#include "data/formats/labels.h"
#include "media/limits.h"

namespace reamo::data {

// Which documents share a schema: the labels of all files, of the files of one folder, of one file.
enum class SchemaScope { kAll, kFolder, kFile };

struct ImportOptions {
  std::vector<std::filesystem::path>
      inputs;                 // files, or folders whose files of the format are taken in order of name
  std::filesystem::path out;  // folder of documents.jsonl and gold.jsonl
  std::optional<std::filesystem::path> images;  // pictures, frames or recordings; else beside the annotations
  std::string split;         // of a folder, only files whose path below it contains this; "": all
  std::string name;          // ids without one of their own are NAME-1, NAME-2, ..; "": the format's name
  std::uint64_t limit = 0;   // documents; 0: all
  bool strict = false;       // the first bad record stops the run
  bool keep_labels = false;  // labels as in the file, not spelled out
  std::map<std::string, std::string> labels;  // label of the file -> label of the gold, before any other rule
  SchemaScope scope = SchemaScope::kAll;
  double frame_rate = 24;  // frames a second of film given as numbered pictures without times
  std::size_t max_record_bytes = std::size_t{16} << 20;  // of a line or an element (--max-record-bytes)
  media::Limits media;
};

struct RowError {
  std::filesystem::path file;
  std::uint64_t line = 0;  // from 1; 0: the file as a whole
  std::string reason;

  std::string text() const;  // "file:line: reason"
};
using ReportRow = std::function<void(const RowError&)>;

struct ImportCounts {
  std::uint64_t documents = 0, entities = 0, relations = 0, events = 0;
  std::uint64_t skipped = 0;  // records (or files as a whole) reported
};

class Import;

// A format that can be read.
struct ImportFormat {
  std::string name;
  std::string what;                  // one line of help
  std::vector<std::string> endings;  // of files taken from a folder, in lower case
  void (*read)(Import&) = nullptr;
};
const std::vector<ImportFormat>& import_formats();
// UsageError that lists the names when there is none.
const ImportFormat& import_format(const std::string& name);

// Writes OUT/documents.jsonl and OUT/gold.jsonl, both whole or neither. Throws Error when nothing could be
// read, a file is missing, or, if strict, at the first bad record; UsageError on options that the format
// cannot use.
ImportCounts run_import(const ImportFormat& format, const ImportOptions& options,
                        const ReportRow& report = {});

// Whether there is such a file; false too for a name that no file can have.
bool is_file(const std::filesystem::path& path);

class Import {
 public:
  Import(const ImportFormat& format, const ImportOptions& options, const ReportRow& report);
  ~Import();
  Import(const Import&) = delete;
  Import& operator=(const Import&) = delete;

  const ImportOptions& options() const { return options_; }
  const std::vector<std::filesystem::path>& files() const { return files_; }
  const Labels& labels() const { return labels_; }
  // Whether the limit is reached: readers stop at the next record.
  bool full() const { return options_.limit > 0 && counts_.documents >= options_.limit; }

  // Calls `read` for each file until the import is full; an Error of the file as a whole is reported too.
  void each_file(const std::function<void(const std::filesystem::path&)>& read);
  // Calls `read` for the record that begins at `line` and reports its Error. Gives whether it went well.
  bool record(const std::filesystem::path& file, std::uint64_t line, const std::function<void()>& read);
  std::uint64_t line() const { return line_; }  // of the record at hand
  // Reports a fault that `read` survived; stops if strict.
  void report(const std::filesystem::path& file, std::uint64_t line, const std::string& reason);

  // A document to be filled. An empty id becomes NAME-N; a used one gets "-2", "-3", .. at its end.
  Gold gold(std::string id = "") const;
  // Throws Error when the gold is not a valid result (a box outside its picture, ..).
  void add(Gold gold);

  // The picture, film or recording `name` of the record: in --images, else beside `file`, in images/ beside
  // it or in JPEGImages/ beside its folder.
  std::filesystem::path media_path(const std::filesystem::path& file,
                                   const std::filesystem::path& name) const;

  ImportCounts finish();

 private:
  struct Spool;

  const ImportFormat& format_;
  const ImportOptions& options_;
  ReportRow report_;
  Labels labels_;
  std::vector<std::filesystem::path> files_;
  std::filesystem::path current_;
  std::unordered_set<std::string> ids_;
  std::string first_fault_;
  ImportCounts counts_;
  std::unique_ptr<Spool> spool_;
  std::uint64_t line_ = 0;
};

}  // namespace reamo::data
