#include "encoder/imagebind.h"

#include <cmath>

#include "ie/error.h"
#include "nn/functional.h"

namespace reamo::encoder {
namespace {

// Gives a level to the names of its children.
struct GroupImpl : torch::nn::Module {
  using Module::register_module;
};
TORCH_MODULE(Group);

std::int64_t dimensions_without_clips(Modality modality) { return modality == Modality::kText ? 2 : modality == Modality::kImu ? 3 : 4; }

}  // namespace

ImageBindImpl::ImageBindImpl(const EncoderConfig& config, bool initialize) : config_(config) {
  Group preprocessors, trunks, heads, postprocessors, times;
  for (const auto& [modality, tower] : config_.towers) {
    const std::string name = name_of(modality);
    Parts parts;
    parts.preprocessor = preprocessors->register_module(name, Preprocessor(modality, tower, config_.stem_epsilon));
    parts.trunk = trunks->register_module(name, Trunk(modality, tower, config_.block_epsilon));
    parts.head = heads->register_module(name, Head(modality, tower, config_.output_width, config_.head_epsilon));
    if (modality != Modality::kVision && tower.tokens == 0) {
      Group list;  // index 0 normalises
      parts.scale = list->register_module("1", LogitScale(modality, config_.max_logit_scale));
      postprocessors->register_module(name, list);
    }
    if (tower.tokens > 0) {
      const int moments = modality == Modality::kVision ? config_.video.clips : config_.audio.clips;
      parts.time = times->register_module(name, TimeEmbedding(moments, config_.output_width));
    }
    if (initialize) {
      parts.preprocessor->initialize();
      parts.trunk->initialize();
      parts.head->initialize();
      if (!parts.time.is_empty()) parts.time->initialize();
    }
    parts_.emplace(modality, parts);
  }
  register_module("modality_preprocessors", preprocessors);
  register_module("modality_trunks", trunks);
  register_module("modality_heads", heads);
  if (!postprocessors->children().empty()) register_module("modality_postprocessors", postprocessors);
  if (!times->children().empty()) register_module("modality_times", times);
}

nn::ResNet ImageBindImpl::conv_stem(Modality modality) {
  config_.tower(modality);
  return parts_.at(modality).preprocessor->conv_stem();
}

torch::Tensor ImageBindImpl::forward(Modality modality, const torch::Tensor& input, Trace* trace) {
  const TowerConfig& tower = config_.tower(modality);
  return tower.tokens > 0 ? forward_tokens(modality, input, trace) : forward_vector(modality, input, trace);
}

torch::Tensor ImageBindImpl::forward_vector(Modality modality, const torch::Tensor& input, Trace* trace) {
  Parts& parts = parts_.at(modality);
  const std::string name = name_of(modality);
  const bool clips = input.dim() >= 5;
  const std::int64_t batch = input.size(0), count = clips ? input.size(1) : 1;
  const torch::Tensor flat = clips ? input.flatten(0, 1) : input;
  std::int64_t height = 0, width = 0;
  torch::Tensor x = parts.preprocessor->forward(flat, height, width);
  const std::int64_t frames = x.size(0) / flat.size(0);
  if (trace != nullptr) (*trace)[name + ".tokens"] = x;
  x = parts.trunk->forward(x, name, trace);
  // The class token, or the text's row of the largest id.
  x = modality == Modality::kText ? x.index({torch::arange(x.size(0), flat.device()), flat.argmax(1)}) : x.select(1, 0);
  x = parts.head->forward(x).to(torch::kFloat32);
  if (frames > 1) x = x.reshape({-1, frames, x.size(1)}).mean(1);
  if (trace != nullptr) (*trace)[name + ".head"] = x;
  x = nn::l2_normalize(x);
  if (trace != nullptr) (*trace)[name + ".l2_normalized"] = x;
  const bool reamo = config_.variant == Variant::kReamo;
  if (!parts.scale.is_empty() && !(reamo && modality == Modality::kAudio)) {
    x = parts.scale->forward(x);
    if (trace != nullptr) (*trace)[name + ".scaled"] = x;
  }
  if (clips) x = x.reshape({batch, count, x.size(1)}).mean(1);
  if (reamo) x = x.unsqueeze(1);
  if (trace != nullptr) (*trace)[name + ".output"] = x;
  return x;
}

torch::Tensor ImageBindImpl::patches(Modality modality, const torch::Tensor& flat, Trace* trace, std::int64_t& rows,
                                     std::int64_t& columns) {
  Parts& parts = parts_.at(modality);
  const TowerConfig& tower = config_.tower(modality);
  const std::string name = name_of(modality);
  torch::Tensor x = parts.preprocessor->forward(flat, rows, columns);
  const std::int64_t frames = x.size(0) / flat.size(0);
  if (trace != nullptr) (*trace)[name + ".tokens"] = x;
  x = parts.trunk->forward(x, name, trace);
  if (tower.has_class_token()) x = x.slice(1, 1);
  x = parts.head->forward(x).to(torch::kFloat32);
  if (frames > 1) x = x.reshape({-1, frames, x.size(1), x.size(2)}).mean(1);
  return x;
}

torch::Tensor ImageBindImpl::forward_tokens(Modality modality, const torch::Tensor& input, Trace* trace) {
  Parts& parts = parts_.at(modality);
  const TowerConfig& tower = config_.tower(modality);
  const bool clips = input.dim() > dimensions_without_clips(modality);
  const std::int64_t batch = input.size(0), count = clips ? input.size(1) : 1;
  std::int64_t rows = 0, columns = 0;
  torch::Tensor x = patches(modality, clips ? input.flatten(0, 1) : input, trace, rows, columns);
  int tokens = tower.tokens;
  if (modality == Modality::kVision && clips && config_.video.tokens > 0) tokens = config_.video.tokens;
  std::int64_t grid_rows = 1, grid_columns = tokens;
  if (modality == Modality::kVision) grid_rows = grid_columns = std::llround(std::sqrt(double(tokens)));
  x = x.transpose(1, 2).reshape({x.size(0), x.size(2), rows, columns});
  x = torch::adaptive_avg_pool2d(x, {grid_rows, grid_columns}).flatten(2).transpose(1, 2);  // [batch * count, tokens, width]
  if (clips) {
    // Film may come as several views of a moment: their mean.
    const std::int64_t moments = modality == Modality::kVision ? config_.video.clips : config_.audio.clips;
    if (count % moments != 0) {
      throw Error("the " + name_of(modality) + " tower takes " + std::to_string(moments) + " clips, not " + std::to_string(count));
    }
    x = x.reshape({batch, moments, count / moments, tokens, x.size(2)}).mean(2);
    x = parts.time->forward(x).flatten(1, 2);
  }
  if (trace != nullptr) (*trace)[name_of(modality) + ".output"] = x;
  return x;
}

torch::Tensor ImageBindImpl::grid(Modality modality, const torch::Tensor& input) {
  config_.tower(modality);
  if (modality == Modality::kText || modality == Modality::kImu) throw Error("the " + name_of(modality) + " tower has no grid");
  std::int64_t rows = 0, columns = 0;
  const torch::Tensor x = patches(modality, input, nullptr, rows, columns);
  return x.reshape({x.size(0), rows, columns, x.size(2)});
}

}  // namespace reamo::encoder
