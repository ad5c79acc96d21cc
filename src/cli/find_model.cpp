#include <cstdlib>

#include "cli/command.h"
#include "ie/error.h"
#include "install_paths.h"

namespace reamo::cli {

std::filesystem::path find_model(const std::string& given) {
  if (!given.empty()) return given;
  if (const char* set = std::getenv("REAMO_MODEL"); set != nullptr && *set != '\0') return set;
  std::error_code code;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", code);
  if (!code) {
    const std::filesystem::path installed = program.parent_path() / kModelsFromBin / "reamo-mini";
    if (std::filesystem::exists(installed / "reamo.json")) return std::filesystem::weakly_canonical(installed);
    // build/<preset>/bin/reamo in a source tree
    const std::filesystem::path tree = program.parent_path() / "../../../models/reamo-mini";
    if (std::filesystem::exists(tree / "reamo.json")) return std::filesystem::weakly_canonical(tree);
  }
  throw Error("no model: give one with -m or $REAMO_MODEL (the bundled reamo-mini was not found beside the program)");
}

}  // namespace reamo::cli
