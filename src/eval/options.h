// What can be chosen in an evaluation.
#pragma once

#include <cstddef>
#include <cstdint>

namespace reamo::eval {

struct Options {
  std::size_t replicates = 1000;  // of the bootstrap over instances; 0: no intervals
  std::uint64_t seed = 1;
  double level = 0.95;
  double iou_threshold = 0.5;  // from which a place is right, for `joint` and for triggers in audio
  bool errors = false;         // count the classes of errors
  bool curves = false;         // scores by the number of gold items
  std::size_t worst = 0;       // so many of the worst instances are kept with their items
  int threads = 1;             // figures do not depend on it
};

}  // namespace reamo::eval
