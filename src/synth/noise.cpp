#include "synth/noise.h"

namespace reamo::synth {

void NoiseRow::fill(std::int64_t u, std::int64_t step, std::int64_t v, int count, std::uint8_t* values) {
  const std::int64_t first = u >> 16, last = ((u + step * (count - 1)) >> 16) + 1;
  const auto row = std::uint32_t(v >> 16);
  const int t = smooth_step(int((v & 0xFFFF) >> 8));
  lattice_.resize(std::size_t(last - first + 1));
  for (std::int64_t cell = first; cell <= last; ++cell) {
    const int a = int(hash32(std::uint32_t(cell), row, seed_) & 255), b = int(hash32(std::uint32_t(cell), row + 1, seed_) & 255);
    lattice_[std::size_t(cell - first)] = (a << 8) + (b - a) * t;
  }
  for (int i = 0; i < count; ++i, u += step) {
    const int* at = &lattice_[std::size_t((u >> 16) - first)];
    const int s = smooth_step(int((u & 0xFFFF) >> 8));
    values[i] = std::uint8_t((at[0] + (((at[1] - at[0]) * s) >> 8)) >> 8);
  }
}

}  // namespace reamo::synth
