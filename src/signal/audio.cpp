#include "signal/audio.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <numeric>
#include <stdexcept>

namespace reamo::signal {
namespace {

constexpr double kZeroCrossings = 6;  // of the sinc on either side
constexpr double kRolloff = 0.99;     // of the lower Nyquist frequency
constexpr std::int64_t kMaxCachedTaps = std::int64_t(1) << 22;

// Weights of one phase of the windowed-sinc interpolator: output m * n + phase is the sum of
// input[m * o + first + i] * weights[i].
struct Phase {
  std::int64_t first = 0;
  std::vector<double> weights;
};

Phase make_phase(std::int64_t phase, std::int64_t o, std::int64_t n) {
  const double base = double(std::min(o, n)) * kRolloff;
  const double centre = double(phase) * double(o) / double(n);
  const double reach = kZeroCrossings * double(o) / base;
  Phase result;
  result.first = std::int64_t(std::floor(centre - reach)) + 1;
  for (std::int64_t i = result.first; double(i) < centre + reach; ++i) {
    const double t = std::clamp((double(i) / double(o) - double(phase) / double(n)) * base, -kZeroCrossings, kZeroCrossings);
    const double angle = t * std::numbers::pi;
    const double sinc = angle == 0 ? 1 : std::sin(angle) / angle;
    const double window = std::cos(angle / kZeroCrossings / 2);
    result.weights.push_back(sinc * window * window * base / double(o));
  }
  return result;
}

}  // namespace

Audio mono(const Audio& audio) {
  if (audio.channels == 1) return audio;
  Audio result{audio.sample_rate, 1, audio.start, std::vector<float>(audio.frames())};
  const std::size_t frames = audio.frames();
  for (std::size_t i = 0; i < frames; ++i) {
    double sum = 0;
    for (int channel = 0; channel < audio.channels; ++channel) sum += audio.samples[channel * frames + i];
    result.samples[i] = float(sum / audio.channels);
  }
  return result;
}

Audio resample(const Audio& audio, int sample_rate) {
  if (sample_rate <= 0 || audio.sample_rate <= 0 || audio.channels <= 0) {
    throw std::invalid_argument("sound needs a positive sample rate and channel count");
  }
  if (sample_rate == audio.sample_rate) return audio;
  const std::int64_t divisor = std::gcd(audio.sample_rate, sample_rate);
  const std::int64_t o = audio.sample_rate / divisor, n = sample_rate / divisor;
  const auto frames = std::int64_t(audio.frames());
  const std::int64_t length = std::int64_t((__int128(frames) * n + o - 1) / o);
  Audio result{sample_rate, audio.channels, audio.start, std::vector<float>(std::size_t(length * audio.channels))};

  const std::int64_t taps = std::int64_t(2 * kZeroCrossings * double(o) / (double(std::min(o, n)) * kRolloff)) + 2;
  const std::int64_t phases_used = std::min(n, length);
  std::vector<Phase> phases;
  if (phases_used <= kMaxCachedTaps / taps) {
    phases.reserve(std::size_t(phases_used));
    for (std::int64_t phase = 0; phase < phases_used; ++phase) phases.push_back(make_phase(phase, o, n));
  }
  Phase computed;
  for (std::int64_t k = 0; k < length; ++k) {
    const std::int64_t m = k / n, phase = k % n;
    if (phases.empty()) computed = make_phase(phase, o, n);
    const Phase& current = phases.empty() ? computed : phases[std::size_t(phase)];
    const std::int64_t start = m * o + current.first;
    const std::int64_t low = std::max<std::int64_t>(0, -start);
    const std::int64_t high = std::min<std::int64_t>(std::int64_t(current.weights.size()), frames - start);
    for (int channel = 0; channel < audio.channels; ++channel) {
      const float* source = audio.samples.data() + channel * frames;
      double sum = 0;
      for (std::int64_t i = low; i < high; ++i) sum += source[start + i] * current.weights[std::size_t(i)];
      result.samples[std::size_t(channel * length + k)] = float(sum);
    }
  }
  return result;
}

Audio slice(const Audio& audio, double from, double to) {
  const auto frames = double(audio.frames());
  const auto index = [&](double seconds) { return std::size_t(std::clamp(std::round(seconds * audio.sample_rate), 0.0, frames)); };
  const std::size_t first = index(from), last = std::max(first, index(to));
  Audio result{audio.sample_rate, audio.channels, audio.start + double(first) / audio.sample_rate, {}};
  result.samples.reserve((last - first) * audio.channels);
  for (int channel = 0; channel < audio.channels; ++channel) {
    const auto begin = audio.samples.begin() + std::ptrdiff_t(channel * audio.frames());
    result.samples.insert(result.samples.end(), begin + std::ptrdiff_t(first), begin + std::ptrdiff_t(last));
  }
  return result;
}

}  // namespace reamo::signal
