// Subcommands of reamo data that are in files of their own.
#pragma once

#include "cli/command.h"

namespace reamo::cli {

// Each adds its subcommand to `data`.
Command baseline_command(CLI::App& data);
Command import_formats_command(CLI::App& data);
Command export_formats_command(CLI::App& data);
Command speech_command(CLI::App& data);

}  // namespace reamo::cli
