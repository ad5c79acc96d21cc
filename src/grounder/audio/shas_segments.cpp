// Windows, frames and segments of SHAS: everything but the networks.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "grounder/audio/shas.h"
#include "ie/error.h"

namespace reamo::grounder {
namespace {

constexpr double kSampleRate = 16000;
constexpr std::int64_t kShortestTail = 32000;  // samples

double round4(double value) { return std::nearbyint(value * 1e4) / 1e4; }

// Splits speech at its least likely frames until every piece is short enough.
class Divider {
 public:
  Divider(std::span<const double> probabilities, const ShasOptions& options) : p_(probabilities), options_(options) {
    const std::int64_t n = std::int64_t(p_.size());
    next_.resize(p_.size() + 1, n);
    previous_.resize(p_.size() + 1, -1);
    for (std::int64_t i = n - 1; i >= 0; --i) next_[std::size_t(i)] = speech(i) ? i : next_[std::size_t(i) + 1];
    for (std::int64_t i = 0; i < n; ++i) previous_[std::size_t(i) + 1] = speech(i) ? i : previous_[std::size_t(i)];
  }

  std::vector<FrameRange> run() {
    // A stack of pieces to look at, the leftmost on top, so that long recordings do not recurse deeply.
    stack_.push_back(trim({0, std::int64_t(p_.size())}));
    while (!stack_.empty()) {
      const FrameRange piece = stack_.back();
      stack_.pop_back();
      divide(piece);
    }
    return std::move(done_);
  }

 private:
  bool speech(std::int64_t frame) const { return p_[std::size_t(frame)] >= options_.threshold; }

  FrameRange trim(FrameRange range) const {
    const std::int64_t first = range.begin < range.end ? next_[std::size_t(range.begin)] : range.end;
    if (first >= range.end) return {range.begin, range.begin};
    return {first, previous_[std::size_t(range.end)] + 1};
  }

  void divide(const FrameRange& piece) {
    if (piece.duration() < options_.max_seconds) {
      done_.push_back(piece);
      return;
    }
    std::vector<std::int64_t> order(std::size_t(piece.end - piece.begin));
    std::iota(order.begin(), order.end(), piece.begin);
    const auto key = [&](std::int64_t frame) {
      const double p = p_[std::size_t(frame)];
      return std::isnan(p) ? std::numeric_limits<double>::infinity() : p;
    };
    std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) { return key(a) < key(b); });
    FrameRange left, right;
    for (const std::int64_t split : order) {
      if (!options_.strict && p_[std::size_t(split)] > options_.threshold) {
        done_.push_back(piece);
        return;
      }
      left = trim({piece.begin, split});
      right = trim({split + 1, piece.end});
      if (left.duration() > options_.min_seconds && right.duration() > options_.min_seconds) {
        stack_.push_back(right);
        stack_.push_back(left);
        return;
      }
    }
    if (!options_.strict) {
      done_.push_back(piece);
      return;
    }
    if (right.duration() > options_.min_seconds) stack_.push_back(right);
    if (left.duration() > options_.min_seconds) stack_.push_back(left);
  }

  std::span<const double> p_;
  const ShasOptions& options_;
  std::vector<std::int64_t> next_, previous_;  // speech at or after a frame; speech before a frame
  std::vector<FrameRange> stack_, done_;
};

}  // namespace

double FrameRange::offset() const { return round4(double(begin) / kShasFramesPerSecond); }
double FrameRange::duration() const { return round4(double(end - begin) / kShasFramesPerSecond); }

std::int64_t shas_total_frames(std::int64_t samples) {
  return std::llrint(double(samples) * kShasFramesPerSecond / kSampleRate);
}

std::int64_t shas_border_frame(std::int64_t samples) {
  return std::llrint((double(samples) + 1e-6) * kShasFramesPerSecond / kSampleRate);
}

std::vector<SampleWindow> shas_windows(std::int64_t samples, int pass, int passes, std::int64_t window) {
  if (window <= 0 || passes <= 0 || pass < 0 || pass >= passes) throw UsageError("windows of speech need a positive length and number of passes");
  if (samples <= 0) return {};
  std::int64_t start = std::llrint(double(window) / passes * pass);
  if (start >= samples) start = 0;
  std::vector<std::int64_t> borders;
  if (start != 0) borders.push_back(0);
  for (std::int64_t border = start; border < samples; border += window) borders.push_back(border);
  if (borders.size() > 1 && samples - borders.back() < kShortestTail) {
    borders.back() = samples;
  } else {
    borders.push_back(samples);
  }
  std::vector<SampleWindow> windows;
  for (std::size_t i = 0; i + 1 < borders.size(); ++i) windows.push_back({borders[i], borders[i + 1]});
  return windows;
}

std::vector<FrameRange> shas_segments(std::span<const double> probabilities, const ShasOptions& options) {
  if (!(options.max_seconds > 0) || !(options.min_seconds >= 0)) {
    throw UsageError("segments need a positive longest and a non-negative shortest duration");
  }
  return Divider(probabilities, options).run();
}

}  // namespace reamo::grounder
