// Multi-head attention with the parameter names of torch.nn.MultiheadAttention: in_proj_weight, in_proj_bias, out_proj.
#pragma once

#include <torch/torch.h>

namespace reamo::grounder {

class MultiheadAttentionImpl : public torch::nn::Module {
 public:
  MultiheadAttentionImpl(int width, int heads);
  // query [.., n, width], key and value [.., m, width]; mask added to the logits, [n, m] or broadcastable to
  // [.., heads, n, m], may be undefined.
  torch::Tensor forward(const torch::Tensor& query, const torch::Tensor& key, const torch::Tensor& value,
                        const torch::Tensor& mask = {});

 private:
  torch::Tensor split(const torch::Tensor& x) const;

  int heads_;
  torch::Tensor in_proj_weight_, in_proj_bias_;
  torch::nn::Linear out_proj_{nullptr};
};
TORCH_MODULE(MultiheadAttention);

// Layer norm module computed in fp32.
torch::Tensor normalised(const torch::nn::LayerNorm& norm, const torch::Tensor& x);
// Group norm computed in fp32, result in x's dtype.
torch::Tensor normalised(const torch::nn::GroupNorm& norm, const torch::Tensor& x);
torch::nn::LayerNorm layer_norm_module(int width, double eps = 1e-5);

}  // namespace reamo::grounder
