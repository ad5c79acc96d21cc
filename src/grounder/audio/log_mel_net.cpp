#include <cmath>

#include "grounder/audio/listener_net.h"
#include "nn/functional.h"
#include "signal/mel.h"

namespace reamo::grounder {
namespace {

torch::Tensor norm(torch::nn::LayerNorm& layer, const torch::Tensor& x) {
  return nn::layer_norm(x, layer->weight, layer->bias, 1e-5);
}

// x [batch, frames, width] -> [batch, frames, kernel * width]: each frame beside its neighbours, zeros outside. A linear layer
// on it is a convolution over time.
torch::Tensor neighbours(const torch::Tensor& x, std::int64_t kernel) {
  const torch::Tensor padded = torch::constant_pad_nd(x, {0, 0, kernel / 2, kernel / 2});
  std::vector<torch::Tensor> shifted;
  for (std::int64_t k = 0; k < kernel; ++k) shifted.push_back(padded.narrow(1, k, x.size(1)));
  return torch::cat(shifted, -1);
}

// Attention logits fall with distance, by a rate per head: [1, heads, frames, frames].
torch::Tensor distance_penalty(std::int64_t heads, std::int64_t frames, const torch::Device& device) {
  const torch::Tensor position = torch::arange(frames, torch::TensorOptions().dtype(torch::kFloat32).device(device));
  const torch::Tensor distance = (position.unsqueeze(0) - position.unsqueeze(1)).abs();
  const torch::Tensor rate = torch::pow(0.25, torch::arange(heads, position.options())) * 0.5;
  return -(rate.view({1, heads, 1, 1}) * distance);
}

// A residual convolution over time, self-attention, feed-forward; norms before each.
class ListenerBlockImpl : public torch::nn::Module {
 public:
  explicit ListenerBlockImpl(const LogMelConfig& config) : heads_(config.heads), kernel_(config.kernel) {
    const std::int64_t d = config.width;
    conv_norm_ = register_module("conv_norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({d})));
    conv_ = register_module("conv", torch::nn::Linear(kernel_ * d, d));
    attention_norm_ = register_module("attention_norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({d})));
    qkv_ = register_module("qkv", torch::nn::Linear(d, 3 * d));
    out_ = register_module("out", torch::nn::Linear(d, d));
    forward_norm_ = register_module("forward_norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({d})));
    expand_ = register_module("expand", torch::nn::Linear(d, config.feed_forward));
    reduce_ = register_module("reduce", torch::nn::Linear(config.feed_forward, d));
    dropout_ = register_module("dropout", torch::nn::Dropout(config.dropout));
  }

  // mask [batch, frames, 1], bias added to attention logits.
  torch::Tensor forward(torch::Tensor x, const torch::Tensor& mask, const torch::Tensor& bias) {
    x = x + dropout_(torch::silu(conv_(neighbours(norm(conv_norm_, x) * mask, kernel_))));
    const std::int64_t batch = x.size(0), frames = x.size(1), width = x.size(2);
    const auto parts = qkv_(norm(attention_norm_, x)).view({batch, frames, 3, heads_, width / heads_}).permute({2, 0, 3, 1, 4});
    const torch::Tensor read = nn::attention(parts[0], parts[1], parts[2], bias).transpose(1, 2).reshape({batch, frames, width});
    x = x + dropout_(out_(read));
    return (x + dropout_(reduce_(torch::silu(expand_(norm(forward_norm_, x)))))) * mask;
  }

 private:
  std::int64_t heads_, kernel_;
  torch::nn::LayerNorm conv_norm_{nullptr}, attention_norm_{nullptr}, forward_norm_{nullptr};
  torch::nn::Linear conv_{nullptr}, qkv_{nullptr}, out_{nullptr}, expand_{nullptr}, reduce_{nullptr};
  torch::nn::Dropout dropout_{nullptr};
};
TORCH_MODULE(ListenerBlock);

// [batch, frames, 1], 1 = real.
torch::Tensor length_mask(const std::vector<std::int64_t>& lengths, std::int64_t frames, const torch::Device& device) {
  const torch::Tensor real = torch::tensor(lengths, torch::kInt64).to(device).unsqueeze(1);
  return (torch::arange(frames, torch::TensorOptions().device(device)).unsqueeze(0) < real).to(torch::kFloat32).unsqueeze(2);
}

std::vector<std::int64_t> halved(std::vector<std::int64_t> lengths) {
  for (std::int64_t& length : lengths) length = (length + 1) / 2;
  return lengths;
}

}  // namespace

LogMelNetImpl::LogMelNetImpl(const LogMelConfig& config, std::int64_t symbols) : config_(config) {
  const auto conv = [](std::int64_t in, std::int64_t out) {
    return torch::nn::Conv1d(torch::nn::Conv1dOptions(in, out, 5).stride(2).padding(2));
  };
  const auto layer_norm = [](std::int64_t width) { return torch::nn::LayerNorm(torch::nn::LayerNormOptions({width})); };
  stem1_ = register_module("stem1", conv(config.mels, config.stem));
  stem1_norm_ = register_module("stem1_norm", layer_norm(config.stem));
  stem2_ = register_module("stem2", conv(config.stem, config.width));
  stem2_norm_ = register_module("stem2_norm", layer_norm(config.width));
  blocks_ = register_module("blocks", torch::nn::ModuleList());
  for (std::int64_t i = 0; i < config.layers; ++i) blocks_->push_back(ListenerBlock(config));
  last_norm_ = register_module("last_norm", layer_norm(config.width));
  up_ = register_module("up", torch::nn::Linear(config.width, 2 * config.stem));
  skip_ = register_module("skip", torch::nn::Linear(config.stem, config.stem));
  join_norm_ = register_module("join_norm", layer_norm(config.stem));
  join_ = register_module("join", torch::nn::Linear(3 * config.stem, config.stem));
  characters_ = register_module("characters", torch::nn::Linear(config.stem, symbols));
  words_ = register_module("words", torch::nn::Linear(config.stem, 2));
}

ListenerOutput LogMelNetImpl::forward(const torch::Tensor& mel, const std::vector<std::int64_t>& lengths) {
  const torch::Device device = mel.device();
  const torch::Tensor mask0 = length_mask(lengths, mel.size(1), device);
  torch::Tensor fine = stem1_((mel * mask0).transpose(1, 2)).transpose(1, 2);
  const std::vector<std::int64_t> lengths1 = halved(lengths);
  const torch::Tensor mask1 = length_mask(lengths1, fine.size(1), device);
  fine = torch::silu(norm(stem1_norm_, fine.contiguous())) * mask1;

  torch::Tensor x = stem2_(fine.transpose(1, 2)).transpose(1, 2);
  const torch::Tensor mask2 = length_mask(halved(lengths1), x.size(1), device);
  x = torch::silu(norm(stem2_norm_, x.contiguous())) * mask2;
  const torch::Tensor bias =
      distance_penalty(config_.heads, x.size(1), device) + (mask2.view({x.size(0), 1, 1, x.size(1)}) - 1) * 1e9;
  for (const auto& block : *blocks_) x = block->as<ListenerBlock>()->forward(x, mask2, bias);

  const torch::Tensor up = up_(norm(last_norm_, x)).reshape({x.size(0), 2 * x.size(1), config_.stem}).narrow(1, 0, fine.size(1));
  torch::Tensor y = up + skip_(fine);
  y = y + torch::silu(join_(neighbours(norm(join_norm_, y) * mask1, 3)));
  ListenerOutput output;
  output.log_probs = torch::log_softmax(characters_(y).to(torch::kFloat32), -1);
  const torch::Tensor words = words_(y).to(torch::kFloat32);
  output.starts = words.select(-1, 0);
  output.inside = words.select(-1, 1);
  return output;
}

torch::Tensor normalize_mel(const torch::Tensor& mel) {
  constexpr double kRange = 16.118;      // 70 dB in nats of energy
  constexpr double kLeastDeviation = 1;  // nats
  const torch::Tensor x = mel.to(torch::kFloat32);
  const torch::Tensor raised = torch::max(x, x.max() - kRange);
  const torch::Tensor centred = raised - raised.mean(0, true);
  return centred / centred.pow(2).mean(0, true).sqrt().clamp_min(kLeastDeviation);
}

torch::Tensor listener_mel(std::span<const float> samples, std::int64_t mels) {
  signal::LogMelOptions options;
  options.mels = int(mels);
  std::vector<float> padded;
  if (samples.size() < std::size_t(options.window)) {
    padded.assign(samples.begin(), samples.end());
    padded.resize(std::size_t(options.window), 0.0f);
    samples = padded;
  }
  signal::Features features = signal::log_mel(samples, options);
  return normalize_mel(torch::from_blob(features.values.data(), {features.frames, features.bins}, torch::kFloat32));
}

}  // namespace reamo::grounder
