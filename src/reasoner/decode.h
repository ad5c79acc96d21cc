// Answers of the decoder: greedy, constrained to the grammar, in batches.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "reasoner/grammar.h"
#include "reasoner/llama.h"
#include "reasoner/prefix.h"
#include "reasoner/prompt.h"
#include "reasoner/sampling.h"
#include "reasoner/tokenizer.h"

namespace reamo::reasoner {

class TokenFilter;

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

// The prompt as the copy head sees it, prepared once per batch. Empty without a copy head.
struct CopySource {
  torch::Tensor ids;       // [batch, prompt]
  torch::Tensor states;    // [batch, prompt, hidden]
  torch::Tensor keys;      // [batch, prompt, hidden]
  torch::Tensor copyable;  // [batch, prompt] bool
  void select(const torch::Tensor& rows);
};
CopySource copy_source(LlamaImpl& model, const torch::Tensor& states, const torch::Tensor& ids, const torch::Tensor& copyable);

// Log probabilities of the next token [batch, vocabulary], fp32, for the last states [batch, hidden].
torch::Tensor next_token_log_probabilities(LlamaImpl& model, const torch::Tensor& states, const CopySource& source);

// One answer per prompt; all prompts run as one batch. `grammars` and `filter` are only for constrained decoding; `memory`
// spares reading a schema again.
std::vector<Answer> decode_batch(Llama& model, const Tokenizer& tokenizer, const std::vector<Prompt>& prompts,
                                 const std::vector<const Grammar*>& grammars, const AnswerOptions& options,
                                 const TokenFilter* filter = nullptr, PrefixMemory* memory = nullptr);

// Unconstrained greedy continuation as the published predictor runs it: new tokens by row, `</s>` included, rows that
// have ended filled with `pad`. The mask is [batch, tokens], padded on the left.
torch::Tensor greedy(Llama& model, const torch::Tensor& embeddings, const torch::Tensor& mask, std::int64_t max_new_tokens,
                     std::int64_t eos, std::int64_t pad, bool use_cache = true,
                     std::vector<torch::Tensor>* step_logits = nullptr);

}  // namespace reamo::reasoner
