// Gold results against predicted ones: what was found, where, and how sure the figures are
// (DESIGN 3.4, METRICS).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "eval/bootstrap.h"
#include "eval/counts.h"
#include "eval/errors.h"
#include "eval/options.h"
#include "eval/score_table.h"
#include "eval/worst.h"
#include "ie/result.h"

namespace reamo::eval {

struct F1Score {
  Counts counts;
  std::optional<Interval> ci95;
};
struct MeanScore {
  std::optional<double> mean;  // nothing: no gold grounding of this kind
  std::size_t count = 0;
  std::optional<Interval> ci95;
};
struct RateScore {
  std::optional<double> matched;  // over the gold keys that were also predicted
  std::optional<double> all;
  std::size_t matched_of = 0, all_of = 0;
};

// The figures of a group of instances.
struct Group {
  std::size_t instances = 0;
  F1Score entity, relation, trigger, argument, joint;
  MeanScore mask, tracklet, segment;
  RateScore over_grounding, miss_grounding;
};

// Scores by the number of gold items of an instance: 1, 2, 3, 4, 5 and more. The items of a measure are what it is
// computed over: gold entities for `entity`, gold masks for `mask`.
struct CurvePoint {
  std::size_t instances = 0;
  std::optional<double> score;
  std::optional<Interval> ci95;
};
inline constexpr std::size_t kCurvePoints = 5;
using Curve = std::array<CurvePoint, kCurvePoints>;
using Curves = std::map<Measure, Curve>;  // only of measures with gold items

struct ErrorTables {
  ErrorCounts all;
  std::map<std::string, ErrorCounts> by_combination, by_task;
};

// What does not fit between the two files: how many, and the first of them in words.
struct Mismatch {
  static constexpr std::size_t kKept = 20;
  std::size_t count = 0;
  std::vector<std::string> first;
  void add(std::string what) {
    ++count;
    if (first.size() < kKept) first.push_back(std::move(what));
  }
};

struct Report {
  Options options;
  Group all;
  std::map<std::string, Group> by_combination, by_task;
  Mismatch missing;      // gold documents without a prediction (counted as empty), by id
  Mismatch failed;       // of these, predicted lines that are errors
  Mismatch surplus;      // predictions without gold (left out)
  Mismatch media_names;  // documents whose media differ
  Mismatch sizes;        // media whose sizes differ
  std::optional<ErrorTables> errors;  // with Options::errors
  std::optional<Curves> curves;       // with Options::curves
  std::vector<WorstInstance> worst;   // Options::worst of them, the worst first

  bool has_mismatch() const;
};

// `pred` null: nothing was predicted.
InstanceScores score_instance(const ie::Result& gold, const ie::Result* pred,
                              const Options& options = {});

// One instance evaluated.
struct Instance {
  std::string document;
  InstanceScores scores;
  ErrorCounts errors;                    // with Options::errors
  std::optional<WorstInstance> details;  // with Options::worst
};
// `pred` null: nothing was predicted. `bar`: details are left out where the instance is not worse.
Instance evaluate_instance(const ie::Result& gold, const ie::Result* pred, const Options& options,
                           const std::optional<Badness>& bar = std::nullopt);

// Takes instances one by one; keeps their sums only (about 160 bytes each).
class Evaluator {
 public:
  explicit Evaluator(Options options = {}) : options_(options), worst_(options.worst) {}
  void add(const ie::Result& gold, const ie::Result* pred);
  void add(Instance instance);
  // How bad an instance must be to be among the worst; nullopt: any is.
  std::optional<Badness> bar() const { return worst_.bar(); }
  // Without the mismatches.
  Report report() const;
  const ScoreTable& table() const { return table_; }
  const Options& options() const { return options_; }

 private:
  Options options_;
  ScoreTable table_;
  ErrorTables errors_;
  WorstList worst_;
};

// By the document's id, in any order. Throws Error on an id that is there twice.
Report evaluate(const std::vector<ie::Result>& gold, const std::vector<ie::Result>& pred,
                const Options& options = {});

}  // namespace reamo::eval
