// Tracking scores: HOTA, CLEAR and identity (METRICS section 4).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "ie/mask.h"

namespace reamo::eval {

struct RealBox {  // x, y, width, height
  double x = 0, y = 0, width = 0, height = 0;
};
// Overlap over union, 0 where boxes only touch; `crowd`: over the area of `a`.
double real_box_iou(const RealBox& a, const RealBox& b, bool crowd = false);

// Detections of one frame: ids (each at most once) and the similarity of each gold to each
// predicted one.
struct TrackFrame {
  std::vector<std::int64_t> gold, pred;
  std::vector<std::vector<double>> similarity;  // [gold][pred], 0..1
};
// The similarities of the published tool: 0 where an area or the union is nothing.
double track_similarity(const RealBox& gold, const RealBox& pred);
double track_similarity(const ie::Mask& gold, const ie::Mask& pred);

constexpr std::size_t kAlphas = 19;  // 0.05, 0.1, .. 0.95
using ByAlpha = std::array<double, kAlphas>;

struct Hota {
  ByAlpha tp{}, fn{}, fp{}, hota{}, det_a{}, ass_a{}, det_re{}, det_pr{}, ass_re{}, ass_pr{},
      loc_a{}, owta{};
  double hota0 = 0, loc_a0 = 0, hota_loc_a0 = 0;  // at the first alpha
};

struct Clear {
  std::size_t tp = 0, fn = 0, fp = 0, id_switches = 0, mt = 0, pt = 0, ml = 0, fragmentations = 0,
              frames = 0;
  double motp_sum = 0;
  double mota = 0, motp = 0, moda = 0, recall = 0, precision = 0, mtr = 0, ptr = 0, mlr = 0,
         smota = 0, f1 = 0, fp_per_frame = 0, motal = 0;
};

struct Identity {
  std::size_t tp = 0, fn = 0, fp = 0;
  double f1 = 0, recall = 0, precision = 0;
};

struct Tracking {
  Hota hota;
  Clear clear;
  Identity identity;
};

Tracking track_scores(const std::vector<TrackFrame>& frames);
// Of several sequences: counts are summed, associations weighted by their matches, and the rest
// computed again.
Tracking combined(const std::vector<Tracking>& sequences);
// Over classes: figures are plain means, counts sums; classes where nothing is may be left out.
Tracking class_average(const std::vector<Tracking>& classes, bool ignore_empty);

}  // namespace reamo::eval
