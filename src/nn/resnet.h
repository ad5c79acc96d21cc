// A small residual convolution net, the cheap picture trunk of the bundled model: the encoder's `conv` stem and the visual
// grounder's `resnet` backbone. Both use this class, so weights carry over by name.
#pragma once

#include <torch/torch.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace reamo::nn {

struct ResNetConfig {
  int in_channels = 3;
  int stem_width = 24;                    // channels at stride 2
  std::vector<int> widths{48, 96, 192};   // channels at strides 4, 8, 16
  std::vector<int> blocks{2, 2, 3};       // residual blocks per stage, the first of each halves the size
  int topdown_width = 96;                 // channels of the fused map; 0: no top-down path
  int topdown_stride = 8;                 // 4, 8 or 16
};
// Unknown keys and impossible values are an Error. Missing keys keep their default.
ResNetConfig resnet_config(const nlohmann::json& json);
nlohmann::json to_json(const ResNetConfig& config);

struct ResNetFeatures {
  torch::Tensor stride4, stride8, stride16;  // [batch, widths[i], ceil(height / stride), ceil(width / stride)]
  torch::Tensor topdown;                     // [batch, topdown_width, height / topdown_stride, ..]; undefined without
};

// Convolution 3x3, no bias, then batch norm, then ReLU unless `linear`.
class ConvNormImpl : public torch::nn::Module {
 public:
  ConvNormImpl(int in, int out, int kernel, int stride, bool linear = false);
  torch::Tensor forward(const torch::Tensor& x);

 private:
  torch::nn::Conv2d conv_{nullptr};
  torch::nn::BatchNorm2d norm_{nullptr};
  bool linear_;
};
TORCH_MODULE(ConvNorm);

// Two 3x3 convolutions beside a shortcut (a 1x1 convolution where size or width change).
class ResidualBlockImpl : public torch::nn::Module {
 public:
  ResidualBlockImpl(int in, int out, int stride);
  torch::Tensor forward(const torch::Tensor& x);

 private:
  ConvNorm conv1_{nullptr}, conv2_{nullptr}, shortcut_{nullptr};
};
TORCH_MODULE(ResidualBlock);

// Parameters: stem.*, stages.<stage>.<block>.*, topdown.* (RECIPES: widths 48/96/192 at strides 4/8/16, top-down to 8).
class ResNetImpl : public torch::nn::Module {
 public:
  explicit ResNetImpl(const ResNetConfig& config = {});
  // x [batch, in_channels, height, width], normalised pixels. Works in fp32 and under bf16 autocast; fastest with
  // channels_last input (it converts).
  ResNetFeatures forward(const torch::Tensor& x);
  const ResNetConfig& config() const { return config_; }

 private:
  ResNetConfig config_;
  ConvNorm stem_{nullptr};
  torch::nn::ModuleList stages_{nullptr};
  torch::nn::ModuleDict topdown_{nullptr};
};
TORCH_MODULE(ResNet);

}  // namespace reamo::nn
