// Speech for training the listener: spoken by espeak-ng, stored as features (DESIGN 3.7).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "synth/story.h"

namespace reamo::data {

// Gives the text of utterance `index`; a function of the index alone.
using SpeechText = std::function<std::string(std::uint64_t index)>;

struct SpeechShardOptions {
  std::size_t count = 1000;      // utterances
  std::size_t a_shard = 500;     // utterances in a file
  std::uint64_t seed = 1;        // of voices, rates, pitches, rooms
  int mels = 64;
  double max_seconds = 12;       // longer utterances are left out
  double reverberant = 0.25;     // share in a room; noise is added in training
};

// Writes `speech-00000.safetensors`.. and index.json into `folder` (made if missing). Tensors of a shard, utterances one after
// the other: mel F16 [frames, mels] (signal::log_mel, not normalised), frames I32 [n], text U8 [bytes] (UTF-8, as spoken to
// espeak-ng), text_bytes I32 [n], starts F32 [words] (seconds, one per run without white space; -1: shares the event of the
// word before), ends F32 [words], words I32 [n]. Shards of the same options that are already there are kept, so that an
// interrupted run goes on. Utterances that cannot be spoken are left out.
void prepare_speech(const std::filesystem::path& folder, const SpeechShardOptions& options, const SpeechText& text);

// Texts: 3 to 16 words in a row from sentences of files (BIO columns, or one sentence a line; numbers, web addresses, handles
// and other scripts left out), mixed with names, dates and amounts of the synthetic world.
SpeechText speech_text_from_files(const std::vector<std::filesystem::path>& files, std::uint64_t seed,
                                  synth::Split split = synth::Split::kTrain);
// What the recordings of the synthetic world say.
SpeechText speech_text_from_world(std::uint64_t seed, synth::Split split = synth::Split::kTrain);
// Each text from one of two sources, `share` of them from the first.
SpeechText mixed_speech_text(SpeechText first, SpeechText second, double share, std::uint64_t seed);

}  // namespace reamo::data
