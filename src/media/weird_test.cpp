// Broken and unusual files: each ends as its manifest says.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "ie/error.h"
#include "media/read.h"

namespace reamo::media {
namespace {

using nlohmann::json;
const std::filesystem::path kFolder = REAMO_SHARED_DIR "/data/weird";

json entries() {
  std::ifstream file(kFolder / "manifest.json");
  return file ? json::parse(file)["files"] : json::array();
}

void check_pixel(const signal::Image& image, int x, int y, const json& colour, int tolerance, const std::string& where) {
  for (int c = 0; c < 3; ++c) EXPECT_NEAR(image.pixel(x, y)[c], colour[c].get<int>(), tolerance) << where << " channel " << c;
}

void check_image(const json& entry, const std::filesystem::path& path) {
  Warnings warnings;
  const auto image = read_image(path, {}, {}, &warnings);
  if (entry.contains("size")) {
    EXPECT_EQ(image.width, entry["size"][0].get<int>());
    EXPECT_EQ(image.height, entry["size"][1].get<int>());
    const Info info = inspect(path);
    EXPECT_EQ(info.width, image.width);
    EXPECT_EQ(info.height, image.height);
    EXPECT_EQ(info.kind, Kind::kImage);
  }
  if (entry.contains("quadrants")) {
    const int tolerance = entry.value("tolerance", 8);
    const int w = image.width, h = image.height;
    check_pixel(image, w / 4, h / 4, entry["quadrants"]["top_left"], tolerance, "top left");
    check_pixel(image, 3 * w / 4, h / 4, entry["quadrants"]["top_right"], tolerance, "top right");
    check_pixel(image, w / 4, 3 * h / 4, entry["quadrants"]["bottom_left"], tolerance, "bottom left");
    check_pixel(image, 3 * w / 4, 3 * h / 4, entry["quadrants"]["bottom_right"], tolerance, "bottom right");
  }
  if (entry.contains("pixel")) check_pixel(image, 0, 0, entry["pixel"], 0, "pixel");
  const std::string name = path.filename().string();
  if (name == "gray16.png") {
    EXPECT_EQ(image.pixel(0, 0)[0], 0);
    EXPECT_EQ(image.pixel(63, 10)[1], 255);
    EXPECT_NEAR(image.pixel(31, 10)[2], 125, 2);
  }
  if (name == "one_bit.png") {
    for (std::uint8_t value : image.rgb) ASSERT_TRUE(value == 0 || value == 255);
  }
  if (name.starts_with("gray")) {
    EXPECT_EQ(image.pixel(20, 20)[0], image.pixel(20, 20)[2]);
  }
}

// Strength of a tone in a channel, as the amplitude of that frequency.
double amplitude(const signal::Audio& audio, int channel, double hertz) {
  double real = 0, imaginary = 0;
  const std::size_t frames = audio.frames();
  for (std::size_t i = 0; i < frames; ++i) {
    const double angle = 2 * std::acos(-1.0) * hertz * double(i) / audio.sample_rate;
    real += audio.samples[channel * frames + i] * std::cos(angle);
    imaginary += audio.samples[channel * frames + i] * std::sin(angle);
  }
  return 2 * std::hypot(real, imaginary) / double(frames);
}

double peak(const signal::Audio& audio) {
  double most = 0;
  for (float sample : audio.samples) most = std::max(most, std::abs(double(sample)));
  return most;
}

void check_audio(const json& entry, const std::filesystem::path& path) {
  Warnings warnings;
  const auto audio = read_audio(path, {}, &warnings);
  for (float sample : audio.samples) ASSERT_TRUE(std::isfinite(sample));
  if (entry.contains("sample_rate")) {
    EXPECT_EQ(audio.sample_rate, entry["sample_rate"].get<int>());
  }
  if (entry.contains("channels")) {
    EXPECT_EQ(audio.channels, entry["channels"].get<int>());
  }
  // FFmpeg's Vorbis decoder gives nothing for the first block of 128 samples and counts it; `start` tells so.
  if (path.extension() == ".ogg") {
    EXPECT_NEAR(audio.end(), entry["frames"].get<double>() / audio.sample_rate, 1e-6);
  } else if (entry.contains("frames")) {
    EXPECT_EQ(audio.frames(), entry["frames"].get<std::size_t>());
  }
  if (entry.contains("frames_at_least")) {
    EXPECT_GE(audio.frames(), entry["frames_at_least"].get<std::size_t>());
  }
  if (entry.contains("resampled_frames_16k")) {
    EXPECT_EQ(signal::resample(audio, 16000).frames(), entry["resampled_frames_16k"].get<std::size_t>());
  }
  if (entry.contains("peak")) {
    EXPECT_NEAR(peak(audio), entry["peak"].get<double>(), entry.value("tolerance", 0.01) + 0.002);
  }
  if (entry.contains("mono_peak")) {
    EXPECT_NEAR(peak(signal::mono(audio)), entry["mono_peak"].get<double>(), 0.01);
  }
  if (entry.contains("tone_hz")) {
    const auto tones = entry["tone_hz"].is_array() ? entry["tone_hz"].get<std::vector<double>>()
                                                    : std::vector<double>{entry["tone_hz"].get<double>()};
    for (std::size_t i = 0; i < tones.size(); ++i) EXPECT_GT(amplitude(audio, int(i), tones[i]), 0.5 * entry["peak"].get<double>());
  }
  const std::string name = path.filename().string();
  if (name == "length_too_long.wav" || name == "float32_nan.wav") {
    EXPECT_FALSE(warnings.empty());
  }
}

struct Rect { double x, y; };

// Mean position of clearly red pixels, as shares of the picture.
Rect red_centre(const signal::Image& image) {
  double x_sum = 0, y_sum = 0, count = 0;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      const auto* pixel = image.pixel(x, y);
      if (pixel[0] < 150 || pixel[1] > 100 || pixel[2] > 100) continue;
      x_sum += x, y_sum += y, count += 1;
    }
  }
  return {x_sum / count / image.width, y_sum / count / image.height};
}

void check_video(const json& entry, const std::filesystem::path& path) {
  Warnings warnings;
  auto source = open_video(path, {}, &warnings);
  const Info info = inspect(path);
  std::vector<double> times;
  std::optional<signal::Image> first;
  while (auto frame = source.next()) {
    EXPECT_EQ(frame->image.width, source.width);
    EXPECT_EQ(frame->image.height, source.height);
    times.push_back(frame->time);
    if (!first) first = std::move(frame->image);
  }
  if (entry.contains("size")) {
    EXPECT_EQ(source.width, entry["size"][0].get<int>());
    EXPECT_EQ(source.height, entry["size"][1].get<int>());
    EXPECT_EQ(info.width, source.width);
    EXPECT_EQ(info.height, source.height);
  }
  if (entry.contains("frames")) {
    EXPECT_EQ(times.size(), entry["frames"].get<std::size_t>());
  }
  if (entry.contains("fps")) {
    EXPECT_NEAR(source.frame_rate, entry["fps"].get<double>(), 0.01);
    for (std::size_t i = 0; i < times.size(); ++i) EXPECT_NEAR(times[i] - times[0], double(i) / entry["fps"].get<double>(), 2e-3);
  }
  if (entry.contains("times")) {
    for (std::size_t i = 0; i < times.size(); ++i) EXPECT_NEAR(times[i], entry["times"][i].get<double>(), 2e-3);
  }
  if (warnings.empty()) {
    const auto stated = frame_times(path);
    ASSERT_EQ(stated.size(), times.size());
    for (std::size_t i = 0; i < times.size(); ++i) EXPECT_NEAR(stated[i], times[i], 2e-3);
  }
  if (entry.contains("audio")) {
    Warnings sound_warnings;
    const auto sound = read_soundtrack(path, {}, &sound_warnings);
    EXPECT_EQ(sound.has_value(), entry["audio"].get<bool>());
    EXPECT_EQ(info.has_audio, entry["audio"].get<bool>());
    if (sound) {
      EXPECT_EQ(sound->sample_rate, entry["audio_rate"].get<int>());
      EXPECT_EQ(sound->channels, entry["audio_channels"].get<int>());
      EXPECT_GT(amplitude(signal::slice(*sound, 0.2, 1.2), 0, 440), 0.1);
      if (entry.contains("audio_start")) {
        // What is heard starts there, whatever stands before it.
        std::size_t first_heard = 0;
        while (first_heard < sound->frames() && std::abs(sound->samples[first_heard]) < 0.05f) ++first_heard;
        EXPECT_NEAR(sound->start + double(first_heard) / sound->sample_rate, entry["audio_start"].get<double>(), 0.02);
      }
    }
    if (entry.contains("audio_tracks")) {
      EXPECT_EQ(info.audio_tracks, entry["audio_tracks"].get<int>());
    }
  }
  if (entry.contains("red_square_after_rotation")) {
    const std::string where = entry["red_square_after_rotation"];
    const Rect centre = red_centre(first.value());
    EXPECT_EQ(centre.x > 0.5, where.ends_with("right"));
    EXPECT_EQ(centre.y > 0.5, where.starts_with("bottom"));
  }
  const std::string name = path.filename().string();
  if (name == "truncated_with_index.mp4") {
    EXPECT_FALSE(warnings.empty());
  }
}

void check(const json& entry) {
  const std::string file = entry["file"];
  const auto path = kFolder / std::filesystem::path(std::u8string(file.begin(), file.end()));
  if (file.starts_with("image/")) return check_image(entry, path);
  if (file.starts_with("audio/")) return check_audio(entry, path);
  check_video(entry, path);
}

TEST(WeirdFiles, EndAsTheManifestSays) {
  const json files = entries();
  if (files.empty()) GTEST_SKIP() << "the data folder is not beside the checkout";
  for (const auto& entry : files) {
    const std::string file = entry["file"], expect = entry["expect"];
    SCOPED_TRACE(file);
    try {
      check(entry);
      EXPECT_NE(expect, "reject") << "was read";
    } catch (const Error& error) {
      EXPECT_NE(expect, "decode") << error.what();
      EXPECT_NE(std::string(error.what()).find(std::filesystem::path(file).extension()), std::string::npos) << error.what();
      if (std::getenv("REAMO_SHOW_REFUSALS")) std::fprintf(stderr, "%s\n", error.what());
    }
  }
}

}  // namespace
}  // namespace reamo::media
