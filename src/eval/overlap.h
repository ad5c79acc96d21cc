// Overlap of masks, masks over frames, and times (METRICS sections 2, 3 and 5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ie/mask.h"
#include "ie/transcript.h"

namespace reamo::eval {

// ---- times
// -------------------------------------------------------------------------------------------------------

using Segments = std::vector<ie::Segment>;

// Without empty pieces, in order, overlapping or touching ones joined.
Segments normalised(Segments segments);
double total_length(const Segments& normalised);
// Of normalised sets.
double intersection_length(const Segments& a, const Segments& b);
// Measure of the intersection over that of the union; both empty: 1, one empty: 0.
double interval_iou(const Segments& a, const Segments& b);
// Of two segments; an empty one (end <= start) has 0, also with itself.
double segment_iou(const ie::Segment& a, const ie::Segment& b);

// ---- masks over frames
// -------------------------------------------------------------------------------------------

// One object over the same frames on both sides; a frame without it has an empty mask.
struct Tube {
  double volume_iou = 0;    // sum of intersections over sum of unions; 1 when nothing is there
  double tube_viou = 0;     // mean IoU over frames where either is, counting those where both are
  double frame_tiou = 0;    // frames where both are over frames where either is
  double mean_frame_j = 0;  // mean over all frames, 1 where both are empty
  std::vector<std::uint64_t> intersections, unions;
};
// Throws Error when the numbers of frames or the sizes of masks differ.
Tube tube_overlap(const std::vector<ie::Mask>& gold, const std::vector<ie::Mask>& pred);

}  // namespace reamo::eval
