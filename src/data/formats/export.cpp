#include "data/formats/export.h"

#include <cctype>
#include <fstream>
#include <utility>

#include "data/formats/text_lines.h"
#include "ie/error.h"

namespace reamo::data {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFileName = 100;

}  // namespace

// Where each document stands in the file: byte and length.
std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> Export::index_documents(const fs::path& path) {
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> index;
  std::ifstream in(path, std::ios::binary);
  if (!in) throw Error(path.string() + ": cannot be read (--documents names the file of the documents)");
  std::string line;
  std::uint64_t at = 0, number = 0;
  while (std::getline(in, line)) {
    ++number;
    const std::uint64_t bytes = line.size();
    if (!trimmed(line).empty()) {
      try {
        const ie::Document document = ie::read_document(line, path.parent_path());
        index.emplace(document.id.value_or(std::to_string(number)), std::pair(at, bytes));
      } catch (const Error& error) {
        report_fault(path, number, error.what());
      }
    }
    at += bytes + 1;
  }
  return index;
}

void Export::report_fault(const fs::path& file, std::uint64_t line, const std::string& reason) {
  const RowError error{file, line, reason};
  if (first_fault_.empty()) first_fault_ = error.text();
  ++counts_.skipped;
  if (options_.strict) throw Error(error.text());
  if (report_) report_(error);
}

void Export::each(const std::function<void(const ie::Document&, const ie::Result&)>& write) {
  const fs::path documents = options_.documents.value_or(options_.results.parent_path() / "documents.jsonl");
  const auto index = index_documents(documents);
  std::ifstream texts(documents, std::ios::binary);
  LineReader lines(options_.results, options_.max_record_bytes);
  while (lines.next()) {
    std::string reason;
    try {
      const std::string& line = lines.text();
      if (trimmed(line).empty()) continue;
      const ie::Result result = ie::read_result(line);
      const auto found = index.find(result.document);
      if (found == index.end())
        throw Error("the document \"" + result.document + "\" is not in " + documents.string());
      std::string text(found->second.second, '\0');
      texts.clear();
      texts.seekg(static_cast<std::streamoff>(found->second.first));
      texts.read(text.data(), static_cast<std::streamsize>(text.size()));
      write(ie::read_document(text, documents.parent_path()), result);
      ++counts_.documents;
    } catch (const UsageError&) {
      throw;
    } catch (const Error& error) {
      reason = error.what();
    }
    if (!reason.empty()) report_fault(options_.results, lines.number(), reason);
  }
  if (counts_.documents == 0) {
    throw Error(options_.results.string() + ": holds no result that could be written" +
                (first_fault_.empty() ? "" : "; the first fault is " + first_fault_));
  }
}

std::string Export::file_name(const std::string& id) {
  std::string name;
  for (const char c : id.substr(0, kMaxFileName)) {
    const bool plain =
        std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || (c == '.' && !name.empty());
    name += plain ? c : '_';
  }
  if (name.empty()) name = "_";
  std::string unique = name;
  while (!names_.emplace(unique, 0).second) unique = name + "~" + std::to_string(++names_[name] + 1);
  return unique;
}

const ExportFormat& export_format(const std::string& name) {
  std::string names;
  for (const ExportFormat& format : export_formats()) {
    if (format.name == name) return format;
    names += (names.empty() ? "" : ", ") + format.name;
  }
  throw UsageError("\"" + name + "\" is not a format that can be exported: " + names);
}

ExportCounts run_export(const ExportFormat& format, const ExportOptions& options, const ReportRow& report) {
  Export run(options, report);
  fs::create_directories(options.out);
  format.write(run);
  return run.counts();
}

}  // namespace reamo::data
