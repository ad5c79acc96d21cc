// The parts of a tower: preprocessor (input to tokens), trunk, head. parity/IMAGEBIND.md 2.
#pragma once

#include <torch/torch.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "encoder/config.h"
#include "nn/resnet.h"

namespace reamo::encoder {

// Intermediate values by the names of the reference cases: "vision.tokens", "vision.block0.attn", .., "vision.output".
using Trace = std::map<std::string, torch::Tensor>;

// Weight and bias of a linear layer or a norm under their published names.
class AffineImpl : public torch::nn::Module {
 public:
  AffineImpl(std::vector<std::int64_t> weight_shape, bool bias);
  torch::Tensor weight, bias;
};
TORCH_MODULE(Affine);

// Tokens of one modality: patches or words, class token, positions.
class PreprocessorImpl : public torch::nn::Module {
 public:
  PreprocessorImpl(Modality modality, const TowerConfig& config, double stem_epsilon);
  // [rows, ..] (no clips) to [rows, tokens, width]; `height` and `width` receive the patch grid. A conv stem on film gives
  // rows * frames rows.
  torch::Tensor forward(const torch::Tensor& input, std::int64_t& height, std::int64_t& width);
  void initialize();
  nn::ResNet conv_stem() const { return resnet_; }

 private:
  torch::Tensor patches(const torch::Tensor& input, std::int64_t& height, std::int64_t& width);
  torch::Tensor positions(std::int64_t height, std::int64_t width) const;

  Modality modality_;
  TowerConfig config_;
  double stem_epsilon_;
  torch::Tensor class_token_, positions_;
  Affine projection_{nullptr}, stem_norm_{nullptr}, embedding_{nullptr};
  nn::ResNet resnet_{nullptr};
};
TORCH_MODULE(Preprocessor);

// Pre-norm transformer blocks.
class TrunkImpl : public torch::nn::Module {
 public:
  TrunkImpl(Modality modality, const TowerConfig& config, double epsilon);
  // [rows, tokens, width] to the same; causal for text. Stages go to `trace` under `name` where it is given.
  torch::Tensor forward(torch::Tensor x, const std::string& name, Trace* trace);
  void initialize();

 private:
  struct Block {
    Affine norm_1{nullptr}, norm_2{nullptr}, fc1{nullptr}, fc2{nullptr}, out_proj{nullptr};
    torch::Tensor in_proj_weight, in_proj_bias, bias_k, bias_v;
  };
  torch::Tensor attend(const Block& block, const torch::Tensor& x, const torch::Tensor& mask) const;

  TowerConfig config_;
  double epsilon_;
  bool causal_;
  Affine pre_norm_{nullptr};
  std::vector<Block> blocks_;
};
TORCH_MODULE(Trunk);

// Norm and linear layer without bias.
class HeadImpl : public torch::nn::Module {
 public:
  HeadImpl(Modality modality, const TowerConfig& config, int output_width, double epsilon);
  torch::Tensor forward(const torch::Tensor& x);  // [.., width] to [.., output_width]
  void initialize();

 private:
  double epsilon_;
  Affine norm_{nullptr}, projection_{nullptr};
};
TORCH_MODULE(Head);

// Multiplies by min(exp(log_logit_scale), limit).
class LogitScaleImpl : public torch::nn::Module {
 public:
  LogitScaleImpl(Modality modality, double limit);
  torch::Tensor forward(const torch::Tensor& x) const;

 private:
  double limit_;
  torch::Tensor log_scale_;
};
TORCH_MODULE(LogitScale);

// A learned vector per moment of a recording, for towers with tokens.
class TimeEmbeddingImpl : public torch::nn::Module {
 public:
  TimeEmbeddingImpl(int moments, int width);
  torch::Tensor forward(const torch::Tensor& x) const;  // [batch, moments, tokens, width]
  void initialize();

 private:
  torch::Tensor table_;
};
TORCH_MODULE(TimeEmbedding);

}  // namespace reamo::encoder
