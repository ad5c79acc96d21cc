#include "grounder/audio/ctc_align.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "ie/error.h"

namespace reamo::grounder {
namespace {

constexpr double kImpossible = -std::numeric_limits<double>::infinity();
constexpr std::int64_t kMaxCells = std::int64_t(1) << 31;  // frames x states: the table of moves, in bytes

float best_symbol(const LogProbs& log_probs, int frame) {
  const float* row = &log_probs.values[std::size_t(frame) * log_probs.symbols];
  return *std::max_element(row, row + log_probs.symbols);
}

double token_log_prob(const LogProbs& log_probs, int frame, std::int64_t token) {
  if (token == kStarZero) return 0;
  if (token == kStarMax) return best_symbol(log_probs, frame);
  return log_probs.at(frame, int(token));
}

void check(const LogProbs& log_probs, std::span<const std::int64_t> tokens, std::int64_t blank) {
  if (log_probs.values.size() != std::size_t(log_probs.frames) * log_probs.symbols) {
    throw Error("no alignment: the table of probabilities has the wrong size");
  }
  if (blank < 0 || blank >= log_probs.symbols) throw Error("no alignment: the blank is no symbol");
  for (const std::int64_t token : tokens) {
    const bool star = token == kStarZero || token == kStarMax;
    if (!star && (token < 0 || token >= log_probs.symbols)) {
      throw Error("no alignment: token " + std::to_string(token) + " is no symbol of " + std::to_string(log_probs.symbols));
    }
  }
  if (std::int64_t(log_probs.frames) * (2 * std::int64_t(tokens.size()) + 1) > kMaxCells) {
    throw Error("no alignment: " + std::to_string(tokens.size()) + " tokens in " + std::to_string(log_probs.frames) +
                " frames are too many to align at once");
  }
}

}  // namespace

CtcAlignment ctc_align(const LogProbs& log_probs, std::span<const std::int64_t> tokens, std::int64_t blank) {
  check(log_probs, tokens, blank);
  const int frames = log_probs.frames;
  const int states = 2 * int(tokens.size()) + 1;
  const auto emission = [&](int frame, int state) {
    return state % 2 == 0 ? double(log_probs.at(frame, int(blank))) : token_log_prob(log_probs, frame, tokens[state / 2]);
  };
  if (frames == 0) throw Error("no alignment: there are no frames");

  // moves[frame][state]: states gone forward to get there (0, 1 or 2).
  std::vector<std::uint8_t> moves(std::size_t(frames) * states, 0);
  std::vector<double> score(states, kImpossible), next(states);
  for (int state = 0; state < std::min(2, states); ++state) score[state] = emission(0, state);
  for (int frame = 1; frame < frames; ++frame) {
    for (int state = 0; state < states; ++state) {
      double best = score[state];
      std::uint8_t move = 0;
      if (state >= 1 && score[state - 1] > best) {
        best = score[state - 1];
        move = 1;
      }
      const bool may_skip = state >= 3 && state % 2 == 1 && tokens[state / 2] != tokens[state / 2 - 1];
      if (may_skip && score[state - 2] > best) {
        best = score[state - 2];
        move = 2;
      }
      next[state] = best == kImpossible ? kImpossible : best + emission(frame, state);
      moves[std::size_t(frame) * states + state] = move;
    }
    score.swap(next);
  }

  int state = states - 1;
  if (states > 1 && score[states - 2] >= score[states - 1]) state = states - 2;
  if (!(score[state] > kImpossible)) {
    throw Error("no alignment: " + std::to_string(frames) + " frames cannot hold " + std::to_string(tokens.size()) + " tokens");
  }

  CtcAlignment result;
  result.score = score[state];
  result.states.resize(frames);
  result.labels.resize(frames);
  result.spans.resize(tokens.size());
  result.token_scores.assign(tokens.size(), 0);
  for (int frame = frames - 1; frame >= 0; --frame) {
    result.states[frame] = state;
    if (state % 2 == 1) {
      FrameSpan& span = result.spans[state / 2];
      if (span.end == 0) span.end = frame + 1;
      span.begin = frame;
      result.labels[frame] = tokens[state / 2];
      result.token_scores[state / 2] += emission(frame, state);
    } else {
      result.labels[frame] = blank;
    }
    state -= moves[std::size_t(frame) * states + state];
  }
  for (std::size_t i = 0; i < tokens.size(); ++i) result.token_scores[i] /= result.spans[i].end - result.spans[i].begin;
  return result;
}

std::vector<CtcToken> ctc_greedy(const LogProbs& log_probs, std::int64_t blank) {
  std::vector<CtcToken> tokens;
  std::int64_t previous = blank;
  for (int frame = 0; frame < log_probs.frames; ++frame) {
    const float* row = &log_probs.values[std::size_t(frame) * log_probs.symbols];
    const std::int64_t symbol = std::max_element(row, row + log_probs.symbols) - row;
    if (symbol != blank) {
      if (symbol != previous) tokens.push_back({symbol, {frame, frame}, 0});
      tokens.back().span.end = frame + 1;
      tokens.back().score += row[symbol];
    }
    previous = symbol;
  }
  for (CtcToken& token : tokens) token.score /= token.span.end - token.span.begin;
  return tokens;
}

}  // namespace reamo::grounder
