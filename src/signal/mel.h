// Log-mel features of sound.
#pragma once

#include <span>
#include <vector>

#include "signal/audio.h"

namespace reamo::signal {

// Row-major [frames][bins].
struct Features {
  int frames = 0, bins = 0;
  std::vector<float> values;
  const float* frame(int index) const { return &values[std::size_t(index) * bins]; }
  float* frame(int index) { return &values[std::size_t(index) * bins]; }
};

// Kaldi-style filter bank. Per whole frame: the frame's mean is subtracted, x[i] - preemphasis * x[i-1] (x[-1] = x[0]),
// symmetric Hann window, zero-padded to the next power of two, power spectrum, triangles equally spaced and linear in
// mel (1127 ln(1 + f/700)), peak 1, log(max(energy, floor)). Samples are in [-1, 1].
struct LogMelOptions {
  int sample_rate = 16000;
  int window = 400, hop = 160;  // samples: 25 ms and 10 ms at 16 kHz
  int mels = 64;
  double low = 20, high = 8000;  // Hz, edges of the first and the last triangle
  double preemphasis = 0.97;
  float floor = 1.1920929e-07f;
};
// 1 + floor((samples - window) / hop) frames, 0 of sound shorter than a window.
int frame_count(std::size_t samples, const LogMelOptions& options);
// Channel 0 of `audio`, brought to options.sample_rate. The time of frame i is that of its first sample: audio.start +
// i * hop / sample_rate.
Features log_mel(const Audio& audio, const LogMelOptions& options = {});
Features log_mel(std::span<const float> samples, const LogMelOptions& options = {});

// ImageBind's filter bank (parity/IMAGEBIND.md 5.3) of 16 kHz samples: [frames][128]. Padding to 204 frames and
// normalisation are the encoder's.
inline LogMelOptions imagebind_mel_options() {
  LogMelOptions options;
  options.mels = 128;
  return options;
}
inline Features imagebind_fbank(std::span<const float> samples) { return log_mel(samples, imagebind_mel_options()); }

// The stages, for reference cases. Frames after window and zero padding: [frames][fft]; power spectrum:
// [frames][fft / 2 + 1]; filters: [mels][fft / 2], the Nyquist bin (weight 0) left out.
int fft_size(const LogMelOptions& options);
Features windowed_frames(std::span<const float> samples, const LogMelOptions& options);
Features power_spectrum(const Features& windowed);
Features mel_filters(const LogMelOptions& options);

}  // namespace reamo::signal
