// wav2vec 2.0 with its published tensor names, both styles (parity/AUDIO.md section 2).
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "store/tensor_file.h"

namespace reamo::grounder {

// Keys of the published config.json, and `keep_layers` (of num_hidden_layers; 0: all) and `final_layer_norm` (pre-norm
// style only) of the cut encoder that SHAS uses.
struct Wav2Vec2Config {
  std::string feat_extract_norm = "group";   // group (base) or layer (XLS-R)
  bool conv_bias = false;
  bool do_stable_layer_norm = false;         // pre-norm layers
  std::int64_t hidden_size = 768, num_hidden_layers = 12, num_attention_heads = 12, intermediate_size = 3072;
  std::vector<std::int64_t> conv_dim{512, 512, 512, 512, 512, 512, 512};
  std::vector<std::int64_t> conv_kernel{10, 3, 3, 3, 3, 2, 2};
  std::vector<std::int64_t> conv_stride{5, 2, 2, 2, 2, 2, 2};
  std::int64_t num_conv_pos_embeddings = 128, num_conv_pos_embedding_groups = 16;
  double layer_norm_eps = 1e-5;
  std::int64_t vocab_size = 32;              // 0: no CTC head
  std::int64_t keep_layers = 0;
  bool final_layer_norm = true;

  std::int64_t layers() const { return keep_layers > 0 ? keep_layers : num_hidden_layers; }
};
// Other keys of a published file are ignored; impossible values are an Error.
Wav2Vec2Config wav2vec2_config(const nlohmann::json& json);
nlohmann::json to_json(const Wav2Vec2Config& config);

// Frames of so many samples; 0 under 400 samples (published kernels).
std::int64_t frame_count(const Wav2Vec2Config& config, std::int64_t samples);

// Input normalisation of the stock feature extractor: mean 0, variance 1 (population, 1e-7) over the real samples; with a
// mask padding becomes 0, without one it counts as samples. waves [batch, samples], lengths per row.
torch::Tensor normalize_stock(const torch::Tensor& waves, const std::vector<std::int64_t>& lengths, bool masked);

struct Wav2Vec2Output {
  torch::Tensor conv_features;               // [batch, frames, conv_dim]
  torch::Tensor projected;                   // [batch, frames, hidden]
  torch::Tensor frame_mask;                  // [batch, frames] bool; undefined without a mask
  std::vector<torch::Tensor> hidden_states;  // input of layer 0, then each layer's output, the last one normed
  torch::Tensor last;                        // = hidden_states.back()
};

class Wav2Vec2Impl : public torch::nn::Module {
 public:
  explicit Wav2Vec2Impl(const Wav2Vec2Config& config);
  // waves [batch, samples], normalised. mask [batch, samples], 1 = real; each row needs as many real samples as give a
  // frame, else Error. `keep_states`: fill hidden_states beyond the last.
  Wav2Vec2Output forward(const torch::Tensor& waves, const torch::Tensor& mask = {}, bool keep_states = false);
  const Wav2Vec2Config& config() const { return config_; }

 private:
  torch::Tensor extract(const torch::Tensor& waves);
  torch::Tensor position(const torch::Tensor& x);

  Wav2Vec2Config config_;
  torch::nn::ModuleList conv_layers_{nullptr}, layers_{nullptr};
  torch::nn::LayerNorm projection_norm_{nullptr}, encoder_norm_{nullptr};
  torch::nn::Linear projection_{nullptr};
  torch::Tensor position_g_, position_v_, position_bias_;  // weight norm over output and input channels, per kernel position
};
TORCH_MODULE(Wav2Vec2);

// `wav2vec2.*` and `lm_head.*`.
class Wav2Vec2CtcImpl : public torch::nn::Module {
 public:
  explicit Wav2Vec2CtcImpl(const Wav2Vec2Config& config);
  // [batch, frames, vocabulary].
  torch::Tensor logits(const Wav2Vec2Output& output);

  Wav2Vec2 wav2vec2{nullptr};
  torch::nn::Linear lm_head{nullptr};  // undefined where the vocabulary is empty
};
TORCH_MODULE(Wav2Vec2Ctc);

// Loads names with or without `wav2vec2.` in front, old or new names of the positional weights; training-only tensors
// and layers beyond keep_layers are passed over. Error naming everything that is missing.
void load_wav2vec2(torch::nn::Module& model, const std::map<std::string, torch::Tensor>& tensors, const std::string& where);
void load_wav2vec2(torch::nn::Module& model, const store::TensorFile& file);

}  // namespace reamo::grounder
