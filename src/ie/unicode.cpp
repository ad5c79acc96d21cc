#include "ie/unicode.h"

#include <utf8proc.h>

#include <array>

#include "ie/error.h"

namespace reamo::ie {
namespace {

// Decodes one code point at `text[i]` and moves on; false on a fault (overlong, surrogate, cut off,
// over U+10FFFF).
bool next_code_point(std::string_view text, std::size_t& i, char32_t& code_point) {
  utf8proc_int32_t value = -1;
  const auto size = static_cast<utf8proc_ssize_t>(text.size() - i);
  const auto used =
      utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data() + i), size, &value);
  if (used <= 0 || value < 0) return false;
  code_point = static_cast<char32_t>(value);
  i += static_cast<std::size_t>(used);
  return true;
}

utf8proc_category_t category(char32_t code_point) {
  return utf8proc_category(static_cast<utf8proc_int32_t>(code_point));
}

}  // namespace

bool is_valid_utf8(std::string_view text) {
  char32_t ignored = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (!next_code_point(text, i, ignored)) return false;
  }
  return true;
}

std::u32string to_code_points(std::string_view text) {
  std::u32string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    char32_t code_point = 0;
    if (!next_code_point(text, i, code_point))
      throw Error("text is not valid UTF-8 at byte " + std::to_string(i));
    result.push_back(code_point);
  }
  return result;
}

void append_utf8(std::string& text, char32_t code_point) {
  std::array<utf8proc_uint8_t, 4> bytes{};
  const auto size = utf8proc_encode_char(static_cast<utf8proc_int32_t>(code_point), bytes.data());
  text.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(size));
}

std::string to_utf8(std::u32string_view code_points) {
  std::string text;
  text.reserve(code_points.size());
  for (const char32_t code_point : code_points) append_utf8(text, code_point);
  return text;
}

bool is_space(char32_t code_point) {
  if (code_point <= 0x20) return code_point == 0x20 || (code_point >= 0x09 && code_point <= 0x0D);
  if (code_point == 0x85) return true;
  const auto kind = category(code_point);
  return kind == UTF8PROC_CATEGORY_ZS || kind == UTF8PROC_CATEGORY_ZL ||
         kind == UTF8PROC_CATEGORY_ZP;
}

bool is_word(char32_t code_point) {
  const auto kind = category(code_point);
  return kind >= UTF8PROC_CATEGORY_LU && kind <= UTF8PROC_CATEGORY_NO;
}

bool is_upper(char32_t code_point) {
  const auto kind = category(code_point);
  return kind == UTF8PROC_CATEGORY_LU || kind == UTF8PROC_CATEGORY_LT;
}

std::string lower_case(std::string_view text) {
  constexpr char32_t kSigma = 0x3A3, kFinalSigma = 0x3C2, kDottedI = 0x130;
  const std::u32string points = to_code_points(text);
  const auto is_letter = [&](std::size_t i) {
    const auto kind = category(points[i]);
    return kind == UTF8PROC_CATEGORY_LU || kind == UTF8PROC_CATEGORY_LL ||
           kind == UTF8PROC_CATEGORY_LT;
  };
  std::string lower;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const bool ends_word =
        i > 0 && is_letter(i - 1) && (i + 1 == points.size() || !is_letter(i + 1));
    if (points[i] == kSigma && ends_word) {
      append_utf8(lower, kFinalSigma);
    } else if (points[i] == kDottedI) {
      lower += "i\xCC\x87";
    } else {
      append_utf8(
          lower, static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(points[i]))));
    }
  }
  return lower;
}

std::u32string fold_case(char32_t code_point) {
  std::array<utf8proc_int32_t, 16> folded{};
  int boundary = 0;
  const auto size =
      utf8proc_decompose_char(static_cast<utf8proc_int32_t>(code_point), folded.data(),
                              folded.size(), UTF8PROC_CASEFOLD, &boundary);
  if (size <= 0 || size > static_cast<utf8proc_ssize_t>(folded.size()))
    return std::u32string(1, code_point);
  return {folded.begin(), folded.begin() + size};
}

}  // namespace reamo::ie
