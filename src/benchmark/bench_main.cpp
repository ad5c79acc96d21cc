// reamo-bench: makes the inputs of the measurements that docs/ quotes.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdio>
#include <exception>
#include <string>

#include "benchmark/pairs.h"
#include "ie/error.h"

int main(int argc, char** argv) {
  CLI::App program("Makes the inputs of the measurements that the documents quote.", "reamo-bench");
  program.require_subcommand(1);
  reamo::benchmark::PairOptions options;
  std::string folder;
  CLI::App* pairs = program.add_subcommand("pairs", "gold.jsonl and pred.jsonl for `reamo eval`");
  pairs->add_option("--pairs", options.pairs, "documents")->capture_default_str();
  pairs->add_option("--entities", options.entities, "of each text")->check(CLI::Range(0, 1000))->capture_default_str();
  pairs->add_option("--masks-every", options.masks_every, "every so many-th document has a picture with a mask; 0: none")->capture_default_str();
  pairs->add_option("--width", options.width, "of pictures, pixels")->check(CLI::Range(16, 8192))->capture_default_str();
  pairs->add_option("--height", options.height, "of pictures, pixels")->check(CLI::Range(16, 8192))->capture_default_str();
  pairs->add_option("--seed", options.seed)->capture_default_str();
  pairs->add_option("-o,--output", folder, "a folder")->required();
  CLI11_PARSE(program, argc, argv);
  try {
    reamo::benchmark::write_pairs(options, folder);
  } catch (const reamo::UsageError& error) {
    return std::fprintf(stderr, "reamo-bench: %s\n", error.what()), 2;
  } catch (const std::exception& error) {
    return std::fprintf(stderr, "reamo-bench: %s\n", error.what()), 1;
  }
  return 0;
}
