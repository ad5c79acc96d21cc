// reamo: parses the command line, calls one function of a level below, prints.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdio>
#include <exception>
#include <new>
#include <thread>
#include <vector>

#include "cli/command.h"
#include "ie/error.h"
#include "nn/functional.h"
#include "nn/memory.h"
#include "version.h"

namespace reamo::cli {
namespace {

// One line on standard error; line breaks of foreign text become blanks.
void complain(const std::string& command, std::string message) {
  for (char& c : message) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  std::fprintf(stderr, "%s: %s\n", command.c_str(), message.c_str());
}

std::vector<Command> commands(CLI::App& program) {
#ifdef REAMO_TRAIN_ONLY
  return {train_command(program)};
#else
  return {extract_command(program), ground_command(program), embed_command(program), eval_command(program),
          inspect_command(program), schema_command(program), verify_command(program), synth_command(program),
          data_command(program),    train_command(program), import_command(program)};
#endif
}

int run(int argc, char** argv) {
  CLI::App program("Reads documents of text, images, audio and video; extracts entities, relations and events of your\n"
                   "schema, each tied to the characters, pixels, seconds or tracklets where it stands.",
                   "reamo");
  program.require_subcommand(1);
  program.set_version_flag("--version", std::string("reamo ") + kVersion);
  CommonOptions common;
  std::vector<Command> all = commands(program);
  for (Command& command : all) {
    command.app->add_option("--threads", common.threads, "threads; 0: one for each core")->check(CLI::Range(0, 1024));
    command.app->add_option("--device", common.device, "cpu or cuda")->check(CLI::IsMember({"cpu", "cuda"}));
    command.app->add_flag("-v,--verbose", common.verbose, "say more on standard error");
    command.app->fallthrough();
    for (CLI::App* stage : command.app->get_subcommands({})) stage->fallthrough();
    command.app->set_version_flag("--version", std::string("reamo ") + kVersion);
  }
  std::string name = "reamo";
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == int(CLI::ExitCodes::Success)) return program.exit(error);
    for (const CLI::App* chosen : program.get_subcommands()) name += " " + chosen->get_name();
    if (name == "reamo" && argc > 1 && argv[1][0] != '-') {
      complain(name, "there is no command " + std::string(argv[1]) + " (reamo --help shows them)");
      return 2;
    }
    complain(name, std::string(error.what()) + " (" + name + " --help shows the options)");
    return 2;
  }
  try {
    for (const Command& command : all) {
      if (!command.app->parsed()) continue;
      name += " " + command.app->get_name();
      nn::set_threads(common.threads > 0 ? common.threads : int(std::max(1u, std::thread::hardware_concurrency())));
      return command.run(common);
    }
  } catch (const UsageError& error) {
    complain(name, error.what());
    return 2;
  } catch (const std::bad_alloc&) {
    complain(name, "not enough memory");
    return 1;
  } catch (const std::exception& error) {
    complain(name, error.what());
    return 1;
  }
  return 2;
}

}  // namespace
}  // namespace reamo::cli

int main(int argc, char** argv) {
  reamo::nn::keep_freed_memory();
  return reamo::cli::run(argc, argv);
}
