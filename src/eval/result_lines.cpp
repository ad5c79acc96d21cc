#include "eval/result_lines.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "ie/error.h"
#include "ie/json_reader.h"

namespace reamo::eval {
namespace {

constexpr std::size_t kBlockAgain = std::size_t{1} << 14;  // when lines are read in any order
constexpr std::size_t kMaxLine = std::size_t{256} << 20;

// Takes the value of the outermost key "document" and stops there.
struct IdReader : nlohmann::json_sax<nlohmann::json> {
  std::optional<std::string> id;
  int depth = 0;
  bool is_next = false;

  bool value() { return !is_next; }
  bool null() override { return value(); }
  bool boolean(bool) override { return value(); }
  bool number_integer(number_integer_t) override { return value(); }
  bool number_unsigned(number_unsigned_t) override { return value(); }
  bool number_float(number_float_t, const string_t&) override { return value(); }
  bool binary(binary_t&) override { return value(); }
  bool string(string_t& text) override {
    if (is_next) id = text;
    return value();
  }
  bool start_object(std::size_t) override {
    ++depth;
    return value();
  }
  bool start_array(std::size_t) override {
    ++depth;
    return value();
  }
  bool end_object() override { return --depth > 0; }
  bool end_array() override { return --depth > 0; }
  bool key(string_t& text) override {
    is_next = depth == 1 && text == "document";
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }
};

std::optional<std::string> id_of(const std::string& text) {
  IdReader reader;
  nlohmann::json::sax_parse(text, &reader);
  return std::move(reader.id);
}

bool is_blank(const std::string& text) { return text.find_first_not_of(" \t\r\n") == std::string::npos; }

// A JSON value that goes on in the next line.
bool is_open(const std::string& text) {
  const auto last = text.find_last_not_of(" \t\r");
  return last != std::string::npos && text[last] != '}';
}

}  // namespace

ResultLines::ResultLines(const std::filesystem::path& path) : path_(path), stream_(path, std::ios::binary) {
  if (!stream_) throw Error(path.string() + ": cannot be opened");
}

void ResultLines::fail(std::size_t number, const std::string& reason) const {
  throw Error(path_.string() + ", line " + std::to_string(number) + ": " + reason);
}

bool ResultLines::read_line(std::string& text) {
  text.clear();
  bool any = false;
  while (true) {
    if (used_ == buffer_.size()) {
      buffer_.resize(block_);
      stream_.read(buffer_.data(), static_cast<std::streamsize>(block_));
      buffer_.resize(static_cast<std::size_t>(stream_.gcount()));
      buffer_end_ += static_cast<std::streamoff>(buffer_.size());
      used_ = 0;
      if (stream_.bad()) throw Error(path_.string() + ": cannot be read");
      if (buffer_.empty()) return any;
    }
    any = true;
    const std::size_t end = buffer_.find('\n', used_);
    const std::size_t stop = std::min(end, buffer_.size());
    if (text.size() + (stop - used_) > kMaxLine)
      fail(number_ + 1, "a line is longer than the limit of " + std::to_string(kMaxLine >> 20) + " MiB");
    text.append(buffer_, used_, stop - used_);
    used_ = end == std::string::npos ? buffer_.size() : end + 1;
    if (end != std::string::npos) return true;
  }
}

bool ResultLines::next(ResultLine& line) {
  while (true) {
    line.at = buffer_end_ - static_cast<std::streamoff>(buffer_.size() - used_);
    if (!read_line(line.text)) return false;
    line.number = ++number_;
    if (is_blank(line.text)) continue;
    if (line.number == 1 && is_open(line.text)) {
      std::string more;
      while (read_line(more)) {
        if (line.text.size() + more.size() > kMaxLine)
          fail(1, "is not closed within the limit of " + std::to_string(kMaxLine >> 20) + " MiB");
        line.text += "\n" + more;
      }
    }
    line.id = id_of(line.text);
    return true;
  }
}

ResultLine ResultLines::again(std::streamoff at, std::size_t number) {
  stream_.clear();
  stream_.seekg(at);
  if (!stream_)
    throw Error(path_.string() + ": cannot be read twice, so its documents must be in the order of the gold file");
  block_ = kBlockAgain;
  buffer_.clear();
  used_ = 0;
  buffer_end_ = at;
  number_ = number - 1;
  ResultLine line;
  if (!next(line)) throw Error(path_.string() + ": has changed while it was read");
  return line;
}

ParsedLine ResultLines::parse(const ResultLine& line) const {
  try {
    if (line.text.find("\"error\"") != std::string::npos && line.text.find("\"entities\"") == std::string::npos) {
      const auto value = ie::parse_json(line.text, "result", ie::JsonFault::kData);
      const ie::JsonNode node(value, "result", ie::JsonFault::kData);
      node.keys({"document", "error"}, {"line"});
      return {std::nullopt, node.at("error").string()};
    }
    return {ie::read_result(line.text), ""};
  } catch (const Error& error) {
    fail(line.number, error.what());
  }
}

std::optional<ResultLine> Predictions::find(const std::string& id) {
  ResultLine line;
  while (!is_indexed_) {
    if (is_at_end_ || !lines_.next(line)) {
      is_at_end_ = true;
      return std::nullopt;
    }
    if (line.id == id) return line;
    if (line.id) {
      index_from(line);
    } else {
      remember(line);
    }
  }
  const auto found = index_.find(id);
  if (found == index_.end()) return std::nullopt;
  const Where where = found->second;
  index_.erase(found);
  ResultLine again = lines_.again(where.at, where.number);
  if (again.id != id) throw Error(lines_.path().string() + ": has changed while it was read");
  return again;
}

void Predictions::index_from(const ResultLine& first) {
  is_indexed_ = true;
  remember(first);
  ResultLine line;
  while (lines_.next(line)) remember(line);
}

// Everything before was in order, so a prediction that was asked for is there a second time.
void Predictions::remember(const ResultLine& line) {
  if (!line.id) {
    lines_.parse(line);  // an error line without a document, or a fault
    nameless_.push_back(line.number);
    return;
  }
  if (asked_.contains(*line.id) || !index_.emplace(*line.id, Where{line.at, line.number}).second) {
    throw Error(lines_.path().string() + ", line " + std::to_string(line.number) + ": the document \"" + *line.id +
                "\" is predicted twice");
  }
}

}  // namespace reamo::eval
