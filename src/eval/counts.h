// Precision, recall and F1 from counts (METRICS section 0).
#pragma once

#include <cstddef>
#include <map>

namespace reamo::eval {

inline double ratio(double numerator, double denominator) {
  return denominator == 0 ? 0.0 : numerator / denominator;
}

struct Counts {
  std::size_t tp = 0, n_gold = 0, n_pred = 0;

  double precision() const { return ratio(static_cast<double>(tp), static_cast<double>(n_pred)); }
  double recall() const { return ratio(static_cast<double>(tp), static_cast<double>(n_gold)); }
  // 2PR / (P + R), 0 when its denominator is 0.
  double f1() const {
    const double p = precision(), r = recall();
    return ratio(2 * p * r, p + r);
  }
  Counts& operator+=(const Counts& other) {
    tp += other.tp;
    n_gold += other.n_gold;
    n_pred += other.n_pred;
    return *this;
  }
  friend bool operator==(const Counts&, const Counts&) = default;
};

// Keys with how often each occurs.
template <typename Key>
using Bag = std::map<Key, std::size_t>;

// tp: the smaller count of each key; sizes with repetition.
template <typename Key>
Counts multiset_counts(const Bag<Key>& gold, const Bag<Key>& pred) {
  Counts counts;
  for (const auto& [key, n] : gold) {
    counts.n_gold += n;
    const auto found = pred.find(key);
    if (found != pred.end()) counts.tp += n < found->second ? n : found->second;
  }
  for (const auto& [key, n] : pred) counts.n_pred += n;
  return counts;
}

// Distinct keys only.
template <typename Key>
Counts set_counts(const Bag<Key>& gold, const Bag<Key>& pred) {
  Counts counts{0, gold.size(), pred.size()};
  for (const auto& [key, n] : gold) counts.tp += pred.count(key);
  return counts;
}

}  // namespace reamo::eval
