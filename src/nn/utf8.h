// Code points of UTF-8 text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reamo::nn {

// Every byte that begins no valid sequence becomes U+FFFD.
std::vector<std::uint32_t> decode_utf8(std::string_view text);
void append_utf8(std::uint32_t code_point, std::string& out);
std::string encode_utf8(const std::vector<std::uint32_t>& code_points);
// Whether all of `bytes` is UTF-8 as the standard defines it (no surrogates, shortest forms).
bool is_utf8(std::string_view bytes);

// Unicode's classes: \p{L}, \p{N}, white space.
bool is_letter(std::uint32_t code_point);
bool is_number(std::uint32_t code_point);
bool is_space(std::uint32_t code_point);

// Full lower case, with the final sigma and the dotted capital I.
std::vector<std::uint32_t> lower_case(const std::vector<std::uint32_t>& text);
std::uint32_t upper_case(std::uint32_t code_point);
// Composed canonical form (NFC).
std::string compose(const std::string& utf8);
// Compatibility form (NFKC) of one code point.
std::vector<std::uint32_t> compatibility_form(std::uint32_t code_point);

}  // namespace reamo::nn
