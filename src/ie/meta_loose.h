// Pieces of a meta-response as unconstrained models write them: quotes, wide colons, brackets left open.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ie/meta_text.h"

namespace reamo::ie {

// In quotation marks, cut after 60 bytes, for messages.
std::string shown(std::string_view text);
// Whether there is anything but signs and white space.
bool has_words(std::string_view text);
// A value trimmed and without quotation marks around it.
std::string value_of(Piece piece);
// The first colon without a backslash, ASCII or full width: {offset, bytes}; offset npos when there is none.
std::pair<std::size_t, std::size_t> find_colon(std::string_view raw);
// Split at commas outside inner brackets.
std::vector<Piece> split_fields(Piece inside);
// The closing bracket of each opening one; npos where it is missing.
std::vector<std::size_t> match_brackets(std::string_view raw);
// The first bracket of either kind from `start` on; npos when there is none.
std::size_t next_bracket(std::string_view raw, std::size_t start);
// Bytes that are not UTF-8 become U+FFFD, so that positions of what follows may shift by two a fault.
std::string repaired(std::string_view text);

}  // namespace reamo::ie
