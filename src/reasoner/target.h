// What the decoder learns from: a request and the response that it should give, as token ids; batches; the loss.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <vector>

#include "ie/meta_response.h"
#include "reasoner/hints.h"
#include "reasoner/llama.h"
#include "reasoner/prefix.h"
#include "reasoner/prompt.h"

namespace reamo::reasoner {

inline constexpr std::int64_t kIgnore = -100;

// What a target token stands for; losses are reported by it.
enum class TargetKind : std::uint8_t { kGrammar, kLabel, kName, kPhrase };

struct TrainingExample {
  Ids prompt;                          // as Prompt::ids
  std::vector<std::uint8_t> copyable;  // by prompt token
  Hints hints;
  std::vector<Shown> shown;            // what rows of `features` show, where that is known
  Ids target;                          // ends with </s>
  std::vector<TargetKind> kinds;       // by target token
  std::int64_t schema = 0;             // prompt tokens that are the schema
  torch::Tensor features;              // [rows, width], may be undefined
  std::vector<LeftOut> left_out;       // what did not fit into the prompt
  std::int64_t length() const { return static_cast<std::int64_t>(prompt.size() + target.size()); }
};
// Mentions are written with the very tokens of the source where they stand in it. An example with text in `left_out` should
// be dropped, or its gold windowed: its target may name what the prompt no longer holds.
TrainingExample make_example(const Request& request, const ie::MetaResponse& response, const Tokenizer& tokenizer,
                             const PromptOptions& options);

struct TrainingBatch {
  Prefixes prefixes;       // schemas, each distinct one once
  torch::Tensor ids;       // [batch, length] int64 without schemas; prompts end at column `prompt`; negative: a row of features
  torch::Tensor mask;      // [batch, length] bool
  std::int64_t prompt = 0;
  torch::Tensor targets;   // [batch, length - prompt] int64, kIgnore at padding
  torch::Tensor kinds;     // [batch, length - prompt] uint8, TargetKind
  torch::Tensor copyable;  // [batch, prefix + prompt] bool
  HintBatch hints;         // columns: prefix + prompt
  torch::Tensor features;  // [rows, width] or undefined
  std::int64_t tokens = 0; // real tokens
  TrainingBatch to(torch::Device device) const;
};
// Schemas and the rest of prompts are padded on the left, targets on the right, so that all targets start at column `prompt`.
// `apart`: schemas are read apart (bidirectional_prompt); else they stay in `ids`.
TrainingBatch collate(const std::vector<TrainingExample>& examples, std::int64_t pad_id, bool apart);

struct LossOptions {
  double tag_weight = 1.0;    // of tags; of everything that the hint layer is asked where 0
  double link_weight = 0.1;   // of links, times tag_weight
  double shown_weight = 1.0;  // of what rows of features show
  double label_weight = 1.0;  // of target tokens that are labels, against 1 of the others
};
struct Losses {
  torch::Tensor total;  // to call backward() on: weighted mean over target tokens + weighted hints
  double target = 0, tag = 0, link = 0, shown = 0;      // means without weights
  double grammar = 0, label = 0, name = 0, phrase = 0;  // mean negative log likelihood by kind; 0 where there is none
  std::int64_t targets = 0;                             // tokens counted
};
// The mixture negative log likelihood of the targets (with copy head) or plain cross-entropy (without), in fp32.
Losses training_loss(Llama& model, const TrainingBatch& batch, const LossOptions& options = {});

// The published loss: logits[:, :-1] against labels[:, 1:], mean over labels != -100, fp32 (LLM.md 11).
torch::Tensor published_loss(const torch::Tensor& logits, const torch::Tensor& labels);

}  // namespace reamo::reasoner
