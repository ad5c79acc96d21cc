// Files of results, one a line, as text: read in order, or by the document's id.
#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "ie/result.h"

namespace reamo::eval {

// One line. A file of one result over several lines is one line.
struct ResultLine {
  std::string text;
  std::size_t number = 0;            // from 1
  std::streamoff at = 0;             // byte of its start
  std::optional<std::string> id;     // "document", as far as it can be read; nullopt: null or none
};

// What a line holds: a result, or {"document": .., "line": .., "error": ".."} of a document that failed.
struct ParsedLine {
  std::optional<ie::Result> result;
  std::string error;  // where there is no result
};

class ResultLines {
 public:
  explicit ResultLines(const std::filesystem::path& path);
  // The next line that is not empty; false at the end. Throws Error on a line over 256 MiB.
  bool next(ResultLine& line);
  // A line again. Throws Error where the file cannot be read twice (a pipe).
  ResultLine again(std::streamoff at, std::size_t number);
  // Strict; throws Error with the file and the line's number.
  ParsedLine parse(const ResultLine& line) const;
  const std::filesystem::path& path() const { return path_; }

 private:
  bool read_line(std::string& text);
  [[noreturn]] void fail(std::size_t number, const std::string& reason) const;

  std::filesystem::path path_;
  std::ifstream stream_;
  std::size_t block_ = std::size_t{1} << 18;  // bytes read at once
  std::string buffer_;
  std::size_t used_ = 0;           // of the buffer
  std::streamoff buffer_end_ = 0;  // byte of the file after the buffer
  std::size_t number_ = 0;
};

// Predictions in the order of the gold documents as long as that holds, then through an index of the rest.
class Predictions {
 public:
  // `asked`: the gold ids asked for so far; it must outlive this.
  Predictions(const std::filesystem::path& path, const std::unordered_set<std::string>& asked)
      : lines_(path), asked_(asked) {}

  // To be called once for each gold document, before its id is in `asked`. nullopt: not there.
  std::optional<ResultLine> find(const std::string& id);
  // Calls `visit` with the id (nullopt: none) and line number of each prediction that was not asked for.
  template <typename Visit>
  void each_surplus(Visit visit);
  const ResultLines& lines() const { return lines_; }

 private:
  struct Where {
    std::streamoff at = 0;
    std::size_t number = 0;
  };
  void index_from(const ResultLine& first);
  void remember(const ResultLine& line);

  ResultLines lines_;
  const std::unordered_set<std::string>& asked_;
  bool is_indexed_ = false, is_at_end_ = false;
  std::unordered_map<std::string, Where> index_;   // not yet asked for
  std::map<std::size_t, std::optional<std::string>> surplus_;
  std::vector<std::size_t> nameless_;              // numbers of lines without an id
};

template <typename Visit>
void Predictions::each_surplus(Visit visit) {
  ResultLine line;
  while (!is_indexed_ && !is_at_end_ && lines_.next(line)) remember(line);
  is_at_end_ = true;
  for (auto& [id, where] : index_) surplus_[where.number] = id;
  for (const std::size_t number : nameless_) surplus_[number] = std::nullopt;
  for (const auto& [number, id] : surplus_) visit(id, number);
}

}  // namespace reamo::eval
