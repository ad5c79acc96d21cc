// Filters and stop rules of free generation (LLM.md 4).
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <span>
#include <vector>

#include "reasoner/tokenizer.h"

namespace reamo::reasoner {

struct SamplingOptions {
  double repetition_penalty = 1, temperature = 1, top_p = 1;
  std::int64_t top_k = 0;  // 0: all
};
// In the library's order: repetition penalty, temperature, top-k, top-p. logits [batch, vocabulary], history [batch, tokens] (may be
// undefined); dropped tokens become -inf.
torch::Tensor filter_logits(torch::Tensor logits, const torch::Tensor& history, const SamplingOptions& options);

// Whether the ids generated so far end with one of the stop sequences.
bool ends_with_stop(std::span<const std::int64_t> ids, const std::vector<Ids>& stops);

}  // namespace reamo::reasoner
