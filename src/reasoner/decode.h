// Answers of the decoder: greedy, constrained to the grammar, in batches.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "reasoner/grammar.h"
#include "reasoner/llama.h"
#include "reasoner/prompt.h"
#include "reasoner/tokenizer.h"

namespace reamo::reasoner {

struct AnswerOptions {
  std::int64_t max_new_tokens = 512;
  bool constrained = true;
};
struct Answer {
  std::string text;                 // the meta-response; canonical printing when constrained
  // Of each item in order: the geometric mean, over the tokens from the item's "(" to its ")" where more than one token was
  // allowed, of the chosen token's probability among the allowed ones. The opening counts: "one more item" against "no more".
  std::vector<double> item_scores;
  bool truncated = false;           // a limit ended it: an unfinished item or instruction was dropped
};

// The probabilities of the next token [batch, vocabulary] (fp32, log) for states [batch, hidden]. With a copy head, `source` [batch, prompt,
// hidden] are the prompt's states, `ids` [batch, prompt] its tokens and `copyable` [batch, prompt] its mask.
torch::Tensor next_token_log_probabilities(Llama& model, const torch::Tensor& states, const torch::Tensor& source,
                                           const torch::Tensor& ids, const torch::Tensor& copyable);

// One answer per prompt; all prompts run as one batch. `grammars` is empty for unconstrained decoding.
std::vector<Answer> decode_batch(Llama& model, const Tokenizer& tokenizer, const std::vector<Prompt>& prompts,
                                 const std::vector<const Grammar*>& grammars, const AnswerOptions& options);

// Unconstrained greedy continuation as the published predictor runs it: new tokens by row, `</s>` included, rows that
// have ended filled with `pad`. The mask is [batch, tokens], padded on the left.
torch::Tensor greedy(Llama& model, const torch::Tensor& embeddings, const torch::Tensor& mask, std::int64_t max_new_tokens,
                     std::int64_t eos, std::int64_t pad, bool use_cache = true,
                     std::vector<torch::Tensor>* step_logits = nullptr);

// Filters of the next-token distribution, in the library's order (LLM.md 4).
struct SamplingOptions {
  double repetition_penalty = 1, temperature = 1, top_p = 1;
  std::int64_t top_k = 0;  // 0: all
};
// logits [batch, vocabulary], history [batch, tokens]: dropped tokens become -inf.
torch::Tensor filter_logits(torch::Tensor logits, const torch::Tensor& history, const SamplingOptions& options);

// Whether the generated ids end with one of the stop sequences.
bool ends_with_stop(std::span<const std::int64_t> ids, const std::vector<Ids>& stops);

}  // namespace reamo::reasoner
