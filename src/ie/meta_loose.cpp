#include "ie/meta_loose.h"

#include <algorithm>

#include "ie/unicode.h"

namespace reamo::ie {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

}  // namespace

std::string shown(std::string_view text) {
  constexpr std::size_t kLongest = 60;
  if (text.size() <= kLongest) return "\"" + std::string(text) + "\"";
  std::size_t end = kLongest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return "\"" + std::string(text.substr(0, end)) + "...\"";
}

bool has_words(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           static_cast<unsigned char>(c) >= 0x80;
  });
}

std::string value_of(Piece piece) {
  piece = trimmed(piece);
  if (piece.raw.size() >= 2 && (piece.raw.front() == '"' || piece.raw.front() == '\'') &&
      piece.raw.back() == piece.raw.front()) {
    piece = trimmed(piece.part(1, piece.raw.size() - 2));
  }
  return unescape(piece.raw);
}

std::pair<std::size_t, std::size_t> find_colon(std::string_view raw) {
  constexpr std::string_view kWide = "\xEF\xBC\x9A";
  const std::size_t plain = find_plain(raw, ':'), wide = raw.find(kWide);
  if (plain != kNone && (wide == kNone || plain < wide)) return {plain, 1};
  return {wide, kWide.size()};
}

std::vector<Piece> split_fields(Piece inside) {
  std::vector<Piece> fields;
  int depth = 0;
  std::size_t from = 0;
  for (std::size_t i = 0; i < inside.raw.size(); ++i) {
    const char c = inside.raw[i];
    if (c == '\\') ++i;
    if (c == '(') ++depth;
    if (c == ')') --depth;
    if (c == ',' && depth == 0) {
      fields.push_back(inside.part(from, i - from));
      from = i + 1;
    }
  }
  fields.push_back(inside.part(from));
  return fields;
}

std::vector<std::size_t> match_brackets(std::string_view raw) {
  std::vector<std::size_t> matching(raw.size(), kNone), open;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '\\')
      ++i;
    else if (raw[i] == '(')
      open.push_back(i);
    else if (raw[i] == ')' && !open.empty()) {
      matching[open.back()] = i;
      open.pop_back();
    }
  }
  return matching;
}

std::size_t next_bracket(std::string_view raw, std::size_t start) {
  for (std::size_t i = start; i < raw.size(); ++i) {
    if (raw[i] == '\\')
      ++i;
    else if (raw[i] == '(' || raw[i] == ')')
      return i;
  }
  return kNone;
}

std::string repaired(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t length = 1;
    while (length < 4 && i + length <= text.size() && !is_valid_utf8(text.substr(i, length)))
      ++length;
    if (i + length <= text.size() && is_valid_utf8(text.substr(i, length))) {
      result += text.substr(i, length);
      i += length;
    } else {
      result += "\xEF\xBF\xBD";
      ++i;
    }
  }
  return result;
}

}  // namespace reamo::ie
