// Inside of VisualGrounder, which the tracker uses too.
#pragma once

#include <torch/torch.h>

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "grounder/visual/dot_product.h"
#include "grounder/visual/preprocess.h"
#include "grounder/visual/seem.h"
#include "grounder/visual/visual_grounder.h"
#include "nn/clip_tokenizer.h"

namespace reamo::grounder {

// A picture that the network has looked at.
struct SeenImage {
  PixelFeatures features;
  ModelImage model_image;
  int width = 0, height = 0;           // of the picture as given
  int cells_wide = 0, cells_high = 0;  // of the part of the stride-4 map that the picture covers
  torch::Tensor colors;                // [3, cells_high, cells_wide], mean of each cell in [-1, 1]
};

struct VisualGrounder::Impl {
  SeemConfig config;
  Seem model{nullptr};
  std::optional<nn::ClipTokenizer> tokenizer;  // always set
  torch::Device device{torch::kCPU};
  torch::Tensor class_table;  // [classes, width] of unit rows; undefined where the file has none
  DotProductHeadImpl* head = nullptr;

  SeenImage look(const signal::Image& image);
  // At twice the size where the model takes small pictures: for outlines, not for what things are.
  SeenImage look_closely(const signal::Image& image);
  std::vector<std::vector<Match>> ground(const SeenImage& seen, const std::vector<std::string>& phrases,
                                         const GroundOptions& options);
  std::optional<Match> ground(const SeenImage& seen, const RegionQuery& query, const GroundOptions& options);
  // What the query covers: bool [height, width] of the picture. UsageError where it lies outside.
  torch::Tensor drawing(const SeenImage& seen, const RegionQuery& query) const;
  // Logits of cells, [cells_high, cells_wide] or of the padded picture -> logits of pixels [height, width].
  torch::Tensor to_pixels(const SeenImage& seen, const torch::Tensor& cells) const;
  // Share of each cell that a mask of the picture covers: [cells_high, cells_wide].
  torch::Tensor to_cells(const SeenImage& seen, const torch::Tensor& mask) const;
  std::vector<float> appearance(const SeenImage& seen, const torch::Tensor& cells) const;
  double probability(double raw) const;

 private:
  SeenImage look(const signal::Image& image, const InputConfig& input);
  Phrase encoded(const std::string& phrase);
  std::vector<Match> ground_decoder(const SeenImage& seen, const Phrase& phrase, const GroundOptions& options);
  std::vector<Match> ground_dot(const SeenImage& seen, const Phrase& phrase, const GroundOptions& options);
  // drawn: bool [height, width] of the picture. Logits of cells; score between 0 and 1. Undefined where nothing fits.
  std::pair<torch::Tensor, double> region_decoder(const SeenImage& seen, const torch::Tensor& drawn);
  std::pair<torch::Tensor, double> region_dot(const SeenImage& seen, const torch::Tensor& drawn, bool bounded);

  std::mutex mutex_;
  std::map<std::string, Phrase> phrases_;  // encoded before; bounded
};

}  // namespace reamo::grounder
