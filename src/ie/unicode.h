// UTF-8 as code points, and their classes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace reamo::ie {

bool is_valid_utf8(std::string_view text);
// Throws Error naming the byte of the first fault.
std::u32string to_code_points(std::string_view text);
void append_utf8(std::string& text, char32_t code_point);
std::string to_utf8(std::u32string_view code_points);

bool is_space(char32_t code_point);  // Unicode white space
bool is_word(char32_t code_point);   // letters, marks, digits
bool is_upper(char32_t code_point);  // upper or title case letters
// Lower case of a whole text, with the final form of sigma.
std::string lower_case(std::string_view text);
// Full case folding (one code point may become several), no normalisation.
std::u32string fold_case(char32_t code_point);

}  // namespace reamo::ie
