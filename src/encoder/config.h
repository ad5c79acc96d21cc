// Sizes and variants of the encoder. The defaults are the published "huge" model (parity/IMAGEBIND.md 2).
#pragma once

#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "nn/resnet.h"

namespace reamo::encoder {

enum class Modality { kVision, kText, kAudio, kDepth, kThermal, kImu };
constexpr std::array<Modality, 6> kModalities = {Modality::kVision, Modality::kText,    Modality::kAudio,
                                                 Modality::kDepth,  Modality::kThermal, Modality::kImu};
std::string name_of(Modality modality);  // "vision", "text", ..

// What cuts a picture (or a spectrogram) into tokens.
enum class Stem {
  kPatch,  // published: one convolution whose kernel is a patch
  kConv,   // nn::ResNet, its map at stride 16, one linear layer
};
// How a picture is brought to the model's square.
enum class Fit {
  kCrop,     // published: shorter side to size, centre crop
  kPad,      // published in training: pasted on a square of the mean colour first
  kStretch,  // the whole picture, both sides to size
};
// Where clips of a recording start (parity/IMAGEBIND.md 5.2).
enum class Spacing { kInclusive, kExclusive };
// What is done with the vectors of clips.
enum class Variant {
  kPublished,  // [batch, width]
  kReamo,      // [batch, 1, width], no logit scale on audio
};

struct TowerConfig {
  int width = 0, blocks = 0, heads = 0, mlp_ratio = 4;
  bool key_value_bias = false, pre_norm = false;
  // Input: pictures [channels, height, columns], spectrograms the same; text: `columns` tokens; IMU: [channels, columns].
  int channels = 3, height = 0, columns = 0;
  int kernel = 0, stride = 0;  // of the patch stem, pixels (samples for IMU)
  int kernel_frames = 1;       // vision: frames that one patch spans
  int vocab_size = 0;          // text

  Stem stem = Stem::kPatch;  // vision and audio
  nn::ResNetConfig resnet;   // of the conv stem (without top-down path)
  // 0: one vector per input, as published. N > 0: N tokens per input, means of the head's output over the token grid: vision
  // g x g cells (N = g * g), audio N steps in time. Tokens are not normalised, and clips follow each other in time.
  int tokens = 0;

  // Vertical and horizontal count of patches.
  int rows() const { return stem == Stem::kConv ? (height + 15) / 16 : (height - kernel) / stride + 1; }
  int cols() const { return stem == Stem::kConv ? (columns + 15) / 16 : (columns - kernel) / stride + 1; }
  bool has_class_token() const { return stem == Stem::kPatch || tokens == 0; }
};

// How film is cut: the published 5 clips of 2 s, 2 frames each, 3 crops.
struct VideoConfig {
  int clips = 5, frames = 2, views = 3;
  double clip_seconds = 2;
  int tokens = 0;  // per clip, g * g; 0: those of the vision tower
};
struct AudioConfig {
  int clips = 3;
  double clip_seconds = 2;
  int sample_rate = 16000;
  double mean = -4.268, deviation = 9.138;
};

struct EncoderConfig {
  std::map<Modality, TowerConfig> towers;  // those that the model has
  int output_width = 1024;
  Variant variant = Variant::kPublished;
  Fit fit = Fit::kCrop;
  Spacing spacing = Spacing::kInclusive;
  VideoConfig video;
  AudioConfig audio;
  double block_epsilon = 1e-6, stem_epsilon = 1e-5, head_epsilon = 1e-6;
  double max_logit_scale = 100;

  bool has(Modality modality) const { return towers.count(modality) != 0; }
  const TowerConfig& tower(Modality modality) const;  // Error where the model has none
  // Tokens that an input of each kind becomes.
  int image_tokens() const;
  int video_tokens() const;
  int audio_tokens() const;
};

EncoderConfig huge_config();
// Reads a configuration; what is missing stays as in huge_config(). "towers": [..] names the towers to have (default: all
// six). Unknown keys and impossible values are an Error naming the key.
//   {"towers": ["vision"], "out_embed_dim": 192, "variant": "published" | "reamo", "fit": "crop" | "pad" | "stretch",
//    "spacing": "inclusive" | "exclusive",
//    "vision": {"embed_dim", "blocks", "heads", "mlp_ratio", "image": 224 | [rows, columns], "kernel": [2, 14, 14],
//               "stem": "patch" | "conv", "resnet": {..}, "tokens": 36},
//    "text": {"embed_dim", "blocks", "heads", "vocab_size", "context_length"},
//    "audio": {.., "mel_bins", "target_len", "kernel", "stride", "stem", "resnet", "tokens"},
//    "depth", "thermal": {.., "image", "kernel"}, "imu": {.., "channels", "length", "kernel"},
//    "video_sampling": {"clips", "frames", "views", "clip_seconds", "tokens"},
//    "audio_sampling": {"clips", "clip_seconds", "sample_rate", "mean", "std"},
//    "layer_norm_eps": {"blocks", "stem_norm", "heads"}, "max_logit_scale": 100}
EncoderConfig read_config(const nlohmann::json& json);
nlohmann::json to_json(const EncoderConfig& config);

// The encoder of the small bundled model: pictures 160 x 160 stretched, conv stem {48, 96, 192}, 3 blocks of width 192, 36
// tokens; film as 6 moments of 9 tokens; texts of 24 words of a vocabulary of `vocab_size` in 2 blocks of width 128. Sound is
// left to the listener: no audio tower.
nlohmann::json encoder_mini_config(std::int64_t vocab_size);

}  // namespace reamo::encoder
