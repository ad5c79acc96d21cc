#include "grounder/visual/visual_grounder.h"

#include <gtest/gtest.h>

#include "grounder/visual/instances.h"
#include "grounder/visual/test_world.h"
#include "ie/error.h"

namespace reamo::grounder {
namespace {

TEST(VisualGrounder, FindsEveryObjectOfAPhraseAndSaysWhatIsAbsent) {
  const VisualGrounder& grounder = square_grounder();
  const std::vector<Square> squares = {{0, {10, 12, 40, 40}}, {0, {90, 40, 36, 36}}, {2, {60, 4, 30, 30}}};
  const signal::Image image = draw_squares(128, 96, squares, 9);
  const auto found = grounder.ground(image, kSquareNames);
  ASSERT_EQ(found.size(), 3u);
  ASSERT_EQ(found[0].size(), 2u);  // two red ones
  EXPECT_TRUE(found[1].empty());   // no green one
  ASSERT_EQ(found[2].size(), 1u);
  for (const std::size_t square : {0u, 1u}) {
    const ie::Mask gold = square_mask(128, 96, squares, square);
    EXPECT_GT(std::max(ie::iou(found[0][0].mask, gold), ie::iou(found[0][1].mask, gold)), 0.6);
  }
  EXPECT_GT(ie::iou(found[2][0].mask, square_mask(128, 96, squares, 2)), 0.6);
  EXPECT_GE(found[0][0].score, found[0][1].score);
  EXPECT_EQ(found[2][0].box, found[2][0].mask.box());
  EXPECT_EQ(found[2][0].mask.width, 128);

  GroundOptions strict;
  strict.threshold = 1.0;
  EXPECT_TRUE(grounder.ground(image, {kSquareNames[0]}, strict)[0].empty());
  GroundOptions one;
  one.max_matches = 1;
  EXPECT_EQ(grounder.ground(image, {kSquareNames[0]}, one)[0].size(), 1u);
  EXPECT_THROW(grounder.ground(image, {"  "}), UsageError);
}

TEST(VisualGrounder, PointsBoxesAndDrawingsPickWhatTheyStandOn) {
  const VisualGrounder& grounder = square_grounder();
  const std::vector<Square> squares = {{0, {8, 12, 40, 40}}, {1, {80, 40, 40, 40}}};
  const signal::Image image = draw_squares(128, 96, squares, 11);
  const ie::Mask green = square_mask(128, 96, squares, 1);
  RegionQuery point;
  point.points = {{100, 60}};
  const auto by_point = grounder.ground(image, point);
  ASSERT_TRUE(by_point.has_value());
  EXPECT_GT(ie::iou(by_point->mask, green), 0.6);
  RegionQuery box;
  box.box = ie::Box{76, 36, 48, 48};
  const auto by_box = grounder.ground(image, box);
  ASSERT_TRUE(by_box.has_value());
  EXPECT_GT(ie::iou(by_box->mask, green), 0.6);
  RegionQuery drawing;
  drawing.drawing = green;
  const auto by_drawing = grounder.ground(image, drawing);
  ASSERT_TRUE(by_drawing.has_value());
  EXPECT_GT(ie::iou(by_drawing->mask, green), 0.6);

  RegionQuery outside;
  outside.points = {{128, 10}};
  EXPECT_THROW(grounder.ground(image, outside), UsageError);
  outside.points.clear();
  EXPECT_THROW(grounder.ground(image, outside), UsageError);
  outside.box = ie::Box{200, 200, 5, 5};
  EXPECT_THROW(grounder.ground(image, outside), UsageError);
}

TEST(VisualGrounder, LoadingSaysWhatDoesNotFit) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "grounder_that_does_not_fit";
  std::filesystem::create_directories(folder);
  const nn::ClipTokenizer tokenizer = nn::train_clip_bpe(kSquareNames, 12);
  tokenizer.save(folder / "bpe.json");
  const SeemConfig config = square_config(tokenizer.vocab_size());
  nn::write_tensors(folder / "visual.safetensors", {{"other", torch::zeros({1})}});
  EXPECT_THROW(VisualGrounder::load(to_json(config), folder / "visual.safetensors", folder / "bpe.json"), Error);
  SeemConfig other = config;
  other.text.vocabulary += 5;
  try {
    VisualGrounder::load(to_json(other), folder / "visual.safetensors", folder / "bpe.json");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("bpe.json"), std::string::npos);
  }
  std::filesystem::remove_all(folder);
}

TEST(Instances, GroupsAreConnectedAndRanked) {
  // Two groups and a speck; the right one has the larger evidence.
  const std::vector<float> values = {1, 1, -1, -1, 2,   //
                                     1, 1, -1, 2, 2,    //
                                     -1, -1, -1, 2, 2,  //
                                     -1, 1, -1, -1, -1};
  const auto groups = connected_groups(values, 4, 5, 0, values, 2, 0.3);
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].cells.size(), 5u);
  EXPECT_DOUBLE_EQ(groups[0].evidence, 2);
  EXPECT_EQ(groups[1].cells.size(), 4u);
  const std::vector<int> owner = nearest_group(groups, 4, 5, 1);
  EXPECT_EQ(owner[0], 1);
  EXPECT_EQ(owner[4], 0);
  EXPECT_EQ(owner[3], 0);   // one step from the right group
  EXPECT_EQ(owner[10], 1);
  EXPECT_EQ(owner[15], -1);
}

}  // namespace
}  // namespace reamo::grounder
