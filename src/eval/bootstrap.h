// Bootstrap confidence intervals over instances (METRICS section 8).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace reamo::eval {

class SplitMix64 {
 public:
  explicit SplitMix64(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    state_ += kStep;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  // In [0, n): the high 64 bits of next() * n.
  std::size_t index(std::size_t n) {
    const std::uint64_t a = next(), b = n;
    const std::uint64_t a_low = a & 0xFFFFFFFFu, a_high = a >> 32, b_low = b & 0xFFFFFFFFu,
                        b_high = b >> 32;
    const std::uint64_t middle = a_high * b_low + ((a_low * b_low) >> 32);
    const std::uint64_t other = a_low * b_high + (middle & 0xFFFFFFFFu);
    return static_cast<std::size_t>(a_high * b_high + (middle >> 32) + (other >> 32));
  }
  // As after `calls` calls.
  void skip(std::uint64_t calls) { state_ += calls * kStep; }

 private:
  static constexpr std::uint64_t kStep = 0x9E3779B97F4A7C15u;
  std::uint64_t state_;
};

// What is computed on the rows: micro F1 of [tp, fp, fn], the mean of [x], or sum / sum of
// [numerator, denominator].
enum class Statistic { kMicroF1, kMean, kRatioOfSums };
using Row = std::array<double, 3>;  // entries that a statistic does not use are 0
using Rows = std::vector<Row>;

double statistic(Statistic kind, const Rows& rows);

struct Interval {
  double low = 0, high = 0;
  friend bool operator==(const Interval&, const Interval&) = default;
};

// The statistic of `count` resamples, in the order drawn. Throws Error without rows.
std::vector<double> replicates(Statistic kind, const Rows& rows, std::size_t count,
                               std::uint64_t seed);
// The same indices for both systems; differences A - B.
std::vector<double> paired_replicates(Statistic kind, const Rows& a, const Rows& b,
                                      std::size_t count, std::uint64_t seed);
// Quantiles (1-level)/2 and 1-(1-level)/2 with linear interpolation.
Interval interval(std::vector<double> replicates, double level);

}  // namespace reamo::eval
