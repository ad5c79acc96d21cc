#include "eval/compare.h"

#include <algorithm>

#include "ie/error.h"

namespace reamo::eval {
namespace {

bool is_defined(const MeasureSums& a, const MeasureSums& b, bool is_f1) {
  if (is_f1) return a.counts.n_gold + a.counts.n_pred + b.counts.n_pred > 0;
  return a.denominator > 0 && b.denominator > 0;
}

PairedDifference difference_of(double a, double b, const std::vector<double>& values_a,
                               const std::vector<double>& values_b, double level) {
  PairedDifference result{a, b, a - b, std::nullopt, std::nullopt};
  if (values_a.empty()) return result;
  std::vector<double> differences(values_a.size());
  std::size_t not_above = 0, not_below = 0;
  for (std::size_t i = 0; i < differences.size(); ++i) {
    const double d = differences[i] = values_a[i] - values_b[i];
    if (d <= 0) ++not_above;
    if (d >= 0) ++not_below;
  }
  const auto smaller = static_cast<double>(std::min(not_above, not_below));
  result.p = std::min(1.0, 2 * smaller / static_cast<double>(differences.size()));
  result.ci95 = interval(std::move(differences), level);
  return result;
}

PairedGroup group_of(const ScoreTable& a, const ScoreTable& b, const std::vector<std::uint32_t>* rows,
                     const Options& options) {
  PairedGroup group;
  group.instances = rows ? rows->size() : a.rows();
  std::vector<MeasureColumns> chosen;  // of A and B in turn
  std::vector<Measure> measures;
  chosen.reserve(2 * kComparedMeasures);
  for (std::size_t m = 0; m < kComparedMeasures; ++m) {
    const auto measure = static_cast<Measure>(m);
    MeasureColumns x = rows ? a.columns(measure).subset(*rows) : a.columns(measure);
    MeasureColumns y = rows ? b.columns(measure).subset(*rows) : b.columns(measure);
    if (!is_defined(sums_of(x), sums_of(y), x.is_f1)) continue;
    measures.push_back(measure);
    chosen.push_back(std::move(x));
    chosen.push_back(std::move(y));
  }
  if (measures.empty()) return group;
  std::vector<const MeasureColumns*> drawn;
  for (const MeasureColumns& columns : chosen) drawn.push_back(&columns);
  const auto values = resampled(drawn, options);
  for (std::size_t i = 0; i < measures.size(); ++i) {
    const MeasureColumns &x = chosen[2 * i], &y = chosen[2 * i + 1];
    group.measures[measures[i]] = difference_of(sums_of(x).value(x.is_f1), sums_of(y).value(y.is_f1), values[2 * i],
                                                values[2 * i + 1], options.level);
  }
  return group;
}

}  // namespace

PairedReport compare(const ScoreTable& a, const ScoreTable& b, const Options& options) {
  if (a.rows() != b.rows()) throw Error("two systems can be compared on the same instances only");
  PairedReport report;
  report.all = group_of(a, b, nullptr, options);
  const auto groups = [&](const auto& parts) {
    std::map<std::string, PairedGroup> groups;
    for (const auto& [name, rows] : parts)
      groups[name] = rows.size() == a.rows() ? report.all : group_of(a, b, &rows, options);
    return groups;
  };
  report.by_combination = groups(a.by_combination());
  report.by_task = groups(a.by_task());
  return report;
}

}  // namespace reamo::eval
