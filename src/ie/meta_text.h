// The terminals of a meta-response as they are written: escapes, white space, fields (DESIGN 3.5).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reamo::ie {

// Written with a backslash before them.
inline constexpr std::string_view kSpecial = "\\,():<>#";

// White space between tokens.
constexpr bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// A piece of the text being read; `position` is its byte offset there.
struct Piece {
  std::string_view raw;
  std::size_t position = 0;

  Piece part(std::size_t start, std::size_t length = std::string_view::npos) const {
    return {raw.substr(start, length), position + start};
  }
};

// Without white space at the ends, except where a backslash stands before it.
Piece trimmed(Piece piece);
// Byte offset of the first / last `c` without a backslash before it; npos when there is none.
std::size_t find_plain(std::string_view raw, char c, std::size_t start = 0);
std::size_t rfind_plain(std::string_view raw, char c);
// The text meant by a trimmed piece. Unknown escapes and a backslash at the end stay as they are; `fault`, when given,
// receives the byte offset in `raw` of the first of these.
std::string unescape(std::string_view raw, std::optional<std::size_t>* fault = nullptr);
// A decimal of 1 to 9 digits; nullopt for anything else.
std::optional<std::size_t> decimal(std::string_view raw);

}  // namespace reamo::ie
