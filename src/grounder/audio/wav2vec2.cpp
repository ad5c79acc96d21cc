#include "grounder/audio/wav2vec2.h"

#include <algorithm>
#include <cmath>

#include "ie/error.h"
#include "nn/functional.h"
#include "nn/weights.h"

namespace reamo::grounder {
namespace {

using torch::nn::Conv1d;
using torch::nn::LayerNorm;
using torch::nn::Linear;
using torch::nn::Module;
using torch::nn::ModuleList;

template <typename T>
void read(const nlohmann::json& json, const char* key, T& value) {
  if (!json.contains(key) || json.at(key).is_null()) return;
  try {
    value = json.at(key).get<T>();
  } catch (const nlohmann::json::exception&) {
    throw Error(std::string("wav2vec2 configuration: /") + key + " has the wrong type");
  }
}

void require(bool condition, const std::string& what) {
  if (!condition) throw Error("wav2vec2 configuration: " + what);
}

LayerNorm layer_norm(std::int64_t width, double eps) {
  return LayerNorm(torch::nn::LayerNormOptions({width}).eps(eps));
}

torch::Tensor apply_norm(LayerNorm& norm, const torch::Tensor& x) {
  return nn::layer_norm(x, norm->weight, norm->bias, norm->options.eps());
}

// One layer of the convolution stack. In group style the first layer's `layer_norm` normalises each channel over time.
class ConvLayerImpl : public Module {
 public:
  ConvLayerImpl(const Wav2Vec2Config& config, std::size_t index) : group_(config.feat_extract_norm == "group") {
    const std::int64_t in = index == 0 ? 1 : config.conv_dim[index - 1], out = config.conv_dim[index];
    conv_ = register_module("conv", Conv1d(torch::nn::Conv1dOptions(in, out, config.conv_kernel[index])
                                               .stride(config.conv_stride[index])
                                               .bias(config.conv_bias)));
    if (!group_ || index == 0) norm_ = register_module("layer_norm", layer_norm(out, 1e-5));
  }

  torch::Tensor forward(torch::Tensor x) {
    x = conv_(x);
    if (!norm_.is_empty()) {
      x = group_ ? torch::group_norm(x.to(torch::kFloat32), x.size(1), norm_->weight, norm_->bias, 1e-5)
                 : apply_norm(norm_, x.transpose(1, 2)).transpose(1, 2);
    }
    return nn::gelu(x);
  }

 private:
  bool group_;
  Conv1d conv_{nullptr};
  LayerNorm norm_{nullptr};
};
TORCH_MODULE(ConvLayer);

class AttentionImpl : public Module {
 public:
  AttentionImpl(std::int64_t width, std::int64_t heads) : heads_(heads) {
    q_ = register_module("q_proj", Linear(width, width));
    k_ = register_module("k_proj", Linear(width, width));
    v_ = register_module("v_proj", Linear(width, width));
    out_ = register_module("out_proj", Linear(width, width));
  }

  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& bias) {
    const std::int64_t batch = x.size(0), frames = x.size(1), width = x.size(2);
    const auto split = [&](const torch::Tensor& y) { return y.view({batch, frames, heads_, width / heads_}).transpose(1, 2); };
    const torch::Tensor read = nn::attention(split(q_(x)), split(k_(x)), split(v_(x)), bias);
    return out_(read.transpose(1, 2).reshape({batch, frames, width}));
  }

 private:
  std::int64_t heads_;
  Linear q_{nullptr}, k_{nullptr}, v_{nullptr}, out_{nullptr};
};
TORCH_MODULE(Attention);

class FeedForwardImpl : public Module {
 public:
  FeedForwardImpl(std::int64_t width, std::int64_t inner) {
    intermediate_ = register_module("intermediate_dense", Linear(width, inner));
    output_ = register_module("output_dense", Linear(inner, width));
  }
  torch::Tensor forward(const torch::Tensor& x) { return output_(nn::gelu(intermediate_(x))); }

 private:
  Linear intermediate_{nullptr}, output_{nullptr};
};
TORCH_MODULE(FeedForward);

class EncoderLayerImpl : public Module {
 public:
  explicit EncoderLayerImpl(const Wav2Vec2Config& config) : pre_norm_(config.do_stable_layer_norm) {
    attention_ = register_module("attention", Attention(config.hidden_size, config.num_attention_heads));
    norm1_ = register_module("layer_norm", layer_norm(config.hidden_size, config.layer_norm_eps));
    feed_forward_ = register_module("feed_forward", FeedForward(config.hidden_size, config.intermediate_size));
    norm2_ = register_module("final_layer_norm", layer_norm(config.hidden_size, config.layer_norm_eps));
  }

  torch::Tensor forward(torch::Tensor x, const torch::Tensor& bias) {
    if (pre_norm_) {
      x = x + attention_(apply_norm(norm1_, x), bias);
      return x + feed_forward_(apply_norm(norm2_, x));
    }
    x = apply_norm(norm1_, x + attention_(x, bias));
    return apply_norm(norm2_, x + feed_forward_(x));
  }

 private:
  bool pre_norm_;
  Attention attention_{nullptr};
  FeedForward feed_forward_{nullptr};
  LayerNorm norm1_{nullptr}, norm2_{nullptr};
};
TORCH_MODULE(EncoderLayer);

// Rows of lengths as [rows, size], 1 before the length.
torch::Tensor rows_mask(const std::vector<std::int64_t>& lengths, std::int64_t size) {
  return torch::arange(size).unsqueeze(0) < torch::tensor(lengths, torch::kInt64).unsqueeze(1);
}

}  // namespace

Wav2Vec2Config wav2vec2_config(const nlohmann::json& json) {
  if (!json.is_object()) throw Error("wav2vec2 configuration: not a JSON object");
  Wav2Vec2Config config;
  read(json, "feat_extract_norm", config.feat_extract_norm);
  read(json, "conv_bias", config.conv_bias);
  read(json, "do_stable_layer_norm", config.do_stable_layer_norm);
  read(json, "hidden_size", config.hidden_size);
  read(json, "num_hidden_layers", config.num_hidden_layers);
  read(json, "num_attention_heads", config.num_attention_heads);
  read(json, "intermediate_size", config.intermediate_size);
  read(json, "conv_dim", config.conv_dim);
  read(json, "conv_kernel", config.conv_kernel);
  read(json, "conv_stride", config.conv_stride);
  read(json, "num_conv_pos_embeddings", config.num_conv_pos_embeddings);
  read(json, "num_conv_pos_embedding_groups", config.num_conv_pos_embedding_groups);
  read(json, "layer_norm_eps", config.layer_norm_eps);
  read(json, "vocab_size", config.vocab_size);
  read(json, "keep_layers", config.keep_layers);
  read(json, "final_layer_norm", config.final_layer_norm);
  const auto in_range = [](std::int64_t value, std::int64_t low) { return value >= low && value <= 1000000; };
  require(config.feat_extract_norm == "group" || config.feat_extract_norm == "layer", "/feat_extract_norm is neither group nor layer");
  require(config.conv_dim.size() == config.conv_kernel.size() && config.conv_dim.size() == config.conv_stride.size() &&
              !config.conv_dim.empty() && config.conv_dim.size() <= 32,
          "/conv_dim, /conv_kernel and /conv_stride differ in length or are empty");
  for (std::size_t i = 0; i < config.conv_dim.size(); ++i) {
    require(in_range(config.conv_dim[i], 1) && in_range(config.conv_kernel[i], 1) && in_range(config.conv_stride[i], 1),
            "the convolution stack has a size that is not positive");
  }
  require(in_range(config.hidden_size, 1) && in_range(config.num_hidden_layers, 0) && in_range(config.intermediate_size, 1) &&
              in_range(config.num_attention_heads, 1) && in_range(config.vocab_size, 0) &&
              in_range(config.num_conv_pos_embeddings, 1) && in_range(config.num_conv_pos_embedding_groups, 1),
          "a size is out of range");
  require(config.hidden_size % config.num_attention_heads == 0, "/hidden_size is no multiple of /num_attention_heads");
  require(config.hidden_size % config.num_conv_pos_embedding_groups == 0,
          "/hidden_size is no multiple of /num_conv_pos_embedding_groups");
  require(config.keep_layers >= 0 && config.keep_layers <= config.num_hidden_layers, "/keep_layers is more than there are");
  return config;
}

nlohmann::json to_json(const Wav2Vec2Config& config) {
  return {{"feat_extract_norm", config.feat_extract_norm},
          {"conv_bias", config.conv_bias},
          {"do_stable_layer_norm", config.do_stable_layer_norm},
          {"hidden_size", config.hidden_size},
          {"num_hidden_layers", config.num_hidden_layers},
          {"num_attention_heads", config.num_attention_heads},
          {"intermediate_size", config.intermediate_size},
          {"conv_dim", config.conv_dim},
          {"conv_kernel", config.conv_kernel},
          {"conv_stride", config.conv_stride},
          {"num_conv_pos_embeddings", config.num_conv_pos_embeddings},
          {"num_conv_pos_embedding_groups", config.num_conv_pos_embedding_groups},
          {"layer_norm_eps", config.layer_norm_eps},
          {"vocab_size", config.vocab_size},
          {"keep_layers", config.keep_layers},
          {"final_layer_norm", config.final_layer_norm}};
}

std::int64_t frame_count(const Wav2Vec2Config& config, std::int64_t samples) {
  for (std::size_t i = 0; i < config.conv_kernel.size(); ++i) {
    if (samples < config.conv_kernel[i]) return 0;
    samples = (samples - config.conv_kernel[i]) / config.conv_stride[i] + 1;
  }
  return samples;
}

torch::Tensor normalize_stock(const torch::Tensor& waves, const std::vector<std::int64_t>& lengths, bool masked) {
  torch::Tensor result = torch::zeros_like(waves, torch::kFloat32);
  for (std::int64_t row = 0; row < waves.size(0); ++row) {
    const std::int64_t length = masked ? lengths.at(std::size_t(row)) : waves.size(1);
    const torch::Tensor wave = waves[row].narrow(0, 0, length).to(torch::kFloat32);
    const torch::Tensor centred = wave - wave.mean();
    result[row].narrow(0, 0, length).copy_(centred / torch::sqrt(centred.pow(2).mean() + 1e-7));
  }
  return result;
}

Wav2Vec2Impl::Wav2Vec2Impl(const Wav2Vec2Config& config) : config_(config) {
  auto extractor = register_module("feature_extractor", torch::nn::ModuleDict());
  conv_layers_ = ModuleList();
  for (std::size_t i = 0; i < config.conv_dim.size(); ++i) conv_layers_->push_back(ConvLayer(config, i));
  extractor->register_module("conv_layers", conv_layers_);

  auto projection = register_module("feature_projection", torch::nn::ModuleDict());
  projection_norm_ = projection->register_module("layer_norm", layer_norm(config.conv_dim.back(), config.layer_norm_eps));
  projection_ = projection->register_module("projection", Linear(config.conv_dim.back(), config.hidden_size));

  auto encoder = register_module("encoder", torch::nn::ModuleDict());
  auto position = encoder->register_module("pos_conv_embed", torch::nn::ModuleDict());
  auto conv = position->register_module("conv", torch::nn::ModuleDict());
  const std::int64_t kernel = config.num_conv_pos_embeddings;
  position_bias_ = conv->register_parameter("bias", torch::zeros({config.hidden_size}));
  position_v_ = conv->register_parameter(
      "weight_v", torch::randn({config.hidden_size, config.hidden_size / config.num_conv_pos_embedding_groups, kernel}) *
                      std::sqrt(4.0 / double(kernel * config.hidden_size)));
  position_g_ = conv->register_parameter("weight_g", position_v_.detach().pow(2).sum(at::IntArrayRef{0, 1}, true).sqrt());
  encoder_norm_ = encoder->register_module("layer_norm", layer_norm(config.hidden_size, config.layer_norm_eps));
  layers_ = ModuleList();
  for (std::int64_t i = 0; i < config.layers(); ++i) layers_->push_back(EncoderLayer(config));
  encoder->register_module("layers", layers_);
}

torch::Tensor Wav2Vec2Impl::extract(const torch::Tensor& waves) {
  torch::Tensor x = waves.unsqueeze(1);
  for (const auto& layer : *conv_layers_) x = layer->as<ConvLayer>()->forward(x);
  return x.transpose(1, 2);
}

torch::Tensor Wav2Vec2Impl::position(const torch::Tensor& x) {
  const torch::Tensor weight = position_v_ * (position_g_ / position_v_.pow(2).sum(at::IntArrayRef{0, 1}, true).sqrt());
  const std::int64_t kernel = config_.num_conv_pos_embeddings;
  torch::Tensor y = torch::conv1d(x.transpose(1, 2), weight, position_bias_, 1, kernel / 2, 1,
                                  config_.num_conv_pos_embedding_groups);
  if (kernel % 2 == 0) y = y.narrow(2, 0, y.size(2) - 1);
  return nn::gelu(y).transpose(1, 2);
}

Wav2Vec2Output Wav2Vec2Impl::forward(const torch::Tensor& waves, const torch::Tensor& mask, bool keep_states) {
  if (waves.dim() != 2 || frame_count(config_, waves.size(1)) < 1) {
    throw Error("sound of " + std::to_string(waves.size(-1)) + " samples is too short for a frame");
  }
  Wav2Vec2Output output;
  output.conv_features = extract(waves);
  torch::Tensor x = apply_norm(projection_norm_, output.conv_features);
  x = output.projected = projection_(x);

  torch::Tensor bias;
  if (mask.defined()) {
    std::vector<std::int64_t> frames;
    for (std::int64_t row = 0; row < mask.size(0); ++row) {
      frames.push_back(frame_count(config_, mask[row].sum().item<std::int64_t>()));
      if (frames.back() < 1) throw Error("a masked row has too few samples for a frame");
    }
    output.frame_mask = rows_mask(frames, x.size(1)).to(x.device());
    x = x * output.frame_mask.unsqueeze(2).to(x.scalar_type());
    bias = torch::zeros({x.size(0), 1, 1, x.size(1)}, torch::TensorOptions().device(x.device()))
               .masked_fill(output.frame_mask.logical_not().unsqueeze(1).unsqueeze(1), std::numeric_limits<float>::lowest());
  }
  x = x + position(x);
  if (!config_.do_stable_layer_norm) x = apply_norm(encoder_norm_, x);
  if (keep_states) output.hidden_states.push_back(x);
  for (const auto& layer : *layers_) {
    x = layer->as<EncoderLayer>()->forward(x, bias);
    if (keep_states) output.hidden_states.push_back(x);
  }
  if (config_.do_stable_layer_norm && config_.final_layer_norm) {
    x = apply_norm(encoder_norm_, x);
    if (keep_states) output.hidden_states.back() = x;
  }
  output.last = x;
  return output;
}

Wav2Vec2CtcImpl::Wav2Vec2CtcImpl(const Wav2Vec2Config& config) {
  wav2vec2 = register_module("wav2vec2", Wav2Vec2(config));
  if (config.vocab_size > 0) lm_head = register_module("lm_head", Linear(config.hidden_size, config.vocab_size));
}

torch::Tensor Wav2Vec2CtcImpl::logits(const Wav2Vec2Output& output) {
  if (lm_head.is_empty()) throw Error("this wav2vec2 model has no CTC head: it cannot spell");
  return lm_head(output.last);
}

void load_wav2vec2(Module& model, const std::map<std::string, torch::Tensor>& tensors, const std::string& where) {
  // Names as the module has them: with `wav2vec2.` in front exactly if its own start with it.
  const std::string prefix = "wav2vec2.";
  const auto names = model.named_parameters();
  bool prefixed = false;
  for (const auto& item : names) prefixed = prefixed || item.key().rfind(prefix, 0) == 0;
  const auto ends_with = [](const std::string& text, const std::string& end) {
    return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
  };
  std::map<std::string, torch::Tensor> renamed;
  for (const auto& [key, tensor] : tensors) {
    std::string name = key.rfind(prefix, 0) == 0 ? key.substr(prefix.size()) : key;
    const std::string old = "parametrizations.weight.original";
    if (const std::size_t at = name.find(old); at != std::string::npos) {
      name = name.substr(0, at) + (ends_with(name, "0") ? "weight_g" : "weight_v");
    }
    const bool own = name.rfind("feature_", 0) == 0 || name.rfind("encoder.", 0) == 0;
    renamed[(prefixed && own ? prefix : "") + name] = tensor;
  }
  nn::load(model, renamed, where);
}

void load_wav2vec2(Module& model, const store::TensorFile& file) {
  std::map<std::string, torch::Tensor> tensors;
  for (const auto& [name, view] : file.tensors()) tensors[name] = nn::to_tensor(view);
  load_wav2vec2(model, tensors, file.path().string());
}

}  // namespace reamo::grounder
