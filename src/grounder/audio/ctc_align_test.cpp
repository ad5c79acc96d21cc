#include "grounder/audio/ctc_align.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "ie/error.h"

namespace reamo::grounder {
namespace {

LogProbs table(int frames, int symbols, const std::vector<int>& weights) {
  LogProbs log_probs{frames, symbols, {}};
  for (int frame = 0; frame < frames; ++frame) {
    double sum = 0;
    for (int symbol = 0; symbol < symbols; ++symbol) sum += weights[std::size_t(frame * symbols + symbol)];
    for (int symbol = 0; symbol < symbols; ++symbol) {
      log_probs.values.push_back(float(std::log(weights[std::size_t(frame * symbols + symbol)] / sum)));
    }
  }
  return log_probs;
}

// The best score over every labelling of the frames that collapses to the tokens.
double best_by_enumeration(const LogProbs& log_probs, const std::vector<std::int64_t>& tokens) {
  double best = -std::numeric_limits<double>::infinity();
  std::vector<std::int64_t> labels(std::size_t(log_probs.frames), 0);
  std::function<void(int, double)> extend = [&](int frame, double score) {
    if (frame == log_probs.frames) {
      std::vector<std::int64_t> collapsed;
      for (std::size_t i = 0; i < labels.size(); ++i) {
        if (labels[i] != 0 && (i == 0 || labels[i] != labels[i - 1])) collapsed.push_back(labels[i]);
      }
      if (collapsed == tokens) best = std::max(best, score);
      return;
    }
    for (int symbol = 0; symbol < log_probs.symbols; ++symbol) {
      labels[std::size_t(frame)] = symbol;
      extend(frame + 1, score + log_probs.at(frame, symbol));
    }
  };
  extend(0, 0);
  return best;
}

RC_GTEST_PROP(CtcAlign, EqualsEnumerationOfEveryPath, ()) {
  const int frames = *rc::gen::inRange(1, 7);
  const auto weights = *rc::gen::container<std::vector<int>>(std::size_t(frames * 3), rc::gen::inRange(1, 50));
  const auto tokens = *rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(1, 3));
  const LogProbs log_probs = table(frames, 3, weights);
  const double best = best_by_enumeration(log_probs, tokens);
  if (std::isinf(best)) {
    RC_ASSERT_THROWS_AS(ctc_align(log_probs, tokens), Error);
    return;
  }
  const CtcAlignment alignment = ctc_align(log_probs, tokens);
  RC_ASSERT(std::abs(alignment.score - best) < 1e-6);
  int end = 0;
  double from_labels = 0;
  for (const FrameSpan& span : alignment.spans) {
    RC_ASSERT(span.begin >= end && span.end > span.begin);
    end = span.end;
  }
  for (int frame = 0; frame < frames; ++frame) from_labels += log_probs.at(frame, int(alignment.labels[std::size_t(frame)]));
  RC_ASSERT(std::abs(from_labels - best) < 1e-6);
}

TEST(CtcAlign, RefusesWhatCannotBe) {
  const LogProbs log_probs = table(2, 3, {1, 1, 1, 1, 1, 1});
  EXPECT_THROW(ctc_align(log_probs, std::vector<std::int64_t>{1, 1}), Error);  // needs a blank between
  EXPECT_THROW(ctc_align(log_probs, std::vector<std::int64_t>{1, 2, 1}), Error);
  EXPECT_THROW(ctc_align(log_probs, std::vector<std::int64_t>{3}), Error);
  EXPECT_THROW(ctc_align(log_probs, std::vector<std::int64_t>{-3}), Error);
  EXPECT_THROW(ctc_align(LogProbs{0, 3, {}}, std::vector<std::int64_t>{}), Error);
  EXPECT_NO_THROW(ctc_align(log_probs, std::vector<std::int64_t>{}));
}

TEST(CtcAlign, FrameMaximumStarLeavesTheWordItsFrames) {
  // The word sounds in frames 2 and 3.
  const LogProbs log_probs = table(6, 3, {1, 1, 9, 1, 1, 9, 1, 9, 1, 1, 9, 1, 1, 1, 9, 1, 1, 9});
  const CtcAlignment alignment = ctc_align(log_probs, std::vector<std::int64_t>{kStarMax, 1, kStarMax});
  EXPECT_LE(alignment.spans[1].begin, 3);
  EXPECT_GE(alignment.spans[1].begin, 2);
  EXPECT_EQ(alignment.spans[0].begin, 0);
}

TEST(CtcGreedy, MergesRunsAndDropsBlanks) {
  const LogProbs log_probs = table(7, 3, {9, 1, 1, 1, 9, 1, 1, 9, 1, 9, 1, 1, 1, 9, 1, 1, 1, 9, 9, 1, 1});
  const std::vector<CtcToken> tokens = ctc_greedy(log_probs);
  ASSERT_EQ(tokens.size(), 3u);
  EXPECT_EQ(tokens[0].symbol, 1);
  EXPECT_EQ(tokens[0].span, (FrameSpan{1, 3}));
  EXPECT_EQ(tokens[1].symbol, 1);
  EXPECT_EQ(tokens[2].symbol, 2);
}

}  // namespace
}  // namespace reamo::grounder
