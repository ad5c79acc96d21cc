// Value noise in whole numbers: the same pixels on every machine.
#pragma once

#include <cstdint>
#include <vector>

namespace reamo::synth {

inline std::uint32_t hash32(std::uint32_t x, std::uint32_t y, std::uint32_t seed) {
  std::uint32_t h = x * 0x85EBCA6Bu ^ (y + 0x9E3779B9u) * 0xC2B2AE35u ^ seed * 0x27D4EB2Fu;
  h = (h ^ (h >> 15)) * 0x2C1B3C6Du;
  h = (h ^ (h >> 12)) * 0x297A2D39u;
  return h ^ (h >> 15);
}

// 3 t^2 - 2 t^3 of t in 0..256.
inline int smooth_step(int t) { return (t * t * (768 - 2 * t)) >> 16; }

// Rows of two-dimensional value noise, 0..255. Lattice points are one unit apart; positions are 16.16 fixed point.
class NoiseRow {
 public:
  explicit NoiseRow(std::uint32_t seed) : seed_(seed) {}
  // values[i] = noise(u + i * step, v).
  void fill(std::int64_t u, std::int64_t step, std::int64_t v, int count, std::uint8_t* values);

 private:
  std::uint32_t seed_;
  std::vector<int> lattice_;
};

// One value of one-dimensional noise, 0..255, at a 16.16 position.
inline int noise_at(std::int64_t u, std::uint32_t seed) {
  const auto cell = std::uint32_t(u >> 16);
  const int a = int(hash32(cell, 0, seed) & 255), b = int(hash32(cell + 1, 0, seed) & 255);
  return a + (((b - a) * smooth_step(int((u & 0xFFFF) >> 8))) >> 8);
}

}  // namespace reamo::synth
