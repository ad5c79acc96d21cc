// The reasoner as the pipeline uses it: requests in, meta-responses out.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "reasoner/config.h"
#include "reasoner/decode.h"
#include "reasoner/prompt.h"

namespace reamo::reasoner {

struct ReasonerFiles {
  std::filesystem::path tokenizer;  // tokenizer.model
  std::filesystem::path weights;    // reasoner.safetensors: decoder and, unless given apart, projector
  std::filesystem::path projector;  // projector.safetensors; may be empty
};

class Reasoner {
 public:
  static Reasoner load(const ReasonerConfig& config, const ReasonerFiles& files);
  Reasoner(ReasonerConfig config, Tokenizer tokenizer, Llama model);

  // One answer per request, in order; they run together as one batch. `left_out`, if given, gets what did not fit, by request.
  std::vector<Answer> answer(const std::vector<Request>& requests, const AnswerOptions& options = {},
                             std::vector<std::vector<LeftOut>>* left_out = nullptr) const;

  // Tokens of text that fit beside the schema and the media of a request.
  std::int64_t text_budget(const Request& request) const;

  const ReasonerConfig& config() const { return config_; }
  const Tokenizer& tokenizer() const { return tokenizer_; }
  Llama model() const { return model_; }
  void to(torch::Device device);

 private:
  ReasonerConfig config_;
  Tokenizer tokenizer_;
  Llama model_;
  std::shared_ptr<const TokenFilter> filter_;
  std::shared_ptr<PrefixMemory> memory_;
};

}  // namespace reamo::reasoner
