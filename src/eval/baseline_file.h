// Files of results that need no training, in the format of any system's predictions.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reamo::eval {

enum class Baseline {
  kCapitalised,  // capitalised spans of the text are entities of the most frequent type; nothing else
  kWhole,        // gold items in the text, everywhere else the whole medium
  kCentre,       // gold items in the text, the middle of pictures and frames, whole recordings
  kRandom,       // gold items in the text, a random place in each medium, or none (even odds)
};
struct NamedBaseline {
  Baseline baseline;
  std::string name, what;
};
const std::vector<NamedBaseline>& baselines();

struct BaselineOptions {
  Baseline baseline = Baseline::kWhole;
  std::filesystem::path gold;                      // results: ids, schemas, media, and the items of all but kCapitalised
  std::optional<std::filesystem::path> documents;  // JSONL with the texts, for kCapitalised
  std::optional<std::filesystem::path> types;      // results of which types are counted; default: `gold`
  std::uint64_t seed = 1;                          // of kRandom; each document has its own draws, by its id
};

// Calls `write` with each result line, in the order of the gold file; the number of lines. Texts are held in memory.
// Throws Error on files that cannot be read, UsageError where `documents` is needed.
std::size_t make_baseline(const BaselineOptions& options, const std::function<void(std::string_view)>& write);

}  // namespace reamo::eval
