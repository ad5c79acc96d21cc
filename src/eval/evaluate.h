// Gold results against predicted ones: what was found, where, and how sure the figures are
// (DESIGN 3.4, METRICS).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "eval/bootstrap.h"
#include "eval/counts.h"
#include "ie/result.h"

namespace reamo::eval {

struct Options {
  std::size_t replicates = 1000;  // of the bootstrap over instances; 0: no intervals
  std::uint64_t seed = 1;
  double level = 0.95;
  double iou_threshold = 0.5;  // from which a place is right, for `joint` and for triggers in audio
};

// Sums of one instance. Tasks that the gold result was not asked for count nothing.
struct InstanceScores {
  std::string combination;         // "text+image", in the order text, image, audio, video
  std::vector<std::string> tasks;  // "ner", "re", "ee"
  Counts entity, relation, trigger, argument, joint;
  struct Overlap {
    double sum = 0;
    std::size_t count = 0;
  };
  Overlap mask, tracklet, segment;  // sums of IoU (J of a tracklet) over the gold groundings
  struct Share {
    std::size_t count = 0, of = 0;
  };
  Share over_matched, over_all, miss_matched, miss_all;
};

// `pred` null: nothing was predicted.
InstanceScores score_instance(const ie::Result& gold, const ie::Result* pred,
                              const Options& options = {});

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

struct Report {
  Group all;
  std::map<std::string, Group> by_combination, by_task;
  std::size_t missing = 0;  // gold documents without a prediction (counted as empty)
  std::size_t failed = 0;   // of these, predicted lines that are errors
  std::size_t surplus = 0;  // predictions without gold (left out)
};

// Takes instances one by one; keeps their sums only.
class Evaluator {
 public:
  explicit Evaluator(Options options = {}) : options_(options) {}
  void add(const ie::Result& gold, const ie::Result* pred);
  void add(InstanceScores scores) { instances_.push_back(std::move(scores)); }
  Report report() const;

 private:
  Options options_;
  std::vector<InstanceScores> instances_;
};

// By the document's id, in any order. Throws Error on an id that is there twice.
Report evaluate(const std::vector<ie::Result>& gold, const std::vector<ie::Result>& pred,
                const Options& options = {});
// JSONL files (or one result a file), read line by line: quickest when both are in the same order.
// A predicted line
// {"document": .., "line": .., "error": ..} counts as no prediction. Throws Error with the line of
// a fault.
Report evaluate_files(const std::filesystem::path& gold, const std::filesystem::path& pred,
                      const Options& options = {});

// {"all": G, "by_combination": {..}, "by_task": {..}, "missing": n, "failed": n, "surplus": n};
// undefined figures are null.
std::string to_json(const Report& report);
// A table for people, in percent.
std::string to_table(const Report& report);

}  // namespace reamo::eval
