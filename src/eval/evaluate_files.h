// Gold and predicted files of results: read side by side, evaluated, compared.
#pragma once

#include <filesystem>
#include <optional>

#include "eval/compare.h"
#include "eval/evaluate.h"

namespace reamo::eval {

// JSONL files (or one result a file). While a prediction file has the order of the gold file, both are read once and line
// by line; otherwise the rest of it is read by an index of ids and places. What is kept of an instance are its id and its
// sums. A predicted line {"document": .., "line": .., "error": ..} counts as no prediction. Throws Error with the line of
// a fault; on a document that is there twice; on a gold line that is an error; on a gold file without results.
Report evaluate_files(const std::filesystem::path& gold, const std::filesystem::path& pred,
                      const Options& options = {});

struct FileComparison {
  Report a, b;
  PairedReport paired;
};
// Two systems on one gold file. The worst instances are those of A.
FileComparison compare_files(const std::filesystem::path& gold, const std::filesystem::path& pred_a,
                               const std::filesystem::path& pred_b, const Options& options = {});

}  // namespace reamo::eval
