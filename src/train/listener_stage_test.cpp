#include "train/listener_stage.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ie/error.h"
#include "nn/weights.h"
#include "store/tensor_file.h"
#include "synth/random.h"

namespace reamo::train {
namespace {

// A made-up language: a letter is 12 frames of energy in bins of its own, a word two letters, a pause between words.
void write_shards(const std::filesystem::path& folder, int utterances, std::uint64_t seed) {
  std::filesystem::create_directories(folder);
  synth::Random random(seed);
  std::vector<torch::Tensor> mels;
  std::vector<std::int32_t> frames, bytes, words;
  std::vector<float> starts, ends;
  std::string text;
  for (int i = 0; i < utterances; ++i) {
    const int count = random.between(1, 3);
    torch::Tensor mel = torch::full({20 + count * 34, 64}, -10.0f);
    std::string said;
    for (int word = 0; word < count; ++word) {
      const int at = 10 + word * 34;
      said += word ? " " : "";
      for (int letter = 0; letter < 2; ++letter) {
        const int which = int(random.index(3));
        said += char('a' + which);
        mel.narrow(0, at + letter * 12, 12).narrow(1, which * 20, 16).fill_(letter == 0 ? -1.0f : -2.0f);
      }
      starts.push_back(0.01f * float(at) + 0.0125f);
      ends.push_back(0.01f * float(at + 24) + 0.0125f);
    }
    mels.push_back(mel.to(torch::kFloat16));
    frames.push_back(std::int32_t(mel.size(0)));
    bytes.push_back(std::int32_t(said.size()));
    words.push_back(count);
    text += said;
  }
  const auto ints = [](const std::vector<std::int32_t>& values) { return torch::tensor(values, torch::kInt32); };
  nn::write_tensors(folder / "speech-00000.safetensors",
                    {{"mel", torch::cat(mels)},
                     {"frames", ints(frames)},
                     {"text_bytes", ints(bytes)},
                     {"words", ints(words)},
                     {"starts", torch::tensor(starts)},
                     {"ends", torch::tensor(ends)},
                     {"text", torch::tensor(std::vector<std::int64_t>(text.begin(), text.end())).to(torch::kUInt8)}});
  store::write_file_whole(folder / "index.json",
                          R"({"format": "reamo-speech", "version": 1, "shards": [{"file": "speech-00000.safetensors"}]})");
}

class ListenerStage : public testing::Test {
 protected:
  void SetUp() override {
    torch::set_num_threads(1);
    std::filesystem::remove_all(root_);
    write_shards(root_ / "train", 200, 1);
    write_shards(root_ / "test", 20, 2);
    options_.shards = {root_ / "train"};
    options_.train.steps = 260;
    options_.train.learning_rate = 4e-3;
    options_.train.warmup = 20;
    options_.train.bf16 = false;
    options_.train.progress = false;
    options_.batch_seconds = 12;
    options_.data_threads = 0;
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  grounder::ListenerNet net() const {
    torch::manual_seed(1);
    return grounder::ListenerNet(grounder::listener_config(
        {{"front_end", "log_mel"}, {"log_mel", {{"stem", 24}, {"width", 32}, {"layers", 1}, {"heads", 2}, {"feed_forward", 48}}}}));
  }

  std::filesystem::path root_ = std::filesystem::path(testing::TempDir()) / "listener-stage";
  ListenerStageOptions options_;
};

TEST_F(ListenerStage, LearnsWordTimesAndBeginsToSpell) {
  grounder::ListenerNet listener = net();
  const SpeechShards held_out({root_ / "test"});
  const ListenerScore before = evaluate_listener(listener, held_out, 20);
  options_.train.run = root_ / "run";
  options_.held_out = {root_ / "test"};
  train_listener(listener, options_);
  const ListenerScore after = evaluate_listener(listener, held_out, 20);
  EXPECT_GT(before.cer, 0.8);
  EXPECT_LT(after.cer, before.cer - 0.05);  // a few seconds of training only leave the blank plateau
  EXPECT_GT(after.word_iou, 0.8);
  EXPECT_TRUE(std::filesystem::exists(options_.train.run / "listener.safetensors"));
  EXPECT_TRUE(std::filesystem::exists(options_.train.run / "held_out.jsonl"));
}

TEST_F(ListenerStage, AResumedRunEqualsAWholeOne) {
  options_.train.steps = 6;
  grounder::ListenerNet whole = net(), parts = net();
  options_.train.run = root_ / "whole";
  train_listener(whole, options_);
  options_.train.run = root_ / "parts";
  options_.train.stop_after = 3;
  train_listener(parts, options_);
  grounder::ListenerNet resumed = net();
  options_.train.stop_after = -1;
  train_listener(resumed, options_);
  const auto expected = nn::state_dict(*whole), got = nn::state_dict(*resumed);
  for (const auto& [name, tensor] : expected) EXPECT_TRUE(torch::equal(tensor, got.at(name))) << name;
}

TEST_F(ListenerStage, AugmentationIsAFunctionOfItsSeed) {
  const SpeechShards shards({root_ / "train"});
  const torch::Tensor mel = shards.item(0).mel;
  const AugmentedSpeech a = augment(mel, {}, 5), b = augment(mel, {}, 5), c = augment(mel, {}, 6);
  EXPECT_TRUE(torch::equal(a.mel, b.mel));
  EXPECT_EQ(a.shift, b.shift);
  EXPECT_FALSE(a.mel.sizes() == c.mel.sizes() && torch::equal(a.mel, c.mel));
  EXPECT_TRUE(torch::isfinite(a.mel).all().item<bool>());
}

TEST_F(ListenerStage, BrokenShardsAreRefused) {
  EXPECT_THROW(SpeechShards({root_ / "nowhere"}), Error);
  store::write_file_whole(root_ / "test" / "index.json", R"({"format": "other", "shards": []})");
  EXPECT_THROW(SpeechShards({root_ / "test"}), Error);
  grounder::ListenerNet conv(grounder::listener_config(
      {{"front_end", "conv"},
       {"conv", {{"hidden_size", 16}, {"num_hidden_layers", 1}, {"num_attention_heads", 2}, {"intermediate_size", 16},
                 {"conv_dim", {8, 8, 8, 8, 8, 8, 8}}, {"num_conv_pos_embedding_groups", 4}}}}));
  options_.train.run = root_ / "conv";
  EXPECT_THROW(train_listener(conv, options_), UsageError);
}

}  // namespace
}  // namespace reamo::train
