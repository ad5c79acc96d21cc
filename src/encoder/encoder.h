// The encoder as the pipeline uses it: plain pictures, sound, frames and strings in, feature vectors out.
#pragma once

#include <torch/torch.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "encoder/imagebind.h"
#include "nn/clip_tokenizer.h"
#include "signal/audio.h"
#include "signal/image.h"

namespace reamo::encoder {

struct EncoderOptions {
  torch::Device device = torch::kCPU;
  torch::ScalarType precision = torch::kFloat32;  // kBFloat16: products in bf16
};

// Cheap to copy (shares the weights). encode_* run without gradients in evaluation mode and give fp32 on the CPU.
class Encoder {
 public:
  // With fresh weights, for training.
  static Encoder from_json(const nlohmann::json& config, const EncoderOptions& options = {});
  // With the weights of a safetensors file, and the vocabulary (nn::ClipTokenizer::open) where there is a text tower.
  static Encoder open(const nlohmann::json& config, const std::filesystem::path& weights,
                      const std::optional<std::filesystem::path>& vocabulary = std::nullopt, const EncoderOptions& options = {});

  torch::Tensor encode_image(const signal::Image& image) const;                      // [config().image_tokens(), width]
  torch::Tensor encode_images(const std::vector<signal::Image>& images) const;       // [images, tokens, width]
  // Film: all frames in order with their times, or only the frames that video_frames() asks for, clip by clip.
  torch::Tensor encode_video(const std::vector<signal::Frame>& frames) const;        // [config().video_tokens(), width]
  torch::Tensor encode_video(const std::vector<std::vector<signal::Image>>& clips) const;
  // Indices of the frames of each clip, of a film of `count` frames at `frame_rate` frames a second.
  std::vector<std::vector<std::int64_t>> video_frames(std::int64_t count, double frame_rate) const;
  torch::Tensor encode_audio(const signal::Audio& audio) const;                      // [config().audio_tokens(), width]
  torch::Tensor encode_text(const std::vector<std::string>& texts) const;            // [texts, width]

  // One normalised vector of what encode_* gave: their mean, over its length. [width]
  static torch::Tensor pooled(const torch::Tensor& tokens);

  // Preprocessing alone, for training: module inputs without the batch dimension.
  torch::Tensor image_input(const signal::Image& image) const;                       // [3, size, size]
  torch::Tensor video_input(const std::vector<std::vector<signal::Image>>& clips) const;  // [clips * views, 3, frames, size, size]
  torch::Tensor audio_input(const signal::Audio& audio) const;                       // [clips, 1, mels, frames]

  bool has(Modality modality) const { return config().has(modality); }
  const EncoderConfig& config() const { return module_->config(); }
  int width() const { return config().output_width; }
  ImageBind module() const { return module_; }
  void set_tokenizer(std::shared_ptr<const nn::ClipTokenizer> tokenizer) { tokenizer_ = std::move(tokenizer); }

 private:
  explicit Encoder(ImageBind module, const EncoderOptions& options) : module_(std::move(module)), options_(options) {}
  torch::Tensor run(Modality modality, const torch::Tensor& batch) const;

  ImageBind module_;
  EncoderOptions options_;
  std::shared_ptr<const nn::ClipTokenizer> tokenizer_;
};

}  // namespace reamo::encoder
