#include "media/read.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <sys/stat.h>

#include "ie/error.h"
#include "media/write.h"
#include "store/tensor_file.h"

namespace reamo::media {
namespace {

const std::filesystem::path kCases = REAMO_SHARED_DIR "/parity/imagebind";

template <typename T>
std::vector<T> values(const store::TensorFile& file, const std::string& name) {
  const auto& tensor = file.at(name);
  std::vector<T> result(std::size_t(tensor.elements()));
  std::memcpy(result.data(), tensor.bytes.data(), tensor.bytes.size());
  return result;
}

std::filesystem::path input_of(const std::filesystem::path& folder) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto stem = entry.path().stem();
    if (stem == "image" || stem == "audio") return entry.path();
  }
  return {};
}

// Shorter side to 224, longer truncated; then a square from the middle, halves to even (IMAGEBIND.md section 4).
signal::Image published_crop(const signal::Image& image) {
  const int shorter = std::min(image.width, image.height), longer = std::max(image.width, image.height);
  const int scaled = int(std::int64_t(224) * longer / shorter);
  const bool wide = image.width >= image.height;
  const auto resized = signal::resize(image, wide ? scaled : 224, wide ? 224 : scaled, signal::Filter::kBicubic);
  const auto half_even = [](int extra) { return int(std::nearbyint(extra / 2.0)); };
  return signal::crop(resized, half_even(resized.width - 224), half_even(resized.height - 224), 224, 224);
}

TEST(PublishedImages, ResizedAndCroppedPixelsAreExact) {
  if (!std::filesystem::exists(kCases)) GTEST_SKIP() << "the reference cases are not beside the checkout";
  int checked = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kCases / "images")) {
    const std::string name = entry.path().filename().string();
    const auto expected = store::TensorFile::open_safetensors(entry.path() / "expected.safetensors");
    if (!expected.has("crop_u8_stride4") || name.starts_with("train_pad")) continue;
    SCOPED_TRACE(name);
    const auto path = input_of(entry.path());
    if (path.empty()) continue;
    const auto image = read_image(path, {}, published_image_options());
    const bool lossy = path.extension() == ".jpg";
    const auto crop = published_crop(image);
    const auto want = values<std::uint8_t>(expected, "crop_u8_stride4");
    int worst = 0;
    for (int c = 0; c < 3; ++c) {
      for (int y = 0; y < 56; ++y) {
        for (int x = 0; x < 56; ++x) {
          worst = std::max(worst, std::abs(crop.pixel(4 * x, 4 * y)[c] - want[std::size_t((c * 56 + y) * 56 + x)]));
        }
      }
    }
    EXPECT_LE(worst, lossy ? 3 : 0);
    if (expected.has("decoded_u8")) {
      const auto decoded = values<std::uint8_t>(expected, "decoded_u8");
      ASSERT_EQ(decoded.size(), image.rgb.size());
      int difference = 0;
      double sum = 0;
      for (std::size_t i = 0; i < decoded.size(); ++i) {
        difference = std::max(difference, std::abs(decoded[i] - image.rgb[i]));
        sum += std::abs(decoded[i] - image.rgb[i]);
      }
      EXPECT_LE(difference, 3);
      // Only the inverse transforms differ, by one level; a plain enlarging of the colours would differ ten times as much.
      EXPECT_LT(sum / double(decoded.size()), name == "jpeg_cmyk" ? 1.5 : 0.06);
    }
    ++checked;
  }
  EXPECT_GE(checked, 17);
}

TEST(PublishedSound, ResampledSamplesAgree) {
  if (!std::filesystem::exists(kCases)) GTEST_SKIP() << "the reference cases are not beside the checkout";
  int checked = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kCases / "audio")) {
    if (!std::filesystem::exists(entry.path() / "expected.safetensors")) continue;
    const auto expected = store::TensorFile::open_safetensors(entry.path() / "expected.safetensors");
    if (!expected.has("waveform_16k_head")) continue;
    SCOPED_TRACE(entry.path().filename().string());
    const auto audio = signal::resample(read_audio(input_of(entry.path())), 16000);
    EXPECT_EQ(std::int64_t(audio.frames()), values<std::int64_t>(expected, "waveform_16k_length")[0]);
    const auto& shape = expected.at("waveform_16k_head").shape;
    const auto head = values<float>(expected, "waveform_16k_head");
    for (std::int64_t channel = 0; channel < shape[0]; ++channel) {
      for (std::int64_t i = 0; i < shape[1]; ++i) {
        ASSERT_NEAR(audio.samples[std::size_t(channel) * audio.frames() + std::size_t(i)], head[std::size_t(channel * shape[1] + i)], 1e-4);
      }
    }
    ++checked;
  }
  EXPECT_GE(checked, 2);
}

class Refusals : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "reamo-media-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name, std::ios::binary) << text; }
  template <typename Read>
  std::string message(Read read) {
    try {
      read();
    } catch (const Error& error) {
      return error.what();
    }
    return "nothing was thrown";
  }
  std::filesystem::path folder_;
};

TEST_F(Refusals, PlaylistsAndPatternsOpenNothingElse) {
  write("list.m3u8", "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n");
  write("list.ffconcat", "ffconcat version 1.0\nfile '/etc/passwd'\n");
  write("manifest.mpd", "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\"></MPD>");
  write("words.srt", "1\n00:00:00,000 --> 00:00:01,000\nhello\n");
  write("session.sdp", "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 9000 RTP/AVP 0\n");
  for (const char* name : {"list.m3u8", "list.ffconcat", "manifest.mpd", "words.srt", "session.sdp"}) {
    EXPECT_NE(message([&] { open_video(folder_ / name); }).find("not sound or film of a known format"), std::string::npos) << name;
    EXPECT_NE(message([&] { read_audio(folder_ / name); }).find(name), std::string::npos);
    EXPECT_NE(message([&] { read_image(folder_ / name); }).find("not a PNG"), std::string::npos);
  }
}

TEST_F(Refusals, NamesLikeAddressesAreFiles) {
  write_png(folder_ / "concat:a|b %03d.png", signal::Image(3, 2));
  EXPECT_EQ(read_image(folder_ / "concat:a|b %03d.png").width, 3);
  write_wav(folder_ / "http:x %d.wav", {8000, 1, 0, std::vector<float>(800)});
  EXPECT_EQ(read_audio(folder_ / "http:x %d.wav").frames(), 800u);
}

TEST_F(Refusals, MissingFoldersAndPipes) {
  EXPECT_NE(message([&] { read_image(folder_ / "none.png"); }).find("no such file"), std::string::npos);
  EXPECT_NE(message([&] { read_audio(folder_); }).find("folder"), std::string::npos);
  ASSERT_EQ(mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  EXPECT_NE(message([&] { inspect(folder_ / "pipe"); }).find("not a regular file"), std::string::npos);
}

TEST_F(Refusals, LimitsNameTheirOption) {
  write_png(folder_ / "a.png", signal::Image(40, 30));
  write_wav(folder_ / "a.wav", {8000, 1, 0, std::vector<float>(16000, 0.1f)});
  std::vector<signal::Image> images(10, signal::Image(32, 32));
  write_mp4(folder_ / "a.mp4", from_images(images, 5));
  Limits limits;
  limits.max_pixels = 1000;
  EXPECT_NE(message([&] { read_image(folder_ / "a.png", limits); }).find("--max-pixels"), std::string::npos);
  EXPECT_NE(message([&] { open_video(folder_ / "a.mp4", limits); }), "nothing was thrown");
  limits = {};
  limits.max_seconds = 1;
  EXPECT_NE(message([&] { read_audio(folder_ / "a.wav", limits); }).find("--max-seconds"), std::string::npos);
  EXPECT_NE(message([&] { open_video(folder_ / "a.mp4", limits); }).find("--max-seconds"), std::string::npos);
  limits = {};
  limits.max_frames = 5;
  EXPECT_NE(message([&] { open_video(folder_ / "a.mp4", limits); }).find("--max-frames"), std::string::npos);
  limits = {};
  limits.max_samples = 100;
  EXPECT_NE(message([&] { read_audio(folder_ / "a.wav", limits); }).find("--max-samples"), std::string::npos);
  limits = {};
  limits.max_bytes = 10;
  EXPECT_NE(message([&] { read_audio(folder_ / "a.wav", limits); }).find("--max-bytes"), std::string::npos);
  EXPECT_NE(message([&] { read_audio(folder_ / "a.png"); }), "nothing was thrown");
}

TEST_F(Refusals, EveryCutOfAPictureIsTold) {
  signal::Image image(16, 16);
  for (std::size_t i = 0; i < image.rgb.size(); ++i) image.rgb[i] = std::uint8_t(i * 7);
  for (const auto& bytes : {encode_png(image), encode_jpeg(image)}) {
    for (std::size_t size = 1; size < bytes.size(); size += 1 + bytes.size() / 60) {
      write_bytes(folder_ / "cut", std::span(bytes).first(size));
      EXPECT_THROW(read_image(folder_ / "cut"), Error) << size;
    }
  }
}

}  // namespace
}  // namespace reamo::media
