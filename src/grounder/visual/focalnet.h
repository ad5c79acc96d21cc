// FocalNet, the published picture trunk (parity/SEEM.md section 1.1).
#pragma once

#include <torch/torch.h>

#include <vector>

#include "grounder/visual/seem_config.h"

namespace reamo::grounder {

// Parameters patch_embed.{proj,norm}, layers.S.{blocks.B.*, downsample.{proj,norm}}, normS.
class FocalNetImpl : public torch::nn::Module {
 public:
  explicit FocalNetImpl(const FocalNetConfig& config);
  // pixels [batch, 3, H, W] -> one map a stage, normalised: [batch, width << s, H / (4 << s), W / (4 << s)], rounded up.
  std::vector<torch::Tensor> forward(const torch::Tensor& pixels);

 private:
  torch::nn::Conv2d patch_proj_{nullptr};
  torch::nn::LayerNorm patch_norm_{nullptr};
  torch::nn::ModuleList layers_{nullptr};
  std::vector<torch::nn::LayerNorm> norms_;
};
TORCH_MODULE(FocalNet);

}  // namespace reamo::grounder
