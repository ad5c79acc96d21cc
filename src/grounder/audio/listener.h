// What is said, word by word: a CTC head and its encoder, an aligner.
#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "grounder/audio/locate.h"
#include "ie/transcript.h"
#include "signal/audio.h"

namespace reamo::grounder {

class ListenerNetImpl;

struct ListenOptions {
  double window_seconds = 20, overlap_seconds = 2;  // long sound is heard in overlapping windows, joined in their middle
  double min_word_score = 0;                        // words under this score are left out of transcripts
};

// Words of transcripts are lower case (a-z and apostrophe; numbers are spelled out): what is heard has no case. Times are
// seconds on the recording's clock (audio.start added). A word's score is the mean probability of its characters.
// Any sampling rate and number of channels. Const calls may run in several threads.
class Listener {
 public:
  // `config` as listener_net.h reads it ({"front_end": "log_mel", ..}). Error naming what the file lacks.
  static Listener load(const nlohmann::json& config, const std::filesystem::path& safetensors);
  explicit Listener(std::shared_ptr<ListenerNetImpl> net, ListenOptions options = {});

  // Greedy decoding. No speech: no words.
  ie::Transcript transcribe(const signal::Audio& audio) const;
  // How sure the listener is of a transcript of its own, 0..1: the mean score of its characters. Low for music, noise and
  // languages it was not trained on; 0 without words.
  double confidence(const ie::Transcript& transcript) const;
  // Times of the words of `text`, which is kept as it is: one Word per run without white space; words that are not spoken
  // (punctuation only) take the end of the word before them. Years are tried in the ways they are said. Error when the sound is too short for the text.
  ie::Transcript align(const std::string& text, const signal::Audio& audio) const;

  const ListenOptions& options() const { return options_; }

 private:
  std::shared_ptr<ListenerNetImpl> net_;
  ListenOptions options_;
};

}  // namespace reamo::grounder
