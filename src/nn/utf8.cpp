#include "nn/utf8.h"

#include <utf8proc.h>

#include <cstdlib>

namespace reamo::nn {
namespace {

bool is_mark_or_format(std::uint32_t c) {
  switch (utf8proc_category(utf8proc_int32_t(c))) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_SK: return true;
    default: return c == '\'' || c == '.' || c == ':' || c == 0xB7 || c == 0x2018 || c == 0x2019 || c == 0x2024 || c == 0x2027;
  }
}

bool is_cased(std::uint32_t c) {
  switch (utf8proc_category(utf8proc_int32_t(c))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT: return true;
    default: return c == 0xAA || c == 0xBA || (c >= 0x2160 && c <= 0x217F) || (c >= 0x24B6 && c <= 0x24E9);
  }
}

// A capital sigma at `at` ends a word: cased letters before it, none behind it (marks do not count).
bool is_final_sigma(const std::vector<std::uint32_t>& text, std::size_t at) {
  std::size_t before = at;
  while (before > 0 && is_mark_or_format(text[before - 1])) --before;
  if (before == 0 || !is_cased(text[before - 1])) return false;
  std::size_t behind = at + 1;
  while (behind < text.size() && is_mark_or_format(text[behind])) ++behind;
  return behind == text.size() || !is_cased(text[behind]);
}

}  // namespace

std::vector<std::uint32_t> decode_utf8(std::string_view text) {
  std::vector<std::uint32_t> out;
  out.reserve(text.size());
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (std::size_t at = 0; at < text.size();) {
    utf8proc_int32_t code = -1;
    const utf8proc_ssize_t used = utf8proc_iterate(bytes + at, utf8proc_ssize_t(text.size() - at), &code);
    out.push_back(used > 0 ? std::uint32_t(code) : 0xFFFD);
    at += used > 0 ? std::size_t(used) : 1;
  }
  return out;
}

void append_utf8(std::uint32_t code_point, std::string& out) {
  utf8proc_uint8_t buffer[4];
  const utf8proc_ssize_t size = utf8proc_encode_char(utf8proc_int32_t(code_point), buffer);
  out.append(reinterpret_cast<const char*>(buffer), std::size_t(size));
}

std::string encode_utf8(const std::vector<std::uint32_t>& code_points) {
  std::string out;
  for (std::uint32_t c : code_points) append_utf8(c, out);
  return out;
}

bool is_utf8(std::string_view bytes) {
  const auto* data = reinterpret_cast<const utf8proc_uint8_t*>(bytes.data());
  for (std::size_t at = 0; at < bytes.size();) {
    utf8proc_int32_t code = -1;
    const utf8proc_ssize_t used = utf8proc_iterate(data + at, utf8proc_ssize_t(bytes.size() - at), &code);
    if (used <= 0) return false;
    at += std::size_t(used);
  }
  return true;
}

bool is_letter(std::uint32_t c) {
  switch (utf8proc_category(utf8proc_int32_t(c))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO: return true;
    default: return false;
  }
}

bool is_number(std::uint32_t c) {
  switch (utf8proc_category(utf8proc_int32_t(c))) {
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO: return true;
    default: return false;
  }
}

bool is_space(std::uint32_t c) {
  return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

std::vector<std::uint32_t> lower_case(const std::vector<std::uint32_t>& text) {
  std::vector<std::uint32_t> out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == 0x130) {
      out.push_back('i');
      out.push_back(0x307);
    } else if (text[i] == 0x3A3) {
      out.push_back(is_final_sigma(text, i) ? 0x3C2 : 0x3C3);
    } else {
      out.push_back(std::uint32_t(utf8proc_tolower(utf8proc_int32_t(text[i]))));
    }
  }
  return out;
}

std::uint32_t upper_case(std::uint32_t code_point) {
  return std::uint32_t(utf8proc_toupper(utf8proc_int32_t(code_point)));
}

std::string compose(const std::string& utf8) {
  utf8proc_uint8_t* result = nullptr;
  const utf8proc_ssize_t size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(utf8.data()), utf8proc_ssize_t(utf8.size()), &result,
                   utf8proc_option_t(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  if (size < 0) return utf8;
  std::string out(reinterpret_cast<const char*>(result), std::size_t(size));
  std::free(result);
  return out;
}

std::vector<std::uint32_t> compatibility_form(std::uint32_t code_point) {
  std::string text;
  append_utf8(code_point, text);
  utf8proc_uint8_t* result = nullptr;
  const utf8proc_ssize_t size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), utf8proc_ssize_t(text.size()), &result,
                   utf8proc_option_t(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT));
  if (size < 0) return {code_point};
  const std::vector<std::uint32_t> out = decode_utf8({reinterpret_cast<const char*>(result), std::size_t(size)});
  std::free(result);
  return out;
}

}  // namespace reamo::nn
