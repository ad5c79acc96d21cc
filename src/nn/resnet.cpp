#include "nn/resnet.h"

#include "ie/error.h"

namespace reamo::nn {
namespace {

namespace F = torch::nn::functional;

void check(const ResNetConfig& c) {
  const auto fail = [](const std::string& what) { throw Error("residual net configuration: " + what); };
  if (c.in_channels < 1 || c.in_channels > 64) fail("in_channels must be 1 to 64");
  if (c.stem_width < 1 || c.stem_width > 1024) fail("stem_width must be 1 to 1024");
  if (c.widths.size() != 3 || c.blocks.size() != 3) fail("widths and blocks must have three numbers each");
  for (int width : c.widths) {
    if (width < 1 || width > 4096) fail("widths must be 1 to 4096");
  }
  for (int blocks : c.blocks) {
    if (blocks < 1 || blocks > 64) fail("blocks must be 1 to 64");
  }
  if (c.topdown_width < 0 || c.topdown_width > 4096) fail("topdown_width must be 0 to 4096");
  if (c.topdown_stride != 4 && c.topdown_stride != 8 && c.topdown_stride != 16) fail("topdown_stride must be 4, 8 or 16");
}

// Index of the finest map that the top-down path uses: 0 is stride 4.
int finest_level(const ResNetConfig& c) { return c.topdown_stride == 4 ? 0 : c.topdown_stride == 8 ? 1 : 2; }

// A 3x3 convolution stands behind every sum, and at stride 16 where that is the path's end.
bool has_smooth(const ResNetConfig& c, int level) { return level < 2 || finest_level(c) == 2; }

std::string lateral_name(int level) { return "lateral" + std::to_string(4 << level); }
std::string smooth_name(int level) { return "smooth" + std::to_string(4 << level); }

}  // namespace

ResNetConfig resnet_config(const nlohmann::json& json) {
  ResNetConfig c;
  try {
    for (const auto& [key, value] : json.items()) {
      if (key == "in_channels") {
        c.in_channels = value.get<int>();
      } else if (key == "stem_width") {
        c.stem_width = value.get<int>();
      } else if (key == "widths") {
        c.widths = value.get<std::vector<int>>();
      } else if (key == "blocks") {
        c.blocks = value.get<std::vector<int>>();
      } else if (key == "topdown_width") {
        c.topdown_width = value.get<int>();
      } else if (key == "topdown_stride") {
        c.topdown_stride = value.get<int>();
      } else {
        throw Error("residual net configuration: unknown key '" + key + "'");
      }
    }
  } catch (const nlohmann::json::exception& e) {
    throw Error(std::string("residual net configuration: ") + e.what());
  }
  check(c);
  return c;
}

nlohmann::json to_json(const ResNetConfig& c) {
  return {{"in_channels", c.in_channels}, {"stem_width", c.stem_width},       {"widths", c.widths},
          {"blocks", c.blocks},           {"topdown_width", c.topdown_width}, {"topdown_stride", c.topdown_stride}};
}

ConvNormImpl::ConvNormImpl(int in, int out, int kernel, int stride, bool linear) : linear_(linear) {
  conv_ = register_module(
      "conv", torch::nn::Conv2d(
                  torch::nn::Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2).bias(false)));
  norm_ = register_module("norm", torch::nn::BatchNorm2d(out));
  torch::NoGradGuard no_grad;
  torch::nn::init::kaiming_normal_(conv_->weight, 0.0, torch::kFanOut, torch::kReLU);
}

torch::Tensor ConvNormImpl::forward(const torch::Tensor& x) {
  torch::Tensor y = norm_(conv_(x));
  return linear_ ? y : y.relu_();
}

ResidualBlockImpl::ResidualBlockImpl(int in, int out, int stride) {
  conv1_ = register_module("conv1", ConvNorm(in, out, 3, stride));
  conv2_ = register_module("conv2", ConvNorm(out, out, 3, 1, true));
  if (in != out || stride != 1) shortcut_ = register_module("shortcut", ConvNorm(in, out, 1, stride, true));
}

torch::Tensor ResidualBlockImpl::forward(const torch::Tensor& x) {
  const torch::Tensor side = shortcut_.is_empty() ? x : shortcut_(x);
  return torch::relu(conv2_(conv1_(x)) + side);
}

ResNetImpl::ResNetImpl(const ResNetConfig& config) : config_(config) {
  check(config_);
  stem_ = register_module("stem", ConvNorm(config_.in_channels, config_.stem_width, 3, 2));
  stages_ = register_module("stages", torch::nn::ModuleList());
  int in = config_.stem_width;
  for (int stage = 0; stage < 3; ++stage) {
    torch::nn::Sequential blocks;
    for (int i = 0; i < config_.blocks[stage]; ++i) {
      blocks->push_back(ResidualBlock(in, config_.widths[stage], i == 0 ? 2 : 1));
      in = config_.widths[stage];
    }
    stages_->push_back(blocks);
  }
  if (config_.topdown_width > 0) {
    std::vector<std::pair<std::string, std::shared_ptr<torch::nn::Module>>> parts;
    const int width = config_.topdown_width;
    for (int level = 2; level >= finest_level(config_); --level) {
      parts.emplace_back(lateral_name(level), ConvNorm(config_.widths[level], width, 1, 1, true).ptr());
      if (has_smooth(config_, level)) parts.emplace_back(smooth_name(level), ConvNorm(width, width, 3, 1).ptr());
    }
    topdown_ = register_module("topdown", torch::nn::ModuleDict(parts));
  }
}

ResNetFeatures ResNetImpl::forward(const torch::Tensor& x) {
  torch::Tensor y = stem_(x.contiguous(torch::MemoryFormat::ChannelsLast));
  torch::Tensor maps[3];
  for (int stage = 0; stage < 3; ++stage) {
    y = stages_[stage]->as<torch::nn::Sequential>()->forward(y);
    maps[stage] = y;
  }
  ResNetFeatures features{maps[0], maps[1], maps[2], {}};
  if (topdown_.is_empty()) return features;
  torch::Tensor fused;
  for (int level = 2; level >= finest_level(config_); --level) {
    torch::Tensor lateral = topdown_[lateral_name(level)]->as<ConvNorm>()->forward(maps[level]);
    if (fused.defined()) {
      const std::vector<std::int64_t> size{lateral.size(2), lateral.size(3)};
      lateral = lateral + F::interpolate(fused, F::InterpolateFuncOptions().size(size).mode(torch::kNearest));
    }
    fused = torch::relu(lateral);
    if (has_smooth(config_, level)) fused = topdown_[smooth_name(level)]->as<ConvNorm>()->forward(fused);
  }
  features.topdown = fused;
  return features;
}

}  // namespace reamo::nn
