#include "eval/bootstrap.h"

#include <algorithm>
#include <cmath>

#include "eval/counts.h"
#include "ie/error.h"

namespace reamo::eval {
namespace {

// Sums of the columns to the statistic; `n` rows.
double from_sums(Statistic kind, const Row& sums, std::size_t n) {
  switch (kind) {
    case Statistic::kMean:
      return ratio(sums[0], static_cast<double>(n));
    case Statistic::kRatioOfSums:
      return ratio(sums[0], sums[1]);
    case Statistic::kMicroF1: {
      const double p = ratio(sums[0], sums[0] + sums[1]), r = ratio(sums[0], sums[0] + sums[2]);
      return ratio(2 * p * r, p + r);
    }
  }
  return 0;
}

void add(Row& sums, const Row& row) {
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += row[i];
}

}  // namespace

double statistic(Statistic kind, const Rows& rows) {
  Row sums{};
  for (const Row& row : rows) add(sums, row);
  return from_sums(kind, sums, rows.size());
}

std::vector<double> replicates(Statistic kind, const Rows& rows, std::size_t count,
                               std::uint64_t seed) {
  if (rows.empty()) throw Error("a bootstrap needs at least one row");
  SplitMix64 random(seed);
  std::vector<double> values(count);
  for (double& value : values) {
    Row sums{};
    for (std::size_t i = 0; i < rows.size(); ++i) add(sums, rows[random.index(rows.size())]);
    value = from_sums(kind, sums, rows.size());
  }
  return values;
}

std::vector<double> paired_replicates(Statistic kind, const Rows& a, const Rows& b,
                                      std::size_t count, std::uint64_t seed) {
  if (a.empty() || a.size() != b.size())
    throw Error("a paired bootstrap needs the same rows of both systems, at least one");
  SplitMix64 random(seed);
  std::vector<double> values(count);
  for (double& value : values) {
    Row sums_a{}, sums_b{};
    for (std::size_t i = 0; i < a.size(); ++i) {
      const std::size_t row = random.index(a.size());
      add(sums_a, a[row]);
      add(sums_b, b[row]);
    }
    value = from_sums(kind, sums_a, a.size()) - from_sums(kind, sums_b, b.size());
  }
  return values;
}

Interval interval(std::vector<double> values, double level) {
  if (values.empty()) throw Error("an interval needs at least one replicate");
  std::sort(values.begin(), values.end());
  const auto quantile = [&](double q) {
    const double h = static_cast<double>(values.size() - 1) * q;
    const auto low = static_cast<std::size_t>(std::floor(h));
    if (low + 1 >= values.size()) return values.back();
    return values[low] + (h - static_cast<double>(low)) * (values[low + 1] - values[low]);
  };
  const double q = (1 - level) / 2;
  return {quantile(q), quantile(1 - q)};
}

}  // namespace reamo::eval
