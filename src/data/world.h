// Writing the synthetic world to files: `reamo synth`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "data/atlas.h"
#include "synth/story.h"

namespace reamo::data {

struct WorldOptions {
  std::uint64_t seed = 1;
  synth::Split split = synth::Split::kTrain;
  std::uint64_t first = 0, count = 15;                  // instances by index; each is the same whatever else is written
  std::optional<synth::Combination> combination;        // else all fifteen in turn
  std::vector<std::string> artwork = {"noto"};
  double renamed_schema = 0;                            // share with a schema of their own (in gold.jsonl); the others have the world's
  double unrelated = 0.1;
  std::optional<ie::Tasks> tasks = ie::Tasks{true, true, true};  // nullopt: by luck, an instance each its own
  synth::RenderSize size;
  bool compressed = false;                              // JPEG and M4A instead of PNG and WAV; film is always MP4
  int threads = 1;
  std::filesystem::path out;                            // folder
  std::optional<std::filesystem::path> sheet;           // a PNG that shows all pictures and films with their masks
};

// Writes OUT/media/ID-image-0.png .., OUT/documents.jsonl, OUT/gold.jsonl and OUT/schema.json (the world's). Existing files of the
// same names are replaced. `progress`: instances done. Error: artwork missing, a voice that fails, a folder that cannot be written.
void write_world(const WorldOptions& options, const synth::Atlas& atlas, const std::function<void(std::uint64_t)>& progress = {});

// The atlas of the styles: read from files where given, else made from installed artwork.
synth::Atlas world_atlas(const std::vector<std::string>& styles, const std::vector<std::filesystem::path>& files, const ArtworkPaths& paths = {});

}  // namespace reamo::data
