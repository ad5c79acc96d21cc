// Rules of the published program that this one replaces by better ones, exact, faults included, so that the reference cases
// which describe them can be run (parity/LLM.md 4, 7 and 13).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reasoner/tokenizer.h"

namespace reamo::parity {

// What the published parser makes of a model's answer (LLM.md 13).
struct PublishedAnswer {
  std::string output;                                   // the text without its tags
  std::optional<std::string> module;                    // of the first <Module>..</Module>
  std::optional<std::vector<std::string>> instructions; // behind their last colon, trimmed
};
PublishedAnswer parse_published(const std::string& text);

// The published stop criterion (LLM.md 4): whether generation ends, or nothing where the published code fails.
std::optional<bool> published_stop(const std::vector<std::vector<std::int64_t>>& sequences,
                                   const std::vector<std::vector<std::int64_t>>& stops);

// Training ids and labels of the template vicuna_v1 (LLM.md 7). `turns` alternate user, assistant.
struct PublishedLabels {
  reasoner::Ids ids, labels;
  std::optional<std::pair<std::int64_t, std::int64_t>> mismatch;  // counts that disagree: all labels are ignored then
};
PublishedLabels published_labels(const std::vector<std::pair<std::string, std::string>>& turns,
                                 const reasoner::Tokenizer& tokenizer, std::int64_t max_length);

}  // namespace reamo::parity
