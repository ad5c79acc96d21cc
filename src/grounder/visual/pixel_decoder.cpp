#include "grounder/visual/pixel_decoder.h"

#include "grounder/visual/attention.h"
#include "nn/functional.h"

namespace reamo::grounder {
namespace F = torch::nn::functional;

namespace {

constexpr int kGroups = 32;

// Post-norm encoder layer; the position is added to queries and keys only.
class EncoderLayerImpl : public torch::nn::Module {
 public:
  explicit EncoderLayerImpl(const DecoderConfig& config) {
    self_attn_ = register_module("self_attn", MultiheadAttention(config.width, config.heads));
    linear1_ = register_module("linear1", torch::nn::Linear(config.width, config.feed_forward));
    linear2_ = register_module("linear2", torch::nn::Linear(config.feed_forward, config.width));
    norm1_ = register_module("norm1", layer_norm_module(config.width));
    norm2_ = register_module("norm2", layer_norm_module(config.width));
  }
  torch::Tensor forward(torch::Tensor t, const torch::Tensor& position) {
    const torch::Tensor placed = t + position;
    t = normalised(norm1_, t + self_attn_->forward(placed, placed, t));
    return normalised(norm2_, t + linear2_->forward(torch::relu(linear1_->forward(t))));
  }

 private:
  MultiheadAttention self_attn_{nullptr};
  torch::nn::Linear linear1_{nullptr}, linear2_{nullptr};
  torch::nn::LayerNorm norm1_{nullptr}, norm2_{nullptr};
};

}  // namespace

ConvGroupNormImpl::ConvGroupNormImpl(int in, int out, int kernel) {
  weight_ = register_parameter("weight", torch::empty({out, in, kernel, kernel}));
  norm_ = register_module("norm", torch::nn::GroupNorm(kGroups, out));
  torch::NoGradGuard no_grad;
  torch::nn::init::kaiming_uniform_(weight_, 1);
}

torch::Tensor ConvGroupNormImpl::forward(const torch::Tensor& x) {
  return normalised(norm_, torch::conv2d(x, weight_, {}, 1, weight_.size(2) / 2));
}

PixelDecoderImpl::PixelDecoderImpl(const std::vector<int>& widths, const DecoderConfig& config) {
  input_proj_ =
      register_module("input_proj", torch::nn::Conv2d(torch::nn::Conv2dOptions(widths.back(), config.width, 1)));
  auto transformer = register_module("transformer", std::make_shared<torch::nn::Module>());
  auto encoder = transformer->register_module("encoder", std::make_shared<torch::nn::Module>());
  encoder_layers_ = encoder->register_module("layers", torch::nn::ModuleList());
  for (int i = 0; i < config.encoder_layers; ++i) encoder_layers_->push_back(std::make_shared<EncoderLayerImpl>(config));
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
    adapters_.push_back(
        register_module("adapter_" + std::to_string(i + 1), ConvGroupNorm(widths[i], config.width, 1)));
  }
  for (std::size_t i = 0; i < widths.size(); ++i) {
    layers_.push_back(register_module("layer_" + std::to_string(i + 1), ConvGroupNorm(config.width, config.width, 3)));
  }
  mask_features_ = register_module(
      "mask_features", torch::nn::Conv2d(torch::nn::Conv2dOptions(config.width, config.mask_width, 3).padding(1)));
}

torch::Tensor PixelDecoderImpl::encode(const torch::Tensor& coarsest) {
  const torch::Tensor map = input_proj_->forward(coarsest);
  const std::int64_t width = map.size(1), h = map.size(2), w = map.size(3);
  const torch::Tensor position =
      nn::sine_position_embedding(int(width), int(h), int(w)).to(map.device()).flatten(1).t().unsqueeze(0);
  torch::Tensor t = map.flatten(2).transpose(1, 2);
  for (const auto& layer : *encoder_layers_) t = layer->as<EncoderLayerImpl>()->forward(t, position);
  return t.transpose(1, 2).reshape({map.size(0), width, h, w});
}

PixelDecoderImpl::Output PixelDecoderImpl::forward(const std::vector<torch::Tensor>& maps) {
  Output output;
  output.encoder = encode(maps.back());
  torch::Tensor y = torch::relu(layers_.back()->forward(output.encoder));
  output.multi_scale.push_back(y);
  for (std::size_t i = adapters_.size(); i-- > 0;) {
    const torch::Tensor lateral = adapters_[i]->forward(maps[i]);
    y = lateral + F::interpolate(y, F::InterpolateFuncOptions()
                                        .size(std::vector<std::int64_t>{lateral.size(2), lateral.size(3)})
                                        .mode(torch::kNearest));
    y = torch::relu(layers_[i]->forward(y));
    if (i > 0) output.multi_scale.push_back(y);
  }
  output.mask_features = mask_features_->forward(y);
  return output;
}

}  // namespace reamo::grounder
