// Media rows put in the place of their placeholders, as the published code does for a batch (LLM.md 8).
#pragma once

#include <torch/torch.h>

#include <vector>

#include "reasoner/llama.h"

namespace reamo::reasoner {

struct SpliceInput {
  torch::Tensor ids;             // [batch, tokens] int64 with kImageToken, kVideoToken, kAudioToken
  torch::Tensor attention_mask;  // [batch, tokens]; undefined: all real
  torch::Tensor labels;          // [batch, tokens]; undefined: none
  // Encoder outputs before the projector, one per item in the order of the batch: [rows, width] or [width].
  std::vector<torch::Tensor> images, videos, audios;
};
struct Spliced {
  torch::Tensor embeddings;      // [batch, length, hidden], zero at padding
  torch::Tensor attention_mask;  // [batch, length] bool
  torch::Tensor positions;       // [batch, length] int64, 0 at padding
  torch::Tensor labels;          // [batch, length] int64, -100 at media and padding
};
// Throws Error when a placeholder has no item left.
Spliced splice(LlamaImpl& model, const SpliceInput& input);

}  // namespace reamo::reasoner
