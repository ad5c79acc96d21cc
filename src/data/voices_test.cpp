#include "data/voices.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "data/speech_shards.h"
#include "ie/error.h"
#include "store/json_limits.h"
#include "store/tensor_file.h"

namespace reamo::data {
namespace {

double level(const signal::Audio& audio, double from, double to) {
  const signal::Audio part = signal::slice(audio, from, to);
  double sum = 0;
  for (const float sample : part.samples) sum += double(sample) * sample;
  return part.samples.empty() ? 0 : std::sqrt(sum / double(part.samples.size()));
}

TEST(Voices, EqualArgumentsGiveEqualSamples) {
  const synth::Utterance utterance{"Mary Chen met the crew near the harbor.", "en-us+klatt", 160, 50, 0};
  const synth::Speech first = speak(utterance);
  speak({"Something else in between.", "en", 150, 40, 0});
  const synth::Speech second = speak(utterance);
  EXPECT_EQ(first.audio.samples, second.audio.samples);
  EXPECT_EQ(first.transcript, second.transcript);
  EXPECT_EQ(first.audio.sample_rate, 16000);
  EXPECT_GT(first.audio.duration(), 1.5);
  synth::Utterance faster = utterance;
  faster.rate = 190;
  EXPECT_LT(speak(faster).audio.duration(), first.audio.duration());
}

TEST(Voices, ThreadsMaySpeakAtOnce) {
  const synth::Utterance utterance{"Two trains were delayed.", "en-us", 170, 50, 0};
  const std::vector<float> alone = speak(utterance).audio.samples;
  std::vector<std::thread> threads;
  std::vector<std::vector<float>> said(4);
  for (std::size_t i = 0; i < said.size(); ++i) threads.emplace_back([&, i] { said[i] = speak(utterance).audio.samples; });
  for (std::thread& thread : threads) thread.join();
  for (const auto& samples : said) EXPECT_EQ(samples, alone);
}

TEST(Voices, WordTimesEqualTheReference) {
  const std::filesystem::path folder = std::filesystem::path(REAMO_SHARED_DIR) / "parity" / "speech_timing";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "reference sentences are not there";
  int sentences = 0;
  for (int number = 1; number <= 16; ++number) {
    const std::string name = (number < 10 ? "s0" : "s") + std::to_string(number) + ".json";
    SCOPED_TRACE(name);
    const nlohmann::json expected = store::parse_json(store::read_file(folder / name), name);
    const synth::Speech speech = speak({expected.at("text"), expected.at("voice"), expected.at("rate_wpm"), expected.at("pitch"), 0});
    const double length = expected.at("n_samples").get<double>();
    if (expected.at("voice").get<std::string>().find('+') == std::string::npos) {
      EXPECT_NEAR(double(speech.audio.frames()), length, 1);
    } else {  // speaker variants ring on after the last word, by up to a tenth of a second more than the reference kept
      EXPECT_GE(double(speech.audio.frames()), length - 1);
      EXPECT_LE(double(speech.audio.frames()), length + 1600);
    }
    const nlohmann::json& words = expected.at("words");
    ASSERT_EQ(speech.transcript.words.size(), words.size());
    for (std::size_t i = 0; i < words.size(); ++i) {
      SCOPED_TRACE(words[i].at("text").get<std::string>());
      EXPECT_EQ(speech.transcript.words[i].word, words[i].at("text").get<std::string>());
      EXPECT_NEAR(speech.transcript.words[i].start, words[i].at("start").get<double>(), 1e-4);
      EXPECT_NEAR(speech.transcript.words[i].end, words[i].at("end").get<double>(), 1e-4);
    }
    ++sentences;
  }
  EXPECT_EQ(sentences, 16);
}

TEST(Voices, EveryVoiceSpeaks) {
  for (const std::string& accent : voice_accents()) EXPECT_GT(level(speak({"Hello.", accent, 160, 50, 0}).audio, 0, 0.4), 0.005) << accent;
  for (const std::string& variant : voice_variants()) {
    EXPECT_GT(level(speak({"Hello.", "en-us" + variant, 160, 50, 0}).audio, 0, 0.4), 0.005) << variant;
  }
  EXPECT_NE(voice_name(0), voice_name(1));
  EXPECT_EQ(voice_name(0), voice_name(voice_count()));
}

TEST(Voices, RefuseWhatCannotBeSpoken) {
  EXPECT_THROW(speak({"Hello.", "xx-nowhere", 160, 50, 0}), Error);
  EXPECT_THROW(speak({"Hello.", "", 160, 50, 0}), Error);
  EXPECT_THROW(speak({std::string("a\0b", 3), "en-us", 160, 50, 0}), Error);
  EXPECT_THROW(speak({std::string(30000, 'a'), "en-us", 160, 50, 0}), Error);
  VoiceOptions hurried;
  hurried.timeout_ms = 0;
  EXPECT_THROW(speak({"Hello.", "en-us", 160, 50, 0}, hurried), Error);
  EXPECT_FALSE(speak({"Hello.", "en-us", 160, 50, 0}).audio.samples.empty());  // and it speaks again
  EXPECT_TRUE(speak({"", "en-us", 160, 50, 0}).transcript.words.empty());
}

TEST(SpeechShards, AreCompleteRepeatableAndResumed) {
  const std::filesystem::path root = std::filesystem::path(testing::TempDir()) / "speech-shards";
  std::filesystem::remove_all(root);
  SpeechShardOptions options;
  options.count = 5;
  options.a_shard = 2;
  const SpeechText text = [](std::uint64_t index) { return "Number " + std::string(index + 1, 'a') + " on the list."; };
  prepare_speech(root / "whole", options, text);
  options.count = 2;
  prepare_speech(root / "parts", options, text);
  options.count = 5;
  prepare_speech(root / "parts", options, text);
  for (const char* name : {"index.json", "speech-00000.safetensors", "speech-00001.safetensors", "speech-00002.safetensors"}) {
    EXPECT_EQ(store::sha256_file(root / "whole" / name), store::sha256_file(root / "parts" / name)) << name;
  }
  const auto shard = store::TensorFile::open_safetensors(root / "whole" / "speech-00000.safetensors");
  EXPECT_EQ(shard.at("frames").elements(), 2);
  EXPECT_EQ(shard.at("words").elements(), 2);
  EXPECT_EQ(shard.at("starts").elements(), 10);
  EXPECT_EQ(shard.at("mel").shape[1], 64);
  options.seed = 2;
  EXPECT_THROW(prepare_speech(root / "whole", options, text), Error);
  std::filesystem::remove_all(root);
}

TEST(SpeechText, IsPlainAndAFunctionOfTheIndex) {
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / "sentences.txt";
  store::write_file_whole(file, "The harbor bank of @handle opened in 1969 , near http://x.y and Überlingen .\nIt rains again today\n");
  const SpeechText text = speech_text_from_files({file}, 3);
  bool differs = false;
  for (std::uint64_t i = 0; i < 50; ++i) {
    const std::string said = text(i);
    EXPECT_EQ(said, text(i));
    differs = differs || said != text(0);
    for (const char c : said) EXPECT_TRUE((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '\'' || c == ' ' || c == '.' || c == ',') << said;
  }
  EXPECT_TRUE(differs);
  const SpeechText world = speech_text_from_world(3);
  EXPECT_FALSE(world(0).empty());
  EXPECT_EQ(world(7), world(7));
  EXPECT_THROW(speech_text_from_files({file.string() + ".missing"}, 3), Error);
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace reamo::data
