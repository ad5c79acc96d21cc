// Region and boundary scores of masks (METRICS sections 2 and 3).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "ie/mask.h"

namespace reamo::eval {

// ---- pairs of masks
// ----------------------------------------------------------------------------------------------

struct PairOverlap {
  std::uint64_t intersection = 0, union_ = 0, gold_area = 0, pred_area = 0;
  double iou() const;   // absent rule: both empty 1, one empty 0
  double dice() const;  // likewise
};
PairOverlap pair_overlap(const ie::Mask& gold, const ie::Mask& pred);

struct PairSummary {
  // Absent rule.
  std::optional<double> g_iou, c_iou, target_miou, n_accuracy, t_accuracy;
  std::map<double, std::optional<double>> target_precision, all_precision;  // by IoU threshold
  std::size_t targets = 0, no_targets = 0;
  // Classic rule: IoU 0 when nothing is there.
  std::optional<double> classic_miou, classic_ciou;
  std::map<double, std::optional<double>> classic_precision;
};
PairSummary summarise(const std::vector<PairOverlap>& pairs, const std::vector<double>& thresholds);

// ---- frames (DAVIS)
// ----------------------------------------------------------------------------------------------

struct FrameScore {
  double j = 0, f = 0, boundary_precision = 0, boundary_recall = 0;
  std::uint64_t intersection = 0, union_ = 0;
  std::size_t tolerance = 0;  // pixels
  std::size_t gold_boundary = 0, pred_boundary = 0;
};
// `tolerance` < 1 is a share of the diagonal, else pixels. Void pixels count nowhere. Throws Error
// on unequal sizes.
FrameScore frame_score(const ie::Mask& gold, const ie::Mask& pred,
                       const ie::Mask* void_pixels = nullptr, double tolerance = 0.008);

struct SeriesStatistics {
  std::optional<double> mean, decay;  // nothing: undefined
  double recall = 0;                  // share of frames > 0.5
  std::array<std::size_t, 5> bin_edges{};
};
// Over the values of one object; nullopt: not a number. `wrap_edges`: bin edges modulo 256, as the
// published tool has.
SeriesStatistics series_statistics(const std::vector<std::optional<double>>& values,
                                   bool wrap_edges = false);

using Objects = std::vector<std::vector<ie::Mask>>;  // [object][frame]

struct SequenceScore {
  std::vector<std::vector<double>> j,
      f;  // [object][frame]; rows by prediction where it is assigned
  std::vector<SeriesStatistics> j_statistics, f_statistics;
  std::vector<std::pair<std::size_t, std::size_t>>
      assignment;                                 // unsupervised: prediction, gold object
  std::vector<std::vector<double>> score_matrix;  // unsupervised: [prediction][gold]
};
// Semi-supervised: object k is object k, first and last frame left out; more predictions than gold
// throw Error.
SequenceScore semi_supervised(const Objects& gold, const Objects& pred);
// Unsupervised: assigned for the largest total of (mean J + mean F) / 2; surplus predictions cost
// nothing.
SequenceScore unsupervised(const Objects& gold, const Objects& pred);

}  // namespace reamo::eval
