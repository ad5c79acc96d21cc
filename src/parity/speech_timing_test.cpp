// The bundled listener against the timed sentences (parity/AUDIO.md section 7).
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "grounder/audio/listener.h"
#include "media/read.h"
#include "store/json_limits.h"
#include "store/model_folder.h"
#include "store/tensor_file.h"

namespace reamo {
namespace {

nlohmann::json read_json(const std::filesystem::path& path) { return store::parse_json(store::read_file(path), path.string()); }

TEST(SpeechTiming, PhrasesAreFoundByTheBundledListener) {
  const std::filesystem::path model = std::filesystem::path(REAMO_SOURCE_DIR) / "models" / "reamo-mini";
  const std::filesystem::path sentences = std::filesystem::path(REAMO_SHARED_DIR) / "parity" / "speech_timing";
  if (!std::filesystem::exists(model / "listener.safetensors")) GTEST_SKIP() << "the bundled model has no listener";
  if (!std::filesystem::exists(sentences)) GTEST_SKIP() << "the timed sentences are not there";
  const store::ModelFolder folder = store::open_model_folder(model);
  const grounder::Listener listener = grounder::Listener::load(folder.at("listener").config, model / "listener.safetensors");
  double sum = 0;
  int phrases = 0;
  for (int number = 1; number <= 16; ++number) {
    const nlohmann::json expected = read_json(sentences / ((number < 10 ? "s0" : "s") + std::to_string(number) + ".json"));
    const signal::Audio audio = media::read_audio(sentences / expected.at("audio").get<std::string>());
    EXPECT_EQ(audio.frames(), expected.at("n_samples").get<std::size_t>());
    const ie::Transcript aligned = listener.align(expected.at("text"), audio);
    ASSERT_EQ(aligned.words.size(), expected.at("words").size());
    for (const nlohmann::json& phrase : expected.at("phrases")) {
      const double start = aligned.words.at(phrase.at("first_word")).start, end = aligned.words.at(phrase.at("last_word")).end;
      const double true_start = phrase.at("start"), true_end = phrase.at("end");
      const double both = std::min(end, true_end) - std::max(start, true_start);
      sum += std::max(0.0, both) / (std::max(end, true_end) - std::min(start, true_start));
      ++phrases;
    }
  }
  EXPECT_GE(sum / phrases, 0.80);
}

}  // namespace
}  // namespace reamo
