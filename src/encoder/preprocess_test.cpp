#include "encoder/preprocess.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "encoder/encoder.h"
#include "encoder/reference.h"
#include "ie/error.h"
#include "nn/case.h"
#include "store/json_limits.h"
#include "store/tensor_file.h"

namespace reamo::encoder {
namespace {

const std::filesystem::path kCases = std::filesystem::path(REAMO_SHARED_DIR) / "parity/imagebind";

// Cases that need no decoder.
TEST(Preprocessing, AgreesWithTheReferenceCases) {
  if (!std::filesystem::exists(kCases)) GTEST_SKIP() << "reference cases are not here: " << kCases;
  int count = 0;
  for (const char* family : {"video", "audio/fbank_stages", "text"}) {
    for (const auto& folder : nn::find_cases(kCases / family)) {
      const nn::Case reference = nn::Case::open(folder);
      const nn::CaseResult result = nn::compare(reference, run_imagebind_case(reference));
      EXPECT_TRUE(result.passed) << folder << ": " << nn::describe(result);
      ++count;
    }
  }
  EXPECT_GE(count, 9);
}

TEST(VideoPreprocessing, PicksThePublishedFrames) {
  if (!std::filesystem::exists(kCases)) GTEST_SKIP() << "reference cases are not here: " << kCases;
  const nlohmann::json table = store::parse_json(store::read_file(kCases / "video/frame_timing.json"), "frame_timing");
  for (const auto& row : table.at("rows")) {
    const double rate = row.at("fps")[0].get<double>() / row.at("fps")[1].get<double>();
    for (const char* name : {"inclusive", "exclusive"}) {
      const Spacing spacing = std::string(name) == "inclusive" ? Spacing::kInclusive : Spacing::kExclusive;
      const auto clips = video_clip_frames(row.at("frames"), rate, {}, spacing);
      for (std::size_t k = 0; k < clips.size(); ++k) {
        EXPECT_EQ(clips[k].picked, row.at(name)[k].at("picked").get<std::vector<std::int64_t>>()) << row << name << k;
        EXPECT_EQ((std::vector<std::int64_t>{clips[k].first, clips[k].last}), row.at(name)[k].at("range").get<std::vector<std::int64_t>>());
      }
    }
  }
}

TEST(AudioPreprocessing, StartsItsClipsAtThePublishedSamples) {
  if (!std::filesystem::exists(kCases)) GTEST_SKIP() << "reference cases are not here: " << kCases;
  const nlohmann::json table = store::parse_json(store::read_file(kCases / "audio/clip_timing.json"), "clip_timing");
  for (const auto& row : table.at("rows")) {
    for (const char* name : {"inclusive", "exclusive"}) {
      const Spacing spacing = std::string(name) == "inclusive" ? Spacing::kInclusive : Spacing::kExclusive;
      const auto ranges = audio_clip_ranges(row.at("samples_16k"), 16000, 3, 2.0, spacing);
      for (std::size_t k = 0; k < ranges.size(); ++k) {
        EXPECT_EQ(ranges[k].first, row.at(name)[k][0]) << row.at("samples_16k") << name << k;
        EXPECT_EQ(ranges[k].second, row.at(name)[k][1]);
      }
    }
  }
}

TEST(AudioPreprocessing, RefusesLessThanAWindow) {
  signal::Audio audio;
  audio.samples.assign(399, 0.1f);
  EXPECT_THROW(audio_tensor(audio, {}, 128, 204, Spacing::kInclusive), Error);
  audio.samples.assign(400, 0.1f);
  EXPECT_EQ(audio_tensor(audio, {}, 128, 204, Spacing::kInclusive).sizes(), (std::vector<std::int64_t>{3, 1, 128, 204}));
}

signal::Image ramp(int width, int height) {
  signal::Image image(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      image.pixel(x, y)[0] = std::uint8_t(255 * x / std::max(1, width - 1));
      image.pixel(x, y)[1] = std::uint8_t(255 * y / std::max(1, height - 1));
    }
  }
  return image;
}

TEST(ImagePreprocessing, ShowsTheWholePictureWhereItStretches) {
  const FittedImage whole = fit_image(ramp(90, 30), 20, 20, Fit::kStretch);
  EXPECT_LT(whole.image.pixel(0, 10)[0], 12);
  EXPECT_GT(whole.image.pixel(19, 10)[0], 243);
  const FittedImage cut = fit_image(ramp(90, 30), 20, 20, Fit::kCrop);
  EXPECT_EQ(cut.resized_width, 60);
  EXPECT_EQ(cut.left, 20);
  EXPECT_GT(cut.image.pixel(0, 10)[0], 60);
  const FittedImage padded = fit_image(ramp(90, 30), 20, 20, Fit::kPad);
  EXPECT_EQ(padded.padded_height, 90);
  EXPECT_EQ(padded.image.pixel(10, 0)[0], 122);
}

TEST(ImagePreprocessing, RefusesWhatCannotBeCropped) {
  EXPECT_THROW(fit_image(signal::Image(), 224, 224, Fit::kCrop), Error);
  EXPECT_THROW(fit_image(signal::Image(60000, 2), 224, 224, Fit::kCrop), Error);
}

TEST(Encoder, EncodesPicturesFilmAndSound) {
  nlohmann::json json = encoder_mini_config(300);
  json["towers"] = {"vision", "audio"};
  json.erase("text");
  json["audio"] = {{"embed_dim", 48}, {"blocks", 1}, {"heads", 4}, {"stem", "conv"}, {"tokens", 6},
                   {"resnet", {{"stem_width", 8}, {"widths", {8, 12, 16}}, {"blocks", {1, 1, 1}}}}};
  json["vision"]["image"] = 64;
  json["vision"]["resnet"] = {{"stem_width", 8}, {"widths", {8, 12, 16}}, {"blocks", {1, 1, 1}}};
  const Encoder encoder = Encoder::from_json(json);
  const torch::Tensor tokens = encoder.encode_image(ramp(50, 40));
  EXPECT_EQ(tokens.sizes(), (std::vector<std::int64_t>{36, 192}));
  EXPECT_NEAR(Encoder::pooled(tokens).norm().item<float>(), 1, 1e-5);
  std::vector<signal::Frame> frames;
  for (int i = 0; i < 30; ++i) frames.push_back({ramp(40 + 0, 30), 0.1 * i});
  EXPECT_EQ(encoder.encode_video(frames).sizes(), (std::vector<std::int64_t>{54, 192}));
  signal::Audio audio;
  audio.samples.assign(20000, 0.1f);
  EXPECT_EQ(encoder.encode_audio(audio).sizes(), (std::vector<std::int64_t>{18, 192}));
  EXPECT_THROW(encoder.encode_text({"a dog"}), Error);
  EXPECT_TRUE(torch::equal(tokens, encoder.encode_image(ramp(50, 40))));
}

TEST(Encoder, RunsInHalfPrecisionCloseToFull) {
  torch::manual_seed(5);
  nlohmann::json json = {{"towers", {"vision"}}, {"out_embed_dim", 16}, {"vision", {{"embed_dim", 24}, {"blocks", 2}, {"heads", 2}, {"image", 42}}}};
  const Encoder full = Encoder::from_json(json);
  torch::manual_seed(5);
  const Encoder half = Encoder::from_json(json, {.device = torch::kCPU, .precision = torch::kBFloat16});
  const torch::Tensor a = full.encode_image(ramp(50, 40)), b = half.encode_image(ramp(50, 40));
  EXPECT_FALSE(torch::equal(a, b));
  EXPECT_GT((a * b).sum().item<float>(), 0.99f);
}

}  // namespace
}  // namespace reamo::encoder
