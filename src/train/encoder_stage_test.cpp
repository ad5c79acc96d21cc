#include "train/encoder_stage.h"

#include <gtest/gtest.h>

#include "ie/error.h"
#include "nn/weights.h"
#include "train/initial_weights.h"
#include "train/reasoner_stage.h"
#include "train/vision_stage.h"
#include "train/vocabulary.h"

namespace reamo::train {
namespace {

// A disk or a box for every kind, in a colour of its own.
const synth::Atlas& shapes() {
  static const synth::Atlas atlas = [] {
    synth::Atlas all;
    for (int kind = 0; kind < int(synth::kinds().size()); ++kind) {
      signal::ImageRgba sprite{32, 32, {}};
      for (int i = 0; i < 32 * 32; ++i) {
        const int dx = i % 32 - 16, dy = i / 32 - 16;
        for (const int c : {kind * 37 % 256, kind * 91 % 256, kind * 151 % 256}) sprite.rgba.push_back(std::uint8_t(c));
        sprite.rgba.push_back(kind % 2 == 0 || dx * dx + dy * dy < 256 ? 255 : 0);
      }
      all.add(kind, "noto", std::move(sprite));
    }
    return all;
  }();
  return atlas;
}

const nn::ClipTokenizer& words() {
  static const nn::ClipTokenizer tokenizer = nn::train_clip_bpe(phrase_lines(1, 20), 60);
  return tokenizer;
}

nlohmann::json small_config() {
  nlohmann::json json = encoder::encoder_mini_config(words().vocab_size());
  json["vision"] = {{"embed_dim", 32}, {"blocks", 1}, {"heads", 2}, {"image", 64}, {"stem", "conv"}, {"tokens", 4},
                    {"resnet", {{"stem_width", 8}, {"widths", {12, 16, 24}}, {"blocks", {1, 1, 1}}}}};
  json["text"] = {{"embed_dim", 24}, {"blocks", 1}, {"heads", 2}, {"vocab_size", words().vocab_size()}, {"context_length", 24}};
  return json;
}

std::filesystem::path fresh_folder(const std::string& name) {
  const auto folder = std::filesystem::temp_directory_path() / ("reamo_" + name + std::to_string(::getpid()));
  std::filesystem::remove_all(folder);
  return folder;
}

EncoderStageOptions options(const std::filesystem::path& run, std::int64_t steps) {
  EncoderStageOptions options;
  options.train.run = run;
  options.train.steps = steps;
  options.train.warmup = 5;
  options.train.learning_rate = 3e-3;
  options.train.log_every = 5;
  options.train.progress = false;
  options.train.bf16 = false;
  options.batch = 8;
  options.vision.width = options.vision.height = 64;
  options.vision.kinds = {0, 1, 2, 3};
  return options;
}

TEST(EncoderStage, LearnsWhatStandsInTheCellsAndKeepsAFrozenStem) {
  const auto folder = fresh_folder("encoder");
  torch::manual_seed(3);
  encoder::Encoder encoder = encoder::Encoder::from_json(small_config());
  std::map<std::string, torch::Tensor> before;
  for (const auto& [name, tensor] : nn::state_dict(*encoder.module())) before[name] = tensor.clone();
  EncoderStageOptions first = options(folder / "frozen", 5);
  train_encoder(encoder, words(), shapes(), first);
  bool moved = false;
  for (const auto& [name, tensor] : nn::state_dict(*encoder.module())) {
    if (name.find("conv_stem.") != std::string::npos) EXPECT_TRUE(torch::equal(tensor, before.at(name))) << name;
    else moved = moved || !torch::equal(tensor, before.at(name));
  }
  EXPECT_TRUE(moved);

  EncoderStageOptions all = options(folder / "all", 60);
  all.stem_rate = 1;
  const TrainReport early = [&] {
    EncoderStageOptions start = all;
    start.train.stop_after = 5;
    return train_encoder(encoder, words(), shapes(), start);
  }();
  const TrainReport late = train_encoder(encoder, words(), shapes(), all);
  EXPECT_LT(late.last.at("dense"), 0.6 * early.last.at("dense"));
  EXPECT_LT(late.last.at("contrastive"), early.last.at("contrastive"));
  std::filesystem::remove_all(folder);
}

TEST(EncoderStage, RefusesPicturesOfAnotherSize) {
  encoder::Encoder encoder = encoder::Encoder::from_json(small_config());
  EncoderStageOptions wrong = options(fresh_folder("encoder_size"), 5);
  wrong.vision.width = 80;
  EXPECT_THROW(train_encoder(encoder, words(), shapes(), wrong), UsageError);
}

TEST(InitialWeights, CarryThePictureTrunkFromStageToStage) {
  const auto folder = fresh_folder("carry");
  std::filesystem::create_directories(folder);
  torch::manual_seed(5);
  const auto whole = encoder::encoder_mini_config(words().vocab_size());
  DenseNet dense(nn::ResNetConfig{}, 10);
  nn::write_tensors(folder / "dense.safetensors", nn::state_dict(*dense));
  encoder::ImageBind bind(encoder::read_config(whole));
  start_from(bind, folder / "dense.safetensors");
  const torch::Tensor of_dense = dense->trunk->parameters()[0];
  EXPECT_TRUE(torch::equal(bind->conv_stem(encoder::Modality::kVision)->parameters()[0], of_dense));
  nn::write_tensors(folder / "encoder.safetensors", nn::state_dict(*bind));

  for (const char* file : {"dense.safetensors", "encoder.safetensors"}) {
    grounder::Seem seem(grounder::mini_seem_config(words().vocab_size()));
    start_from(seem, folder / file);
    bool found = false;
    for (const auto& [name, tensor] : nn::state_dict(*seem)) found = found || (name.starts_with("backbone.") && tensor.sizes() == of_dense.sizes() && torch::equal(tensor, of_dense));
    EXPECT_TRUE(found) << file;
  }
  std::filesystem::remove_all(folder);
}

TEST(SeenDocuments, CarryARowOfFeaturesForEveryPlaceInThePrompt) {
  const auto folder = fresh_folder("seen");
  std::filesystem::create_directories(folder);
  reasoner::train_tokenizer(reasoner_lines(1, 60, {}), 700, folder / "tokenizer.model");
  ExampleMaker maker{reasoner::Tokenizer::load(folder / "tokenizer.model", {true, reasoner::compact_tokens()}), {}, 1200};
  maker.prompt = reasoner::mini_config(maker.tokenizer.size(), 192).prompt;
  const encoder::Encoder encoder = encoder::Encoder::from_json(small_config());
  synth::InstanceOptions world;
  std::vector<synth::Combination> combinations;
  for (const synth::Combination& c : synth::combinations()) {
    if (c.image || c.video) combinations.push_back(c);
  }
  auto atlas = std::make_shared<const synth::Atlas>(shapes());
  const ExampleSource source = seen_documents(maker, world, atlas, encoder, combinations);
  int pictures_alone = 0;
  for (std::int64_t number = 0; number < 24; ++number) {
    const auto example = source(number), again = source(number);
    ASSERT_TRUE(example);
    const auto places = std::count_if(example->prompt.begin(), example->prompt.end(), [](std::int64_t id) { return id < 0; });
    ASSERT_GT(places, 0);
    EXPECT_EQ(example->features.sizes(), (std::vector<std::int64_t>{places, 192}));
    EXPECT_TRUE(torch::equal(example->features, again->features));
    const synth::Combination& combination = combinations[std::size_t(number) % combinations.size()];
    if (!combination.text && !combination.audio) {
      ++pictures_alone;
      EXPECT_GT(std::count(example->kinds.begin(), example->kinds.end(), reasoner::TargetKind::kLabel), 0);
    }
  }
  EXPECT_GT(pictures_alone, 0);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace reamo::train
