#include "encoder/tower.h"

#include <cmath>
#include <limits>

#include "ie/error.h"
#include "nn/functional.h"

namespace reamo::encoder {
namespace {

namespace F = torch::nn::functional;

std::string shape_text(const torch::Tensor& tensor) {
  std::ostringstream out;
  out << tensor.sizes();
  return out.str();
}

[[noreturn]] void refuse(Modality modality, const torch::Tensor& input, const std::string& expected) {
  throw Error("the " + name_of(modality) + " tower takes " + expected + ", not " + shape_text(input));
}

// A module that only gives a level to the names of its children.
struct LevelImpl : torch::nn::Module {
  using Module::register_module;
  using Module::register_parameter;
};
TORCH_MODULE(Level);

void initialize_linear(Affine& affine, double deviation) {
  torch::NoGradGuard no_grad;
  affine->weight.normal_(0, deviation);
  if (affine->bias.defined()) affine->bias.zero_();
}

void initialize_norm(Affine& affine) {
  torch::NoGradGuard no_grad;
  affine->weight.fill_(1);
  affine->bias.zero_();
}

torch::Tensor linear(const Affine& affine, const torch::Tensor& x) { return torch::linear(x, affine->weight, affine->bias); }

torch::Tensor norm(const Affine& affine, const torch::Tensor& x, double epsilon) {
  return nn::layer_norm(x, affine->weight, affine->bias, epsilon);
}

}  // namespace

AffineImpl::AffineImpl(std::vector<std::int64_t> weight_shape, bool with_bias) {
  weight = register_parameter("weight", torch::empty(weight_shape));
  if (with_bias) bias = register_parameter("bias", torch::empty({weight_shape[0]}));
}

PreprocessorImpl::PreprocessorImpl(Modality modality, const TowerConfig& config, double stem_epsilon)
    : modality_(modality), config_(config), stem_epsilon_(stem_epsilon) {
  const std::int64_t width = config.width;
  if (modality == Modality::kText) {
    positions_ = register_parameter("pos_embed", torch::empty({1, config.columns, width}));
    // Stored in the published file; attention makes its own.
    register_buffer("mask", torch::full({config.columns, config.columns}, -std::numeric_limits<float>::infinity()).triu_(1));
    embedding_ = register_module("token_embedding", Affine(std::vector<std::int64_t>{config.vocab_size, width}, false));
    return;
  }
  const std::int64_t patches = modality == Modality::kImu ? config.cols() : std::int64_t(config.rows()) * config.cols();
  if (config.has_class_token()) class_token_ = register_parameter("cls_token", torch::empty({1, 1, width}));
  const torch::Tensor table = torch::empty({1, patches + (config.has_class_token() ? 1 : 0), width});
  if (modality == Modality::kImu) {
    positions_ = register_parameter("pos_embed", table);
  } else {
    Level helper;
    positions_ = helper->register_parameter("pos_embed", table);
    register_module("pos_embedding_helper", helper);
  }
  if (config.stem == Stem::kConv) {
    resnet_ = register_module("conv_stem", nn::ResNet(config.resnet));
    projection_ = register_module("conv_proj", Affine(std::vector<std::int64_t>{width, config.resnet.widths.back()}, true));
    return;
  }
  Level stem;
  const std::int64_t k = config.kernel;
  if (modality == Modality::kVision) {
    Level layers;  // index 0 repeats a single frame
    projection_ = layers->register_module("1", Affine(std::vector<std::int64_t>{width, config.channels, config.kernel_frames, k, k}, false));
    stem->register_module("proj", layers);
  } else if (modality == Modality::kImu) {
    projection_ = stem->register_module("proj", Affine(std::vector<std::int64_t>{width, config.channels * k}, false));
  } else {
    projection_ = stem->register_module("proj", Affine(std::vector<std::int64_t>{width, config.channels, k, k}, false));
  }
  if (modality != Modality::kVision) stem_norm_ = stem->register_module("norm_layer", Affine(std::vector<std::int64_t>{width}, true));
  const char* name = modality == Modality::kDepth ? "depth_stem" : modality == Modality::kImu ? "imu_stem" : "rgbt_stem";
  register_module(name, stem);
}

void PreprocessorImpl::initialize() {
  torch::NoGradGuard no_grad;
  positions_.normal_(0, 0.02);
  if (class_token_.defined()) class_token_.normal_(0, 0.02);
  if (!embedding_.is_empty()) initialize_linear(embedding_, 0.02);
  if (!projection_.is_empty()) initialize_linear(projection_, 1 / std::sqrt(double(projection_->weight[0].numel())));
  if (!stem_norm_.is_empty()) initialize_norm(stem_norm_);
}

torch::Tensor PreprocessorImpl::positions(std::int64_t height, std::int64_t width) const {
  const std::int64_t first = config_.has_class_token() ? 1 : 0, stored = positions_.size(1) - first;
  if (modality_ == Modality::kImu || modality_ == Modality::kText) return positions_;
  if (config_.stem == Stem::kPatch && height * width == stored) return positions_;
  if (config_.stem == Stem::kConv && height == config_.rows() && width == config_.cols()) return positions_;
  const torch::Tensor grid = positions_.slice(1, first)
                                 .reshape({1, config_.rows(), config_.cols(), positions_.size(2)})
                                 .permute({0, 3, 1, 2})
                                 .to(torch::kFloat32);
  torch::Tensor resized;
  if (config_.stem == Stem::kConv) {
    resized = torch::upsample_bicubic2d(grid, {height, width}, false);
  } else {
    // The scale itself is the step of the source coordinate, also where the side is cut to a whole number.
    const double scale = std::sqrt(double(height * width) / double(stored));
    const std::int64_t side = std::int64_t(std::floor(config_.rows() * scale));
    if (config_.rows() != config_.cols() || side * side != height * width) {
      throw Error("the " + name_of(modality_) + " tower has no positions for " + std::to_string(height) + " x " + std::to_string(width) + " patches");
    }
    resized = torch::upsample_bicubic2d(grid, {side, side}, false, scale, scale);
  }
  resized = resized.permute({0, 2, 3, 1}).reshape({1, -1, positions_.size(2)}).to(positions_.scalar_type());
  return first == 0 ? resized : torch::cat({positions_.slice(1, 0, 1), resized}, 1);
}

torch::Tensor PreprocessorImpl::patches(const torch::Tensor& input, std::int64_t& height, std::int64_t& width) {
  torch::Tensor x = input;
  if (modality_ == Modality::kImu) {
    if (x.dim() != 3 || x.size(1) != config_.channels) refuse(modality_, x, "[rows, " + std::to_string(config_.channels) + ", samples]");
    const torch::Tensor windows = x.unfold(2, config_.kernel, config_.kernel);  // [rows, channels, windows, kernel]
    height = 1, width = windows.size(2);
    if (width != config_.cols()) refuse(modality_, x, std::to_string(config_.columns) + " samples");
    return norm(stem_norm_, linear(projection_, windows.permute({0, 2, 1, 3}).flatten(2)), stem_epsilon_);
  }
  const bool film = modality_ == Modality::kVision && x.dim() == 5;
  if ((x.dim() != 4 && !film) || x.size(1) != config_.channels) {
    refuse(modality_, x, "[rows, " + std::to_string(config_.channels) + ", height, width]" + (modality_ == Modality::kVision ? " or film [rows, 3, frames, height, width]" : ""));
  }
  if (config_.stem == Stem::kConv) {
    if (film) x = x.transpose(1, 2).flatten(0, 1);  // [rows * frames, 3, height, width]
    torch::Tensor map = resnet_->forward(x).stride16;
    height = map.size(2), width = map.size(3);
    return linear(projection_, map.flatten(2).transpose(1, 2));
  }
  if (modality_ == Modality::kVision) {
    if (!film) x = x.unsqueeze(2);
    if (x.size(2) == 1) x = x.repeat({1, 1, config_.kernel_frames, 1, 1});
    const std::vector<std::int64_t> stride{config_.kernel_frames, config_.stride, config_.stride};
    x = torch::conv3d(x, projection_->weight, {}, stride);
    if (x.size(2) != 1) refuse(modality_, input, "film of at most " + std::to_string(2 * config_.kernel_frames - 1) + " frames");
    x = x.squeeze(2);
  } else {
    x = torch::conv2d(x, projection_->weight, {}, config_.stride);
  }
  height = x.size(2), width = x.size(3);
  x = x.flatten(2).transpose(1, 2);
  return stem_norm_.is_empty() ? x : norm(stem_norm_, x, stem_epsilon_);
}

torch::Tensor PreprocessorImpl::forward(const torch::Tensor& input, std::int64_t& height, std::int64_t& width) {
  if (modality_ == Modality::kText) {
    if (input.dim() != 2 || input.size(1) != config_.columns) refuse(modality_, input, "[rows, " + std::to_string(config_.columns) + "]");
    height = 1, width = config_.columns;
    return torch::embedding(embedding_->weight, input) + positions_;
  }
  torch::Tensor x = patches(input, height, width);
  if (class_token_.defined()) x = torch::cat({class_token_.to(x.scalar_type()).expand({x.size(0), 1, -1}), x}, 1);
  const torch::Tensor table = positions(height, width);
  if (table.size(1) != x.size(1)) {
    refuse(modality_, input, "an input of " + std::to_string(table.size(1) - (class_token_.defined() ? 1 : 0)) + " patches");
  }
  return x + table;
}

TrunkImpl::TrunkImpl(Modality modality, const TowerConfig& config, double epsilon)
    : config_(config), epsilon_(epsilon), causal_(modality == Modality::kText) {
  const std::int64_t width = config.width, hidden = width * config.mlp_ratio;
  const auto matrix = [](std::int64_t out, std::int64_t in) { return Affine(std::vector<std::int64_t>{out, in}, true); };
  if (config.pre_norm) {
    Level layers;
    pre_norm_ = layers->register_module("0", Affine(std::vector<std::int64_t>{width}, true));
    register_module("pre_transformer_layer", layers);
  }
  Level list;
  for (int i = 0; i < config.blocks; ++i) {
    Block block;
    Level level, attention, mlp;
    block.in_proj_weight = attention->register_parameter("in_proj_weight", torch::empty({3 * width, width}));
    block.in_proj_bias = attention->register_parameter("in_proj_bias", torch::empty({3 * width}));
    if (config.key_value_bias) {
      block.bias_k = attention->register_parameter("bias_k", torch::empty({1, 1, width}));
      block.bias_v = attention->register_parameter("bias_v", torch::empty({1, 1, width}));
    }
    block.out_proj = attention->register_module("out_proj", matrix(width, width));
    level->register_module("attn", attention);
    block.norm_1 = level->register_module("norm_1", Affine(std::vector<std::int64_t>{width}, true));
    block.fc1 = mlp->register_module("fc1", matrix(hidden, width));
    block.fc2 = mlp->register_module("fc2", matrix(width, hidden));
    level->register_module("mlp", mlp);
    block.norm_2 = level->register_module("norm_2", Affine(std::vector<std::int64_t>{width}, true));
    list->register_module(std::to_string(i), level);
    blocks_.push_back(block);
  }
  register_module("blocks", list);
}

void TrunkImpl::initialize() {
  torch::NoGradGuard no_grad;
  const double deviation = 1 / std::sqrt(double(config_.width)), residual = deviation / std::sqrt(2.0 * std::max(1, config_.blocks));
  if (!pre_norm_.is_empty()) initialize_norm(pre_norm_);
  for (Block& block : blocks_) {
    block.in_proj_weight.normal_(0, deviation);
    block.in_proj_bias.zero_();
    if (block.bias_k.defined()) {
      block.bias_k.normal_(0, 0.02);
      block.bias_v.normal_(0, 0.02);
    }
    initialize_linear(block.out_proj, residual);
    initialize_norm(block.norm_1);
    initialize_norm(block.norm_2);
    initialize_linear(block.fc1, deviation);
    initialize_linear(block.fc2, residual / std::sqrt(double(config_.mlp_ratio)));
  }
}

torch::Tensor TrunkImpl::attend(const Block& block, const torch::Tensor& x, const torch::Tensor& mask) const {
  const std::int64_t rows = x.size(0), width = x.size(2), head = width / config_.heads;
  const torch::Tensor packed = torch::linear(x, block.in_proj_weight, block.in_proj_bias);
  torch::Tensor q = packed.slice(2, 0, width), k = packed.slice(2, width, 2 * width), v = packed.slice(2, 2 * width);
  if (block.bias_k.defined()) {
    k = torch::cat({k, block.bias_k.to(k.scalar_type()).expand({rows, 1, width})}, 1);
    v = torch::cat({v, block.bias_v.to(v.scalar_type()).expand({rows, 1, width})}, 1);
  }
  const auto heads = [&](const torch::Tensor& t) { return t.reshape({rows, t.size(1), config_.heads, head}).transpose(1, 2); };
  const torch::Tensor mixed = nn::attention(heads(q), heads(k), heads(v), mask);
  return linear(block.out_proj, mixed.transpose(1, 2).reshape({rows, x.size(1), width}));
}

torch::Tensor TrunkImpl::forward(torch::Tensor x, const std::string& name, Trace* trace) {
  torch::Tensor mask;
  if (causal_) {
    mask = torch::full({x.size(1), x.size(1)}, -std::numeric_limits<float>::infinity(), torch::TensorOptions().device(x.device())).triu_(1);
  }
  if (!pre_norm_.is_empty()) {
    x = norm(pre_norm_, x, epsilon_);
    if (trace != nullptr) (*trace)[name + ".pre_transformer"] = x;
  }
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const Block& block = blocks_[i];
    const torch::Tensor normed = norm(block.norm_1, x, epsilon_);
    const torch::Tensor attended = attend(block, normed, mask);
    x = x + attended;
    const torch::Tensor fed = linear(block.fc2, nn::gelu(linear(block.fc1, norm(block.norm_2, x, epsilon_))));
    x = x + fed;
    if (trace != nullptr) {
      const std::string prefix = name + ".block" + std::to_string(i);
      (*trace)[prefix + ".norm_1"] = normed;
      (*trace)[prefix + ".attn"] = attended;
      (*trace)[prefix + ".mlp"] = fed;
      (*trace)[prefix] = x;
    }
  }
  if (trace != nullptr) (*trace)[name + ".trunk"] = x;
  return x;
}

HeadImpl::HeadImpl(Modality modality, const TowerConfig& config, int output_width, double epsilon) : epsilon_(epsilon) {
  const std::vector<std::int64_t> norm_shape{config.width}, matrix_shape{output_width, config.width};
  if (modality == Modality::kText) {
    Level layers;
    norm_ = layers->register_module("0", Affine(norm_shape, true));
    projection_ = layers->register_module("1", Affine(matrix_shape, false));
    register_module("proj", layers);
  } else {
    norm_ = register_module("0", Affine(norm_shape, true));
    projection_ = register_module(modality == Modality::kImu ? "3" : "2", Affine(matrix_shape, false));
  }
}

void HeadImpl::initialize() {
  initialize_norm(norm_);
  initialize_linear(projection_, 1 / std::sqrt(double(projection_->weight.size(1))));
}

torch::Tensor HeadImpl::forward(const torch::Tensor& x) { return linear(projection_, norm(norm_, x, epsilon_)); }

LogitScaleImpl::LogitScaleImpl(Modality modality, double limit) : limit_(limit) {
  const double initial = modality == Modality::kText ? 1 / 0.07 : modality == Modality::kAudio ? 20 : modality == Modality::kThermal ? 10 : 5;
  const torch::Tensor value = torch::tensor(float(std::log(initial)));
  // Learned for text, fixed for the others; in the file for all.
  log_scale_ = modality == Modality::kText ? register_parameter("log_logit_scale", value) : register_buffer("log_logit_scale", value);
}

torch::Tensor LogitScaleImpl::forward(const torch::Tensor& x) const { return x * log_scale_.exp().clamp_max(limit_); }

TimeEmbeddingImpl::TimeEmbeddingImpl(int moments, int width) {
  table_ = register_parameter("embedding", torch::empty({moments, width}));
}

void TimeEmbeddingImpl::initialize() {
  torch::NoGradGuard no_grad;
  table_.normal_(0, 0.02);
}

torch::Tensor TimeEmbeddingImpl::forward(const torch::Tensor& x) const {
  if (x.size(1) != table_.size(0)) {
    throw Error("the model was made for " + std::to_string(table_.size(0)) + " clips, not " + std::to_string(x.size(1)));
  }
  return x + table_.unsqueeze(1).to(x.scalar_type());
}

}  // namespace reamo::encoder
