#include "synth/text_fragment.h"

#include <array>

#include "ie/error.h"

namespace reamo::synth {
namespace {

bool closes(char c) { return c == ',' || c == '.' || c == ';' || c == ':' || c == '!' || c == '?'; }

// Lower case of a two-byte letter U+00C0..U+017F at text[i], in place.
void lower_two_bytes(std::string& text, std::size_t i) {
  unsigned char a = text[i], b = text[i + 1];
  unsigned code = (unsigned(a & 0x1F) << 6) | (b & 0x3F);
  unsigned lowered = code;
  if (code >= 0xC0 && code <= 0xDE && code != 0xD7) lowered = code + 32;
  else if ((code >= 0x100 && code <= 0x12F) || (code >= 0x132 && code <= 0x137) || (code >= 0x14A && code <= 0x177)) lowered = code | 1;
  else if ((code >= 0x139 && code <= 0x148) || (code >= 0x179 && code <= 0x17E)) lowered = code + (code & 1);
  text[i] = char(0xC0 | (lowered >> 6));
  text[i + 1] = char(0x80 | (lowered & 0x3F));
}

bool is_word_byte(unsigned char c) { return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

}  // namespace

Fragment& Fragment::add(std::string_view plain) {
  if (plain.empty()) return *this;
  if (!text.empty() && closes(plain[0]) && text.back() == ',') text.pop_back();
  if (!text.empty() && text.back() == ',' && plain.substr(0, 2) == " (") text.pop_back();
  if (!text.empty() && plain[0] == '.' && (text.back() == '.' || text.back() == '!' || text.back() == '?')) plain.remove_prefix(1);
  if (!text.empty() && !plain.empty() && plain[0] == ' ' && text.back() == ' ') plain.remove_prefix(1);
  text += plain;
  return *this;
}

Fragment& Fragment::add(const Fragment& other) {
  if (other.empty()) return *this;
  // Marks begin with a word, and only punctuation and spaces are dropped: shifting by the end keeps them right.
  add(std::string_view(other.text));
  std::size_t shift = text.size() - other.text.size();
  for (Mark mark : other.marks) {
    mark.start += shift;
    mark.end += shift;
    marks.push_back(mark);
  }
  return *this;
}

Fragment marked(std::string_view text, Mark::What what, int index) {
  Fragment fragment{std::string(text)};
  fragment.marks.push_back({what, index, 0, text.size()});
  return fragment;
}

Fragment fill(std::string_view pattern, const std::vector<Slot>& slots) {
  Fragment out;
  std::size_t from = 0;
  for (std::size_t i = 0; i + 1 < pattern.size(); ++i) {
    if (pattern[i] != '$') continue;
    out.add(pattern.substr(from, i - from));
    const Fragment* found = nullptr;
    for (const Slot& slot : slots)
      if (slot.letter == pattern[i + 1]) found = slot.fragment;
    if (!found) throw Error("text pattern '" + std::string(pattern) + "' has an unknown slot");
    out.add(*found);
    from = i + 2;
    ++i;
  }
  out.add(pattern.substr(from));
  return out;
}

std::string lower(std::string_view view) {
  std::string text(view);
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned char c = text[i];
    if (c >= 'A' && c <= 'Z') text[i] = char(c + 32);
    else if (c >= 0xC3 && c <= 0xC5 && i + 1 < text.size()) lower_two_bytes(text, i);
  }
  return text;
}

void capitalise_first(Fragment& fragment) {
  std::size_t i = 0;
  while (i < fragment.text.size() && (fragment.text[i] == '"' || fragment.text[i] == '(' || fragment.text[i] == ' ')) ++i;
  if (i < fragment.text.size() && fragment.text[i] >= 'a' && fragment.text[i] <= 'z') fragment.text[i] = char(fragment.text[i] - 32);
}

void lower_all(Fragment& fragment) { fragment.text = lower(fragment.text); }

void upper_all_ascii(Fragment& fragment) {
  for (char& c : fragment.text)
    if (c >= 'a' && c <= 'z') c = char(c - 32);
}

void title_case(Fragment& fragment) {
  static constexpr std::array<std::string_view, 18> kShort = {"a", "an", "the", "of", "in", "on", "at", "by", "to", "for", "with", "and", "or", "from", "s", "after", "over", "as"};
  std::string& text = fragment.text;
  for (std::size_t i = 0; i < text.size();) {
    if (!is_word_byte(text[i])) { ++i; continue; }
    std::size_t end = i;
    while (end < text.size() && (is_word_byte(text[end]) || text[end] == '\'')) ++end;
    std::string_view word(text.data() + i, end - i);
    bool is_short = false;
    for (std::string_view s : kShort) is_short |= s == word;
    if ((!is_short || i == 0) && text[i] >= 'a' && text[i] <= 'z') text[i] = char(text[i] - 32);
    i = end;
  }
}

}  // namespace reamo::synth
