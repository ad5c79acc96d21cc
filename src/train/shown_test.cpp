#include "train/shown.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "ie/error.h"
#include "train/vocabulary.h"

namespace reamo::train {
namespace {

reasoner::Tokenizer words() {
  const auto path = std::filesystem::path(testing::TempDir()) / "shown.model";
  std::vector<std::string> lines;
  for (int i = 0; i < 20; ++i) {
    for (const synth::Kind& kind : synth::kinds()) lines.push_back("the " + kind.name + " .");
  }
  reasoner::train_tokenizer(lines, 600, path);
  return reasoner::Tokenizer::load(path, {true, reasoner::compact_tokens()});
}

TEST(ShownPieces, ShareARowAmongWhatCoversIt) {
  const reasoner::Tokenizer tokenizer = words();
  const encoder::EncoderConfig config = encoder::read_config(encoder::encoder_mini_config(100));
  const ShownPieces shows(config, tokenizer);
  // 40 x 20 pixels: the left half is the first object, the right half nothing.
  synth::LabelDrawing drawn;
  for (int i = 0; i < 40 * 20; ++i) drawn.labels.push_back(i % 40 < 20 ? 1 : 0);
  synth::SceneObject object;
  object.kind = 7;
  std::vector<reasoner::Shown> shown;
  shows.add(drawn, {object}, 40, 20, 4, 10, shown);
  std::map<std::int64_t, std::map<std::int64_t, float>> rows;
  for (const reasoner::Shown& entry : shown) rows[entry.row][entry.piece] += entry.share;
  ASSERT_EQ(rows.size(), 4u);
  const reasoner::Ids name = tokenizer.encode_text(synth::kinds()[7].name);
  const std::int64_t nothing = tokenizer.find("<media>");
  for (const std::int64_t left : {10, 12}) {
    float sum = 0;
    for (const auto& [piece, share] : rows[left]) sum += share;
    EXPECT_NEAR(sum, 1, 1e-5);
    EXPECT_EQ(rows[left].count(nothing), 0u);
    for (const std::int64_t piece : name) EXPECT_GT(rows[left][piece], 0);
  }
  for (const std::int64_t right : {11, 13}) {
    ASSERT_EQ(rows[right].size(), 1u);
    EXPECT_NEAR(rows[right][nothing], 1.0 / 3, 1e-5);
  }
  EXPECT_THROW(shows.add(drawn, {object}, 40, 20, 5, 0, shown), Error);
  encoder::EncoderConfig cropped = config;
  cropped.fit = encoder::Fit::kCrop;
  EXPECT_THROW(ShownPieces(cropped, tokenizer), Error);
}

}  // namespace
}  // namespace reamo::train
