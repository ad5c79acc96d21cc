// Training of what sees: kinds of things in the cells of a picture (`dense`), then phrases to masks (`grounder`).
#pragma once

#include <torch/torch.h>

#include <filesystem>
#include <optional>

#include "grounder/visual/seem.h"
#include "nn/clip_tokenizer.h"
#include "nn/resnet.h"
#include "synth/atlas.h"
#include "synth/vision_samples.h"
#include "train/trainer.h"

namespace reamo::train {

// A residual net with a classifier on its stride-8 map: [batch, 1 + kinds, H/8, W/8], class 0 is the background.
class DenseNetImpl : public torch::nn::Module {
 public:
  DenseNetImpl(const nn::ResNetConfig& config, std::int64_t kinds);
  torch::Tensor forward(const torch::Tensor& pixels);
  nn::ResNet trunk{nullptr};           // "trunk.": carried over to encoder and grounder by name
  torch::nn::Conv2d classifier{nullptr};
};
TORCH_MODULE(DenseNet);

struct DenseStageOptions {
  TrainOptions train;
  int batch = 32;
  int data_threads = 1;
  synth::VisionOptions vision;
  nn::ResNetConfig net;
};
// Cross-entropy with the share of the cell as soft target, background down-weighted to a third (RECIPES g). Figures:
// kind accuracy over cells that one object fills by half.
TrainReport train_dense(DenseNet& net, const synth::Atlas& atlas, const DenseStageOptions& options);
// Kind accuracy per object cell on fresh samples of `styles`: counts over `count` pictures of seed `seed`.
double dense_accuracy(DenseNet& net, const synth::Atlas& atlas, const synth::VisionOptions& vision, std::uint64_t seed, int count);

struct GrounderStageOptions {
  TrainOptions train;
  int batch = 16;            // pictures
  int data_threads = 1;
  double dense_weight = 0.3;  // of the kind loss on the stride-8 features, an auxiliary that is not part of the model
  double trunk_rate = 0.3;    // learning rate of the backbone as a share of the rest
  synth::VisionOptions vision;
};
// The dot-product head on phrases of the world. `dense` holds the auxiliary classifier and is checkpointed with the model.
TrainReport train_grounder(grounder::Seem& model, const nn::ClipTokenizer& tokenizer, const synth::Atlas& atlas,
                           const GrounderStageOptions& options);

struct GrounderScore {
  double iou = 0;              // mean over present phrases, a phrase called absent counts 0
  double iou_present = 0;      // without the presence call
  double present_kept = 0;     // share of present phrases called present
  double absent_accuracy = 0;  // share of absent phrases called absent
  int phrases = 0;
};
// On fresh samples; masks at stride 4 thresholded at one half, compared with the area-averaged gold at one half.
GrounderScore score_grounder(grounder::Seem& model, const nn::ClipTokenizer& tokenizer, const synth::Atlas& atlas,
                             const synth::VisionOptions& vision, std::uint64_t seed, int count);

}  // namespace reamo::train
