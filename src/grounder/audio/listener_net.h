// The networks that turn sound into characters: `conv` (wav2vec 2.0, published) or `log_mel` (small, trained here).
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "grounder/audio/ctc_align.h"
#include "grounder/audio/wav2vec2.h"
#include "signal/audio.h"

namespace reamo::grounder {

// 64 log-mels (25/10 ms), two convolutions, residual convolutions and pre-norm transformer layers with a distance penalty
// at 40 ms, brought back to 20 ms where the CTC head and the heads for word starts and pauses read.
struct LogMelConfig {
  std::int64_t mels = 64, stem = 128, width = 192, layers = 5, heads = 4, feed_forward = 768, kernel = 5;
  double dropout = 0.05;
};

struct ListenerConfig {
  std::string front_end = "conv";        // conv, log_mel
  std::vector<std::string> symbols;      // by id; lower or upper case letters
  std::int64_t blank = 0;
  std::string word_break = "|";          // the symbol between words
  Wav2Vec2Config conv;                   // vocab_size = symbols
  LogMelConfig log_mel;
};
// Missing symbols: those of base-960h for `conv` (parity/AUDIO.md), blank, word break, apostrophe, a-z for `log_mel`.
ListenerConfig listener_config(const nlohmann::json& json);
nlohmann::json to_json(const ListenerConfig& config);
std::vector<std::string> log_mel_symbols();
std::vector<std::string> base_960h_symbols();
// Ids of normalised text (speech_text.h): spaces become the word break.
std::vector<std::int64_t> symbol_ids(const ListenerConfig& config, const std::string& spoken);

struct ListenerOutput {
  torch::Tensor log_probs;  // [batch, frames, symbols], fp32, 20 ms a frame
  torch::Tensor starts;     // [batch, frames] logits of "a word starts in this frame"; undefined for `conv`
  torch::Tensor inside;     // [batch, frames] logits of "this frame is in a word, not in a pause"; undefined for `conv`
};

class LogMelNetImpl : public torch::nn::Module {
 public:
  LogMelNetImpl(const LogMelConfig& config, std::int64_t symbols);
  // mel [batch, mel frames, mels], normalised per utterance; lengths in mel frames. Output frames: ceil(mel frames / 2).
  ListenerOutput forward(const torch::Tensor& mel, const std::vector<std::int64_t>& lengths);

 private:
  LogMelConfig config_;
  torch::nn::Conv1d stem1_{nullptr}, stem2_{nullptr};
  torch::nn::LayerNorm stem1_norm_{nullptr}, stem2_norm_{nullptr}, last_norm_{nullptr}, join_norm_{nullptr};
  torch::nn::ModuleList blocks_{nullptr};
  torch::nn::Linear up_{nullptr}, skip_{nullptr}, join_{nullptr}, characters_{nullptr}, words_{nullptr};
};
TORCH_MODULE(LogMelNet);

// Per utterance and bin: mean 0, deviation 1 over the frames, after what is 70 dB under the loudest is raised to that.
// [frames, mels].
torch::Tensor normalize_mel(const torch::Tensor& mel);
// Normalised log-mels of mono samples at 16 kHz, [frames, mels]; at least one frame (short sound is padded with zeros).
torch::Tensor listener_mel(std::span<const float> samples, std::int64_t mels);

// Either network behind one call. Registers `wav2vec2.*`, `lm_head.*`, or `log_mel.*`.
class ListenerNetImpl : public torch::nn::Module {
 public:
  explicit ListenerNetImpl(const ListenerConfig& config);
  // Mono samples at 16 kHz, any length, one utterance; a batch of one comes out. The middle of frame k is 0.02 k + 0.0125 s.
  ListenerOutput listen(std::span<const float> samples);
  const ListenerConfig& config() const { return config_; }
  LogMelNet log_mel{nullptr};
  Wav2Vec2Ctc conv{nullptr};

 private:
  ListenerConfig config_;
};
TORCH_MODULE(ListenerNet);

}  // namespace reamo::grounder
