// What every command has, and where each is defined.
#pragma once

#include <CLI/App.hpp>
#include <filesystem>
#include <functional>
#include <string>

namespace reamo::cli {

// Options that every command takes.
struct CommonOptions {
  int threads = 0;             // 0: one for each core
  std::string device = "cpu";  // cpu, cuda
  bool verbose = false;
};

// A command registers itself with the program: its options, and what runs when it is chosen. `run` gives the exit code.
struct Command {
  CLI::App* app = nullptr;
  std::function<int(const CommonOptions&)> run;
};

Command extract_command(CLI::App& program);
Command ground_command(CLI::App& program);
Command embed_command(CLI::App& program);
Command eval_command(CLI::App& program);
Command synth_command(CLI::App& program);
Command data_command(CLI::App& program);
Command train_command(CLI::App& program);
Command verify_command(CLI::App& program);
Command inspect_command(CLI::App& program);
Command schema_command(CLI::App& program);
Command import_command(CLI::App& program);

// The model folder: given, else $REAMO_MODEL, else the bundled one beside the installed program or in the source tree.
std::filesystem::path find_model(const std::string& given);

}  // namespace reamo::cli
