#include "ie/meta_text.h"

#include <algorithm>

namespace reamo::ie {

Piece trimmed(Piece piece) {
  std::size_t start = 0, end = piece.raw.size();
  while (start < end && is_blank(piece.raw[start])) ++start;
  while (end > start && is_blank(piece.raw[end - 1])) {
    std::size_t slashes = 0;
    while (end - 1 - slashes > start && piece.raw[end - 2 - slashes] == '\\') ++slashes;
    if (slashes % 2 == 1) break;
    --end;
  }
  return piece.part(start, end - start);
}

std::size_t find_plain(std::string_view raw, char c, std::size_t start) {
  for (std::size_t i = start; i < raw.size(); ++i) {
    if (raw[i] == '\\') {
      ++i;
    } else if (raw[i] == c) {
      return i;
    }
  }
  return std::string_view::npos;
}

std::size_t rfind_plain(std::string_view raw, char c) {
  std::size_t last = std::string_view::npos;
  for (std::size_t at = find_plain(raw, c); at != std::string_view::npos;
       at = find_plain(raw, c, at + 1))
    last = at;
  return last;
}

std::string unescape(std::string_view raw, std::optional<std::size_t>* fault) {
  std::string text;
  text.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '\\') {
      text += raw[i];
      continue;
    }
    const char next = i + 1 < raw.size() ? raw[i + 1] : '\0';
    if (next == 'n') {
      text += '\n';
    } else if (next != '\0' && (kSpecial.find(next) != std::string_view::npos || is_blank(next))) {
      text += next;
    } else {
      if (fault && !*fault) *fault = i;
      text += '\\';
      continue;
    }
    ++i;
  }
  return text;
}

std::optional<std::size_t> decimal(std::string_view raw) {
  if (raw.empty() || raw.size() > 9) return std::nullopt;
  std::size_t value = 0;
  for (const char c : raw) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::size_t>(c - '0');
  }
  return value;
}

}  // namespace reamo::ie
