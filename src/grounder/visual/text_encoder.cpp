#include "grounder/visual/text_encoder.h"

#include <cmath>
#include <limits>

#include "ie/error.h"
#include "nn/functional.h"

namespace reamo::grounder {
namespace {

constexpr double kTextEps = 1e-12;  // unlike every other layer norm of SEEM

class TextBlockImpl : public torch::nn::Module {
 public:
  TextBlockImpl(int width, int heads) {
    ln_1_ = register_module("ln_1", layer_norm_module(width, kTextEps));
    attn_ = register_module("attn", MultiheadAttention(width, heads));
    ln_2_ = register_module("ln_2", layer_norm_module(width, kTextEps));
    auto mlp = register_module("mlp", std::make_shared<torch::nn::Module>());
    c_fc_ = mlp->register_module("c_fc", torch::nn::Linear(width, 4 * width));
    c_proj_ = mlp->register_module("c_proj", torch::nn::Linear(4 * width, width));
  }
  torch::Tensor forward(torch::Tensor x, const torch::Tensor& causal) {
    const torch::Tensor y = normalised(ln_1_, x);
    x = x + attn_->forward(y, y, y, causal);
    return x + c_proj_->forward(nn::quick_gelu(c_fc_->forward(normalised(ln_2_, x))));
  }

 private:
  torch::nn::LayerNorm ln_1_{nullptr}, ln_2_{nullptr};
  MultiheadAttention attn_{nullptr};
  torch::nn::Linear c_fc_{nullptr}, c_proj_{nullptr};
};

}  // namespace

TextTransformerImpl::TextTransformerImpl(const TextConfig& config) {
  token_embedding_ = register_module("token_embedding", torch::nn::Embedding(config.vocabulary, config.width));
  positional_embedding_ =
      register_parameter("positional_embedding", torch::randn({config.context, config.width}) * 0.02);
  resblocks_ = register_module("resblocks", torch::nn::ModuleList());
  for (int i = 0; i < config.layers; ++i) {
    resblocks_->push_back(std::make_shared<TextBlockImpl>(config.width, config.heads));
  }
  ln_final_ = register_module("ln_final", layer_norm_module(config.width, kTextEps));
  torch::NoGradGuard no_grad;
  token_embedding_->weight.normal_(0, 0.02);
}

torch::Tensor TextTransformerImpl::forward(const torch::Tensor& ids, std::vector<torch::Tensor>* blocks) {
  const std::int64_t tokens = ids.size(1);
  if (tokens > positional_embedding_.size(0)) {
    throw Error("a phrase of " + std::to_string(tokens) + " tokens is longer than the text encoder's context of " +
                std::to_string(positional_embedding_.size(0)));
  }
  torch::Tensor x = token_embedding_->forward(ids) + positional_embedding_.slice(0, 0, tokens);
  const torch::Tensor causal =
      torch::full({tokens, tokens}, -std::numeric_limits<float>::infinity(), x.options()).triu(1);
  for (const auto& block : *resblocks_) {
    x = block->as<TextBlockImpl>()->forward(x, causal);
    if (blocks != nullptr) blocks->push_back(x);
  }
  return normalised(ln_final_, x);
}

LanguageEncoderImpl::LanguageEncoderImpl(const TextConfig& config, int out) : end_id_(config.vocabulary - 1) {
  transformer_ = register_module("lang_encoder", TextTransformer(config));
  lang_proj_ = register_parameter("lang_proj", torch::randn({config.width, out}) / std::sqrt(double(config.width)));
  logit_scale_ = register_parameter("logit_scale", torch::tensor(float(std::log(1 / 0.07))));
}

LanguageEncoderImpl::Encoded LanguageEncoderImpl::forward(const torch::Tensor& ids) {
  Encoded result;
  result.ends = (ids == end_id_).to(torch::kInt64).argmax(1);
  const std::int64_t longest = result.ends.numel() == 0 ? 0 : result.ends.max().item<std::int64_t>() + 1;
  const torch::Tensor hidden = transformer_->forward(ids.slice(1, 0, longest));
  result.tokens = torch::matmul(hidden, lang_proj_);
  result.vectors = result.tokens.index({torch::arange(ids.size(0), ids.options()), result.ends});
  return result;
}

}  // namespace reamo::grounder
