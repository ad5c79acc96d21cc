#include "eval/evaluate.h"

#include <algorithm>
#include <set>

#include "ie/error.h"

namespace reamo::eval {
namespace {

using Rows = std::vector<std::uint32_t>;

// The columns of a group: those of the table, or a choice of their rows.
class GroupColumns {
 public:
  GroupColumns(const ScoreTable& table, const Rows* rows) : table_(table), rows_(rows) {
    if (!rows) return;
    for (std::size_t m = 0; m < kMeasureCount; ++m) chosen_.push_back(columns(m).subset(*rows));
  }
  const MeasureColumns& of(std::size_t m) const { return rows_ ? chosen_[m] : columns(m); }
  std::size_t rows() const { return rows_ ? rows_->size() : table_.rows(); }

 private:
  const MeasureColumns& columns(std::size_t m) const { return table_.columns(static_cast<Measure>(m)); }

  const ScoreTable& table_;
  const Rows* rows_;
  std::vector<MeasureColumns> chosen_;
};

bool has_data(const MeasureSums& sums) { return sums.counts.n_gold + sums.counts.n_pred + sums.denominator > 0; }

Group group_of(const ScoreTable& table, const Rows* rows, const Options& options) {
  const GroupColumns columns(table, rows);
  std::array<MeasureSums, kMeasureCount> sums;
  for (std::size_t m = 0; m < kMeasureCount; ++m) sums[m] = sums_of(columns.of(m));

  std::array<std::optional<Interval>, kMeasureCount> intervals;
  std::vector<const MeasureColumns*> drawn;
  std::vector<std::size_t> which;
  for (std::size_t m = 0; m < kMeasureCount; ++m) {
    if (is_rate(static_cast<Measure>(m)) || !has_data(sums[m])) continue;
    drawn.push_back(&columns.of(m));
    which.push_back(m);
  }
  if (options.replicates > 0 && !drawn.empty()) {
    auto values = resampled(drawn, options);
    for (std::size_t i = 0; i < which.size(); ++i) intervals[which[i]] = interval(std::move(values[i]), options.level);
  }

  const auto f1 = [&](Measure measure) {
    const auto m = static_cast<std::size_t>(measure);
    return F1Score{sums[m].counts, intervals[m]};
  };
  const auto mean = [&](Measure measure) {
    const auto m = static_cast<std::size_t>(measure);
    MeanScore score{std::nullopt, sums[m].denominator, intervals[m]};
    if (score.count > 0) score.mean = sums[m].value(false);
    return score;
  };
  const auto rate = [&](Measure matched, Measure all) {
    const MeasureSums &a = sums[static_cast<std::size_t>(matched)], &b = sums[static_cast<std::size_t>(all)];
    RateScore score{std::nullopt, std::nullopt, a.denominator, b.denominator};
    if (a.denominator > 0) score.matched = a.value(false);
    if (b.denominator > 0) score.all = b.value(false);
    return score;
  };
  Group group;
  group.instances = columns.rows();
  group.entity = f1(Measure::kEntity);
  group.relation = f1(Measure::kRelation);
  group.trigger = f1(Measure::kTrigger);
  group.argument = f1(Measure::kArgument);
  group.joint = f1(Measure::kJoint);
  group.mask = mean(Measure::kMask);
  group.tracklet = mean(Measure::kTracklet);
  group.segment = mean(Measure::kSegment);
  group.over_grounding = rate(Measure::kOverGrounding, Measure::kOverGroundingAll);
  group.miss_grounding = rate(Measure::kMissGrounding, Measure::kMissGroundingAll);
  return group;
}

Curve curve_of(const MeasureColumns& columns, const Options& options) {
  std::array<Rows, kCurvePoints> rows;
  for (std::size_t row = 0; row < columns.rows(); ++row) {
    const std::size_t items = columns.gold[row];
    if (items > 0) rows[std::min(items, kCurvePoints) - 1].push_back(static_cast<std::uint32_t>(row));
  }
  Curve curve;
  for (std::size_t i = 0; i < kCurvePoints; ++i) {
    curve[i].instances = rows[i].size();
    if (rows[i].empty()) continue;
    const MeasureColumns part = columns.subset(rows[i]);
    curve[i].score = sums_of(part).value(part.is_f1);
    if (options.replicates > 0) curve[i].ci95 = interval(std::move(resampled({&part}, options)[0]), options.level);
  }
  return curve;
}

}  // namespace

bool Report::has_mismatch() const {
  return missing.count + failed.count + surplus.count + media_names.count + sizes.count > 0;
}

Instance evaluate_instance(const ie::Result& gold, const ie::Result* pred, const Options& options,
                           const std::optional<Badness>& bar) {
  Instance instance{gold.document, score_instance(gold, pred, options), {}, {}};
  const Badness bad = badness(instance.scores);
  const bool with_details = options.worst > 0 && bad.wrong > 0 && (!bar || bad.is_worse_than(*bar));
  if (!options.errors && !with_details) return instance;
  ErrorAnalysis analysis = analyse(gold, pred, options, with_details);
  instance.errors = analysis.counts;
  if (with_details)
    instance.details = WorstInstance{gold.document, instance.scores.combination, bad, std::move(analysis.pairs)};
  return instance;
}

void Evaluator::add(const ie::Result& gold, const ie::Result* pred) {
  add(evaluate_instance(gold, pred, options_, bar()));
}

void Evaluator::add(Instance instance) {
  table_.add(instance.scores);
  if (options_.errors) {
    errors_.all += instance.errors;
    errors_.by_combination[instance.scores.combination] += instance.errors;
    for (const std::string& task : instance.scores.tasks) errors_.by_task[task] += instance.errors;
  }
  if (instance.details) worst_.add(std::move(*instance.details));
}

Report Evaluator::report() const {
  Report report;
  report.options = options_;
  report.all = group_of(table_, nullptr, options_);
  const auto groups = [&](const auto& rows) {
    std::map<std::string, Group> groups;
    for (const auto& [name, part] : rows)
      groups[name] = part.size() == table_.rows() ? report.all : group_of(table_, &part, options_);
    return groups;
  };
  report.by_combination = groups(table_.by_combination());
  report.by_task = groups(table_.by_task());
  if (options_.errors) report.errors = errors_;
  if (options_.curves) {
    report.curves.emplace();
    for (std::size_t m = 0; m < kMeasureCount; ++m) {
      const auto measure = static_cast<Measure>(m);
      if (is_rate(measure)) continue;
      const Curve curve = curve_of(table_.columns(measure), options_);
      if (std::any_of(curve.begin(), curve.end(), [](const CurvePoint& p) { return p.instances > 0; }))
        report.curves->emplace(measure, curve);
    }
  }
  report.worst = worst_.list();
  return report;
}

Report evaluate(const std::vector<ie::Result>& gold, const std::vector<ie::Result>& pred,
                const Options& options) {
  std::map<std::string, const ie::Result*> by_id;
  for (const ie::Result& result : pred) {
    if (!by_id.emplace(result.document, &result).second)
      throw Error("the document \"" + result.document + "\" is predicted twice");
  }
  Evaluator evaluator(options);
  std::set<std::string> seen;
  Mismatch missing, surplus;
  for (const ie::Result& result : gold) {
    if (!seen.insert(result.document).second)
      throw Error("the gold document \"" + result.document + "\" is there twice");
    const auto found = by_id.find(result.document);
    if (found == by_id.end()) missing.add(result.document);
    evaluator.add(result, found == by_id.end() ? nullptr : found->second);
  }
  for (const ie::Result& result : pred) {
    if (!seen.contains(result.document)) surplus.add(result.document);
  }
  Report report = evaluator.report();
  report.missing = std::move(missing);
  report.surplus = std::move(surplus);
  return report;
}

}  // namespace reamo::eval
