// The two halves of the ops "llm.*".
#pragma once

#include "parity/registry.h"

namespace reamo::parity {

std::vector<std::string> llm_text_ops();  // tokenizer, prompts, labels, answers
Outcome run_llm_text(const nn::Case& reference);

std::vector<std::string> llm_model_ops();  // everything with tensors
Outcome run_llm_model(const nn::Case& reference);

}  // namespace reamo::parity
