// The instances with the lowest scores, kept with their items.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "eval/errors.h"
#include "eval/measures.h"

namespace reamo::eval {

// F1 over all items of an instance (the five F1 measures summed); then how many are wrong.
struct Badness {
  double f1 = 1;
  std::size_t wrong = 0;
  bool is_worse_than(const Badness& other) const {
    return f1 != other.f1 ? f1 < other.f1 : wrong > other.wrong;
  }
};
Badness badness(const InstanceScores& scores);

struct WorstInstance {
  std::string document, combination;
  Badness badness;
  std::vector<ItemPair> pairs;
};

// The worst of those added, of equals the earlier ones. Instances without an error are not kept.
class WorstList {
 public:
  explicit WorstList(std::size_t limit) : limit_(limit) {}
  void add(WorstInstance instance);
  // Of the best of them, when the list is full.
  std::optional<Badness> bar() const;
  const std::vector<WorstInstance>& list() const { return list_; }  // the worst first

 private:
  std::size_t limit_;
  std::vector<WorstInstance> list_;
};

}  // namespace reamo::eval
