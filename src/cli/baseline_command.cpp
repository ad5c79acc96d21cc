// reamo data baseline: answers that need no model, to be scored like any other.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdio>
#include <memory>

#include "cli/data_commands.h"
#include "eval/baseline_file.h"
#include "ie/error.h"
#include "store/whole_file.h"

namespace reamo::cli {
namespace {

void run_baseline(const eval::BaselineOptions& options, const std::string& output) {
  if (output == "-") {
    eval::make_baseline(options, [](std::string_view line) {
      if (std::fwrite(line.data(), 1, line.size(), stdout) != line.size() || std::fputc('\n', stdout) == EOF)
        throw Error("standard output cannot be written");
    });
    return;
  }
  store::WholeFile file(output);
  eval::make_baseline(options, [&](std::string_view line) {
    file.write(line);
    file.write("\n");
  });
  file.commit();
}

}  // namespace

Command baseline_command(CLI::App& data) {
  struct Arguments {
    eval::BaselineOptions options;
    std::string name, documents, types, output = "-";
  };
  auto arguments = std::make_shared<Arguments>();
  std::vector<std::string> names;
  std::string help = "baselines:";
  for (const eval::NamedBaseline& baseline : eval::baselines()) {
    names.push_back(baseline.name);
    help += "\n  " + baseline.name + ": " + baseline.what;
  }
  CLI::App* app = data.add_subcommand("baseline", "results of a system that needs no training");
  app->add_option("name", arguments->name, "see below")->required()->check(CLI::IsMember(names));
  app->add_option("--gold", arguments->options.gold, "results, one a line")->required();
  app->add_option("--documents", arguments->documents, "the documents with their texts, one a line");
  app->add_option("--types", arguments->types, "results, as of a training part, of which types are counted; default: the gold");
  app->add_option("--seed", arguments->options.seed, "of random places")->capture_default_str();
  app->add_option("-o,--output", arguments->output, "a file, written whole or not at all; - is standard output")->capture_default_str();
  app->footer(help);
  return {app, [arguments](const CommonOptions&) {
            for (const eval::NamedBaseline& baseline : eval::baselines()) {
              if (baseline.name == arguments->name) arguments->options.baseline = baseline.baseline;
            }
            if (!arguments->documents.empty()) arguments->options.documents = arguments->documents;
            if (!arguments->types.empty()) arguments->options.types = arguments->types;
            run_baseline(arguments->options, arguments->output);
            return 0;
          }};
}

}  // namespace reamo::cli
