#include "data/formats/import.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "data/formats/collect_schema.h"
#include "data/formats/text_lines.h"
#include "ie/error.h"
#include "store/whole_file.h"

namespace reamo::data {
namespace {

namespace fs = std::filesystem;

// How canonical results show a schema that asks nothing; inside a string its quotes would be escaped, so it
// is found once.
constexpr std::string_view kNoSchema = "\"schema\": {}";
constexpr std::size_t kMaxResultBytes = std::size_t{1} << 30;

// The end of a strict run, at a record that has been reported.
class Stopped : public Error {
 public:
  using Error::Error;
};

std::string lower_ending(const fs::path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return ending;
}

void add_folder(std::vector<fs::path>& files, const fs::path& folder, const ImportFormat& format,
                const std::string& split) {
  std::vector<fs::path> found;
  for (auto entry = fs::recursive_directory_iterator(folder); entry != fs::recursive_directory_iterator();
       ++entry) {
    if (!entry->is_regular_file()) continue;
    const auto& endings = format.endings;
    if (std::find(endings.begin(), endings.end(), lower_ending(entry->path())) == endings.end()) continue;
    if (entry->path().lexically_relative(folder).string().find(split) != std::string::npos)
      found.push_back(entry->path());
  }
  if (found.empty()) {
    throw Error(folder.string() + ": holds no file of the format " + format.name +
                (split.empty() ? "" : " whose path contains \"" + split + "\""));
  }
  std::sort(found.begin(), found.end());
  files.insert(files.end(), found.begin(), found.end());
}

}  // namespace

std::string RowError::text() const {
  return file.string() + ":" + (line > 0 ? std::to_string(line) + ":" : "") + " " + reason;
}

// Results without their schema, until all labels are known.
struct Import::Spool {
  struct Run {
    std::size_t group;
    std::uint64_t count;
  };

  explicit Spool(const fs::path& out)
      : documents(out / "documents.jsonl"),
        path(out / (".gold." + std::to_string(::getpid()))),
        file(std::fopen(path.c_str(), "wb")) {
    if (file == nullptr) throw Error(out.string() + ": cannot be written (" + std::strerror(errno) + ")");
  }
  ~Spool() {
    if (file != nullptr) std::fclose(file);
    std::error_code ignored;
    fs::remove(path, ignored);
  }

  void add(const ie::Result& result, const std::string& key) {
    const auto [group, is_new] = groups.emplace(key, collectors.size());
    if (is_new) collectors.emplace_back();
    collectors[group->second].add(result);
    if (runs.empty() || runs.back().group != group->second) runs.push_back({group->second, 0});
    ++runs.back().count;
    const std::string line = ie::write_result(result) + "\n";
    if (std::fwrite(line.data(), 1, line.size(), file) != line.size()) {
      throw Error(path.string() + ": cannot be written (" + std::strerror(errno) + ")");
    }
  }

  void write_gold(const fs::path& to) {
    const bool written = std::fclose(std::exchange(file, nullptr)) == 0;
    if (!written) throw Error(path.string() + ": cannot be written (" + std::strerror(errno) + ")");
    std::vector<std::string> schemas;
    for (const SchemaCollector& collector : collectors)
      schemas.push_back("\"schema\": " + ie::write_schema(collector.schema()));
    store::WholeFile gold(to);
    LineReader lines(path, kMaxResultBytes);
    for (const Run& run : runs) {
      for (std::uint64_t i = 0; i < run.count && lines.next(); ++i) {
        const std::string& line = lines.text();
        const auto at = line.find(kNoSchema);
        gold.write(std::string_view(line).substr(0, at));
        gold.write(schemas[run.group]);
        gold.write(std::string_view(line).substr(at + kNoSchema.size()));
        gold.write("\n");
      }
    }
    documents.commit();
    gold.commit();
  }

  store::WholeFile documents;
  fs::path path;
  std::FILE* file;
  std::map<std::string, std::size_t> groups;
  std::vector<SchemaCollector> collectors;
  std::vector<Run> runs;
};

Import::Import(const ImportFormat& format, const ImportOptions& options, const ReportRow& report)
    : format_(format), options_(options), report_(report), labels_(options.labels, options.keep_labels) {
  if (options.inputs.empty()) throw UsageError("no file of the format " + format.name + " is given");
  if (!(options.frame_rate > 0)) throw UsageError("--frame-rate must be above 0");
  for (const fs::path& input : options.inputs) {
    std::error_code code;
    if (fs::is_directory(input, code)) {
      add_folder(files_, input, format, options.split);
    } else if (fs::exists(input, code)) {
      files_.push_back(input);
    } else {
      throw Error(input.string() + ": no such file");
    }
  }
  if (options.images && !fs::is_directory(*options.images))
    throw UsageError(options.images->string() + ": --images must be a folder");
  fs::create_directories(options.out);
  current_ = files_.front();
  spool_ = std::make_unique<Spool>(options.out);
}

Import::~Import() = default;

void Import::report(const fs::path& file, std::uint64_t line, const std::string& reason) {
  const RowError error{file, line, reason};
  if (first_fault_.empty()) first_fault_ = error.text();
  ++counts_.skipped;
  if (options_.strict) throw Stopped(error.text());
  if (report_) report_(error);
}

namespace {

// Why reading failed; nothing: it did not. What stops an import goes on.
std::optional<std::string> attempt(const std::function<void()>& read) {
  try {
    read();
    return std::nullopt;
  } catch (const UsageError&) {
    throw;
  } catch (const Stopped&) {
    throw;
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace

bool Import::record(const fs::path& file, std::uint64_t line, const std::function<void()>& read) {
  line_ = line;
  const std::optional<std::string> reason = attempt(read);
  if (reason) report(file, line, *reason);
  return !reason;
}

void Import::each_file(const std::function<void(const fs::path&)>& read) {
  for (const fs::path& file : files_) {
    if (full()) return;
    current_ = file;
    const std::optional<std::string> reason = attempt([&] { read(file); });
    if (!reason) continue;
    const std::string prefix = file.string() + ": ";
    report(file, 0, reason->starts_with(prefix) ? reason->substr(prefix.size()) : *reason);
  }
}

Gold Import::gold(std::string id) const { return Gold(std::move(id), labels_); }

void Import::add(Gold gold) {
  ie::Document& document = gold.document();
  ie::Result& result = gold.result();
  const std::string& name = options_.name.empty() ? format_.name : options_.name;
  std::string id = document.id->empty() ? name + "-" + std::to_string(counts_.documents + 1) : *document.id;
  for (std::uint64_t again = 2; ids_.contains(id); ++again) {
    id = (document.id->empty() ? name : *document.id) + "-" +
         std::to_string(document.id->empty() ? counts_.documents + again : again);
  }
  document.id = id;
  if (document.empty()) throw Error("the record has neither text nor a medium");
  result.document = id;
  result.model = {"gold", ""};
  result.schema = {};
  ie::read_result(ie::write_result(result));  // refuses what is not a valid result
  spool_->documents.write(ie::write_document(document, fs::absolute(options_.out)) + "\n");
  const std::string key = options_.scope == SchemaScope::kAll      ? std::string()
                          : options_.scope == SchemaScope::kFolder ? current_.parent_path().string()
                                                                   : current_.string();
  spool_->add(result, key);
  ids_.insert(std::move(id));
  ++counts_.documents;
  counts_.entities += result.entities.size();
  counts_.relations += result.relations.size();
  counts_.events += result.events.size();
}

fs::path Import::media_path(const fs::path& file, const fs::path& name) const {
  const fs::path relative = name.relative_path(), beside = file.parent_path();
  fs::path path = options_.images.value_or(beside) / relative;
  if (!options_.images && !is_file(path)) {
    for (const fs::path& folder : {beside / "images", beside / ".." / "JPEGImages"}) {
      if (is_file(folder / relative)) path = folder / relative;
    }
  }
  return fs::absolute(path).lexically_normal();
}

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

ImportCounts Import::finish() {
  if (counts_.documents == 0) {
    throw Error(files_.front().string() + ": no document of the format " + format_.name + " could be read" +
                (first_fault_.empty() ? "" : "; the first fault is " + first_fault_));
  }
  spool_->write_gold(options_.out / "gold.jsonl");
  return counts_;
}

const ImportFormat& import_format(const std::string& name) {
  std::string names;
  for (const ImportFormat& format : import_formats()) {
    if (format.name == name) return format;
    names += (names.empty() ? "" : ", ") + format.name;
  }
  throw UsageError("\"" + name + "\" is not a format that can be imported: " + names);
}

ImportCounts run_import(const ImportFormat& format, const ImportOptions& options, const ReportRow& report) {
  Import import(format, options, report);
  format.read(import);
  return import.finish();
}

}  // namespace reamo::data
