#include "signal/audio.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <numbers>
#include <stdexcept>

#include "signal/fft.h"
#include "signal/mel.h"
#include "store/tensor_file.h"

namespace reamo::signal {
namespace {

Audio tone(int rate, double hertz, std::size_t frames) {
  Audio audio;
  audio.sample_rate = rate;
  for (std::size_t i = 0; i < frames; ++i) audio.samples.push_back(float(std::sin(2 * std::numbers::pi * hertz * double(i) / rate)));
  return audio;
}

TEST(Fft, AgreesWithTheDefinition) {
  const Fft fft(16);
  std::vector<std::complex<double>> values, expected(16);
  for (int i = 0; i < 16; ++i) values.emplace_back(std::sin(i * 1.7), std::cos(i * i * 0.3));
  for (int k = 0; k < 16; ++k) {
    for (int i = 0; i < 16; ++i) expected[k] += values[i] * std::polar(1.0, -2 * std::numbers::pi * k * i / 16);
  }
  const auto original = values;
  fft.forward(values);
  for (int k = 0; k < 16; ++k) EXPECT_NEAR(std::abs(values[k] - expected[k]), 0, 1e-12);
  fft.inverse(values);
  for (int k = 0; k < 16; ++k) EXPECT_NEAR(std::abs(values[k] - original[k]), 0, 1e-12);
  EXPECT_THROW(Fft(12), std::invalid_argument);
}

TEST(Resample, KeepsTonesAndLengths) {
  for (const auto& [from, to] : {std::pair{44100, 16000}, {8000, 16000}, {48000, 16000}, {16000, 22050}, {11025, 16000}}) {
    const Audio result = resample(tone(from, 440, std::size_t(from / 2 + 1)), to);
    EXPECT_EQ(result.sample_rate, to);
    EXPECT_EQ(result.frames(), std::size_t(std::ceil(double(to) * (from / 2 + 1) / from)));
    for (std::size_t i = 200; i + 200 < result.frames(); i += 13) {
      EXPECT_NEAR(result.samples[i], std::sin(2 * std::numbers::pi * 440 * double(i) / to), 4e-3) << from << " at " << i;
    }
  }
}

TEST(Resample, RemovesWhatTheLowerRateCannotHold) {
  const Audio result = resample(tone(48000, 12000, 4800), 16000);
  for (std::size_t i = 50; i + 50 < result.frames(); ++i) EXPECT_LT(std::abs(result.samples[i]), 5e-3);
}

TEST(Resample, OddRatesNeedLittleMemory) {
  const Audio result = resample(tone(44099, 300, 2000), 16001);
  EXPECT_EQ(result.frames(), std::size_t(std::ceil(2000.0 * 16001 / 44099)));
  EXPECT_NEAR(result.samples[300], std::sin(2 * std::numbers::pi * 300 * 300 / 16001), 5e-3);
}

TEST(Mono, IsTheMeanAndSlicesKeepTheClock) {
  Audio stereo{10, 2, 1.5, {1, 2, 3, 4, 3, 2, 1, 0}};
  EXPECT_EQ(mono(stereo).samples, (std::vector<float>{2, 2, 2, 2}));
  const Audio part = slice(stereo, 0.1, 0.3);
  EXPECT_EQ(part.samples, (std::vector<float>{2, 3, 2, 1}));
  EXPECT_DOUBLE_EQ(part.start, 1.6);
  EXPECT_EQ(slice(stereo, -5, 100).samples, stereo.samples);
  EXPECT_EQ(slice(stereo, 0.3, 0.1).frames(), 0u);
}

TEST(LogMel, PutsAToneIntoItsFilter) {
  LogMelOptions options;
  const Features low = log_mel(tone(16000, 300, 16000), options), high = log_mel(tone(44100, 3000, 44100), options);
  EXPECT_EQ(low.frames, 98);
  EXPECT_EQ(low.bins, 64);
  const auto loudest = [](const Features& features) { return std::max_element(features.frame(50), features.frame(51)) - features.frame(50); };
  const auto filter_of = [&](double hertz) {
    const auto mel = [](double f) { return 1127 * std::log(1 + f / 700); };
    return (mel(hertz) - mel(20)) / ((mel(8000) - mel(20)) / 65) - 1;
  };
  EXPECT_NEAR(double(loudest(low)), filter_of(300), 1.01);
  EXPECT_NEAR(double(loudest(high)), filter_of(3000), 1.01);
  EXPECT_EQ(frame_count(399, options), 0);
  EXPECT_EQ(frame_count(400, options), 1);
  options.high = 9000;
  EXPECT_THROW(log_mel(tone(16000, 300, 1600), options), std::invalid_argument);
}

std::vector<float> floats(const store::TensorFile& file, const std::string& name) {
  const auto& tensor = file.at(name);
  std::vector<float> values(std::size_t(tensor.elements()));
  std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
  return values;
}

TEST(LogMel, AgreesWithThePublishedFilterBankStageByStage) {
  const std::filesystem::path folder = REAMO_SHARED_DIR "/parity/imagebind/audio/fbank_stages";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "the reference cases are not beside the checkout";
  const auto inputs = store::TensorFile::open_safetensors(folder / "inputs.safetensors");
  const auto expected = store::TensorFile::open_safetensors(folder / "expected.safetensors");
  const auto samples = floats(inputs, "waveform");
  const auto options = imagebind_mel_options();
  const auto compare = [&](const std::string& name, const Features& got, double atol, double rtol) {
    const auto want = floats(expected, name);
    ASSERT_EQ(got.values.size(), want.size()) << name;
    for (std::size_t i = 0; i < want.size(); ++i) {
      ASSERT_NEAR(got.values[i], want[i], atol + rtol * std::abs(want[i])) << name << " " << i;
    }
  };
  const Features windowed = windowed_frames(samples, options);
  compare("windowed_padded", windowed, 1e-6, 0);
  compare("power_spectrum", power_spectrum(windowed), 2e-5, 1e-4);
  compare("mel_filters", mel_filters(options), 2e-4, 0);
  compare("log_mel", imagebind_fbank(samples), 0.003, 0);
}

}  // namespace
}  // namespace reamo::signal
