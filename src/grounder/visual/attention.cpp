#include "grounder/visual/attention.h"

#include "nn/functional.h"

namespace reamo::grounder {

MultiheadAttentionImpl::MultiheadAttentionImpl(int width, int heads) : heads_(heads) {
  in_proj_weight_ = register_parameter("in_proj_weight", torch::empty({3 * width, width}));
  in_proj_bias_ = register_parameter("in_proj_bias", torch::zeros({3 * width}));
  out_proj_ = register_module("out_proj", torch::nn::Linear(width, width));
  torch::NoGradGuard no_grad;
  torch::nn::init::xavier_uniform_(in_proj_weight_);
  out_proj_->bias.zero_();
}

torch::Tensor MultiheadAttentionImpl::split(const torch::Tensor& x) const {  // [.., n, width] -> [.., heads, n, width / heads]
  auto shape = x.sizes().vec();
  const std::int64_t width = shape.back();
  shape.back() = heads_;
  shape.push_back(width / heads_);
  return x.reshape(shape).transpose(-2, -3);
}

torch::Tensor MultiheadAttentionImpl::forward(const torch::Tensor& query, const torch::Tensor& key,
                                              const torch::Tensor& value, const torch::Tensor& mask) {
  const auto weights = in_proj_weight_.chunk(3, 0);
  const auto biases = in_proj_bias_.chunk(3, 0);
  const torch::Tensor q = split(torch::linear(query, weights[0], biases[0]));
  const torch::Tensor k = split(torch::linear(key, weights[1], biases[1]));
  const torch::Tensor v = split(torch::linear(value, weights[2], biases[2]));
  const torch::Tensor out = nn::attention(q, k, v, mask).transpose(-2, -3).flatten(-2);
  return out_proj_->forward(out);
}

torch::Tensor normalised(const torch::nn::LayerNorm& norm, const torch::Tensor& x) {
  return nn::layer_norm(x, norm->weight, norm->bias, norm->options.eps());
}

torch::Tensor normalised(const torch::nn::GroupNorm& norm, const torch::Tensor& x) {
  return torch::group_norm(x.to(torch::kFloat32), norm->options.num_groups(), norm->weight, norm->bias,
                           norm->options.eps())
      .to(x.scalar_type());
}

torch::nn::LayerNorm layer_norm_module(int width, double eps) {
  return torch::nn::LayerNorm(torch::nn::LayerNormOptions({width}).eps(eps));
}

}  // namespace reamo::grounder
