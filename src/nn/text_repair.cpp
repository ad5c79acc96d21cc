#include "nn/text_repair.h"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "nn/html_entities.h"
#include "nn/utf8.h"

namespace reamo::nn {
namespace {

using CodePoints = std::vector<std::uint32_t>;

// Bytes 0x80-0x9F of Windows-1252; those that are not assigned stand for themselves.
constexpr std::array<std::uint16_t, 32> kWindows1252 = {
    0x20AC, 0x81,   0x201A, 0x192,  0x201E, 0x2026, 0x2020, 0x2021, 0x2C6, 0x2030, 0x160, 0x2039, 0x152, 0x8D,   0x17D, 0x8F,
    0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x2DC, 0x2122, 0x161, 0x203A, 0x153, 0x9D,   0x17E, 0x178};
// Bytes 0x80-0xBF of Windows-1251; 0xC0-0xFF are U+0410-U+044F.
constexpr std::array<std::uint16_t, 64> kWindows1251 = {
    0x402,  0x403,  0x201A, 0x453,  0x201E, 0x2026, 0x2020, 0x2021, 0x20AC, 0x2030, 0x409,  0x2039, 0x40A, 0x40C,  0x40B, 0x40F,
    0x452,  0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x98,   0x2122, 0x459,  0x203A, 0x45A, 0x45C,  0x45B, 0x45F,
    0xA0,   0x40E,  0x45E,  0x408,  0xA4,   0x490,  0xA6,   0xA7,   0x401,  0xA9,   0x404,  0xAB,   0xAC,  0xAD,   0xAE,  0x407,
    0xB0,   0xB1,   0x406,  0x456,  0x491,  0xB5,   0xB6,   0xB7,   0x451,  0x2116, 0x454,  0xBB,   0x458, 0x405,  0x455, 0x457};
// Bytes 0x80-0xFF of Mac Roman.
constexpr std::array<std::uint16_t, 128> kMacRoman = {
    0xC4,   0xC5,   0xC7,   0xC9,   0xD1,   0xD6,   0xDC,   0xE1,   0xE0,   0xE2,   0xE4,   0xE3,   0xE5,   0xE7,   0xE9,   0xE8,
    0xEA,   0xEB,   0xED,   0xEC,   0xEE,   0xEF,   0xF1,   0xF3,   0xF2,   0xF4,   0xF6,   0xF5,   0xFA,   0xF9,   0xFB,   0xFC,
    0x2020, 0xB0,   0xA2,   0xA3,   0xA7,   0x2022, 0xB6,   0xDF,   0xAE,   0xA9,   0x2122, 0xB4,   0xA8,   0x2260, 0xC6,   0xD8,
    0x221E, 0xB1,   0x2264, 0x2265, 0xA5,   0xB5,   0x2202, 0x2211, 0x220F, 0x3C0,  0x222B, 0xAA,   0xBA,   0x3A9,  0xE6,   0xF8,
    0xBF,   0xA1,   0xAC,   0x221A, 0x192,  0x2248, 0x2206, 0xAB,   0xBB,   0x2026, 0xA0,   0xC0,   0xC3,   0xD5,   0x152,  0x153,
    0x2013, 0x2014, 0x201C, 0x201D, 0x2018, 0x2019, 0xF7,   0x25CA, 0xFF,   0x178,  0x2044, 0x20AC, 0x2039, 0x203A, 0xFB01, 0xFB02,
    0x2021, 0xB7,   0x201A, 0x201E, 0x2030, 0xC2,   0xCA,   0xC1,   0xCB,   0xC8,   0xCD,   0xCE,   0xCF,   0xCC,   0xD3,   0xD4,
    0xF8FF, 0xD2,   0xDA,   0xDB,   0xD9,   0x131,  0x2C6,  0x2DC,  0xAF,   0x2D8,  0x2D9,  0x2DA,  0xB8,   0x2DD,  0x2DB,  0x2C7};

std::optional<std::uint8_t> latin1_byte(std::uint32_t c) {
  if (c <= 0xFF) return std::uint8_t(c);
  return std::nullopt;
}

template <std::size_t N>
std::optional<std::uint8_t> find_byte(const std::array<std::uint16_t, N>& table, std::uint32_t c) {
  for (std::size_t i = 0; i < N; ++i) {
    if (table[i] == c) return std::uint8_t(0x80 + i);
  }
  return std::nullopt;
}

std::optional<std::uint8_t> windows1252_byte(std::uint32_t c) {
  if (c < 0x80 || (c >= 0xA0 && c <= 0xFF)) return std::uint8_t(c);
  return find_byte(kWindows1252, c);
}

std::optional<std::uint8_t> windows1251_byte(std::uint32_t c) {
  if (c < 0x80) return std::uint8_t(c);
  if (c >= 0x410 && c <= 0x44F) return std::uint8_t(c - 0x410 + 0xC0);
  return find_byte(kWindows1251, c);
}

std::optional<std::uint8_t> mac_roman_byte(std::uint32_t c) {
  if (c < 0x80) return std::uint8_t(c);
  return find_byte(kMacRoman, c);
}

using ToByte = std::optional<std::uint8_t> (*)(std::uint32_t);

// The text read again as UTF-8, if all of it can be: then it is hardly ever anything else.
std::optional<CodePoints> reread(const CodePoints& text, ToByte to_byte) {
  std::string bytes;
  bool beyond_ascii = false;
  for (std::uint32_t c : text) {
    const std::optional<std::uint8_t> byte = to_byte(c);
    if (!byte) return std::nullopt;
    beyond_ascii = beyond_ascii || *byte >= 0x80;
    bytes += char(*byte);
  }
  if (!beyond_ascii || !is_utf8(bytes)) return std::nullopt;
  return decode_utf8(bytes);
}

// Sequences of two to four characters inside other text that are UTF-8 read as Windows-1252. Pairs only where the second is
// no letter, since two accented letters may well stand side by side.
CodePoints reread_sequences(const CodePoints& text) {
  CodePoints out;
  for (std::size_t i = 0; i < text.size();) {
    const std::optional<std::uint8_t> lead = text[i] >= 0x80 ? windows1252_byte(text[i]) : std::nullopt;
    const std::size_t size = !lead ? 0 : (*lead & 0xE0) == 0xC0 ? 2 : (*lead & 0xF0) == 0xE0 ? 3 : (*lead & 0xF8) == 0xF0 ? 4 : 0;
    std::string bytes;
    if (size != 0 && i + size <= text.size()) {
      for (std::size_t k = 0; k < size; ++k) {
        const std::optional<std::uint8_t> byte = windows1252_byte(text[i + k]);
        if (!byte || (size == 2 && k == 1 && is_letter(text[i + k]))) break;
        bytes += char(*byte);
      }
    }
    if (size != 0 && bytes.size() == size && is_utf8(bytes)) {
      const CodePoints fixed = decode_utf8(bytes);
      out.insert(out.end(), fixed.begin(), fixed.end());
      i += size;
    } else {
      out.push_back(text[i++]);
    }
  }
  return out;
}

CodePoints fix_encoding(CodePoints text) {
  for (int round = 0; round < 8; ++round) {
    std::optional<CodePoints> fixed;
    for (ToByte to_byte : {ToByte(latin1_byte), ToByte(windows1252_byte), ToByte(windows1251_byte), ToByte(mac_roman_byte)}) {
      fixed = reread(text, to_byte);
      if (fixed) break;
    }
    if (!fixed) fixed = reread_sequences(text);
    if (*fixed == text) return text;
    text = std::move(*fixed);
  }
  return text;
}

const char* ligature(std::uint32_t c) {
  switch (c) {
    case 0x132: return "IJ";
    case 0x133: return "ij";
    case 0x149: return "\xCA\xBCn";
    case 0x1C4: return "D\xC5\xBD";
    case 0x1C5: return "D\xC5\xBE";
    case 0x1C6: return "d\xC5\xBE";
    case 0x1C7: return "LJ";
    case 0x1C8: return "Lj";
    case 0x1C9: return "lj";
    case 0x1CA: return "NJ";
    case 0x1CB: return "Nj";
    case 0x1CC: return "nj";
    case 0x1F1: return "DZ";
    case 0x1F2: return "Dz";
    case 0x1F3: return "dz";
    case 0xFB00: return "ff";
    case 0xFB01: return "fi";
    case 0xFB02: return "fl";
    case 0xFB03: return "ffi";
    case 0xFB04: return "ffl";
    case 0xFB05: return "\xC5\xBFt";
    case 0xFB06: return "st";
    default: return nullptr;
  }
}

bool is_removed_control(std::uint32_t c) {
  return c <= 0x08 || c == 0x0B || (c >= 0x0E && c <= 0x1F) || c == 0x7F || (c >= 0x206A && c <= 0x206F) || c == 0xFEFF ||
         (c >= 0xFFF9 && c <= 0xFFFC);
}

void append_character(std::uint32_t c, CodePoints& out) {
  if (c >= 0x80 && c <= 0x9F) c = kWindows1252[c - 0x80];
  if (const char* letters = ligature(c)) {
    const CodePoints parts = decode_utf8(letters);
    out.insert(out.end(), parts.begin(), parts.end());
  } else if (c == 0x3000) {
    out.push_back(' ');
  } else if (c >= 0xFF01 && c <= 0xFFEF) {
    const CodePoints form = compatibility_form(c);
    out.insert(out.end(), form.begin(), form.end());
  } else if (c == 0x2BC || (c >= 0x2018 && c <= 0x201B)) {
    out.push_back('\'');
  } else if (c >= 0x201C && c <= 0x201F) {
    out.push_back('"');
  } else if (c == 0x2028 || c == 0x2029) {
    out.push_back('\n');
  } else {
    out.push_back(c);
  }
}

// Length of a terminal's colour sequence at `at`: ESC [ digits and semicolons, a letter. 0 if there is none.
std::size_t terminal_escape(const CodePoints& text, std::size_t at) {
  if (text[at] != 0x1B || at + 1 >= text.size() || text[at + 1] != '[') return 0;
  std::size_t end = at + 2;
  while (end < text.size() && ((text[end] >= '0' && text[end] <= '9') || text[end] == ';')) ++end;
  const bool letter = end < text.size() && ((text[end] >= 'a' && text[end] <= 'z') || (text[end] >= 'A' && text[end] <= 'Z'));
  return letter ? end + 1 - at : 0;
}

CodePoints fix_characters(const CodePoints& text) {
  CodePoints widened, out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r') {
      if (i + 1 < text.size() && text[i + 1] == '\n') ++i;
      widened.push_back('\n');
    } else {
      append_character(text[i], widened);
    }
  }
  for (std::size_t i = 0; i < widened.size();) {
    if (const std::size_t size = terminal_escape(widened, i)) {
      i += size;
    } else {
      if (!is_removed_control(widened[i])) out.push_back(widened[i]);
      ++i;
    }
  }
  return out;
}

// What a numeric reference stands for; nothing for code points that HTML refuses.
std::string numeric_reference(std::string_view digits, int base) {
  std::uint64_t code = 0;
  for (char c : digits) {
    const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    code = std::min<std::uint64_t>(code * base + digit, 0x110000);
  }
  std::string out;
  if (code >= 0x80 && code <= 0x9F) code = kWindows1252[code - 0x80];
  if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) code = 0xFFFD;
  const bool control = (code >= 1 && code <= 8) || code == 0x0B || (code >= 0x0E && code <= 0x1F) || (code >= 0x7F && code <= 0x9F);
  const bool no_character = (code >= 0xFDD0 && code <= 0xFDEF) || (code & 0xFFFE) == 0xFFFE;
  if (!control && !no_character) append_utf8(std::uint32_t(code), out);
  return out;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); }
bool is_alphanumeric(char c) { return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'); }

// A numeric reference at text[at] == '&': its text and where it ends.
struct Reference {
  std::string text;
  std::size_t end;
  bool semicolon;
};
std::optional<Reference> read_number(std::string_view text, std::size_t at) {
  if (at + 1 >= text.size() || text[at + 1] != '#') return std::nullopt;
  std::size_t from = at + 2;
  const bool hex = from < text.size() && (text[from] | 0x20) == 'x';
  if (hex) ++from;
  std::size_t end = from;
  while (end < text.size() && (hex ? is_hex(text[end]) : is_digit(text[end]))) ++end;
  if (end == from) return std::nullopt;
  const bool semicolon = end < text.size() && text[end] == ';';
  return Reference{numeric_reference(text.substr(from, end - from), hex ? 16 : 10), end + (semicolon ? 1 : 0), semicolon};
}

// Entities as the repair undoes them: only whole ones, with semicolon; names in capitals stand for capitals.
std::string unescape_whole(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '&') {
      out += text[at++];
      continue;
    }
    if (const std::optional<Reference> number = read_number(text, at); number && number->semicolon) {
      out += number->text;
      at = number->end;
      continue;
    }
    std::size_t end = at + 1;
    while (end < text.size() && end - at <= 24 && is_alphanumeric(text[end])) ++end;
    std::optional<std::string> found;
    if (end > at + 1 && end < text.size() && text[end] == ';') {
      const std::string_view name = text.substr(at + 1, end - at - 1);
      found = html_entity(name);
      if (!found) {
        std::string lower(name);
        bool capitals = true;
        for (char& c : lower) {
          capitals = capitals && !(c >= 'a' && c <= 'z');
          if (c >= 'A' && c <= 'Z') c = char(c | 0x20);
        }
        if (capitals) found = html_entity(lower);
        if (found) {
          CodePoints letters = decode_utf8(*found);
          for (std::uint32_t& c : letters) c = upper_case(c);
          found = encode_utf8(letters);
        }
      }
    }
    if (found) {
      out += *found;
      at = end + 1;
    } else {
      out += text[at++];
    }
  }
  return out;
}

std::string repair_line(std::string line, bool entities) {
  for (int round = 0; round < 16; ++round) {
    const std::string before = line;
    if (entities) line = unescape_whole(line);
    line = compose(encode_utf8(fix_characters(fix_encoding(decode_utf8(line)))));
    if (line == before) break;
  }
  return line;
}

}  // namespace

std::string repair_text(std::string_view text, bool entities) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t newline = text.find('\n', at);
    const std::size_t end = newline == std::string_view::npos ? text.size() : newline + 1;
    const std::string_view line = text.substr(at, end - at);
    if (line.find('<') != std::string_view::npos) entities = false;
    out += repair_line(std::string(line), entities);
    at = end;
  }
  return out;
}

std::string unescape_html(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '&') {
      out += text[at++];
      continue;
    }
    if (const std::optional<Reference> number = read_number(text, at)) {
      out += number->text;
      at = number->end;
      continue;
    }
    // Up to 32 characters that may be a name; the whole with its semicolon, else the longest beginning that counts without.
    std::size_t end = at + 1;
    while (end < text.size() && end - at <= 32 && std::string_view("\t\n\f <&#;").find(text[end]) == std::string_view::npos) ++end;
    std::optional<std::string> found;
    if (end < text.size() && text[end] == ';' && (found = html_entity(text.substr(at + 1, end - at - 1)))) {
      at = end + 1;
    } else {
      for (; end > at + 1 && !found; --end) {
        if ((found = html_entity(text.substr(at + 1, end - at - 1), false))) break;
      }
      if (found) at = end;
    }
    if (found) {
      out += *found;
    } else {
      out += text[at++];
    }
  }
  return out;
}

}  // namespace reamo::nn
