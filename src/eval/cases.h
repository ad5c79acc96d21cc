// Runs metric reference cases (METRICS section 0): lists of {name, input, expected, tolerance}.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace reamo::eval {

struct CaseOutcome {
  std::string name;
  std::size_t compared = 0;  // numbers, strings and flags
  double largest_error = 0;  // absolute, of floating values
  double largest_share = 0;  // of the tolerance; over 1 fails; exact values count 0 or infinity
  std::string worst;         // path of that value
  std::vector<std::string>
      not_produced;     // paths of expected fields that have no counterpart here (not a failure)
  std::string fault;    // what went wrong besides; empty when nothing did
  std::string skipped;  // why it could not be run (it names a part that is not there); mostly empty
  bool passed() const { return fault.empty() && largest_share <= 1; }
};

// `file`: GROUP/NAME.json; the folder and the file name say which metric. Throws Error when it
// cannot be read or the metric is not known; a fault of one case is in its outcome.
std::vector<CaseOutcome> run_metric_cases(const std::filesystem::path& file);

// The files below a folder that hold metric cases this library knows, in order.
std::vector<std::filesystem::path> metric_case_files(const std::filesystem::path& folder);

}  // namespace reamo::eval
