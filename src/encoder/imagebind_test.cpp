#include "encoder/imagebind.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "encoder/reference.h"
#include "ie/error.h"
#include "nn/case.h"
#include "store/json_limits.h"
#include "store/tensor_file.h"

namespace reamo::encoder {
namespace {

const std::filesystem::path kCases = std::filesystem::path(REAMO_SHARED_DIR) / "parity/imagebind";

TEST(ImageBind, AgreesWithThePublishedModel) {
  if (!std::filesystem::exists(kCases)) GTEST_SKIP() << "reference cases are not here: " << kCases;
  const auto folders = nn::find_cases(kCases / "model");
  EXPECT_GE(folders.size(), 20u);
  for (const auto& folder : folders) {
    const nn::Case reference = nn::Case::open(folder);
    const nn::CaseResult result = nn::compare(reference, run_imagebind_case(reference));
    EXPECT_TRUE(result.passed) << folder << ": " << nn::describe(result);
  }
}

TEST(ImageBind, NoticesAChangedWeight) {
  if (!std::filesystem::exists(kCases)) GTEST_SKIP() << "reference cases are not here: " << kCases;
  const nn::Case reference = nn::Case::open(kCases / "model/vision_image");
  nn::Tensors weights = reference.weights();
  weights.at("modality_trunks.vision.blocks.1.mlp.fc2.weight")[3][5] += 0.05;
  EXPECT_FALSE(nn::compare(reference, run_imagebind_model(reference, weights)).passed);
}

TEST(ImageBind, HasThePublishedNamesAndShapes) {
  if (!std::filesystem::exists(kCases)) GTEST_SKIP() << "reference cases are not here: " << kCases;
  const nlohmann::json keys = store::parse_json(store::read_file(kCases / "imagebind_huge_keys.json"), "keys");
  std::map<std::string, std::vector<std::int64_t>> expected, found;
  for (const auto& [name, entry] : keys.at("tensors").items()) {
    expected[entry.contains("name") ? entry.at("name").get<std::string>() : name] = entry.at("shape").get<std::vector<std::int64_t>>();
  }
  const ImageBind model(huge_config(), false);
  for (const auto& item : model->named_parameters()) found[item.key()] = item.value().sizes().vec();
  for (const auto& item : model->named_buffers()) found[item.key()] = item.value().sizes().vec();
  EXPECT_EQ(found, expected);
}

nlohmann::json small_variant() {
  nlohmann::json json = encoder_mini_config(300);
  json["towers"] = {"vision", "audio"};
  json.erase("text");
  json["audio"] = {{"embed_dim", 96}, {"blocks", 2}, {"heads", 4}, {"stem", "conv"}, {"tokens", 6},
                   {"resnet", {{"stem_width", 16}, {"widths", {24, 48, 96}}, {"blocks", {1, 1, 1}}}}};
  json["vision"]["image"] = 64;
  json["vision"]["tokens"] = 9;
  json["vision"]["resnet"] = {{"stem_width", 8}, {"widths", {8, 12, 16}}, {"blocks", {1, 1, 1}}};
  json["vision"]["embed_dim"] = 24;
  json["video_sampling"]["tokens"] = 4;
  return json;
}

TEST(ImageBind, GivesTokensOfAGridWithTheConvStem) {
  ImageBind model(read_config(small_variant()));
  EXPECT_EQ(model->forward(Modality::kVision, torch::randn({2, 3, 64, 64})).sizes(), (std::vector<std::int64_t>{2, 9, 192}));
  EXPECT_EQ(model->forward(Modality::kVision, torch::randn({2, 6, 3, 2, 64, 64})).sizes(), (std::vector<std::int64_t>{2, 24, 192}));
  EXPECT_EQ(model->grid(Modality::kVision, torch::randn({2, 3, 64, 64})).sizes(), (std::vector<std::int64_t>{2, 4, 4, 192}));
  EXPECT_EQ(model->grid(Modality::kVision, torch::randn({1, 3, 80, 96})).sizes(), (std::vector<std::int64_t>{1, 5, 6, 192}));
  EXPECT_EQ(model->forward(Modality::kAudio, torch::randn({2, 3, 1, 128, 204})).sizes(), (std::vector<std::int64_t>{2, 18, 192}));
  EXPECT_THROW(model->forward(Modality::kVision, torch::randn({2, 4, 3, 2, 64, 64})), Error);
  EXPECT_THROW(model->forward(Modality::kText, torch::zeros({1, 77}, torch::kInt64)), Error);
}

TEST(ImageBind, GivesTokensOfAGridWithThePatchStem) {
  nlohmann::json json = {{"towers", {"vision"}}, {"out_embed_dim", 16}, {"vision", {{"embed_dim", 24}, {"blocks", 1}, {"heads", 2}, {"image", 42}, {"tokens", 9}}}};
  ImageBind model(read_config(json));
  model->eval();
  const torch::Tensor x = torch::randn({1, 3, 42, 42});
  const torch::Tensor tokens = model->forward(Modality::kVision, x);
  EXPECT_EQ(tokens.sizes(), (std::vector<std::int64_t>{1, 9, 16}));
  // 3 x 3 patches, 3 x 3 tokens: each is its own mean.
  EXPECT_TRUE(torch::allclose(tokens, model->grid(Modality::kVision, x).flatten(1, 2), 1e-5, 1e-6));
}

TEST(ImageBind, KeepsClipsInOrderOfTime) {
  torch::manual_seed(3);
  ImageBind model(read_config(small_variant()));
  model->eval();
  torch::NoGradGuard no_grad;
  const torch::Tensor film = torch::randn({1, 6, 3, 1, 64, 64});
  torch::Tensor changed = film.clone();
  changed[0][2] = torch::randn({3, 1, 64, 64});
  const torch::Tensor difference =
      (model->forward(Modality::kVision, film) - model->forward(Modality::kVision, changed)).abs().amax(2)[0];
  for (int i = 0; i < 24; ++i) EXPECT_EQ(difference[i].item<float>() > 0, i >= 8 && i < 12) << i;
}

TEST(ImageBind, TrainsEveryParameterOfTheSmallModel) {
  torch::manual_seed(4);
  ImageBind model(read_config(small_variant()));
  const torch::Tensor out = model->forward(Modality::kVision, torch::randn({2, 6, 3, 1, 64, 64}));
  const torch::Tensor sound = model->forward(Modality::kAudio, torch::randn({2, 3, 1, 128, 204}));
  ((out * torch::randn_like(out)).sum() + (sound * torch::randn_like(sound)).sum()).backward();
  for (const auto& item : model->named_parameters()) {
    ASSERT_TRUE(item.value().grad().defined()) << item.key();
    EXPECT_TRUE(torch::isfinite(item.value().grad()).all().item<bool>()) << item.key();
  }
}

TEST(EncoderConfig, WritesWhatItReads) {
  for (const nlohmann::json& json : {nlohmann::json::object(), encoder_mini_config(300), small_variant()}) {
    const EncoderConfig config = read_config(json);
    EXPECT_EQ(to_json(read_config(to_json(config))), to_json(config));
  }
  EXPECT_EQ(read_config(encoder_mini_config(300)).image_tokens(), 36);
  EXPECT_EQ(read_config(encoder_mini_config(300)).video_tokens(), 54);
  EXPECT_EQ(huge_config().video_tokens(), 1);
}

TEST(EncoderConfig, NamesWhatIsWrong) {
  const auto message = [](const nlohmann::json& json) -> std::string {
    try {
      read_config(json);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_NE(message({{"vision", {{"colour", 1}}}}).find("vision/colour"), std::string::npos);
  EXPECT_NE(message({{"vision", {{"embed_dim", "wide"}}}}).find("embed_dim"), std::string::npos);
  EXPECT_NE(message({{"vision", {{"tokens", 35}}}}).find("square"), std::string::npos);
  EXPECT_NE(message({{"fit", "squeeze"}}).find("crop, pad, stretch"), std::string::npos);
  EXPECT_NE(message({{"towers", {"smell"}}}).find("smell"), std::string::npos);
  EXPECT_NE(message({{"vision", {{"heads", 7}}}}).find("multiple"), std::string::npos);
}

}  // namespace
}  // namespace reamo::encoder
