// SEEM's pixel decoder: a feature pyramid with a transformer on the coarsest map (parity/SEEM.md section 1.2).
#pragma once

#include <torch/torch.h>

#include <vector>

#include "grounder/visual/seem_config.h"

namespace reamo::grounder {

// A bias-free convolution with its group norm: parameters weight, norm.{weight,bias}.
class ConvGroupNormImpl : public torch::nn::Module {
 public:
  ConvGroupNormImpl(int in, int out, int kernel);
  torch::Tensor forward(const torch::Tensor& x);

 private:
  torch::Tensor weight_;
  torch::nn::GroupNorm norm_{nullptr};
};
TORCH_MODULE(ConvGroupNorm);

// Parameters input_proj, transformer.encoder.layers.N.*, layer_1..4, adapter_1..3, mask_features.
class PixelDecoderImpl : public torch::nn::Module {
 public:
  PixelDecoderImpl(const std::vector<int>& widths, const DecoderConfig& config);
  struct Output {
    torch::Tensor mask_features;             // [batch, mask width, H/4, W/4]
    torch::Tensor encoder;                   // [batch, width, H/32, W/32]
    std::vector<torch::Tensor> multi_scale;  // strides 32, 16, 8
  };
  // maps: res2 to res5.
  Output forward(const std::vector<torch::Tensor>& maps);

 private:
  torch::Tensor encode(const torch::Tensor& coarsest);

  torch::nn::Conv2d input_proj_{nullptr}, mask_features_{nullptr};
  torch::nn::ModuleList encoder_layers_{nullptr};
  std::vector<ConvGroupNorm> adapters_, layers_;  // stride 4 first
};
TORCH_MODULE(PixelDecoder);

}  // namespace reamo::grounder
