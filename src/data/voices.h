// Speech from espeak-ng 1.51 with exact word times (parity/AUDIO.md section 7).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "synth/story.h"

namespace reamo::data {

struct VoiceOptions {
  int timeout_ms = 10000;          // for one utterance; beyond it the voice process is ended and Error thrown
  std::size_t max_bytes = 20000;   // of text
  int sample_rate = 16000;         // of the result
};

// The utterance as mono samples with the time of every written word, one Word per run of the text without white space. Times:
// start is the word's first event, end the next word's start, the pause, or the end of the sound; words that share an event
// (`on the`) carry the pair's span. Each utterance is spoken by a fresh fork of one helper process (`reamo-voice`,
// beside the program), which is what makes it repeatable: equal arguments give equal samples. Noise is not added here. Thread-safe. Error: unknown
// voice, text too long, espeak-ng missing or stuck.
synth::Speech speak(const synth::Utterance& utterance, const VoiceOptions& options = {});

// Accents that are safe with this library, and variants of the speaker ("+f3").
const std::vector<std::string>& voice_accents();
const std::vector<std::string>& voice_variants();
// "en-us+f3": a voice by number, all combinations.
std::string voice_name(std::uint64_t index);
std::size_t voice_count();

}  // namespace reamo::data
