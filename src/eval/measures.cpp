#include "eval/measures.h"

#include <array>

namespace reamo::eval {

const char* measure_name(Measure measure) {
  static constexpr std::array<const char*, kMeasureCount> kNames{
      "entity",  "relation",       "trigger",        "argument",           "joint",             "mask", "tracklet",
      "segment", "over_grounding", "miss_grounding", "over_grounding_all", "miss_grounding_all"};
  return kNames[static_cast<std::size_t>(measure)];
}

const Counts& InstanceScores::counts(Measure measure) const {
  switch (measure) {
    case Measure::kEntity:
      return entity;
    case Measure::kRelation:
      return relation;
    case Measure::kTrigger:
      return trigger;
    case Measure::kArgument:
      return argument;
    default:
      return joint;
  }
}

InstanceScores::Overlap InstanceScores::ratio(Measure measure) const {
  const auto of_share = [](const Share& share) {
    return Overlap{static_cast<double>(share.count), share.of};
  };
  switch (measure) {
    case Measure::kMask:
      return mask;
    case Measure::kTracklet:
      return tracklet;
    case Measure::kSegment:
      return segment;
    case Measure::kOverGrounding:
      return of_share(over_matched);
    case Measure::kMissGrounding:
      return of_share(miss_matched);
    case Measure::kOverGroundingAll:
      return of_share(over_all);
    default:
      return of_share(miss_all);
  }
}

}  // namespace reamo::eval
