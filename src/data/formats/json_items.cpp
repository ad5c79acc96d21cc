#include "data/formats/json_items.h"

#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>

#include "data/formats/text_lines.h"
#include "ie/error.h"

namespace reamo::data {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSubject = "record";
constexpr int kMaxDepth = 64;

bool is_blank(int c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Cuts a file into values without understanding them.
class Scanner {
 public:
  Scanner(const fs::path& path, std::size_t max_bytes)
      : path_(path), max_bytes_(max_bytes), file_(std::fopen(path.c_str(), "rb"), &std::fclose) {
    if (!file_) throw Error(path.string() + ": cannot be read (" + std::strerror(errno) + ")");
    if (peek() == 0xEF) {
      for (int i = 0; i < 3; ++i) get();
    }
  }

  [[noreturn]] void fail(const std::string& reason) const {
    throw Error(path_.string() + ": line " + std::to_string(line_) + ": " + reason);
  }
  std::uint64_t line() const { return line_; }

  // -1 at the end.
  int peek() {
    if (at_ == end_) {
      end_ = std::fread(buffer_, 1, sizeof buffer_, file_.get());
      at_ = 0;
      if (end_ == 0) return -1;
    }
    return static_cast<unsigned char>(buffer_[at_]);
  }
  int get() {
    const int c = peek();
    if (c >= 0) ++at_;
    if (c == '\n') ++line_;
    return c;
  }
  int skip_blanks() {
    while (is_blank(peek())) get();
    return peek();
  }
  void expect(char wanted) {
    if (skip_blanks() != wanted) fail(std::string("'") + wanted + "' is missing");
    get();
  }

  // The text of one value up to the ',' or bracket that ends it. `too_long`: it was over the limit, and is
  // not whole.
  std::string value(bool& too_long) {
    std::string text;
    too_long = false;
    int depth = 0;
    for (;;) {
      const int c = peek();
      if (c < 0) {
        if (depth > 0 || trimmed(text).empty()) fail("the file ends in the middle of a value");
        break;
      }
      const bool closes = c == ']' || c == '}';
      if (depth == 0 && (c == ',' || closes)) break;
      if (depth == 0 && is_blank(c) && !text.empty()) break;
      keep(text, get(), too_long);
      if (c == '"') {
        string(text, too_long);
        if (depth == 0) break;
      } else if (c == '[' || c == '{') {
        ++depth;
      } else if (closes && --depth == 0) {
        break;
      }
    }
    if (text.empty()) fail("a value is missing");
    return text;
  }

 private:
  void keep(std::string& text, int c, bool& too_long) const {
    if (text.size() >= max_bytes_) {
      too_long = true;
    } else {
      text += static_cast<char>(c);
    }
  }
  void string(std::string& text, bool& too_long) {
    for (bool escaped = false;;) {
      const int c = get();
      if (c < 0) fail("the file ends in the middle of a string");
      keep(text, c, too_long);
      if (c == '"' && !escaped) return;
      escaped = c == '\\' && !escaped;
    }
  }

  fs::path path_;
  std::size_t max_bytes_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
  char buffer_[1 << 16];
  std::size_t at_ = 0, end_ = 0;
  std::uint64_t line_ = 1;
};

void visit_text(const std::string& key, const std::string& text, const VisitJson& visit) {
  ie::JsonLimits limits;
  limits.depth = kMaxDepth;
  limits.bytes = std::max(limits.bytes, text.size());
  const auto value = ie::parse_json(text, kSubject, ie::JsonFault::kData, limits);
  visit(key, ie::JsonNode(value, kSubject, ie::JsonFault::kData));
}

// One file's values for one import.
class ItemReader {
 public:
  ItemReader(Import& import, const fs::path& file, const ChooseMember& choose, const VisitJson& visit)
      : import_(import),
        file_(file),
        choose_(choose),
        visit_(visit),
        scanner_(file, import.options().max_record_bytes) {}

  void read() {
    if (scanner_.skip_blanks() < 0) scanner_.fail("the file is empty");
    while (!import_.full() && scanner_.skip_blanks() >= 0) {
      if (scanner_.peek() == '[') {
        elements("");
      } else if (scanner_.peek() == '{' && choose_("") != Member::kWhole) {
        members();
      } else if (scanner_.peek() == '{') {
        item("", true);
      } else {
        scanner_.fail("neither a JSON array nor an object");
      }
    }
  }

 private:
  void item(const std::string& key, bool wanted) {
    scanner_.skip_blanks();
    const std::uint64_t line = scanner_.line();
    bool too_long = false;
    const std::string text = scanner_.value(too_long);
    if (!wanted) return;
    import_.record(file_, line, [&] {
      if (too_long) {
        throw Error("the element is longer than " + std::to_string(import_.options().max_record_bytes) +
                    " bytes (--max-record-bytes raises the limit)");
      }
      visit_text(key, text, visit_);
    });
  }

  void elements(const std::string& key) {
    scanner_.expect('[');
    if (scanner_.skip_blanks() == ']') {
      scanner_.get();
      return;
    }
    while (!import_.full()) {
      item(key, true);
      if (!goes_on(']')) return;
    }
  }

  void members() {
    scanner_.expect('{');
    if (scanner_.skip_blanks() == '}') {
      scanner_.get();
      return;
    }
    while (!import_.full()) {
      if (scanner_.skip_blanks() != '"') scanner_.fail("the name of a member is missing");
      bool too_long = false;
      const std::string quoted = scanner_.value(too_long);
      std::string key;
      try {
        visit_text("", quoted, [&](const std::string&, const ie::JsonNode& name) { key = name.string(); });
      } catch (const Error& error) {
        scanner_.fail(error.what());
      }
      scanner_.expect(':');
      const Member choice = choose_(key);
      if (choice == Member::kElements && scanner_.skip_blanks() == '[') {
        elements(key);
      } else {
        item(key, choice != Member::kSkip);
      }
      if (!goes_on('}')) return;
    }
  }

  bool goes_on(char end) {
    if (import_.full()) return false;
    const int c = scanner_.skip_blanks();
    if (c != ',' && c != end) scanner_.fail("',' or '" + std::string(1, end) + "' is missing after a value");
    scanner_.get();
    return c == ',';
  }

  Import& import_;
  const fs::path& file_;
  const ChooseMember& choose_;
  const VisitJson& visit_;
  Scanner scanner_;
};

class PythonLiteral {
 public:
  explicit PythonLiteral(std::string_view text) : text_(text) {}

  std::string to_json() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\'' || c == '"') {
        string(c);
      } else if (c == '(' || c == ')') {
        json_ += c == '(' ? '[' : ']';
        ++at_;
      } else if (std::isalpha(static_cast<unsigned char>(c)) &&
                 !(at_ > 0 && std::isdigit(static_cast<unsigned char>(text_[at_ - 1])))) {
        word();
      } else {
        json_ += c;
        ++at_;
      }
    }
    return std::move(json_);
  }

 private:
  void word() {
    const auto end = text_.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", at_);
    const auto name = text_.substr(at_, end == std::string_view::npos ? end : end - at_);
    if (name != "True" && name != "False" && name != "None" && name != "true" && name != "false" &&
        name != "null") {
      throw Error("\"" + std::string(name.substr(0, 30)) + "\" is no Python literal");
    }
    json_ += name == "None" || name == "null" ? "null" : name == "True" || name == "true" ? "true" : "false";
    at_ += name.size();
  }

  void string(char quote) {
    json_ += '"';
    for (++at_;; ++at_) {
      if (at_ >= text_.size()) throw Error("a string of the Python literal never ends");
      const char c = text_[at_];
      if (c == quote) break;
      if (c == '\\') {
        escape();
      } else {
        literal(c);
      }
    }
    json_ += '"';
    ++at_;
  }

  void literal(char c) {
    if (static_cast<unsigned char>(c) < 0x20) {
      char code[8];
      std::snprintf(code, sizeof code, "\\u%04x", c);
      json_ += code;
    } else {
      if (c == '"' || c == '\\') json_ += '\\';
      json_ += c;
    }
  }

  void escape() {
    if (++at_ >= text_.size()) throw Error("a string of the Python literal never ends");
    const char c = text_[at_];
    if (c == 'x' || c == 'u') {
      const std::size_t digits = c == 'x' ? 2 : 4;
      const auto code = text_.substr(at_ + 1, digits);
      if (code.size() < digits ||
          code.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos) {
        throw Error("a string of the Python literal has a broken escape");
      }
      json_ += (c == 'x' ? "\\u00" : "\\u") + std::string(code);
      at_ += digits;
    } else if (c == 'n' || c == 't' || c == 'r' || c == 'b' || c == 'f') {
      json_ += {'\\', c};
    } else {
      if (c != '\'' && c != '"' && c != '\\') literal('\\');
      literal(c);
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string json_;
};

}  // namespace

void each_json(Import& import, const fs::path& file, const ChooseMember& choose, const VisitJson& visit) {
  ItemReader(import, file, choose, visit).read();
}

Member whole_members(const std::string& key) { return key.empty() ? Member::kElements : Member::kWhole; }
Member whole_root(const std::string&) { return Member::kWhole; }

void each_python_line(Import& import, const fs::path& file, const VisitJson& visit) {
  LineReader lines(file, import.options().max_record_bytes);
  while (!import.full() && lines.next()) {
    import.record(file, lines.number(), [&] {
      if (!trimmed(lines.text()).empty()) visit_text("", python_to_json(lines.text()), visit);
  });
}
}  // namespace reamo::data

std::string python_to_json(std::string_view literal) { return PythonLiteral(literal).to_json(); }

std::vector<std::string> strings_of(const ie::JsonNode& array) {
  std::vector<std::string> strings;
  array.each([&](const ie::JsonNode& item) { strings.push_back(item.string()); });
  return strings;
}

std::string id_of(const ie::JsonNode& node) {
  return node.is_string() ? node.string() : std::to_string(whole_of(node));
}

std::int64_t whole_of(const ie::JsonNode& node) {
  constexpr double kLimit = 9007199254740992.0;
  if (node.is_string()) return to_integer(node.string(), "a number");
  const double value = node.number(-kLimit, kLimit);
  if (value != std::floor(value)) node.fail("must be a whole number");
  return static_cast<std::int64_t>(value);
}

}  // namespace reamo::data
