#include "grounder/audio/shas.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <filesystem>
#include <numbers>

#include "ie/error.h"
#include "nn/weights.h"
#include "store/json_limits.h"

namespace reamo::grounder {
namespace {

const std::filesystem::path kCases = std::filesystem::path(REAMO_SHARED_DIR) / "parity" / "shas";

TEST(ShasSegments, EqualTheReferenceCases) {
  const std::filesystem::path list = kCases / "pdac" / "cases.json";
  if (!std::filesystem::exists(list)) GTEST_SKIP() << "reference cases are not there";
  const nlohmann::json cases = store::parse_json(store::read_file(list), list.string());
  int compared = 0;
  for (const nlohmann::json& item : cases.at("cases")) {
    SCOPED_TRACE(item.at("id").get<std::string>());
    const auto tensors = nn::read_tensors(kCases / "pdac" / item.at("file").get<std::string>());
    const torch::Tensor probs = tensors.at("probs").contiguous();
    ShasOptions options;
    options.max_seconds = item.at("max_segment_length");
    options.min_seconds = item.at("min_segment_length");
    options.threshold = item.at("threshold");
    options.strict = !item.at("not_strict").get<bool>();
    const auto segments = shas_segments({probs.data_ptr<double>(), std::size_t(probs.numel())}, options);
    const torch::Tensor frames = tensors.at("expected_frames");
    ASSERT_EQ(std::int64_t(segments.size()), frames.size(0));
    for (std::int64_t i = 0; i < frames.size(0); ++i) {
      const FrameRange& segment = segments[std::size_t(i)];
      EXPECT_EQ(segment.begin, frames[i][0].item<std::int64_t>());
      EXPECT_EQ(segment.end, frames[i][1].item<std::int64_t>());
      EXPECT_NEAR(segment.offset(), tensors.at("expected_offset")[i].item<double>(), 1e-9);
      EXPECT_NEAR(segment.duration(), tensors.at("expected_duration")[i].item<double>(), 1e-9);
    }
    ++compared;
  }
  EXPECT_GE(compared, 30);
}

RC_GTEST_PROP(ShasSegments, AreInOrderAndShortEnough, ()) {
  const auto levels = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 100));
  std::vector<double> probabilities;
  for (const int level : levels) probabilities.push_back(level / 100.0);
  ShasOptions options;
  options.max_seconds = 0.2;
  options.min_seconds = 0.03;
  std::int64_t end = 0;
  for (const FrameRange& segment : shas_segments(probabilities, options)) {
    RC_ASSERT(segment.begin >= end && segment.end >= segment.begin);
    RC_ASSERT(segment.duration() < options.max_seconds);
    end = segment.end;
  }
}

TEST(ShasWindows, CoverTheSoundOnce) {
  using Windows = std::vector<SampleWindow>;
  EXPECT_EQ(shas_windows(0), Windows{});
  EXPECT_EQ(shas_windows(300), (Windows{{0, 300}}));          // published: none under 2 s
  EXPECT_EQ(shas_windows(31999), (Windows{{0, 31999}}));
  EXPECT_EQ(shas_windows(640000), (Windows{{0, 320000}, {320000, 640000}}));
  EXPECT_EQ(shas_windows(351999), (Windows{{0, 351999}}));    // the short tail joins the window before it
  EXPECT_EQ(shas_windows(352000), (Windows{{0, 320000}, {320000, 352000}}));
  EXPECT_EQ(shas_windows(160000, 1, 2), (Windows{{0, 160000}}));  // published: fails where a pass starts at the end
  EXPECT_EQ(shas_windows(400000, 1, 2), (Windows{{0, 160000}, {160000, 400000}}));
}

// A segmenter of random weights, small, with the published kernels.
Segmenter small_segmenter(ShasOptions options = {}) {
  torch::manual_seed(3);
  const Wav2Vec2Config encoder = wav2vec2_config({{"feat_extract_norm", "layer"}, {"conv_bias", true}, {"do_stable_layer_norm", true},
                                                  {"hidden_size", 16}, {"num_hidden_layers", 1}, {"num_attention_heads", 2},
                                                  {"intermediate_size", 16}, {"conv_dim", {8, 8, 8, 8, 8, 8, 8}},
                                                  {"num_conv_pos_embedding_groups", 4}, {"final_layer_norm", false}});
  FrameClassifierConfig classifier;
  classifier.d_model = 16;
  classifier.heads = 2;
  classifier.dim_feedforward = 16;
  return Segmenter(Wav2Vec2(encoder), FrameClassifier(classifier), options);
}

signal::Audio tone(int rate, int channels, double seconds) {
  signal::Audio audio{rate, channels, 1.5, {}};
  const std::size_t frames = std::size_t(rate * seconds);
  for (int channel = 0; channel < channels; ++channel) {
    for (std::size_t i = 0; i < frames; ++i) {
      audio.samples.push_back(float(0.3 * std::sin(2 * std::numbers::pi * 220 * double(i) / rate) * std::sin(double(i) / rate)));
    }
  }
  return audio;
}

TEST(Segmenter, WorksWhereThePublishedProgramFails) {
  ShasOptions options;
  options.threshold = 0;  // all is speech
  const Segmenter segmenter = small_segmenter(options);
  for (const auto& [rate, channels, seconds] : {std::tuple{16000, 1, 0.01}, {16000, 1, 0.5}, {16000, 1, 1.9999}, {44100, 2, 3.0},
                                                {8000, 1, 10.0}, {16000, 1, 30.0}}) {
    SCOPED_TRACE(std::to_string(rate) + " Hz, " + std::to_string(seconds) + " s");
    const signal::Audio audio = tone(rate, channels, seconds);
    const std::vector<ie::Segment> segments = segmenter.segment(audio);
    double end = audio.start;
    for (const ie::Segment& segment : segments) {
      EXPECT_GE(segment.start, end - 1e-9);
      EXPECT_GT(segment.end, segment.start);
      end = segment.end;
    }
    EXPECT_LE(end, audio.end() + 1e-9);
    if (seconds >= 0.5) EXPECT_GT(end, audio.end() - 0.1);
  }
  EXPECT_TRUE(segmenter.segment(tone(16000, 1, 0)).empty());
}

TEST(Segmenter, ProbabilitiesAreKnownForEveryFrame) {
  for (const int passes : {1, 2, 3}) {
    ShasOptions options;
    options.passes = passes;
    const std::vector<float> samples(std::size_t(10 * 16000), 0.0f);
    std::vector<float> voiced = tone(16000, 1, 10).samples;
    for (const double p : small_segmenter(options).probabilities(voiced)) EXPECT_TRUE(p >= 0 && p <= 1);
    for (const double p : small_segmenter(options).probabilities(samples)) EXPECT_EQ(p, 0);  // exact silence is left out
  }
}

}  // namespace
}  // namespace reamo::grounder
