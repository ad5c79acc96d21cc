// Forced alignment of tokens to the output of a CTC head, exactly (parity/AUDIO.md section 6).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace reamo::grounder {

// Natural-log probabilities, row-major [frames][symbols].
struct LogProbs {
  int frames = 0, symbols = 0;
  std::vector<float> values;
  float at(int frame, int symbol) const { return values[std::size_t(frame) * symbols + symbol]; }
};

// Tokens that match anything, for at least one frame: kStarZero scores 0 at every frame, kStarMax the frame's best symbol.
inline constexpr std::int64_t kStarZero = -1, kStarMax = -2;

struct FrameSpan {  // frames, half-open
  int begin = 0, end = 0;
  friend bool operator==(const FrameSpan&, const FrameSpan&) = default;
};

struct CtcAlignment {
  double score = 0;                   // log-probability of the best path
  std::vector<std::int32_t> states;   // per frame: even = blank, 2 i + 1 = token i
  std::vector<std::int64_t> labels;   // per frame: the token, or the blank
  std::vector<FrameSpan> spans;       // per token
  std::vector<double> token_scores;   // per token: mean log-probability over its span
};

// The best path through `log_probs` that says `tokens`. Ties: stay, then advance by one, then skip the blank; the last
// token before the last blank. Throws Error where no path exists (fewer frames than tokens and forced blanks, or only
// impossible ones) or a token is no symbol.
CtcAlignment ctc_align(const LogProbs& log_probs, std::span<const std::int64_t> tokens, std::int64_t blank = 0);

// The most likely symbol of each frame, runs merged, blanks dropped: (symbol, its frames).
struct CtcToken {
  std::int64_t symbol = 0;
  FrameSpan span;
  double score = 0;  // mean log-probability over the span
};
std::vector<CtcToken> ctc_greedy(const LogProbs& log_probs, std::int64_t blank = 0);

}  // namespace reamo::grounder
