// Conversation templates of the published code (LLM.md 6).
#include "ie/error.h"
#include "reasoner/prompt.h"

namespace reamo::reasoner {
namespace {

constexpr std::string_view kVicunaSystem =
    "A chat between a curious user and an artificial intelligence assistant. The assistant gives helpful, detailed, and "
    "polite answers to the user's questions.";
constexpr std::string_view kLlavaSystem =
    "A chat between a curious human and an artificial intelligence assistant. The assistant gives helpful, detailed, and "
    "polite answers to the human's questions.";

// The turn that the first Vicuna template shows before the user's own.
constexpr std::string_view kFirstQuestion =
    "What are the key differences between renewable and non-renewable energy sources?";
constexpr std::string_view kFirstAnswer =
    "Renewable energy sources are those that can be replenished naturally in a relatively short amount of time, such as "
    "solar, wind, hydro, geothermal, and biomass. Non-renewable energy sources, on the other hand, are finite and will "
    "eventually be depleted, such as coal, oil, and natural gas. Here are some key differences between renewable and "
    "non-renewable energy sources:\n"
    "1. Availability: Renewable energy sources are virtually inexhaustible, while non-renewable energy sources are finite "
    "and will eventually run out.\n"
    "2. Environmental impact: Renewable energy sources have a much lower environmental impact than non-renewable sources, "
    "which can lead to air and water pollution, greenhouse gas emissions, and other negative effects.\n"
    "3. Cost: Renewable energy sources can be more expensive to initially set up, but they typically have lower "
    "operational costs than non-renewable sources.\n"
    "4. Reliability: Renewable energy sources are often more reliable and can be used in more remote locations than "
    "non-renewable sources.\n"
    "5. Flexibility: Renewable energy sources are often more flexible and can be adapted to different situations and "
    "needs, while non-renewable sources are more rigid and inflexible.\n"
    "6. Sustainability: Renewable energy sources are more sustainable over the long term, while non-renewable sources are "
    "not, and their depletion can lead to economic and social instability.\n";

using Turns = std::vector<std::pair<std::string, std::string>>;

// System, then "ROLE: text" and a separator after each; a missing text leaves "ROLE:" alone.
std::string render(std::string_view system, std::string_view user, std::string_view assistant, std::string_view after_user,
                   std::string_view after_assistant, const Turns& turns) {
  std::string text(system);
  text += after_user;
  const auto say = [&](std::string_view role, std::string_view message, std::string_view separator) {
    text.append(role).append(":");
    if (!message.empty()) text.append(" ").append(message).append(separator);
  };
  for (const auto& [question, answer] : turns) {
    say(user, question, after_user);
    say(assistant, answer, after_assistant);
  }
  return text;
}

}  // namespace

std::string render_conversation(std::string_view style, const Turns& turns) {
  if (style == "v1" || style == "vicuna_v1") return render(kVicunaSystem, "USER", "ASSISTANT", " ", "</s>", turns);
  if (style == "llava_v1") return render(kLlavaSystem, "USER", "ASSISTANT", " ", "</s>", turns);
  if (style == "v0" || style == "default") {
    Turns all{{std::string(kFirstQuestion), std::string(kFirstAnswer)}};
    all.insert(all.end(), turns.begin(), turns.end());
    return render(kLlavaSystem, "Human", "Assistant", "###", "###", all);
  }
  if (style == "plain") {
    std::string text;
    for (const auto& [question, answer] : turns) {
      for (const std::string& message : {question, answer}) {
        if (!message.empty()) text += message + "\n";
      }
    }
    return text;
  }
  throw UsageError("no conversation template is called \"" + std::string(style) +
                   "\"; known are v1, vicuna_v1, llava_v1, v0, default and plain");
}

}  // namespace reamo::reasoner
