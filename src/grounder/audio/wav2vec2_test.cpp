#include "grounder/audio/wav2vec2.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "ie/error.h"
#include "nn/weights.h"

namespace reamo::grounder {
namespace {

nlohmann::json small_config() {
  return {{"hidden_size", 16}, {"num_hidden_layers", 2}, {"num_attention_heads", 2}, {"intermediate_size", 32},
          {"conv_dim", {8, 8, 8, 8, 8, 8, 8}}, {"num_conv_pos_embedding_groups", 4}, {"vocab_size", 5}};
}

TEST(Wav2Vec2, FramesFollowThePublishedFormula) {
  const Wav2Vec2Config config;
  EXPECT_EQ(frame_count(config, 399), 0);
  EXPECT_EQ(frame_count(config, 400), 1);
  EXPECT_EQ(frame_count(config, 719), 1);
  EXPECT_EQ(frame_count(config, 720), 2);
  EXPECT_EQ(frame_count(config, 16000), 49);
  EXPECT_EQ(frame_count(config, 320000), 999);
}

TEST(Wav2Vec2, RefusesSoundThatGivesNoFrame) {
  const torch::NoGradGuard no_grad;
  Wav2Vec2 model(wav2vec2_config(small_config()));
  EXPECT_THROW(model->forward(torch::zeros({1, 399})), Error);
  torch::Tensor mask = torch::ones({2, 1000}, torch::kInt64);
  mask[1].narrow(0, 300, 700).zero_();  // published: wraps round
  EXPECT_THROW(model->forward(torch::randn({2, 1000}), mask), Error);
  EXPECT_EQ(model->forward(torch::randn({2, 1000})).last.sizes(), (std::vector<std::int64_t>{2, 2, 16}));
}

TEST(Wav2Vec2, MaskedPaddingChangesNothing) {
  const torch::NoGradGuard no_grad;
  nlohmann::json json = small_config();
  json["feat_extract_norm"] = "layer";
  json["conv_bias"] = json["do_stable_layer_norm"] = true;
  Wav2Vec2 model(wav2vec2_config(json));
  const torch::Tensor wave = torch::randn({1, 4000});
  torch::Tensor padded = torch::zeros({1, 6000}), mask = torch::zeros({1, 6000}, torch::kInt64);
  padded.narrow(1, 0, 4000).copy_(wave);
  mask.narrow(1, 0, 4000).fill_(1);
  const torch::Tensor alone = model->forward(wave, torch::ones({1, 4000}, torch::kInt64)).last;
  const torch::Tensor beside = model->forward(padded, mask).last.narrow(1, 0, alone.size(1));
  EXPECT_TRUE(torch::allclose(alone, beside, 1e-4, 1e-5));
}

TEST(Wav2Vec2, ReadsOldAndNewNamesWithAndWithoutPrefix) {
  const torch::NoGradGuard no_grad;
  Wav2Vec2Ctc first(wav2vec2_config(small_config())), second(wav2vec2_config(small_config()));
  const auto old_names = nn::state_dict(*first);
  ASSERT_TRUE(old_names.count("wav2vec2.encoder.pos_conv_embed.conv.weight_g"));
  ASSERT_TRUE(old_names.count("wav2vec2.feature_extractor.conv_layers.0.layer_norm.weight"));
  std::map<std::string, torch::Tensor> renamed{{"quantizer.codevectors", torch::zeros({1})}, {"masked_spec_embed", torch::zeros({16})}};
  for (const auto& [key, tensor] : old_names) {
    std::string name = key.rfind("wav2vec2.", 0) == 0 ? key.substr(9) : key;
    if (name == "encoder.pos_conv_embed.conv.weight_g") name = "encoder.pos_conv_embed.conv.parametrizations.weight.original0";
    if (name == "encoder.pos_conv_embed.conv.weight_v") name = "encoder.pos_conv_embed.conv.parametrizations.weight.original1";
    renamed[name] = tensor;
  }
  load_wav2vec2(*second, renamed, "renamed");
  const torch::Tensor wave = torch::randn({1, 2000});
  EXPECT_TRUE(torch::equal(first->logits(first->wav2vec2->forward(wave)), second->logits(second->wav2vec2->forward(wave))));
  renamed.erase("encoder.layers.1.final_layer_norm.bias");
  EXPECT_THROW(load_wav2vec2(*second, renamed, "renamed"), Error);
}

TEST(Wav2Vec2, ConfigurationsAreChecked) {
  const std::vector<std::pair<std::string, nlohmann::json>> wrong{
      {"hidden_size", 7}, {"hidden_size", "large"}, {"feat_extract_norm", "batch"}, {"conv_kernel", {1, 2}}, {"keep_layers", 9}};
  for (const auto& [key, value] : wrong) {
    nlohmann::json json = small_config();
    json[key] = value;
    EXPECT_THROW(wav2vec2_config(json), Error) << key;
  }
  const Wav2Vec2Config config = wav2vec2_config(small_config());
  EXPECT_EQ(to_json(wav2vec2_config(to_json(config))), to_json(config));
}

}  // namespace
}  // namespace reamo::grounder
