// Made-up gold and predicted results in any number, to measure what scoring them costs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>

#include "ie/result.h"

namespace reamo::benchmark {

struct PairOptions {
  std::size_t pairs = 100000;
  std::size_t entities = 5;     // of each text
  std::size_t masks_every = 10;  // every so many-th document has a picture with one mask; 0: none has
  int width = 640, height = 480;  // of the pictures, pixels
  std::uint64_t seed = 1;
};

struct Pair {
  ie::Result gold, pred;
};

// The pair of number `index`, the same whatever else is made. Predictions have the faults that scorers tell apart:
// entities that are missing, of another type, with another end, invented; masks that are shifted or missing.
Pair make_pair(const PairOptions& options, std::size_t index);

// FOLDER/gold.jsonl and FOLDER/pred.jsonl in the same order. Throws Error when they cannot be written.
void write_pairs(const PairOptions& options, const std::filesystem::path& folder);

}  // namespace reamo::benchmark
