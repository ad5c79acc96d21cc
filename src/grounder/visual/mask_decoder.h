// SEEM's mask decoder: object queries that look at the picture, at each other and at the prompts (parity/SEEM.md
// sections 1.3 and 1.5).
#pragma once

#include <torch/torch.h>

#include <vector>

#include "grounder/visual/attention.h"
#include "grounder/visual/seem.h"

namespace reamo::grounder {

// Bilinear, corner-aligned: column = x (W - 1), row = y (H - 1). map [width, H, W], points [n, 2] of (y, x) in [0, 1]
// -> [n, width].
torch::Tensor sample_points(const torch::Tensor& map, const torch::Tensor& points);

class MaskDecoderImpl : public torch::nn::Module {
 public:
  explicit MaskDecoderImpl(const DecoderConfig& config);
  // Features of one picture (batch 1).
  DecoderOutput forward(const PixelFeatures& features, const Prompts& prompts, Trace* trace);
  RegionPrompt region_prompt(const PixelFeatures& features, const torch::Tensor& mask, const PointChoice& choice);

 private:
  struct Heads {
    torch::Tensor captions, mask_embeddings, masks;
  };
  Heads heads(const torch::Tensor& queries, const torch::Tensor& mask_features);
  torch::Tensor self_mask(std::int64_t queries, const std::vector<std::int64_t>& groups, std::int64_t text) const;

  DecoderConfig config_;
  torch::nn::ModuleList self_layers_{nullptr}, cross_layers_{nullptr}, ffn_layers_{nullptr};
  torch::nn::LayerNorm decoder_norm_{nullptr};
  torch::nn::Embedding query_feat_{nullptr}, query_embed_{nullptr}, level_embed_{nullptr}, pn_indicator_{nullptr},
      spatial_embed_{nullptr}, spatial_featured_{nullptr};
  torch::Tensor class_embed_;
  std::vector<torch::Tensor> spatial_projections_;
  std::vector<torch::nn::Linear> mask_embed_;
};
TORCH_MODULE(MaskDecoder);

}  // namespace reamo::grounder
