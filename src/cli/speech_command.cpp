// reamo data speech: shards of espeak-ng speech for the listener.
#include "data/speech_shards.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "cli/data_commands.h"

namespace reamo::cli {
namespace {

struct Arguments {
  data::SpeechShardOptions options;
  std::vector<std::string> texts;
  double share = 0.5;
  std::string split = "train", output;
};

int run(const Arguments& a) {
  const synth::Split split = a.split == "test" ? synth::Split::kTest : synth::Split::kTrain;
  data::SpeechText text = data::speech_text_from_world(a.options.seed, split);
  if (!a.texts.empty()) {
    const std::vector<std::filesystem::path> files(a.texts.begin(), a.texts.end());
    text = data::mixed_speech_text(data::speech_text_from_files(files, a.options.seed, split), text, a.share, a.options.seed);
  }
  data::prepare_speech(a.output, a.options, text);
  return 0;
}

}  // namespace

Command speech_command(CLI::App& data) {
  auto a = std::make_shared<Arguments>();
  CLI::App* app = data.add_subcommand("speech", "espeak-ng speech with word times, for training the listener; an interrupted run goes on");
  app->add_option("--count", a->options.count, "utterances")->capture_default_str();
  app->add_option("--seed", a->options.seed, "of texts, voices, rates, pitches and rooms")->capture_default_str();
  app->add_option("--split", a->split, "names and patterns of training or of tests")->check(CLI::IsMember({"train", "test"}))->capture_default_str();
  app->add_option("--texts", a->texts, "files whose sentences are spoken beside those of the world: BIO columns, or one sentence a line")->take_all();
  app->add_option("--share", a->share, "of utterances from these files")->check(CLI::Range(0.0, 1.0))->capture_default_str();
  app->add_option("--max-seconds", a->options.max_seconds, "longer utterances are left out")->capture_default_str();
  app->add_option("-o,--output", a->output, "folder of shards")->required();
  return {app, [a](const CommonOptions&) { return run(*a); }};
}

}  // namespace reamo::cli
