// Training steps as the published trainer takes them (parity/LLM.md 11), for the reference cases "llm.train".
#pragma once

#include "nn/case.h"

namespace reamo::parity {

// Loss, gradient norm, learning rates, the first gradients and the weights after each step, under the case's names.
nn::Tensors run_training(const nn::Case& reference);

}  // namespace reamo::parity
