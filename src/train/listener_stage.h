// Training of the listener on speech shards (DESIGN 3.7, RECIPES d and g): CTC and word starts.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "grounder/audio/listener_net.h"
#include "train/trainer.h"

namespace reamo::train {

// One stored utterance.
struct SpeechItem {
  torch::Tensor mel;                 // [frames, mels] fp16, not normalised
  std::string text;                  // as the listener spells
  std::vector<float> word_starts;    // seconds, one per word of the text; -1: unknown
};

// Utterances of a folder that data::prepare_speech wrote; files are mapped, items read when asked for.
class SpeechShards {
 public:
  explicit SpeechShards(const std::filesystem::path& folder);
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
  std::filesystem::path shards;
  double batch_seconds = 64;     // of sound in a batch, utterances of like length
  double start_weight = 0.3;     // of the word-start loss
  int frequency_masks = 2, time_masks = 2;
  std::size_t held_out = 200;    // utterances at the end of the shards that are not trained on
  int evaluate_every = 1000;     // updates; 0: never
};

// Errors on utterances: characters and words wrong per character and word, overlap of aligned words.
struct ListenerScore {
  double cer = 0, wer = 0, word_iou = 0;  // word_iou: words from their start to the next one's, by alignment of the true text
  std::size_t utterances = 0;
};
ListenerScore evaluate_listener(grounder::ListenerNet& net, const SpeechShards& shards, std::size_t first, std::size_t count);

// Only the `log_mel` front end. Resumes from the run folder.
TrainReport train_listener(grounder::ListenerNet& net, const ListenerStageOptions& options);

}  // namespace reamo::train
