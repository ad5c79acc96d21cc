// reamo schema: the built-in schema, the world's, or a check of one's own.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdio>
#include <memory>

#include "cli/command.h"
#include "ie/error.h"
#include "ie/schema.h"
#include "store/tensor_file.h"
#include "synth/story.h"

namespace reamo::cli {

Command schema_command(CLI::App& program) {
  struct Arguments {
    bool world = false;
    std::string check;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* app = program.add_subcommand("schema", "print the built-in schema, or check one");
  app->add_flag("--world", arguments->world, "the schema of the synthetic world");
  app->add_option("--check", arguments->check, "a schema file to check; it is printed in canonical form");
  return {app, [arguments](const CommonOptions&) {
            ie::Schema schema = arguments->world ? synth::world_schema() : ie::default_schema();
            if (!arguments->check.empty()) {
              try {
                schema = ie::read_schema(store::read_file(arguments->check, 64u << 20));
              } catch (const UsageError& error) {
                throw UsageError(arguments->check + ": " + error.what());
              }
            }
            std::printf("%s\n", ie::write_schema(schema).c_str());
            return 0;
          }};
}

}  // namespace reamo::cli
