// Deterministic randomness: the same numbers on every machine.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace reamo::synth {

// SplitMix64. Streams derived by name are independent of how many numbers were drawn before.
class Random {
 public:
  explicit Random(std::uint64_t seed) : seed_(seed), state_(seed) {}
  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15ull;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
  }
  // A generator of its own for a named purpose ("text", "image-0").
  Random stream(std::string_view name, std::uint64_t index = 0) const {
    std::uint64_t hash = 0xcbf29ce484222325ull ^ seed_;
    for (unsigned char c : name) hash = (hash ^ c) * 0x100000001b3ull;
    Random mixed(hash ^ (index * 0xD6E8FEB86659FD93ull));
    return Random(mixed.next());
  }
  std::size_t index(std::size_t n) { return std::size_t((Wide(next()) * n) >> 64); }  // in [0, n)
  int between(int low, int high) { return low + int(index(std::size_t(high - low + 1))); }  // both ends included
  double uniform() { return double(next() >> 11) * 0x1.0p-53; }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  bool chance(double probability) { return uniform() < probability; }
  template <typename T>
  const T& pick(const std::vector<T>& items) { return items[index(items.size())]; }
  template <typename T>
  void shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[index(i)]);
  }

 private:
  __extension__ using Wide = unsigned __int128;
  std::uint64_t seed_, state_;
};

}  // namespace reamo::synth
