#include "reasoner/reasoner.h"

#include <algorithm>

#include "ie/error.h"
#include "nn/weights.h"
#include "reasoner/token_filter.h"
#include "store/tensor_file.h"

namespace reamo::reasoner {

Reasoner::Reasoner(ReasonerConfig config, Tokenizer tokenizer, Llama model)
    : config_(std::move(config)),
      tokenizer_(std::move(tokenizer)),
      model_(std::move(model)),
      filter_(std::make_shared<const TokenFilter>(tokenizer_)),
      memory_(std::make_shared<PrefixMemory>()) {
  if (tokenizer_.size() > config_.model.vocab_size) {
    throw Error("the tokenizer has " + std::to_string(tokenizer_.size()) + " tokens, the decoder " +
                std::to_string(config_.model.vocab_size));
  }
  model_->eval();
}

Reasoner Reasoner::load(const ReasonerConfig& config, const ReasonerFiles& files) {
  Tokenizer tokenizer = Tokenizer::load(files.tokenizer, {config.tokenizer_legacy, config.added_tokens});
  Llama model(config.model);
  nn::LoadOptions options;
  options.optional = {"tag_head.*"};  // only training needs it
  const bool apart = !files.projector.empty() && config.model.has_projector;
  if (apart) options.optional.emplace_back("model.mm_input_projector.*");
  nn::load(*model, store::TensorFile::open_safetensors(files.weights), options);
  if (apart) {
    nn::LoadOptions projector;
    projector.prefix = "model.mm_input_projector.";
    nn::load(*model->model->mm_input_projector, store::TensorFile::open_safetensors(files.projector), projector);
  }
  for (torch::Tensor& parameter : model->parameters()) parameter.set_requires_grad(false);
  return Reasoner(config, std::move(tokenizer), std::move(model));
}

std::vector<Answer> Reasoner::answer(const std::vector<Request>& requests, const AnswerOptions& options,
                                     std::vector<std::vector<LeftOut>>* left_out) const {
  std::vector<Prompt> prompts;
  std::vector<Grammar> grammars;
  std::vector<const Grammar*> pointers;
  grammars.reserve(requests.size());
  if (left_out) left_out->clear();
  for (const Request& request : requests) {
    prompts.push_back(build_prompt(request, tokenizer_, config_.prompt));
    if (left_out) left_out->push_back(prompts.back().left_out);
    if (!options.constrained) continue;
    GrammarOptions grammar;
    for (const Source& source : prompts.back().sources) grammar.sources.push_back(source.text);
    for (const MediumFeatures& medium : request.media) {
      grammar.media.emplace_back(medium.name, medium.kind);
      grammar.free_mentions |= medium.kind != MediumKind::kAudio;
    }
    grammars.emplace_back(request.schema, std::move(grammar));
    pointers.push_back(&grammars.back());
  }
  Llama model = model_;
  return decode_batch(model, tokenizer_, prompts, pointers, options, filter_.get(), memory_.get());
}

std::int64_t Reasoner::text_budget(const Request& request) const {
  Request bare = request;
  bare.text = "";
  bare.schema.examples.clear();
  const Prompt prompt = build_prompt(bare, tokenizer_, config_.prompt);
  return std::max<std::int64_t>(0, config_.prompt.max_tokens - static_cast<std::int64_t>(prompt.ids.size()));
}

void Reasoner::to(torch::Device device) {
  model_->to(device);
  memory_ = std::make_shared<PrefixMemory>();
}

}  // namespace reamo::reasoner
