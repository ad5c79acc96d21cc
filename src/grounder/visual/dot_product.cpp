#include "grounder/visual/dot_product.h"

#include <cmath>

#include "grounder/visual/attention.h"

namespace reamo::grounder {
namespace F = torch::nn::functional;

namespace {

int groups_of(int width) { return width % 8 == 0 ? 8 : 1; }

// The place of each cell in [-1, 1]: [batch, 2, h, w], x then y.
torch::Tensor places(const torch::Tensor& map) {
  const auto options = map.options().dtype(torch::kFloat32);
  const auto line = [&](std::int64_t n) { return (torch::arange(n, options) + 0.5) * (2.0 / double(n)) - 1.0; };
  const std::int64_t h = map.size(2), w = map.size(3);
  return torch::stack({line(w).unsqueeze(0).expand({h, w}), line(h).unsqueeze(1).expand({h, w})})
      .unsqueeze(0)
      .expand({map.size(0), 2, h, w})
      .to(map.scalar_type());
}

}  // namespace

TopDownImpl::TopDownImpl(const std::vector<int>& widths, int width) {
  for (std::size_t i = 0; i < widths.size(); ++i) {
    const std::string n = std::to_string(i);
    lateral_.push_back(
        register_module("lateral_" + n, torch::nn::Conv2d(torch::nn::Conv2dOptions(widths[i], width, 1))));
    refine_.push_back(register_module(
        "refine_" + n, torch::nn::Conv2d(torch::nn::Conv2dOptions(width, width, 3).padding(1).bias(false))));
    norm_.push_back(register_module("norm_" + n, torch::nn::GroupNorm(groups_of(width), width)));
  }
  mask_features_ =
      register_module("mask_features", torch::nn::Conv2d(torch::nn::Conv2dOptions(width + 2, width, 1)));
}

TopDownImpl::Output TopDownImpl::forward(const std::vector<torch::Tensor>& maps) {
  Output output;
  torch::Tensor y;
  for (std::size_t level = lateral_.size(); level-- > 0;) {
    torch::Tensor lateral = lateral_[level]->forward(maps[level]);
    if (y.defined()) {
      lateral = lateral + F::interpolate(y, F::InterpolateFuncOptions()
                                                .size(std::vector<std::int64_t>{lateral.size(2), lateral.size(3)})
                                                .mode(torch::kBilinear)
                                                .align_corners(false));
    }
    y = lateral + torch::relu(normalised(norm_[level], refine_[level]->forward(lateral)));
    if (level == 1) output.stride8 = y;
  }
  output.mask_features = mask_features_->forward(torch::cat({y, places(y)}, 1));
  return output;
}

DotProductHeadImpl::DotProductHeadImpl(const DotProductConfig& config, int text_width) : config_(config) {
  auto phrase = register_module("phrase_embed", std::make_shared<torch::nn::Module>());
  phrase_0_ = phrase->register_module("0", torch::nn::Linear(text_width, 2 * config.width));
  phrase_1_ = phrase->register_module("1", torch::nn::Linear(2 * config.width, config.width));
  foreground_ = register_module("foreground", torch::nn::Conv2d(torch::nn::Conv2dOptions(config.width, 1, 1)));
  presence_scale_ = register_parameter("presence_scale", torch::ones({1}));
  presence_bias_ = register_parameter("presence_bias", torch::zeros({1}));
}

torch::Tensor DotProductHeadImpl::embed(const torch::Tensor& vectors) {
  return phrase_1_->forward(torch::relu(phrase_0_->forward(vectors)));
}

torch::Tensor DotProductHeadImpl::dot(const torch::Tensor& embedded, const torch::Tensor& map,
                                      const torch::Tensor& image_index) {
  const std::int64_t batch = map.size(0), width = map.size(1), h = map.size(2), w = map.size(3);
  const torch::Tensor scaled = embedded / std::sqrt(double(width));
  if (batch == 1) return torch::matmul(scaled, map[0].reshape({width, h * w})).view({-1, h, w});
  // One product an image: phrases in the order of their images, results back in their own order.
  const torch::Tensor order = image_index.argsort();
  const torch::Tensor counts = torch::bincount(image_index, {}, batch).cpu();
  const torch::Tensor sorted = scaled.index_select(0, order);
  std::vector<torch::Tensor> parts;
  std::int64_t start = 0;
  for (std::int64_t image = 0; image < batch; ++image) {
    const std::int64_t count = counts[image].item<std::int64_t>();
    if (count > 0) {
      parts.push_back(torch::matmul(sorted.slice(0, start, start + count), map[image].reshape({width, h * w})));
    }
    start += count;
  }
  if (parts.empty()) return torch::zeros({0, h, w}, map.options());
  return torch::cat(parts).index_select(0, order.argsort()).view({-1, h, w});
}

torch::Tensor DotProductHeadImpl::foreground(const torch::Tensor& map) { return foreground_->forward(map).squeeze(1); }

torch::Tensor DotProductHeadImpl::presence(const torch::Tensor& values) {
  return presence_scale_ * values.to(torch::kFloat32).mean(-1) + presence_bias_;
}

}  // namespace reamo::grounder
