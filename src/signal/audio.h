// Sound as plain arrays.
#pragma once

#include <cstddef>
#include <vector>

namespace reamo::signal {

// Planar samples in [-1, 1]: samples[channel * frames() + i]. `start` is the presentation time of the first sample in
// seconds, on the file's own clock.
struct Audio {
  int sample_rate = 16000;
  int channels = 1;
  double start = 0;
  std::vector<float> samples;

  std::size_t frames() const { return channels > 0 ? samples.size() / channels : 0; }
  double duration() const { return double(frames()) / sample_rate; }
  double end() const { return start + duration(); }
};

// Mean of the channels.
Audio mono(const Audio& audio);
// Windowed sinc (parity/IMAGEBIND.md 5.1). Length ceil(rate * n / audio.sample_rate).
Audio resample(const Audio& audio, int sample_rate);
// Samples [from, to) in seconds relative to the audio's first sample; clipped to the audio.
Audio slice(const Audio& audio, double from, double to);

}  // namespace reamo::signal
