// reamo synth and reamo data: the synthetic world as files, and what training reads.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <unistd.h>

#include <cstdio>
#include <memory>

#include "cli/command.h"
#include "cli/data_commands.h"
#include "data/atlas.h"
#include "data/world.h"
#include "ie/error.h"

namespace reamo::cli {
namespace {

struct SynthArguments {
  data::WorldOptions world;
  std::string split = "train", combination, sheet;
  std::vector<std::string> artwork, atlases;
  std::string node_modules;
};

synth::Combination parse_combination(const std::string& text) {
  for (const synth::Combination& combination : synth::combinations()) {
    if (combination.name() == text) return combination;
  }
  throw UsageError("--combination " + text + ": must be of text, image, audio, video in this order, joined by +");
}

int run_synth(const SynthArguments& arguments, const CommonOptions& common) {
  data::WorldOptions options = arguments.world;
  options.split = arguments.split == "test" ? synth::Split::kTest : synth::Split::kTrain;
  if (!arguments.combination.empty()) options.combination = parse_combination(arguments.combination);
  if (!arguments.artwork.empty()) options.artwork = arguments.artwork;
  if (!arguments.sheet.empty()) options.sheet = arguments.sheet;
  if (common.threads > 0) options.threads = common.threads;
  data::ArtworkPaths paths;
  if (!arguments.node_modules.empty()) paths.node_modules = arguments.node_modules;
  const synth::Atlas atlas = data::world_atlas(options.artwork, {arguments.atlases.begin(), arguments.atlases.end()}, paths);
  const bool terminal = ::isatty(STDERR_FILENO) != 0;
  data::write_world(options, atlas, [&](std::uint64_t done) {
    if (terminal) std::fprintf(stderr, "\r%llu/%llu ", static_cast<unsigned long long>(done), static_cast<unsigned long long>(options.count));
  });
  if (terminal) std::fprintf(stderr, "\n");
  return 0;
}

}  // namespace

Command synth_command(CLI::App& program) {
  auto arguments = std::make_shared<SynthArguments>();
  data::WorldOptions& world = arguments->world;
  CLI::App* app = program.add_subcommand("synth", "write documents of the synthetic world with exact gold");
  app->add_option("--seed", world.seed)->capture_default_str();
  app->add_option("--count", world.count, "documents")->capture_default_str();
  app->add_option("--first", world.first, "index of the first document")->capture_default_str();
  app->add_option("--split", arguments->split, "names, words and patterns of")->check(CLI::IsMember({"train", "test"}))->capture_default_str();
  app->add_option("--combination", arguments->combination, "media, as text+image+audio+video; default: all fifteen in turn");
  app->add_option("--artwork", arguments->artwork, "noto, twemoji, emojione, openmoji or fluent3d")->check(CLI::IsMember(data::artwork_styles()));
  app->add_option("--atlas", arguments->atlases, "atlas files of the artwork; else it is made from what is installed")->take_all();
  app->add_option("--node-modules", arguments->node_modules, "where npm artwork packages are");
  app->add_option("--renamed-schema", world.renamed_schema, "share of documents with a schema of their own")->check(CLI::Range(0.0, 1.0))->capture_default_str();
  app->add_option("--unrelated", world.unrelated, "share of documents where a medium shows another story")->check(CLI::Range(0.0, 1.0))->capture_default_str();
  app->add_flag("--compressed", world.compressed, "JPEG and M4A instead of PNG and WAV");
  app->add_option("--sheet", arguments->sheet, "a PNG that shows all pictures and films with their masks");
  app->add_option("-o,--output", world.out, "folder")->required();
  return {app, [arguments](const CommonOptions& common) { return run_synth(*arguments, common); }};
}

Command data_command(CLI::App& program) {
  struct Arguments {
    std::string style, output, node_modules;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* app = program.add_subcommand("data", "make what training reads");
  app->require_subcommand(1);
  CLI::App* atlas = app->add_subcommand("atlas", "sprites of all kinds in one style of emoji artwork");
  atlas->add_option("style", arguments->style)->required()->check(CLI::IsMember(data::artwork_styles()));
  atlas->add_option("--node-modules", arguments->node_modules, "where npm artwork packages are");
  atlas->add_option("-o,--output", arguments->output, "a safetensors file")->required();
  const std::vector<Command> others = {baseline_command(*app), import_formats_command(*app), export_formats_command(*app), speech_command(*app)};
  return {app, [arguments, others](const CommonOptions& common) {
            for (const Command& other : others) {
              if (other.app->parsed()) return other.run(common);
            }
            data::ArtworkPaths paths;
            if (!arguments->node_modules.empty()) paths.node_modules = arguments->node_modules;
            data::make_atlas(arguments->style, arguments->output, paths);
            return 0;
          }};
}

}  // namespace reamo::cli
