// Training of the listener on speech shards (DESIGN 3.7, RECIPES d and g): CTC and word starts.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "grounder/audio/listener_net.h"
#include "ie/transcript.h"
#include "train/trainer.h"

namespace reamo::train {

// One stored utterance.
struct SpeechItem {
  torch::Tensor mel;                 // [frames, mels] fp16, not normalised
  std::string text;                  // as the listener spells
  std::vector<ie::Word> words;       // as written, seconds; a start of -1 is unknown
};

// Utterances of folders that data::prepare_speech wrote; files are mapped, items read when asked for. Error naming a file that
// is broken. Safe to read from several threads.
class SpeechShards {
 public:
  explicit SpeechShards(const std::vector<std::filesystem::path>& folders);
  ~SpeechShards();
  std::size_t size() const;
  int frames(std::size_t index) const;  // mel frames, 10 ms
  SpeechItem item(std::size_t index) const;

 private:
  struct Data;
  std::unique_ptr<Data> data_;
};

struct ListenerStageOptions {
  TrainOptions train;
  std::vector<std::filesystem::path> shards, held_out;  // folders; held_out: what checkpoints are scored on, may be empty
  double batch_seconds = 64;     // of sound in a batch, utterances of like length
  double start_weight = 0.3;     // of the word-start loss
  double inside_weight = 0.1;    // of the loss on pauses between words
  int frequency_masks = 2, time_masks = 2;
  int data_threads = 1;          // that make batches ahead; 0: in the training thread
  std::size_t scored = 150;      // utterances of `held_out` scored at a checkpoint (held_out.jsonl in the run folder)
};

// An utterance as it is trained on: noise of 5 to 40 dB under the speech in most, silence around it, another vocal tract,
// normalised, masked bins and times. `shift`: frames of silence put in front.
struct AugmentedSpeech {
  torch::Tensor mel;             // [frames, mels] fp32
  int shift = 0;
};
struct AugmentOptions {
  double noisy = 0.85;           // share
  double least_snr = 5, most_snr = 40;  // dB
  bool silence = true, warp = true;
  int frequency_masks = 2, time_masks = 2;
};
AugmentedSpeech augment(const torch::Tensor& mel, const AugmentOptions& options, std::uint64_t seed);

// Errors on utterances: characters and words wrong per character and word, overlap of aligned words.
struct ListenerScore {
  double cer = 0, wer = 0, word_iou = 0;  // word_iou: words from their start to the next one's, by alignment of the true text
  std::size_t utterances = 0;
};
// On utterances with noise 20 dB under the speech.
ListenerScore evaluate_listener(grounder::ListenerNet& net, const SpeechShards& shards, std::size_t count);

// Only the `log_mel` front end. Resumes from the run folder; each checkpoint also writes listener.safetensors there.
TrainReport train_listener(grounder::ListenerNet& net, const ListenerStageOptions& options);

}  // namespace reamo::train
