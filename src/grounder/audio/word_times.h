// From the output of a listener network to words with times.
#pragma once

#include <string>
#include <vector>

#include "grounder/audio/ctc_align.h"
#include "grounder/audio/listener_net.h"
#include "ie/transcript.h"

namespace reamo::grounder {

inline constexpr double kListenerFrameSeconds = 0.02;
inline constexpr double kListenerFrameMiddle = 0.0125;  // of frame 0, seconds

// One utterance's output on the CPU.
struct ListenerFrames {
  LogProbs log_probs;
  std::vector<float> starts, inside;  // logits; empty where the network has no such heads
};
// Row `row` of a batch, its first `frames` frames (-1: all).
ListenerFrames listener_frames(const ListenerOutput& output, int row = 0, int frames = -1);

// Greedy words; times from the first frame's clock.
std::vector<ie::Word> decode_words(const ListenerFrames& frames, const ListenerConfig& config);
// Times of `words` (letters that the listener spells, none empty), said one after the other; `score`, if given, is the mean
// log-probability of a frame on the best path. Error where the frames cannot hold the words.
std::vector<ie::Word> align_words(const ListenerFrames& frames, const ListenerConfig& config,
                                  const std::vector<std::string>& words, double* score = nullptr);

}  // namespace reamo::grounder
