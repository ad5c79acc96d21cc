#include "grounder/audio/listener.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>

#include "grounder/audio/listener_net.h"
#include "grounder/audio/word_times.h"
#include "ie/error.h"
#include "nn/weights.h"
#include "store/json_limits.h"

namespace reamo::grounder {
namespace {

std::shared_ptr<ListenerNetImpl> small_net(const std::string& front_end) {
  torch::manual_seed(5);
  nlohmann::json json{{"front_end", front_end}};
  json["log_mel"] = {{"stem", 16}, {"width", 16}, {"layers", 1}, {"heads", 2}, {"feed_forward", 16}};
  json["conv"] = {{"hidden_size", 16}, {"num_hidden_layers", 1}, {"num_attention_heads", 2}, {"intermediate_size", 16},
                  {"conv_dim", {8, 8, 8, 8, 8, 8, 8}}, {"num_conv_pos_embedding_groups", 4}};
  auto net = std::make_shared<ListenerNetImpl>(listener_config(json));
  net->eval();
  return net;
}

signal::Audio noise(double seconds, int rate = 16000, int channels = 1) {
  torch::manual_seed(7);
  signal::Audio audio{rate, channels, 2.0, {}};
  const torch::Tensor samples = 0.1 * torch::randn({std::int64_t(seconds * rate) * channels});
  audio.samples.assign(samples.data_ptr<float>(), samples.data_ptr<float>() + samples.numel());
  return audio;
}

// Frames that say "on|it" with a pause before "it": symbols as the small listener has them, 2 frames a character.
ListenerFrames spoken_frames(const ListenerConfig& config, bool heads) {
  ListenerFrames frames;
  const std::string said = "__oonn_____||iitt___";
  frames.log_probs.frames = int(said.size());
  frames.log_probs.symbols = int(config.symbols.size());
  for (const char c : said) {
    const std::int64_t id = c == '_' ? config.blank : symbol_ids(config, std::string(1, c == '|' ? ' ' : c))[0];
    for (std::int64_t s = 0; s < frames.log_probs.symbols; ++s) frames.log_probs.values.push_back(s == id ? -0.1f : -8.0f);
  }
  if (heads) {
    frames.starts.assign(said.size(), -5.0f);
    frames.inside.assign(said.size(), -5.0f);
    frames.starts[1] = frames.starts[12] = 5;
    for (std::size_t i = 1; i < 8; ++i) frames.inside[i] = 5;
    for (std::size_t i = 12; i < 18; ++i) frames.inside[i] = 5;
  }
  return frames;
}

TEST(WordTimes, HeadsPlaceStartsAndPauses) {
  const ListenerConfig config = listener_config({{"front_end", "log_mel"}});
  const std::vector<ie::Word> words = decode_words(spoken_frames(config, true), config);
  ASSERT_EQ(words.size(), 2u);
  EXPECT_EQ(words[0].word, "on");
  EXPECT_EQ(words[1].word, "it");
  EXPECT_NEAR(words[0].start, 1 * 0.02 + 0.0025, 1e-9);
  EXPECT_NEAR(words[0].end, 8 * 0.02 + 0.0025, 1e-9);  // the pause is nobody's
  EXPECT_NEAR(words[1].start, 12 * 0.02 + 0.0025, 1e-9);
  EXPECT_NEAR(words[1].end, 18 * 0.02 + 0.0025, 1e-9);
  EXPECT_NEAR(words[0].score, std::exp(-0.1), 1e-6);
}

TEST(WordTimes, WithoutHeadsWordsShareTheGap) {
  const ListenerConfig config = listener_config({{"front_end", "log_mel"}});
  const std::vector<ie::Word> words = align_words(spoken_frames(config, false), config, {"on", "it"});
  ASSERT_EQ(words.size(), 2u);
  EXPECT_LE(words[0].start, 2 * 0.02 + 0.0125);
  EXPECT_GE(words[0].end, 6 * 0.02);
  EXPECT_LE(words[0].end, words[1].start + 1e-9);
  EXPECT_GT(words[1].end, words[1].start);
}

TEST(ListenerConfig, IsCheckedAndKept) {
  EXPECT_THROW(listener_config({{"front_end", "tape"}}), Error);
  EXPECT_THROW(listener_config({{"front_end", "log_mel"}, {"blank", 99}}), Error);
  EXPECT_THROW(listener_config({{"front_end", "log_mel"}, {"word_break", "_"}}), Error);
  EXPECT_THROW(listener_config({{"front_end", "log_mel"}, {"log_mel", {{"width", 10}, {"heads", 4}}}}), Error);
  EXPECT_EQ(listener_config(nlohmann::json::object()).front_end, "conv");
  EXPECT_EQ(listener_config(nlohmann::json::object()).symbols.size(), 32u);
  for (const char* front_end : {"conv", "log_mel"}) {
    const nlohmann::json json = to_json(small_net(front_end)->config());
    EXPECT_EQ(to_json(listener_config(json)), json);
  }
}

TEST(LogMelNet, PaddingInABatchChangesNothing) {
  const torch::NoGradGuard no_grad;
  const auto net = small_net("log_mel");
  const torch::Tensor mel = torch::randn({1, 101, 64});
  torch::Tensor padded = torch::randn({1, 160, 64});
  padded.narrow(1, 0, 101).copy_(mel);
  const ListenerOutput alone = net->log_mel->forward(mel, {101});
  const ListenerOutput beside = net->log_mel->forward(padded, {101});
  ASSERT_EQ(alone.log_probs.size(1), 51);
  EXPECT_TRUE(torch::allclose(alone.log_probs, beside.log_probs.narrow(1, 0, 51), 1e-4, 1e-5));
  EXPECT_TRUE(torch::allclose(alone.starts, beside.starts.narrow(1, 0, 51), 1e-4, 1e-5));
}

TEST(Listener, TakesAnySoundAndKeepsTheClock) {
  for (const char* front_end : {"conv", "log_mel"}) {
    ListenOptions options;
    options.window_seconds = 3;
    options.overlap_seconds = 1;
    const Listener listener(small_net(front_end), options);
    for (const auto& [seconds, rate, channels] : {std::tuple{0.0, 16000, 1}, {0.001, 16000, 1}, {1.0, 8000, 1}, {2.0, 44100, 2}, {8.3, 16000, 1}}) {
      SCOPED_TRACE(std::string(front_end) + " " + std::to_string(seconds));
      const signal::Audio audio = noise(seconds, rate, channels);
      const ie::Transcript heard = listener.transcribe(audio);
      double start = audio.start;
      for (const ie::Word& word : heard.words) {
        EXPECT_GE(word.start, start - 1e-9);
        EXPECT_GE(word.end, word.start);
        EXPECT_LE(word.end, audio.end() + 1e-9);
        EXPECT_TRUE(word.score >= 0 && word.score <= 1);
        start = word.start;
      }
      const double sure = listener.confidence(heard);
      EXPECT_TRUE(sure >= 0 && sure <= 1);
    }
  }
}

TEST(Listener, AlignKeepsTheTextAsGiven) {
  const Listener listener(small_net("log_mel"));
  const std::string text = "Mary — met 12 men in 1969.";
  const ie::Transcript aligned = listener.align(text, noise(6));
  EXPECT_EQ(aligned.text, text);
  ASSERT_EQ(aligned.words.size(), 7u);
  EXPECT_EQ(aligned.words[1].word, "—");
  EXPECT_EQ(aligned.words[1].start, aligned.words[1].end);
  EXPECT_EQ(aligned.words[1].start, aligned.words[0].end);
  EXPECT_EQ(aligned.words[6].word, "1969.");
  for (std::size_t i = 1; i < aligned.words.size(); ++i) EXPECT_GE(aligned.words[i].start, aligned.words[i - 1].start);
  EXPECT_THROW(listener.align("a text that is much too long for its sound", noise(0.1)), Error);
  EXPECT_THROW(listener.align("words", noise(0)), Error);
  EXPECT_TRUE(listener.align("", noise(1)).words.empty());
}

TEST(Listener, LoadsWhatWasSaved) {
  const auto net = small_net("log_mel");
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / "listener.safetensors";
  nn::write_tensors(file, nn::state_dict(*net));
  const Listener loaded = Listener::load(to_json(net->config()), file);
  EXPECT_EQ(loaded.transcribe(noise(2)), Listener(net).transcribe(noise(2)));
  nlohmann::json wider = to_json(net->config());
  wider["log_mel"]["layers"] = 2;
  EXPECT_THROW(Listener::load(wider, file), Error);
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace reamo::grounder
