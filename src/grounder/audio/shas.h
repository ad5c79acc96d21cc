// SHAS: speech cut into utterances (parity/AUDIO.md sections 3 and 4). The published frame classifier on a cut XLS-R, its
// windows and its divide-and-conquer. What stops the published program works here: sound under 2 s or of exactly 30 s, any
// sampling rate, several channels (mixed), an offset equal to the duration.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>
#include <vector>

#include "grounder/audio/wav2vec2.h"
#include "ie/transcript.h"
#include "signal/audio.h"

namespace reamo::grounder {

inline constexpr double kShasFramesPerSecond = 49.95;

struct FrameClassifierConfig {
  std::int64_t d_model = 1024, heads = 8, dim_feedforward = 2048, layers = 1;
  double layer_norm_eps = 1e-5;
};
FrameClassifierConfig frame_classifier_config(const nlohmann::json& json);
nlohmann::json to_json(const FrameClassifierConfig& config);

// Speech or not, per frame. Published names.
class FrameClassifierImpl : public torch::nn::Module {
 public:
  explicit FrameClassifierImpl(const FrameClassifierConfig& config);
  // hidden [batch, frames, d_model], mask [batch, frames] (1 = real) -> logits [batch, frames].
  torch::Tensor forward(const torch::Tensor& hidden, const torch::Tensor& mask);

 private:
  FrameClassifierConfig config_;
  torch::nn::ModuleList layers_{nullptr};
  torch::nn::LayerNorm layer_norm_{nullptr};
  torch::nn::Linear classification_layer_{nullptr};
};
TORCH_MODULE(FrameClassifier);

struct SampleWindow {
  std::int64_t begin = 0, end = 0;  // samples at 16 kHz
  friend bool operator==(const SampleWindow&, const SampleWindow&) = default;
};
// Windows of pass `pass` of `passes`, of `window` samples: no overlap, first at 0, a last one under 2 s joined to the one
// before it. Sound shorter than 2 s is one window (published: none). No samples: none.
std::vector<SampleWindow> shas_windows(std::int64_t samples, int pass = 0, int passes = 1, std::int64_t window = 320000);
// Output frames of so many samples: of a whole recording, and of a border (with the published nudge).
std::int64_t shas_total_frames(std::int64_t samples);
std::int64_t shas_border_frame(std::int64_t samples);

struct FrameRange {  // frames at 49.95 a second, half-open
  std::int64_t begin = 0, end = 0;
  friend bool operator==(const FrameRange&, const FrameRange&) = default;
  double offset() const;    // seconds, rounded to 0.1 ms as published
  double duration() const;
};

// One batch, padded to its longest row and normalised: mean 0, unbiased deviation 1, over the padded row.
struct ShasBatch {
  torch::Tensor audio;     // [batch, samples]
  torch::Tensor in_mask;   // [batch, samples] int64
  torch::Tensor out_mask;  // [batch, frames] bool, by the frame numbers of the borders
  torch::Tensor included;  // [batch] bool: false where the samples sum to 0
};
ShasBatch shas_batch(const std::vector<torch::Tensor>& waves, const std::vector<FrameRange>& out_spans);

struct ShasOptions {
  int passes = 1, batch_size = 12;
  double window_seconds = 20;
  double max_seconds = 18, min_seconds = 0.2, threshold = 0.5;
  bool strict = true;  // false: a piece whose best split is speech stays whole although too long
};

// Probabilistic divide and conquer. Equal probabilities: lowest frame first. No speech: one empty range, as published.
std::vector<FrameRange> shas_segments(std::span<const double> probabilities, const ShasOptions& options = {});

// The whole: encoder and classifier. config: {"wav2vec2": {..}, "classifier": {..}, "options": {..}}.
class Segmenter {
 public:
  static Segmenter load(const nlohmann::json& config, const std::filesystem::path& safetensors);
  Segmenter(Wav2Vec2 encoder, FrameClassifier classifier, ShasOptions options = {});

  // Probability of speech per frame, averaged over the passes. `samples` mono at 16 kHz.
  std::vector<double> probabilities(std::span<const float> samples) const;
  // Utterances in seconds on the recording's clock; empty where there is no speech. Any rate and channels.
  std::vector<ie::Segment> segment(const signal::Audio& audio) const;
  const ShasOptions& options() const { return options_; }

 private:
  Wav2Vec2 encoder_;
  FrameClassifier classifier_;
  ShasOptions options_;
};

}  // namespace reamo::grounder
