// Scores of items together with their places (METRICS section 9).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "eval/counts.h"
#include "eval/overlap.h"
#include "ie/mask.h"

namespace reamo::eval {

enum class Modality { kImage, kVideo, kAudio };

// A place of an item: one mask of an image, one a frame of a video (nullopt: absent), or segments
// of a recording.
struct Place {
  Modality modality = Modality::kImage;
  std::string source;  // which image or clip
  std::string slot;    // part of the item: head, tail, trigger, role; mostly empty
  std::vector<std::optional<ie::Mask>> masks;
  Segments segments;

  // A place without a set pixel or a segment of positive length does not exist.
  bool exists() const;
};

struct PlacedItem {
  std::string label, span;  // the key; span is any text compared exactly
  std::vector<Place> places;
};

// 0 where slot, modality, source or mask sizes differ; I / U, volume IoU, or IoU of interval sets.
double place_iou(const Place& a, const Place& b);
// An injective map from gold places to predicted ones with IoU >= threshold each; exact: the
// numbers are equal too.
bool places_right(const std::vector<Place>& gold, const std::vector<Place>& pred, double threshold,
                  bool exact);
// Without the places that do not exist.
std::vector<PlacedItem> with_existing_places(std::vector<PlacedItem> items);

struct JointCounts {
  Counts text, joint, joint_exact;
};
JointCounts joint_counts(const std::vector<PlacedItem>& gold, const std::vector<PlacedItem>& pred,
                         double threshold);

struct IouSum {
  double sum = 0;
  std::size_t count = 0;  // gold places
};
// Places of equal key pooled, assigned one to one for the largest total; unassigned gold places
// count 0.
IouSum gold_place_iou(const std::vector<PlacedItem>& gold, const std::vector<PlacedItem>& pred);

// Where an item may be placed.
struct Slot {
  Modality modality = Modality::kImage;
  std::string source, slot;
};
struct AbsenceCounts {
  std::size_t absent_slots = 0, over_grounded = 0, present_slots = 0, missed = 0, localised = 0,
              unmatched_keys = 0;
  double iou_sum = 0;  // absent slots count 1 when kept absent
  AbsenceCounts& operator+=(const AbsenceCounts& other);
};
// `matched_only`: gold keys that some predicted item has; otherwise keys without one count as
// predicted absent.
AbsenceCounts absence_counts(const std::vector<Slot>& slots, const std::vector<PlacedItem>& gold,
                             const std::vector<PlacedItem>& pred, double threshold,
                             bool matched_only);

}  // namespace reamo::eval
