#include <array>

#include "synth/story.h"
#include "synth/text_fragment.h"

namespace reamo::synth {
namespace {

// Letters and pairs that sound alike.
constexpr std::array<std::pair<std::string_view, std::string_view>, 26> kAlike = {{
    {"c", "k"}, {"k", "c"}, {"s", "z"}, {"z", "s"}, {"m", "n"}, {"n", "m"}, {"b", "p"}, {"p", "b"}, {"d", "t"}, {"t", "d"}, {"v", "f"}, {"f", "v"}, {"a", "e"}, {"e", "i"}, {"i", "e"}, {"o", "u"}, {"u", "o"},
    {"y", "i"}, {"g", "j"}, {"j", "g"}, {"w", "u"}, {"ph", "f"}, {"ee", "ea"}, {"ck", "k"}, {"th", "f"}, {"ou", "o"},
}};

// Base letters of U+00C0..U+017F as they sound to a listener that writes a-z; 0: skip.
char base_letter(unsigned code) {
  static constexpr std::string_view kLatin1 = "aaaaaaaceeeeiiiidnooooo ouuuuytsaaaaaaaceeeeiiiidnooooo ouuuuyty";
  static constexpr std::string_view kExtended =
      "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkkllllllllllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
  if (code >= 0xC0 && code < 0x100) return kLatin1[code - 0xC0] == ' ' ? 0 : kLatin1[code - 0xC0];
  if (code >= 0x100 && code < 0x100 + kExtended.size()) return kExtended[code - 0x100];
  return 0;
}

}  // namespace

std::string heard_text(std::string_view utterance) {
  std::string out;
  auto space = [&] {
    if (!out.empty() && out.back() != ' ') out += ' ';
  };
  std::string lowered = lower(utterance);
  for (std::size_t i = 0; i < lowered.size(); ++i) {
    unsigned char c = (unsigned char)lowered[i];
    if ((c >= 'a' && c <= 'z') || (c == '\'' && !out.empty() && out.back() != ' ')) {
      out += char(c);
    } else if (c >= 0xC3 && c <= 0xC5 && i + 1 < lowered.size()) {
      char letter = base_letter((unsigned(c & 0x1F) << 6) | (unsigned((unsigned char)lowered[++i]) & 0x3F));
      if (letter) out += letter;
    } else if (c == ' ' || c == '\n' || c == '-') {
      space();
    }
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string noisy_transcript(std::string_view utterance, Random& random, double rate) {
  std::string clean = heard_text(utterance), out;
  for (std::size_t i = 0; i < clean.size(); ++i) {
    if (!random.chance(rate)) {
      out += clean[i];
      continue;
    }
    if (clean[i] == ' ') {
      if (random.chance(0.6)) continue;  // two words joined
      out += ' ';
      continue;
    }
    double form = random.uniform();
    if (form < 0.3) continue;  // dropped
    if (form < 0.4) {
      out += clean[i];
      out += clean[i];
      continue;
    }
    if (form < 0.47 && i > 1 && i + 2 < clean.size() && clean[i - 1] != ' ' && clean[i + 1] != ' ') {  // a word split
      out += clean[i];
      out += ' ';
      continue;
    }
    bool replaced = false;
    std::size_t at = random.index(kAlike.size());
    for (std::size_t k = 0; k < kAlike.size() && !replaced; ++k) {
      const auto& [from, to] = kAlike[(at + k) % kAlike.size()];
      if (clean.compare(i, from.size(), from) != 0) continue;
      out += to;
      i += from.size() - 1;
      replaced = true;
    }
    if (!replaced) out += char('a' + random.index(26));
  }
  std::string squeezed;
  for (char c : out)
    if (c != ' ' || (!squeezed.empty() && squeezed.back() != ' ')) squeezed += c;
  while (!squeezed.empty() && squeezed.back() == ' ') squeezed.pop_back();
  return squeezed;
}

}  // namespace reamo::synth
