// The sums of all instances, column by column, and their joint resampling.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "eval/measures.h"
#include "eval/options.h"

namespace reamo::eval {

// One measure of each instance. Micro F1: tp, gold, pred. Otherwise a sum of `numerator` over a sum of `gold`.
struct MeasureColumns {
  bool is_f1 = true;
  std::vector<double> numerator;             // of a ratio
  std::vector<std::uint32_t> tp, gold, pred;  // of an F1; a ratio has `gold` only

  std::size_t rows() const { return gold.size(); }
  MeasureColumns subset(const std::vector<std::uint32_t>& rows) const;
};

// Sums of the columns.
struct MeasureSums {
  Counts counts;  // of an F1
  double numerator = 0;
  std::size_t denominator = 0;  // of a ratio
  // 0 / 0 = 0.
  double value(bool is_f1) const;
};
MeasureSums sums_of(const MeasureColumns& columns);

// The bootstrap of METRICS section 8, the same draws for all measures: the statistic of each (first index) on each of
// `options.replicates` resamples of the rows. The values of an F1 are those of replicates(); a ratio may differ from
// it by rounding. All measures have the same number of rows, at least one.
std::vector<std::vector<double>> resampled(const std::vector<const MeasureColumns*>& measures,
                                           const Options& options);

class ScoreTable {
 public:
  void add(const InstanceScores& scores);

  std::size_t rows() const { return combination_.size(); }
  const MeasureColumns& columns(Measure measure) const {
    return columns_[static_cast<std::size_t>(measure)];
  }
  // Row numbers by the name of the group.
  std::map<std::string, std::vector<std::uint32_t>> by_combination() const;
  std::map<std::string, std::vector<std::uint32_t>> by_task() const;

  ScoreTable();

 private:
  std::array<MeasureColumns, kMeasureCount> columns_;
  std::vector<std::string> combinations_;
  std::vector<std::uint8_t> combination_, tasks_;  // index into combinations_; bits of kTaskNames
};

}  // namespace reamo::eval
