#include "media/write.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "ie/error.h"
#include "media/read.h"

namespace reamo::media {
namespace {

class Written : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "reamo-media-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  // Nothing but the file asked for is left.
  int files() const { return int(std::distance(std::filesystem::directory_iterator(folder_), std::filesystem::directory_iterator())); }
  std::filesystem::path folder_;
};

signal::Image pattern(int width, int height, int shift = 0) {
  signal::Image image(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      image.pixel(x, y)[0] = std::uint8_t(60 + (x * 120) / width);
      image.pixel(x, y)[1] = std::uint8_t(40 + (y * 160) / height);
      image.pixel(x, y)[2] = std::uint8_t((x + shift) / 8 % 2 ? 200 : 90);
    }
  }
  return image;
}

double mean_difference(const signal::Image& a, const signal::Image& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.rgb.size(); ++i) sum += std::abs(a.rgb[i] - b.rgb[i]);
  return sum / double(a.rgb.size());
}

signal::Audio tone(int rate, int channels, double seconds, double start = 0) {
  signal::Audio audio{rate, channels, start, {}};
  const int frames = int(seconds * rate);
  for (int channel = 0; channel < channels; ++channel) {
    for (int i = 0; i < frames; ++i) audio.samples.push_back(float(0.4 * std::sin(i * 2 * std::acos(-1.0) * 440 * (channel + 1) / rate)));
  }
  return audio;
}

TEST_F(Written, PngKeepsEveryValue) {
  const auto image = pattern(37, 21);
  write_png(folder_ / "a.png", image);
  EXPECT_EQ(read_image(folder_ / "a.png"), image);

  signal::ImageRgba rgba{5, 3, {}};
  for (int i = 0; i < 60; ++i) rgba.rgba.push_back(std::uint8_t(i * 4));
  write_png(folder_ / "b.png", rgba);
  EXPECT_EQ(read_image_rgba(folder_ / "b.png").rgba, rgba.rgba);
  EXPECT_EQ(read_image(folder_ / "b.png", {}, published_image_options()).pixel(0, 0)[2], 8);  // alpha dropped

  const std::vector<std::uint8_t> pixels = {0, 1, 1, 0, 0, 1};
  write_png(folder_ / "m.png", ie::encode(pixels, 2, 3));
  const auto mask = read_image(folder_ / "m.png");
  for (int i = 0; i < 6; ++i) EXPECT_EQ(mask.rgb[std::size_t(i) * 3], pixels[std::size_t(i)] ? 255 : 0);
  EXPECT_EQ(files(), 3);
}

TEST_F(Written, JpegIsCloseAndQualityCounts) {
  const auto image = pattern(64, 48);
  write_jpeg(folder_ / "a.jpg", image, 95);
  EXPECT_LT(mean_difference(read_image(folder_ / "a.jpg"), image), 3);
  EXPECT_LT(encode_jpeg(image, 30).size(), encode_jpeg(image, 95).size());
}

TEST_F(Written, WavKeepsEverySample) {
  signal::Audio audio{8000, 2, 0, {0, 0.5f, -0.25f, 2, -1, -3, 1.0f / 32768, NAN}};
  write_wav(folder_ / "a.wav", audio);
  const auto back = read_audio(folder_ / "a.wav");
  EXPECT_EQ(back.sample_rate, 8000);
  EXPECT_EQ(back.samples, (std::vector<float>{0, 0.5f, -0.25f, 32767.0f / 32768, -1, -1, 1.0f / 32768, 0}));
}

TEST_F(Written, Mp4KeepsTimesSizeAndSound) {
  const double times[] = {0, 0.1, 0.25, 0.3, 0.7, 1.1};
  int index = 0;
  signal::FrameSource source{65, 48, 10, [&]() -> std::optional<signal::Frame> {
    if (index >= 6) return std::nullopt;
    const int i = index++;
    return signal::Frame{pattern(65, 48, i), times[i]};
  }};
  write_mp4(folder_ / "a.mp4", source, tone(16000, 1, 0.8, 0.25), {.frame_rate = 10});
  EXPECT_EQ(files(), 1);
  auto back = open_video(folder_ / "a.mp4");
  EXPECT_EQ(back.width, 64);
  EXPECT_EQ(back.height, 48);
  for (int i = 0; i < 6; ++i) {
    const auto frame = back.next();
    ASSERT_TRUE(frame);
    EXPECT_NEAR(frame->time, times[i], 1e-3);
    EXPECT_LT(mean_difference(frame->image, pattern(64, 48, i)), 8);
  }
  EXPECT_FALSE(back.next());
  const auto sound = read_soundtrack(folder_ / "a.mp4");
  ASSERT_TRUE(sound);
  std::size_t first_heard = 0;
  while (first_heard < sound->frames() && std::abs(sound->samples[first_heard]) < 0.05f) ++first_heard;
  EXPECT_NEAR(sound->start + double(first_heard) / 16000, 0.25, 0.02);
  EXPECT_NEAR(sound->end(), 1.05, 0.1);
}

TEST_F(Written, FilmsAndSoundInMemoryAreWholeFiles) {
  std::vector<signal::Image> images;
  for (int i = 0; i < 5; ++i) images.push_back(pattern(120, 80, i));
  write_bytes(folder_ / "a.mp4", encode_mp4(from_images(images, 5), {}, {.frame_rate = 5, .max_side = 60}));
  const Info info = inspect(folder_ / "a.mp4");
  EXPECT_EQ(info.width, 60);
  EXPECT_EQ(info.height, 40);
  EXPECT_EQ(info.frames, 5);
  EXPECT_FALSE(info.has_audio);
  EXPECT_EQ(read_soundtrack(folder_ / "a.mp4"), std::nullopt);
  write_bytes(folder_ / "b.m4a", encode_m4a(tone(11025, 3, 0.5)));
  const auto sound = read_audio(folder_ / "b.m4a");
  EXPECT_EQ(sound.channels, 1);
  EXPECT_NEAR(sound.duration(), 0.5, 0.1);
}

TEST_F(Written, FailuresLeaveNothing) {
  EXPECT_THROW(write_png(folder_ / "missing" / "a.png", pattern(2, 2)), Error);
  EXPECT_THROW(write_mp4(folder_ / "missing" / "a.mp4", from_images({pattern(8, 8)}, 5)), Error);
  EXPECT_THROW(write_mp4(folder_ / "a.mp4", from_images({}, 5)), std::exception);
  int calls = 0;
  signal::FrameSource stuck{8, 8, 5, [&]() -> std::optional<signal::Frame> {
    return calls++ < 2 ? std::optional(signal::Frame{pattern(8, 8), 0.5}) : std::nullopt;
  }};
  EXPECT_THROW(write_mp4(folder_ / "b.mp4", stuck), Error);
  EXPECT_EQ(files(), 0);
}

TEST(Base64, AgreesWithTheStandard) {
  const auto text = [](std::string_view bytes) {
    return base64({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  };
  EXPECT_EQ(text(""), "");
  EXPECT_EQ(text("f"), "Zg==");
  EXPECT_EQ(text("fo"), "Zm8=");
  EXPECT_EQ(text("foobar"), "Zm9vYmFy");
}

}  // namespace
}  // namespace reamo::media
