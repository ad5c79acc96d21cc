// What the tests of the formats share.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "data/formats/export.h"
#include "data/formats/import.h"
#include "ie/document.h"
#include "ie/error.h"
#include "ie/unicode.h"
#include "store/tensor_file.h"

namespace reamo::data::testing {

namespace fs = std::filesystem;

inline const fs::path kSamples = fs::path(REAMO_SOURCE_DIR) / "src/data/formats/testdata";
inline const fs::path kShared = fs::path(REAMO_SHARED_DIR) / "data";

// A new empty folder, in memory where the system has such a place; removed at the end.
class Folder {
 public:
  Folder() {
    static int count = 0;
    const fs::path base = fs::is_directory("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path();
    path_ = base / ("reamo_formats_" + std::to_string(::getpid()) + "_" + std::to_string(count++));
    fs::create_directories(path_);
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const fs::path& path() const { return path_; }
  fs::path operator/(const std::string& name) const { return path_ / name; }

 private:
  fs::path path_;
};

inline void write(const fs::path& path, const std::string& content) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << content;
}

inline std::vector<std::string> lines_of(const fs::path& path) {
  std::ifstream in(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

struct Imported {
  ImportCounts counts;
  std::vector<ie::Document> documents;
  std::vector<ie::Result> gold;
  std::vector<std::string> faults;
};

inline Imported import_files(const std::string& format, const std::vector<fs::path>& inputs,
                             const fs::path& out, ImportOptions options = {}) {
  options.inputs = inputs;
  options.out = out;
  Imported imported;
  imported.counts = run_import(import_format(format), options,
                               [&](const RowError& error) { imported.faults.push_back(error.text()); });
  for (const std::string& line : lines_of(out / "documents.jsonl"))
    imported.documents.push_back(ie::read_document(line, out));
  for (const std::string& line : lines_of(out / "gold.jsonl")) imported.gold.push_back(ie::read_result(line));
  return imported;
}

// Every place in the text says its mention.
inline void expect_mentions_in_text(const Imported& imported) {
  ASSERT_EQ(imported.documents.size(), imported.gold.size());
  for (std::size_t i = 0; i < imported.gold.size(); ++i) {
    const ie::Result& result = imported.gold[i];
    EXPECT_EQ(imported.documents[i].id, result.document);
    if (!imported.documents[i].text) continue;
    const std::u32string text = ie::to_code_points(*imported.documents[i].text);
    const auto check = [&](const std::string& mention, const std::vector<ie::Grounding>& places) {
      std::string said;
      for (const ie::Grounding& place : places) {
        const auto* span = std::get_if<ie::TextSpan>(&place.place);
        if (span == nullptr) continue;
        ASSERT_LE(span->end, text.size());
        said += (said.empty() ? "" : " ") +
                ie::to_utf8(std::u32string_view(text).substr(span->start, span->end - span->start));
      }
      if (!said.empty()) {
        EXPECT_EQ(said, mention) << result.document;
      }
    };
    for (const ie::Entity& entity : result.entities) check(entity.mention, entity.groundings);
    for (const ie::Event& event : result.events) check(event.trigger.mention, event.trigger.groundings);
  }
}

}  // namespace reamo::data::testing
