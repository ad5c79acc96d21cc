// Where mentions may begin and end in a text.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace reamo::reasoner {

// By byte offset, size + 1 each. A mention begins at a word or at a sign directly before one ("$5"), never inside a word; it ends
// after a word or after signs directly behind one ("Inc."). Ideographs, kana and hangul are words of one character.
struct Borders {
  std::vector<std::uint8_t> begin, end;
};
Borders mention_borders(std::string_view text);

}  // namespace reamo::reasoner
