#include "eval/worst.h"

#include <algorithm>

namespace reamo::eval {

Badness badness(const InstanceScores& scores) {
  Counts sum;
  for (const Counts* counts :
       {&scores.entity, &scores.relation, &scores.trigger, &scores.argument, &scores.joint})
    sum += *counts;
  if (sum.n_gold + sum.n_pred == 0) return {};
  return {2.0 * static_cast<double>(sum.tp) / static_cast<double>(sum.n_gold + sum.n_pred),
          sum.n_gold + sum.n_pred - 2 * sum.tp};
}

void WorstList::add(WorstInstance instance) {
  if (limit_ == 0 || instance.badness.wrong == 0) return;
  const auto place = std::upper_bound(
      list_.begin(), list_.end(), instance,
      [](const WorstInstance& a, const WorstInstance& b) { return a.badness.is_worse_than(b.badness); });
  if (list_.size() == limit_ && place == list_.end()) return;
  list_.insert(place, std::move(instance));
  if (list_.size() > limit_) list_.pop_back();
}

std::optional<Badness> WorstList::bar() const {
  return list_.size() < limit_ || list_.empty() ? std::nullopt : std::optional(list_.back().badness);
}

}  // namespace reamo::eval
