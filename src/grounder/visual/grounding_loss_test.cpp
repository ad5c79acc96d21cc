#include "grounder/visual/grounding_loss.h"

#include <gtest/gtest.h>

#include <random>

#include "grounder/visual/preprocess.h"

namespace reamo::grounder {
namespace {

constexpr int kSize = 64, kCells = kSize / 4, kEnd = 9;

SeemConfig tiny_config() {
  SeemConfig config = mini_seem_config(kEnd + 1);
  config.resnet = {3, 8, {12, 16, 24}, {1, 1, 1}, 0, 8};
  config.dot_product.width = 24;
  config.text = {kEnd + 1, 6, 16, 2, 1};
  return config;
}

// Two squares of different colours in each picture; phrases "<colour> square" (ids 1..3, then 4), one of them absent.
GroundingBatch make_batch(int images, std::mt19937& random) {
  const float colors[3][3] = {{230, 40, 40}, {40, 200, 60}, {50, 70, 230}};
  torch::Tensor pixels = torch::full({images, 3, kSize, kSize}, 128.f) + 12 * torch::randn({images, 3, kSize, kSize});
  std::vector<torch::Tensor> ids, masks;
  std::vector<std::int64_t> index;
  std::vector<float> present;
  for (int image = 0; image < images; ++image) {
    const int absent = int(random() % 3);
    for (int color = 0; color < 3; ++color) {
      torch::Tensor mask = torch::zeros({kCells, kCells});
      if (color != absent) {
        const int x = int(random() % (kCells - 5)), y = int(random() % (kCells - 5));
        mask.slice(0, y, y + 5).slice(1, x, x + 5).fill_(1);
        for (int c = 0; c < 3; ++c) {
          pixels[image][c].slice(0, 4 * y, 4 * y + 20).slice(1, 4 * x, 4 * x + 20).fill_(colors[color][c]);
        }
        for (std::size_t earlier = masks.size() - (masks.size() % 3); earlier < masks.size(); ++earlier) {
          masks[earlier] = masks[earlier] * (1 - mask);  // drawn later: hides what was there
        }
      }
      ids.push_back(torch::tensor({0, color + 1, 4, kEnd, kEnd, kEnd}, torch::kInt64));
      index.push_back(image);
      masks.push_back(mask);
      present.push_back(color != absent);
    }
  }
  GroundingBatch batch;
  batch.pixels = normalise_pixels(pixels.clamp(0, 255));
  batch.ids = torch::stack(ids);
  batch.image_index = torch::tensor(index);
  batch.masks = torch::stack(masks);
  batch.present = torch::tensor(present);
  return batch;
}

TEST(GroundingLoss, TrainingFindsColouredSquares) {
  torch::manual_seed(3);
  std::mt19937 random(5);
  Seem model(tiny_config());
  torch::optim::AdamW optimizer(model->parameters(), torch::optim::AdamWOptions(3e-3));
  double first = 0;
  for (int step = 0; step < 120; ++step) {
    const GroundingLoss loss = grounding_loss(model, make_batch(8, random));
    optimizer.zero_grad();
    loss.total.backward();
    ASSERT_TRUE(std::isfinite(loss.total.item<double>()));
    optimizer.step();
    if (step == 0) first = loss.total.item<double>();
  }
  model->eval();
  torch::NoGradGuard no_grad;
  const GroundingBatch batch = make_batch(32, random);
  const PixelFeatures features = model->encode(batch.pixels);
  const DotProductOutput output = model->match(features, batch.ids, batch.image_index);
  const GroundingLoss loss = grounding_loss(output, batch);
  EXPECT_LT(loss.total.item<double>(), 0.4 * first);
  const torch::Tensor found = (output.masks > 0).to(torch::kFloat32), gold = (batch.masks > 0.5).to(torch::kFloat32);
  const torch::Tensor iou = (found * gold).flatten(1).sum(1) / torch::max(found, gold).flatten(1).sum(1).clamp_min(1);
  EXPECT_GT((iou * batch.present).sum().item<double>() / batch.present.sum().item<double>(), 0.6);
  const torch::Tensor called = (output.presence > 0).to(torch::kFloat32);
  EXPECT_GT((called == batch.present).to(torch::kFloat32).mean().item<double>(), 0.85);
  EXPECT_EQ(features.stride8.size(2), kSize / 8);
}

TEST(GroundingLoss, PhrasesMeetTheirOwnImageInAnyOrder) {
  torch::manual_seed(4);
  std::mt19937 random(6);
  Seem model(tiny_config());
  model->eval();
  torch::NoGradGuard no_grad;
  const GroundingBatch batch = make_batch(3, random);
  const PixelFeatures features = model->encode(batch.pixels);
  const torch::Tensor order = torch::tensor({4, 0, 8, 3, 1, 7, 2, 6, 5});
  const DotProductOutput straight = model->match(features, batch.ids, batch.image_index);
  const DotProductOutput shuffled =
      model->match(features, batch.ids.index_select(0, order), batch.image_index.index_select(0, order));
  EXPECT_TRUE(torch::allclose(straight.masks.index_select(0, order), shuffled.masks, 1e-4, 1e-5));
  const PixelFeatures alone = model->encode(batch.pixels.slice(0, 1, 2));
  const DotProductOutput single =
      model->match(alone, batch.ids.slice(0, 3, 6), torch::zeros({3}, torch::kInt64));
  EXPECT_TRUE(torch::allclose(straight.masks.slice(0, 3, 6), single.masks, 1e-3, 1e-4));
}

TEST(GroundingLoss, AbsentPhrasesAreJudgedAgainstAnEmptyMask) {
  DotProductOutput output;
  output.masks = torch::full({2, 4, 4}, -20.f);
  output.foreground = torch::full({1, 4, 4}, -20.f);
  output.presence = torch::tensor({-20.f, -20.f});
  GroundingBatch batch;
  batch.pixels = torch::zeros({1, 3, 16, 16});
  batch.image_index = torch::zeros({2}, torch::kInt64);
  batch.masks = torch::zeros({2, 4, 4});
  batch.present = torch::zeros({2});
  EXPECT_NEAR(grounding_loss(output, batch).total.item<double>(), 0, 1e-5);
  output.masks[1][2][2] = 20;
  EXPECT_GT(grounding_loss(output, batch).total.item<double>(), 1);
}

TEST(SeemConfig, JsonKeepsEverythingAndRefusesTheUnknown) {
  const SeemConfig config = tiny_config();
  EXPECT_EQ(to_json(seem_config_from_json(to_json(config))), to_json(config));
  EXPECT_EQ(to_json(seem_config_from_json(nlohmann::json::object())), to_json(SeemConfig()));
  EXPECT_ANY_THROW(seem_config_from_json({{"hed", "decoder"}}));
  EXPECT_ANY_THROW(seem_config_from_json({{"text", {{"width", -1}}}}));
}

}  // namespace
}  // namespace reamo::grounder
