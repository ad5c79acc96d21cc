// Two systems on the same instances: is the difference more than chance?
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "eval/bootstrap.h"
#include "eval/score_table.h"

namespace reamo::eval {

// The paired bootstrap of METRICS section 8: instances are drawn once for both systems, and d = A - B is computed on each
// of B resamples. `ci95`: quantiles of d. `p`: min(1, 2 min(share of d <= 0, share of d >= 0)).
struct PairedDifference {
  double a = 0, b = 0, difference = 0;
  std::optional<Interval> ci95;  // nothing without replicates
  std::optional<double> p;
};
struct PairedGroup {
  std::size_t instances = 0;
  std::map<Measure, PairedDifference> measures;  // those that are defined for both systems
};
struct PairedReport {
  PairedGroup all;
  std::map<std::string, PairedGroup> by_combination, by_task;
};

// Row i of both tables is the same instance.
PairedReport compare(const ScoreTable& a, const ScoreTable& b, const Options& options);

}  // namespace reamo::eval
