#include "grounder/visual/focalnet.h"

#include "grounder/visual/attention.h"
#include "nn/functional.h"

namespace reamo::grounder {
namespace F = torch::nn::functional;

namespace {

// Maps are [batch, H, W, width] between blocks.
torch::Tensor to_channels_first(const torch::Tensor& x) { return x.permute({0, 3, 1, 2}).contiguous(); }
torch::Tensor to_channels_last(const torch::Tensor& x) { return x.permute({0, 2, 3, 1}); }

// Zeros at the right and bottom up to multiples of n. x: [batch, width, H, W].
torch::Tensor pad_to_multiple(const torch::Tensor& x, std::int64_t n) {
  const std::int64_t bottom = (n - x.size(2) % n) % n, right = (n - x.size(3) % n) % n;
  if (bottom == 0 && right == 0) return x;
  return F::pad(x, F::PadFuncOptions({0, right, 0, bottom}));
}

class FocalModulationImpl : public torch::nn::Module {
 public:
  FocalModulationImpl(int width, int levels, int window) : width_(width), levels_(levels) {
    f_ = register_module("f", torch::nn::Linear(width, 2 * width + levels + 1));
    h_ = register_module("h", torch::nn::Conv2d(torch::nn::Conv2dOptions(width, width, 1)));
    proj_ = register_module("proj", torch::nn::Linear(width, width));
    auto focal_layers = register_module("focal_layers", torch::nn::ModuleList());
    for (int level = 0; level < levels; ++level) {
      const int kernel = window + 2 * level;
      torch::nn::Conv2d conv(
          torch::nn::Conv2dOptions(width, width, kernel).groups(width).padding(kernel / 2).bias(false));
      auto layer = std::make_shared<torch::nn::Module>();
      layer->register_module("0", conv);
      focal_layers->push_back(layer);
      convs_.push_back(conv);
    }
  }
  torch::Tensor forward(const torch::Tensor& x) {
    const torch::Tensor all = to_channels_first(f_->forward(x));
    const torch::Tensor q = all.slice(1, 0, width_);
    torch::Tensor context = all.slice(1, width_, 2 * width_).contiguous();
    const torch::Tensor gates = all.slice(1, 2 * width_);
    torch::Tensor sum;
    for (int level = 0; level < levels_; ++level) {
      context = nn::gelu(convs_[level]->forward(context));
      const torch::Tensor part = context * gates.slice(1, level, level + 1);
      sum = sum.defined() ? sum + part : part;
    }
    const torch::Tensor global = nn::gelu(context.mean({2, 3}, true));
    sum = (sum + global * gates.slice(1, levels_, levels_ + 1)) / double(levels_ + 1);
    return proj_->forward(to_channels_last(q * h_->forward(sum)));
  }

 private:
  int width_, levels_;
  torch::nn::Linear f_{nullptr}, proj_{nullptr};
  torch::nn::Conv2d h_{nullptr};
  std::vector<torch::nn::Conv2d> convs_;
};
TORCH_MODULE(FocalModulation);

class FocalBlockImpl : public torch::nn::Module {
 public:
  FocalBlockImpl(int width, const FocalNetConfig& config) {
    modulation_ = register_module("modulation", FocalModulation(width, config.focal_levels, config.focal_window));
    norm1_ = register_module("norm1", layer_norm_module(width));
    norm2_ = register_module("norm2", layer_norm_module(width));
    gamma_1_ = register_parameter("gamma_1", torch::full({width}, 1e-4));
    gamma_2_ = register_parameter("gamma_2", torch::full({width}, 1e-4));
    const int hidden = int(width * config.mlp_ratio);
    auto mlp = register_module("mlp", std::make_shared<torch::nn::Module>());
    fc1_ = mlp->register_module("fc1", torch::nn::Linear(width, hidden));
    fc2_ = mlp->register_module("fc2", torch::nn::Linear(hidden, width));
  }
  torch::Tensor forward(torch::Tensor x) {
    x = x + gamma_1_ * normalised(norm1_, modulation_->forward(x));
    return x + gamma_2_ * normalised(norm2_, fc2_->forward(nn::gelu(fc1_->forward(x))));
  }

 private:
  FocalModulation modulation_{nullptr};
  torch::nn::LayerNorm norm1_{nullptr}, norm2_{nullptr};
  torch::Tensor gamma_1_, gamma_2_;
  torch::nn::Linear fc1_{nullptr}, fc2_{nullptr};
};

class FocalStageImpl : public torch::nn::Module {
 public:
  FocalStageImpl(int width, int depth, bool last, const FocalNetConfig& config) {
    blocks_ = register_module("blocks", torch::nn::ModuleList());
    for (int i = 0; i < depth; ++i) blocks_->push_back(std::make_shared<FocalBlockImpl>(width, config));
    if (last) return;
    auto downsample = register_module("downsample", std::make_shared<torch::nn::Module>());
    proj_ = downsample->register_module(
        "proj", torch::nn::Conv2d(torch::nn::Conv2dOptions(width, 2 * width, 3).stride(2).padding(1)));
    norm_ = downsample->register_module("norm", layer_norm_module(2 * width));
  }
  torch::Tensor forward(torch::Tensor x) {
    for (const auto& block : *blocks_) x = block->as<FocalBlockImpl>()->forward(x);
    return x;
  }
  torch::Tensor downsample(const torch::Tensor& x) {
    return normalised(norm_, to_channels_last(proj_->forward(pad_to_multiple(to_channels_first(x), 2))));
  }

 private:
  torch::nn::ModuleList blocks_{nullptr};
  torch::nn::Conv2d proj_{nullptr};
  torch::nn::LayerNorm norm_{nullptr};
};

}  // namespace

FocalNetImpl::FocalNetImpl(const FocalNetConfig& config) {
  auto patch_embed = register_module("patch_embed", std::make_shared<torch::nn::Module>());
  patch_proj_ = patch_embed->register_module(
      "proj", torch::nn::Conv2d(torch::nn::Conv2dOptions(3, config.width, 7).stride(4).padding(2)));
  patch_norm_ = patch_embed->register_module("norm", layer_norm_module(config.width));
  layers_ = register_module("layers", torch::nn::ModuleList());
  for (std::size_t s = 0; s < config.depths.size(); ++s) {
    const int width = config.width << s;
    layers_->push_back(
        std::make_shared<FocalStageImpl>(width, config.depths[s], s + 1 == config.depths.size(), config));
    norms_.push_back(register_module("norm" + std::to_string(s), layer_norm_module(width)));
  }
}

std::vector<torch::Tensor> FocalNetImpl::forward(const torch::Tensor& pixels) {
  torch::Tensor x = normalised(patch_norm_, to_channels_last(patch_proj_->forward(pad_to_multiple(pixels, 4))));
  std::vector<torch::Tensor> maps;
  for (std::size_t s = 0; s < norms_.size(); ++s) {
    auto* stage = layers_[s]->as<FocalStageImpl>();
    x = stage->forward(x);
    maps.push_back(to_channels_first(normalised(norms_[s], x)));
    if (s + 1 < norms_.size()) x = stage->downsample(x);
  }
  return maps;
}

}  // namespace reamo::grounder
