// Learning rates by step.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace reamo::nn {

// Steps of warm-up of `total` steps, as the published trainer counts them.
inline std::int64_t warmup_steps(std::int64_t total, double ratio) {
  return static_cast<std::int64_t>(std::ceil(static_cast<double>(total) * ratio));
}
// Cosine with linear warm-up (LLM.md 11): `step` counts from 0, so that with warm-up the first step runs at rate 0. Past
// the end the cosine goes up again, as in the library.
inline double cosine_rate(double base, std::int64_t step, std::int64_t warmup, std::int64_t total) {
  if (step < warmup) return base * static_cast<double>(step) / static_cast<double>(std::max<std::int64_t>(1, warmup));
  const double done = static_cast<double>(step - warmup) / static_cast<double>(std::max<std::int64_t>(1, total - warmup));
  return base * std::max(0.0, 0.5 * (1.0 + std::cos(3.14159265358979323846 * done)));
}
// Linear warm-up, then linear decay to `floor` x base at `total` and flat after it (RECIPES a).
inline double linear_rate(double base, std::int64_t step, std::int64_t warmup, std::int64_t total, double floor = 0.05) {
  if (step < warmup) return base * static_cast<double>(step + 1) / static_cast<double>(std::max<std::int64_t>(1, warmup));
  const double done = static_cast<double>(step - warmup) / static_cast<double>(std::max<std::int64_t>(1, total - warmup));
  return base * std::max(floor, 1.0 - (1.0 - floor) * done);
}

}  // namespace reamo::nn
