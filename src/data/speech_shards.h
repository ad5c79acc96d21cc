// Speech for training the listener: spoken by espeak-ng, stored as features (DESIGN 3.7).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace reamo::data {

// Gives the text of utterance `index`; a function of the index alone.
using SpeechText = std::function<std::string(std::uint64_t index)>;

struct SpeechShardOptions {
  std::size_t count = 1000;      // utterances
  std::size_t a_shard = 1000;    // utterances in a file
  std::uint64_t seed = 1;        // of voices, rates, pitches, noise
  int mels = 64;
  double max_seconds = 12;       // longer utterances are left out
  double clean = 0.3;            // share without noise; the rest has 5 to 40 dB signal to noise
  double reverberant = 0.25;     // share in a room
};

// Writes `speech-00000.safetensors`.. and index.json into `folder` (made if missing). Shard tensors, utterances one after the
// other: mel F16 [frames, mels] (before normalisation), frames I32 [n], text U8 [bytes], text_bytes I32 [n] (normalised, as
// the listener spells), starts F32 [words] seconds of the spoken words' starts (-1: unknown, several spoken words share a
// written one), words I32 [n]. Shards that exist and belong to the same options are kept: an interrupted run goes on.
void prepare_speech(const std::filesystem::path& folder, const SpeechShardOptions& options, const SpeechText& text);

// Texts: words and sentences from files of one sentence a line or BIO columns, cut to 3 to 16 words, mixed with made-up
// names, numbers and dates.
SpeechText speech_text_from_files(const std::vector<std::filesystem::path>& files, std::uint64_t seed);

}  // namespace reamo::data
