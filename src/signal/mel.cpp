#include "signal/mel.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>
#include <stdexcept>

#include "signal/fft.h"

namespace reamo::signal {
namespace {

double to_mel(double frequency) { return 1127.0 * std::log(1 + frequency / 700.0); }

void check(const LogMelOptions& options) {
  if (options.window < 2 || options.hop < 1 || options.mels < 1 || options.sample_rate < 1 || options.low < 0 ||
      options.high <= options.low || options.high > options.sample_rate / 2.0) {
    throw std::invalid_argument("the options of the mel filter bank contradict each other");
  }
}

std::vector<double> hann(int size) {
  std::vector<double> window(size);
  for (int i = 0; i < size; ++i) window[i] = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * i / (size - 1));
  return window;
}

// One frame, `out` of the FFT's size.
void window_frame(const float* samples, const std::vector<double>& window, double preemphasis, std::vector<double>& out) {
  const std::size_t size = window.size();
  double mean = 0;
  for (std::size_t i = 0; i < size; ++i) mean += samples[i];
  mean /= double(size);
  double previous = samples[0] - mean;
  for (std::size_t i = 0; i < size; ++i) {
    const double current = samples[i] - mean;
    out[i] = (current - preemphasis * previous) * window[i];
    previous = current;
  }
  std::fill(out.begin() + std::ptrdiff_t(size), out.end(), 0.0);
}

// The bins of one triangle whose weight is not zero.
struct Triangle {
  int first = 0;
  std::vector<double> weights;
};

std::vector<Triangle> triangles(const LogMelOptions& options) {
  const int bins = fft_size(options) / 2;
  const double low = to_mel(options.low), step = (to_mel(options.high) - low) / (options.mels + 1);
  std::vector<Triangle> result(options.mels);
  for (int m = 0; m < options.mels; ++m) {
    const double left = low + m * step, centre = left + step, right = centre + step;
    for (int bin = 0; bin < bins; ++bin) {
      const double mel = to_mel(double(bin) * options.sample_rate / (2.0 * bins));
      const double weight = std::min((mel - left) / (centre - left), (right - mel) / (right - centre));
      if (weight <= 0) continue;
      if (result[m].weights.empty()) result[m].first = bin;
      result[m].weights.push_back(weight);
    }
  }
  return result;
}

}  // namespace

int frame_count(std::size_t samples, const LogMelOptions& options) {
  if (samples < std::size_t(options.window)) return 0;
  return 1 + int((samples - options.window) / options.hop);
}

int fft_size(const LogMelOptions& options) { return int(std::bit_ceil(unsigned(options.window))); }

Features windowed_frames(std::span<const float> samples, const LogMelOptions& options) {
  check(options);
  const auto window = hann(options.window);
  Features result{frame_count(samples.size(), options), fft_size(options), {}};
  std::vector<double> frame(result.bins);
  for (int i = 0; i < result.frames; ++i) {
    window_frame(&samples[std::size_t(i) * options.hop], window, options.preemphasis, frame);
    result.values.insert(result.values.end(), frame.begin(), frame.end());
  }
  return result;
}

Features power_spectrum(const Features& windowed) {
  Features result{windowed.frames, windowed.bins / 2 + 1, {}};
  const Fft fft(windowed.bins);
  std::vector<double> power(result.bins);
  for (int i = 0; i < windowed.frames; ++i) {
    const std::vector<double> input(windowed.frame(i), windowed.frame(i) + windowed.bins);
    fft.power(input, power);
    result.values.insert(result.values.end(), power.begin(), power.end());
  }
  return result;
}

Features mel_filters(const LogMelOptions& options) {
  check(options);
  Features result{options.mels, fft_size(options) / 2, std::vector<float>(std::size_t(options.mels) * (fft_size(options) / 2))};
  const auto filters = triangles(options);
  for (int m = 0; m < options.mels; ++m) std::copy(filters[m].weights.begin(), filters[m].weights.end(), result.frame(m) + filters[m].first);
  return result;
}

Features log_mel(std::span<const float> samples, const LogMelOptions& options) {
  check(options);
  const auto window = hann(options.window);
  const auto filters = triangles(options);
  const Fft fft(fft_size(options));
  Features result{frame_count(samples.size(), options), options.mels, {}};
  result.values.reserve(std::size_t(result.frames) * options.mels);
  std::vector<double> frame(fft.size()), power(fft.size() / 2 + 1);
  for (int i = 0; i < result.frames; ++i) {
    window_frame(&samples[std::size_t(i) * options.hop], window, options.preemphasis, frame);
    fft.power(frame, power);
    for (const auto& filter : filters) {
      double energy = 0;
      for (std::size_t k = 0; k < filter.weights.size(); ++k) energy += filter.weights[k] * power[filter.first + k];
      result.values.push_back(std::log(std::max(float(energy), options.floor)));
    }
  }
  return result;
}

Features log_mel(const Audio& audio, const LogMelOptions& options) {
  const Audio first{audio.sample_rate, 1, audio.start,
                    {audio.samples.begin(), audio.samples.begin() + std::ptrdiff_t(audio.frames())}};
  return log_mel(resample(first, options.sample_rate).samples, options);
}

}  // namespace reamo::signal
