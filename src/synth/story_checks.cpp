#include "synth/story_checks.h"

#include <set>

#include "ie/align.h"

namespace reamo::synth {
namespace {

bool is_word(unsigned char c) { return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

// Whole-word occurrences, case as given.
std::size_t count_occurrences(const std::string& text, const std::string& mention) {
  std::size_t count = 0;
  for (std::size_t at = text.find(mention); at != std::string::npos; at = text.find(mention, at + 1)) {
    std::size_t end = at + mention.size();
    bool left = at == 0 || !is_word(text[at - 1]) || !is_word(mention.front());
    bool right = end == text.size() || !is_word(text[end]) || !is_word(mention.back());
    if (left && right) ++count;
  }
  return count;
}

}  // namespace

bool is_unambiguous(const Gold& gold, const std::string* text) {
  std::set<std::string> mentions;
  for (const ie::Entity& entity : gold.result.entities) {
    if (!mentions.insert(ie::fold(entity.mention)).second) return false;
    if (!text) continue;
    std::size_t spans = 0;
    for (const ie::Grounding& grounding : entity.groundings) spans += std::holds_alternative<ie::TextSpan>(grounding.place);
    if (count_occurrences(*text, entity.mention) != spans) return false;
  }
  return true;
}

ie::Tasks choose_tasks(Random& random) {
  double form = random.uniform();
  if (form < 0.3) return {true, true, true};
  if (form < 0.52) return {true, false, false};
  if (form < 0.66) return {false, true, false};
  if (form < 0.80) return {false, false, true};
  if (form < 0.88) return {true, true, false};
  if (form < 0.95) return {true, false, true};
  return {false, true, true};
}

}  // namespace reamo::synth
