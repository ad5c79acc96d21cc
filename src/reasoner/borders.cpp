#include "reasoner/borders.h"

#include <cctype>
#include <cstddef>

namespace reamo::reasoner {
namespace {

enum class Kind : std::uint8_t { kSpace, kWord, kIdeograph, kSign };

struct Character {
  std::size_t start;
  Kind kind;
};

std::size_t length_of(unsigned char lead) {
  if (lead < 0xC0) return 1;
  return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

Kind kind_of(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0; };
  const unsigned char lead = byte(0);
  if (lead < 0x80) {
    if (lead <= 0x20 || lead == 0x7f) return Kind::kSpace;
    return std::isalnum(lead) ? Kind::kWord : Kind::kSign;
  }
  if (lead == 0xC2) {  // U+0080..U+00BF
    if (byte(1) <= 0xA0) return Kind::kSpace;
    return byte(1) == 0xAA || byte(1) == 0xB5 || byte(1) == 0xBA ? Kind::kWord : Kind::kSign;
  }
  if (lead == 0xE2) {  // U+2000..U+2BFF: punctuation, arrows, symbols
    if (byte(1) == 0x80 && byte(2) <= 0x8A) return Kind::kSpace;
    return byte(1) <= 0xAF ? Kind::kSign : Kind::kWord;
  }
  if (lead == 0xE3 && byte(1) == 0x80) return byte(2) == 0x80 ? Kind::kSpace : Kind::kSign;  // CJK punctuation
  if (lead >= 0xE3 && lead <= 0xED) return Kind::kIdeograph;
  if (lead == 0xF0 && byte(1) == 0x9F) return Kind::kSign;  // emoji
  return lead == 0xF0 && byte(1) >= 0xA0 ? Kind::kIdeograph : Kind::kWord;
}

bool is_wordy(Kind kind) { return kind == Kind::kWord || kind == Kind::kIdeograph; }

}  // namespace

Borders mention_borders(std::string_view text) {
  std::vector<Character> characters;
  for (std::size_t at = 0; at < text.size();) {
    characters.push_back({at, kind_of(text, at)});
    at += length_of(static_cast<unsigned char>(text[at]));
  }
  Borders borders{std::vector<std::uint8_t>(text.size() + 1), std::vector<std::uint8_t>(text.size() + 1)};
  const std::size_t n = characters.size();
  for (std::size_t i = 0; i < n; ++i) {
    const Kind kind = characters[i].kind;
    const bool inside = i > 0 && kind == Kind::kWord && characters[i - 1].kind == Kind::kWord;
    const bool before_word = kind == Kind::kSign && i + 1 < n && is_wordy(characters[i + 1].kind);
    borders.begin[characters[i].start] = (is_wordy(kind) && !inside) || before_word;
  }
  bool ends_word = false;  // the characters up to here are a word and signs directly behind it
  for (std::size_t i = 0; i < n; ++i) {
    const Kind kind = characters[i].kind;
    ends_word = is_wordy(kind) || (kind == Kind::kSign && ends_word);
    const bool inside = i + 1 < n && kind == Kind::kWord && characters[i + 1].kind == Kind::kWord;
    const std::size_t end = i + 1 < n ? characters[i + 1].start : text.size();
    borders.end[end] = ends_word && !inside;
  }
  return borders;
}

}  // namespace reamo::reasoner
