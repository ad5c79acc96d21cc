// SEEM's text side (parity/SEEM.md section 3.2): a causal CLIP text transformer and its projection.
#pragma once

#include <torch/torch.h>

#include "grounder/visual/attention.h"
#include "grounder/visual/seem_config.h"

namespace reamo::grounder {

// Parameters token_embedding.weight, positional_embedding, resblocks.N.{ln_1,attn,ln_2,mlp.c_fc,mlp.c_proj}, ln_final.
class TextTransformerImpl : public torch::nn::Module {
 public:
  explicit TextTransformerImpl(const TextConfig& config);
  // ids [phrases, tokens], tokens <= context -> hidden states [phrases, tokens, width]. `blocks`, where given, receives
  // the state after each block.
  torch::Tensor forward(const torch::Tensor& ids, std::vector<torch::Tensor>* blocks = nullptr);

 private:
  torch::nn::Embedding token_embedding_{nullptr};
  torch::Tensor positional_embedding_;
  torch::nn::ModuleList resblocks_{nullptr};
  torch::nn::LayerNorm ln_final_{nullptr};
};
TORCH_MODULE(TextTransformer);

// Parameters lang_encoder.*, lang_proj [width, out], logit_scale.
class LanguageEncoderImpl : public torch::nn::Module {
 public:
  LanguageEncoderImpl(const TextConfig& config, int out);
  TextTransformerImpl& transformer() { return *transformer_; }
  const torch::Tensor& logit_scale() const { return logit_scale_; }
  std::int64_t end_id() const { return end_id_; }

  struct Encoded {
    torch::Tensor tokens;   // [phrases, tokens, out], projected; the tail behind the longest phrase is cut
    torch::Tensor ends;     // [phrases], position of the first end id
    torch::Tensor vectors;  // [phrases, out], state at that position
  };
  // ids [phrases, context], each with an end id.
  Encoded forward(const torch::Tensor& ids);

 private:
  std::int64_t end_id_;
  TextTransformer transformer_{nullptr};
  torch::Tensor lang_proj_, logit_scale_;
};
TORCH_MODULE(LanguageEncoder);

}  // namespace reamo::grounder
