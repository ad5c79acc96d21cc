// Lines and tables of foreign text files, with limits.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace reamo::data {

// A file as a stream of lines. A byte order mark at the start and carriage returns at line ends are dropped.
class LineReader {
 public:
  LineReader(const std::filesystem::path& path, std::size_t max_bytes);  // Error when it cannot be opened

  // False at the end.
  bool next();
  // Of the line at hand. text() throws Error when it is over the limit or not UTF-8; reading can go on.
  const std::string& text() const;
  std::uint64_t number() const { return number_; }  // from 1

 private:
  std::filesystem::path path_;
  std::size_t max_bytes_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
  std::vector<char> buffer_;
  std::size_t at_ = 0, end_ = 0;
  std::string line_;
  bool too_long_ = false;
  std::uint64_t number_ = 0;
};

std::string_view trimmed(std::string_view text);  // without white space (ASCII) at the ends
std::vector<std::string_view> split(std::string_view text, char separator);
std::vector<std::string_view> split_at_blanks(std::string_view text);  // runs of blanks and tabs
// A whole decimal number. Throws Error "WHAT: ..." on anything else.
std::int64_t to_integer(std::string_view text, std::string_view what);
double to_number(std::string_view text, std::string_view what);

// Rows of comma (or tab) separated values: quoted fields may hold separators, doubled quotes and line breaks.
class TableReader {
 public:
  TableReader(const std::filesystem::path& path, char separator, std::size_t max_bytes);

  // False at the end. Throws Error on a quote that never ends or a row over the limit; the row is then used
  // up.
  bool next(std::vector<std::string>& row);
  std::uint64_t line() const { return line_; }  // where the row began

 private:
  LineReader lines_;
  char separator_;
  std::size_t max_bytes_;
  std::uint64_t line_ = 0;
};

}  // namespace reamo::data
