// The figures of an instance that are summed, resampled and compared.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "eval/counts.h"

namespace reamo::eval {

enum class Measure : std::size_t {
  kEntity,
  kRelation,
  kTrigger,
  kArgument,
  kJoint,  // micro F1 up to here
  kMask,
  kTracklet,
  kSegment,  // mean overlaps over gold places
  kOverGrounding,
  kMissGrounding,  // rates over the gold keys that were also predicted
  kOverGroundingAll,
  kMissGroundingAll,  // and over all
};
inline constexpr std::size_t kMeasureCount = 12;
inline constexpr std::size_t kComparedMeasures = 10;  // the first ones; the last two are not resampled

inline constexpr bool is_f1(Measure measure) { return measure <= Measure::kJoint; }
inline constexpr bool is_rate(Measure measure) { return measure >= Measure::kOverGrounding; }
// "entity", .., "over_grounding"; names of the report's JSON.
const char* measure_name(Measure measure);

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

  const Counts& counts(Measure measure) const;  // of an F1
  Overlap ratio(Measure measure) const;         // of the others: numerator and denominator
};

}  // namespace reamo::eval
