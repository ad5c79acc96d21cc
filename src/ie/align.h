// Where mentions stand in a text.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ie/result.h"

namespace reamo::ie {

// Code points of UTF-8 text; invalid bytes throw Error.
std::size_t count_code_points(std::string_view text);
// Byte offset of each code point, and the length at the end: size = code points + 1.
std::vector<std::size_t> code_point_offsets(std::string_view text);
// Case folded, white space runs as one space, trimmed: the key used to compare mentions.
std::string fold(std::string_view text);

// Spans of mentions in `text`, given in the order in which they were said. The first pass takes exact matches at
// word borders, then exact, then case and white space folded. A mention said again takes its next occurrence; when the
// occurrences are used up it takes the last one again. nullopt: not in the text.
std::vector<std::optional<TextSpan>> align_mentions(std::string_view text,
                                                    const std::vector<std::string>& mentions);
// Every span where `mention` stands (exact at word borders; else folded), left to right, without overlap.
std::vector<TextSpan> find_all(std::string_view text, std::string_view mention);

}  // namespace reamo::ie
