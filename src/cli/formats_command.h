// reamo data import and reamo data export.
#pragma once

#include "cli/command.h"

namespace reamo::cli {

// Each adds its subcommand to `data`.
Command import_formats_command(CLI::App& data);
Command export_formats_command(CLI::App& data);

}  // namespace reamo::cli
