#include "data/formats/text_lines.h"

#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>

#include "ie/error.h"
#include "ie/unicode.h"

namespace reamo::data {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 16;
constexpr std::string_view kSpaces = " \t\r\n\v\f";
constexpr std::size_t kMaxColumns = 10'000;

}  // namespace

LineReader::LineReader(const std::filesystem::path& path, std::size_t max_bytes)
    : path_(path), max_bytes_(max_bytes), file_(nullptr, &std::fclose), buffer_(kBufferBytes) {
  std::error_code code;
  if (std::filesystem::is_directory(path, code)) throw Error(path.string() + ": is a folder, not a file");
  file_.reset(std::fopen(path.c_str(), "rb"));
  if (!file_) throw Error(path.string() + ": cannot be read (" + std::strerror(errno) + ")");
}

bool LineReader::next() {
  line_.clear();
  too_long_ = false;
  bool any = false;
  for (;;) {
    if (at_ == end_) {
      end_ = std::fread(buffer_.data(), 1, buffer_.size(), file_.get());
      at_ = 0;
      if (end_ == 0) {
        if (std::ferror(file_.get()) != 0) throw Error(path_.string() + ": cannot be read to its end");
        break;
      }
    }
    any = true;
    const char* from = buffer_.data() + at_;
    const auto* newline = static_cast<const char*>(std::memchr(from, '\n', end_ - at_));
    const std::size_t count = newline != nullptr ? static_cast<std::size_t>(newline - from) : end_ - at_;
    if (line_.size() + count > max_bytes_) too_long_ = true;
    if (!too_long_) line_.append(from, count);
    at_ += count + (newline != nullptr ? 1 : 0);
    if (newline != nullptr) break;
  }
  if (!any) return false;
  ++number_;
  if (number_ == 1 && line_.starts_with("\xEF\xBB\xBF")) line_.erase(0, 3);
  if (!line_.empty() && line_.back() == '\r') line_.pop_back();
  return true;
}

const std::string& LineReader::text() const {
  if (too_long_) {
    throw Error("the line is longer than " + std::to_string(max_bytes_) +
                " bytes (--max-record-bytes raises the limit)");
  }
  if (!ie::is_valid_utf8(line_)) throw Error("the line is not UTF-8");
  return line_;
}

std::string_view trimmed(std::string_view text) {
  const auto from = text.find_first_not_of(kSpaces);
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(kSpaces) + 1 - from);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::vector<std::string_view> split_at_blanks(std::string_view text) {
  std::vector<std::string_view> parts;
  for (std::size_t at = text.find_first_not_of(" \t"); at != std::string_view::npos;) {
    const auto end = text.find_first_of(" \t", at);
    parts.push_back(text.substr(at, end == std::string_view::npos ? end : end - at));
    at = end == std::string_view::npos ? end : text.find_first_not_of(" \t", end);
  }
  return parts;
}

std::int64_t to_integer(std::string_view text, std::string_view what) {
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || end != text.data() + text.size()) {
    throw Error(std::string(what) + ": \"" + std::string(text.substr(0, 40)) + "\" is not a whole number");
  }
  return value;
}

double to_number(std::string_view text, std::string_view what) {
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
    throw Error(std::string(what) + ": \"" + std::string(text.substr(0, 40)) + "\" is not a number");
  }
  return value;
}

TableReader::TableReader(const std::filesystem::path& path, char separator, std::size_t max_bytes)
    : lines_(path, max_bytes), separator_(separator), max_bytes_(max_bytes) {}

bool TableReader::next(std::vector<std::string>& row) {
  row.clear();
  do {
    if (!lines_.next()) return false;
    line_ = lines_.number();
  } while (trimmed(lines_.text()).empty());
  std::string field;
  std::size_t bytes = 0;
  bool quoted = false, was_quoted = false;
  for (;;) {
    const std::string& line = lines_.text();
    bytes += line.size();
    if (bytes > max_bytes_)
      throw Error("the row is longer than " + std::to_string(max_bytes_) +
                  " bytes (--max-record-bytes raises the limit)");
    for (std::size_t i = 0; i < line.size(); ++i) {
      const char c = line[i];
      if (quoted) {
        if (c != '"') {
          field += c;
        } else if (i + 1 < line.size() && line[i + 1] == '"') {
          field += '"';
          ++i;
        } else {
          quoted = false;
        }
      } else if (c == '"' && field.empty() && !was_quoted && separator_ == ',') {
        quoted = was_quoted = true;
      } else if (c == separator_) {
        row.push_back(std::move(field));
        if (row.size() > kMaxColumns)
          throw Error("the row has more than " + std::to_string(kMaxColumns) + " columns");
        field.clear();
        was_quoted = false;
      } else {
        field += c;
      }
    }
    if (!quoted) break;
    field += '\n';
    if (!lines_.next()) throw Error("a quote of the row never ends");
  }
  row.push_back(std::move(field));
  return true;
}

}  // namespace reamo::data
