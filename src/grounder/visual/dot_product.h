// The small head (RECIPES c): a top-down pixel decoder and the dot product of phrase and pixels.
#pragma once

#include <torch/torch.h>

#include <vector>

#include "grounder/visual/seem_config.h"

namespace reamo::grounder {

// From the backbone's maps (stride 4 first) to one map at stride 4. Parameters: lateral_N (1x1), refine_N (3x3 + group
// norm, residual), mask_features (1x1, takes two more channels with the place of each cell).
class TopDownImpl : public torch::nn::Module {
 public:
  TopDownImpl(const std::vector<int>& widths, int width);
  struct Output {
    torch::Tensor stride8;        // [batch, width, H/8, W/8]
    torch::Tensor mask_features;  // [batch, width, H/4, W/4]
  };
  Output forward(const std::vector<torch::Tensor>& maps);

 private:
  std::vector<torch::nn::Conv2d> lateral_, refine_;
  std::vector<torch::nn::GroupNorm> norm_;
  torch::nn::Conv2d mask_features_{nullptr};
};
TORCH_MODULE(TopDown);

// Parameters: phrase_embed.{0,1} (two linear layers), foreground (1x1), presence_scale, presence_bias.
class DotProductHeadImpl : public torch::nn::Module {
 public:
  DotProductHeadImpl(const DotProductConfig& config, int text_width);
  // vectors [phrases, text width] -> [phrases, width]
  torch::Tensor embed(const torch::Tensor& vectors);
  // embedded [phrases, width], map [batch, width, h, w], image_index [phrases] -> logits [phrases, h, w]
  torch::Tensor dot(const torch::Tensor& embedded, const torch::Tensor& map, const torch::Tensor& image_index);
  torch::Tensor foreground(const torch::Tensor& map);  // [batch, h, w]
  // values: the largest cell logits of a phrase or object, [.., n] -> presence logits [..]
  torch::Tensor presence(const torch::Tensor& values);
  int top() const { return config_.top; }

 private:
  DotProductConfig config_;
  torch::nn::Linear phrase_0_{nullptr}, phrase_1_{nullptr};
  torch::nn::Conv2d foreground_{nullptr};
  torch::Tensor presence_scale_, presence_bias_;
};
TORCH_MODULE(DotProductHead);

}  // namespace reamo::grounder
