#include "eval/score_table.h"

#include <algorithm>
#include <thread>

#include "eval/bootstrap.h"
#include "ie/error.h"

namespace reamo::eval {
namespace {

constexpr std::array<const char*, 3> kTaskNames{"ner", "re", "ee"};

// How often each row was drawn, times the column. Exact for counts; several partial sums let the processor overlap them.
std::uint64_t weighted(const std::vector<std::uint32_t>& weights, const std::vector<std::uint32_t>& column) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < column.size(); ++i) sum += std::uint64_t{weights[i]} * column[i];
  return sum;
}

double weighted(const std::vector<std::uint32_t>& weights, const std::vector<double>& column) {
  std::array<double, 4> part{};
  std::size_t i = 0;
  for (; i + 4 <= column.size(); i += 4) {
    for (std::size_t k = 0; k < 4; ++k) part[k] += static_cast<double>(weights[i + k]) * column[i + k];
  }
  for (; i < column.size(); ++i) part[0] += static_cast<double>(weights[i]) * column[i];
  return (part[0] + part[1]) + (part[2] + part[3]);
}

bool is_zero(const std::vector<std::uint32_t>& column) {
  return std::all_of(column.begin(), column.end(), [](std::uint32_t x) { return x == 0; });
}

template <typename Value>
std::vector<Value> chosen(const std::vector<Value>& column, const std::vector<std::uint32_t>& rows) {
  std::vector<Value> kept;
  if (column.empty()) return kept;
  kept.reserve(rows.size());
  for (const std::uint32_t row : rows) kept.push_back(column[row]);
  return kept;
}

}  // namespace

MeasureColumns MeasureColumns::subset(const std::vector<std::uint32_t>& rows) const {
  return {is_f1, chosen(numerator, rows), chosen(tp, rows), chosen(gold, rows), chosen(pred, rows)};
}

double MeasureSums::value(bool is_f1) const {
  return is_f1 ? counts.f1() : ratio(numerator, static_cast<double>(denominator));
}

MeasureSums sums_of(const MeasureColumns& columns) {
  MeasureSums sums;
  const auto total = [](const std::vector<std::uint32_t>& column) {
    std::size_t sum = 0;
    for (const std::uint32_t x : column) sum += x;
    return sum;
  };
  if (columns.is_f1) {
    sums.counts = {total(columns.tp), total(columns.gold), total(columns.pred)};
  } else {
    for (const double x : columns.numerator) sums.numerator += x;
    sums.denominator = total(columns.gold);
  }
  return sums;
}

std::vector<std::vector<double>> resampled(const std::vector<const MeasureColumns*>& measures,
                                           const Options& options) {
  std::vector<std::vector<double>> values(measures.size(), std::vector<double>(options.replicates, 0.0));
  if (measures.empty()) return values;
  const std::size_t rows = measures[0]->rows();
  if (rows == 0) throw Error("a bootstrap needs at least one row");
  std::vector<std::size_t> used;  // the others stay 0
  for (std::size_t m = 0; m < measures.size(); ++m) {
    if (!is_zero(measures[m]->gold) || !is_zero(measures[m]->pred)) used.push_back(m);
  }
  const auto draw = [&](std::size_t first, std::size_t last) {
    SplitMix64 random(options.seed);
    random.skip(static_cast<std::uint64_t>(first) * rows);
    std::vector<std::uint32_t> weights(rows);
    for (std::size_t b = first; b < last; ++b) {
      std::fill(weights.begin(), weights.end(), 0u);
      for (std::size_t i = 0; i < rows; ++i) ++weights[random.index(rows)];
      for (const std::size_t m : used) {
        const MeasureColumns& columns = *measures[m];
        MeasureSums sums;
        if (columns.is_f1) {
          sums.counts = {weighted(weights, columns.tp), weighted(weights, columns.gold),
                         weighted(weights, columns.pred)};
        } else {
          sums.numerator = weighted(weights, columns.numerator);
          sums.denominator = weighted(weights, columns.gold);
        }
        values[m][b] = sums.value(columns.is_f1);
      }
    }
  };
  // Each thread jumps to its own part of the one sequence of draws.
  const std::size_t threads = rows * options.replicates < 100'000
                                  ? 1
                                  : std::clamp<std::size_t>(static_cast<std::size_t>(std::max(options.threads, 1)), 1,
                                                            std::max<std::size_t>(options.replicates, 1));
  std::vector<std::jthread> others;
  for (std::size_t t = 1; t < threads; ++t)
    others.emplace_back(draw, options.replicates * t / threads, options.replicates * (t + 1) / threads);
  draw(0, options.replicates / threads);
  others.clear();
  return values;
}

ScoreTable::ScoreTable() {
  for (std::size_t m = 0; m < kMeasureCount; ++m) columns_[m].is_f1 = is_f1(static_cast<Measure>(m));
}

void ScoreTable::add(const InstanceScores& scores) {
  if (rows() == UINT32_MAX) throw Error("more instances than can be evaluated at once");
  const auto found = std::find(combinations_.begin(), combinations_.end(), scores.combination);
  combination_.push_back(static_cast<std::uint8_t>(found - combinations_.begin()));
  if (found == combinations_.end()) combinations_.push_back(scores.combination);
  std::uint8_t tasks = 0;
  for (const std::string& task : scores.tasks) {
    for (std::size_t t = 0; t < kTaskNames.size(); ++t) {
      if (task == kTaskNames[t]) tasks = static_cast<std::uint8_t>(tasks | (1u << t));
    }
  }
  tasks_.push_back(tasks);
  const auto small = [](std::size_t n) {
    if (n > UINT32_MAX) throw Error("an instance has more items than can be counted");
    return static_cast<std::uint32_t>(n);
  };
  for (std::size_t m = 0; m < kMeasureCount; ++m) {
    MeasureColumns& columns = columns_[m];
    if (columns.is_f1) {
      const Counts& counts = scores.counts(static_cast<Measure>(m));
      columns.tp.push_back(small(counts.tp));
      columns.gold.push_back(small(counts.n_gold));
      columns.pred.push_back(small(counts.n_pred));
    } else {
      const auto ratio = scores.ratio(static_cast<Measure>(m));
      columns.numerator.push_back(ratio.sum);
      columns.gold.push_back(small(ratio.count));
    }
  }
}

std::map<std::string, std::vector<std::uint32_t>> ScoreTable::by_combination() const {
  std::map<std::string, std::vector<std::uint32_t>> groups;
  for (std::size_t row = 0; row < rows(); ++row)
    groups[combinations_[combination_[row]]].push_back(static_cast<std::uint32_t>(row));
  return groups;
}

std::map<std::string, std::vector<std::uint32_t>> ScoreTable::by_task() const {
  std::map<std::string, std::vector<std::uint32_t>> groups;
  for (std::size_t row = 0; row < rows(); ++row) {
    for (std::size_t t = 0; t < kTaskNames.size(); ++t) {
      if (tasks_[row] >> t & 1) groups[kTaskNames[t]].push_back(static_cast<std::uint32_t>(row));
    }
  }
  return groups;
}

}  // namespace reamo::eval
