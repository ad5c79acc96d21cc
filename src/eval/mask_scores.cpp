#include "eval/mask_scores.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "eval/assignment.h"
#include "ie/error.h"

namespace reamo::eval {
namespace {

std::optional<double> share(double part, double whole) {
  if (whole == 0) return std::nullopt;
  return part / whole;
}

using Pixels = std::vector<std::uint8_t>;

// A pixel is boundary when it differs from its right, lower or lower right neighbour; the last row
// looks right only, the last column down only.
Pixels boundary_of(const Pixels& mask, int height, int width) {
  Pixels boundary(mask.size(), 0);
  const auto at = [&](int y, int x) { return mask[static_cast<std::size_t>(y) * width + x] != 0; };
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const bool right = x + 1 < width, below = y + 1 < height;
      const bool here = at(y, x);
      const bool differs = (right && at(y, x + 1) != here) || (below && at(y + 1, x) != here) ||
                           (right && below && at(y + 1, x + 1) != here);
      boundary[static_cast<std::size_t>(y) * width + x] = differs;
    }
  }
  return boundary;
}

std::size_t count_set(const Pixels& pixels) {
  return static_cast<std::size_t>(std::accumulate(pixels.begin(), pixels.end(), std::size_t{0}));
}

// How many set pixels of `from` have one of `to` within `radius`.
std::size_t count_near(const Pixels& from, const Pixels& to, int height, int width, int radius) {
  std::vector<std::pair<int, int>> disk;
  for (int dy = -radius; dy <= radius; ++dy) {
    for (int dx = -radius; dx <= radius; ++dx) {
      if (dy * dy + dx * dx <= radius * radius) disk.emplace_back(dy, dx);
    }
  }
  // Nearest offsets first: most pixels are found at once.
  std::sort(disk.begin(), disk.end(), [](const auto& a, const auto& b) {
    return a.first * a.first + a.second * a.second < b.first * b.first + b.second * b.second;
  });
  std::size_t near = 0;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      if (!from[static_cast<std::size_t>(y) * width + x]) continue;
      near += std::any_of(disk.begin(), disk.end(), [&](const auto& offset) {
        const int v = y + offset.first, u = x + offset.second;
        return v >= 0 && v < height && u >= 0 && u < width &&
               to[static_cast<std::size_t>(v) * width + u] != 0;
      });
    }
  }
  return near;
}

SeriesStatistics statistics_of(const std::vector<double>& values) {
  return series_statistics(std::vector<std::optional<double>>(values.begin(), values.end()));
}

void score_pair(const std::vector<ie::Mask>& gold, const std::vector<ie::Mask>* pred,
                std::vector<double>& j, std::vector<double>& f) {
  for (std::size_t t = 0; t < gold.size(); ++t) {
    const ie::Mask empty{
        gold[t].height,
        gold[t].width,
        {static_cast<std::uint32_t>(gold[t].height) * static_cast<std::uint32_t>(gold[t].width)}};
    const FrameScore score = frame_score(gold[t], pred ? pred->at(t) : empty);
    j.push_back(score.j);
    f.push_back(score.f);
  }
}

double mean(const std::vector<double>& values) {
  return values.empty() ? 0.0
                        : std::accumulate(values.begin(), values.end(), 0.0) /
                              static_cast<double>(values.size());
}

void check_frames(const Objects& gold, const Objects& pred) {
  for (const Objects* side : {&gold, &pred}) {
    for (const auto& object : *side) {
      if (object.size() != gold.front().size())
        throw Error("objects of a sequence have different numbers of frames");
    }
  }
}

void add_statistics(SequenceScore& score) {
  for (const auto& values : score.j) score.j_statistics.push_back(statistics_of(values));
  for (const auto& values : score.f) score.f_statistics.push_back(statistics_of(values));
}

}  // namespace

double PairOverlap::iou() const {
  return union_ == 0 ? 1.0 : static_cast<double>(intersection) / static_cast<double>(union_);
}

double PairOverlap::dice() const {
  const auto areas = gold_area + pred_area;
  return areas == 0 ? 1.0 : static_cast<double>(2 * intersection) / static_cast<double>(areas);
}

PairOverlap pair_overlap(const ie::Mask& gold, const ie::Mask& pred) {
  return {ie::intersection_area(gold, pred), ie::union_area(gold, pred), gold.area(), pred.area()};
}

PairSummary summarise(const std::vector<PairOverlap>& pairs,
                      const std::vector<double>& thresholds) {
  PairSummary summary;
  double iou_sum = 0, target_sum = 0, classic_sum = 0, both = 0, any = 0;
  std::size_t right_no = 0, right_target = 0;
  for (const PairOverlap& pair : pairs) {
    const double iou = pair.iou();
    iou_sum += iou;
    classic_sum += pair.union_ == 0 ? 0.0 : iou;
    both += static_cast<double>(pair.intersection);
    any += static_cast<double>(pair.union_);
    if (pair.gold_area > 0) {
      ++summary.targets;
      target_sum += iou;
      if (pair.pred_area > 0) ++right_target;
    } else {
      ++summary.no_targets;
      if (pair.pred_area == 0) ++right_no;
    }
  }
  const auto n = static_cast<double>(pairs.size()), targets = static_cast<double>(summary.targets);
  summary.g_iou = share(iou_sum, n);
  summary.c_iou = any == 0 ? std::optional<double>(1.0) : share(both, any);
  summary.target_miou = share(target_sum, targets);
  summary.n_accuracy =
      share(static_cast<double>(right_no), static_cast<double>(summary.no_targets));
  summary.t_accuracy = share(static_cast<double>(right_target), targets);
  summary.classic_miou = share(classic_sum, n);
  summary.classic_ciou = share(both, any);
  for (const double threshold : thresholds) {
    std::size_t all = 0, target = 0, classic = 0;
    for (const PairOverlap& pair : pairs) {
      const bool right = pair.iou() >= threshold;
      if (right) ++all;
      if (right && pair.gold_area > 0) ++target;
      if (right && pair.union_ > 0) ++classic;
    }
    summary.all_precision[threshold] = share(static_cast<double>(all), n);
    summary.target_precision[threshold] = share(static_cast<double>(target), targets);
    summary.classic_precision[threshold] = share(static_cast<double>(classic), n);
  }
  return summary;
}

FrameScore frame_score(const ie::Mask& gold, const ie::Mask& pred, const ie::Mask* void_pixels,
                       double tolerance) {
  if (gold.height != pred.height || gold.width != pred.width ||
      (void_pixels && (void_pixels->height != gold.height || void_pixels->width != gold.width))) {
    throw Error("masks of a frame have different sizes");
  }
  const int height = gold.height, width = gold.width;
  Pixels g = ie::decode(gold), p = ie::decode(pred);
  if (void_pixels) {
    const Pixels v = ie::decode(*void_pixels);
    for (std::size_t i = 0; i < v.size(); ++i) {
      if (v[i]) g[i] = p[i] = 0;
    }
  }
  FrameScore score;
  for (std::size_t i = 0; i < g.size(); ++i) {
    score.intersection += g[i] & p[i];
    score.union_ += g[i] | p[i];
  }
  score.j = score.union_ == 0
                ? 1.0
                : static_cast<double>(score.intersection) / static_cast<double>(score.union_);
  const double diagonal =
      std::sqrt(static_cast<double>(height) * height + static_cast<double>(width) * width);
  score.tolerance =
      static_cast<std::size_t>(tolerance >= 1 ? tolerance : std::ceil(tolerance * diagonal));
  const Pixels gb = boundary_of(g, height, width), pb = boundary_of(p, height, width);
  score.gold_boundary = count_set(gb);
  score.pred_boundary = count_set(pb);
  if (score.pred_boundary == 0) {
    score.boundary_precision = 1;
    score.boundary_recall = score.gold_boundary == 0 ? 1 : 0;
  } else if (score.gold_boundary == 0) {
    score.boundary_recall = 1;
  } else {
    const int radius = static_cast<int>(score.tolerance);
    score.boundary_precision = static_cast<double>(count_near(pb, gb, height, width, radius)) /
                               static_cast<double>(score.pred_boundary);
    score.boundary_recall = static_cast<double>(count_near(gb, pb, height, width, radius)) /
                            static_cast<double>(score.gold_boundary);
  }
  const double sum = score.boundary_precision + score.boundary_recall;
  score.f = sum == 0 ? 0.0 : 2 * score.boundary_precision * score.boundary_recall / sum;
  return score;
}

SeriesStatistics series_statistics(const std::vector<std::optional<double>>& values,
                                   bool wrap_edges) {
  SeriesStatistics statistics;
  const std::size_t n = values.size();
  if (n == 0) return statistics;
  const auto mean_of = [&](std::size_t first, std::size_t end) -> std::optional<double> {
    double sum = 0;
    std::size_t count = 0;
    for (std::size_t i = first; i < std::min(end, n); ++i) {
      if (!values[i]) continue;
      sum += *values[i];
      ++count;
    }
    return share(sum, static_cast<double>(count));
  };
  statistics.mean = mean_of(0, n);
  const auto over_half =
      std::count_if(values.begin(), values.end(), [](const auto& v) { return v && *v > 0.5; });
  statistics.recall = static_cast<double>(over_half) / static_cast<double>(n);
  for (std::size_t k = 0; k < 5; ++k) {
    const double edge =
        std::nearbyint(1 + static_cast<double>(k) * static_cast<double>(n - 1) / 4 + 1e-10) - 1;
    statistics.bin_edges[k] = static_cast<std::size_t>(edge) % (wrap_edges ? 256 : n);
  }
  const auto& e = statistics.bin_edges;
  const auto first = mean_of(e[0], e[1] + 1), last = mean_of(e[3], e[4] + 1);
  if (first && last) statistics.decay = *first - *last;
  return statistics;
}

SequenceScore semi_supervised(const Objects& gold, const Objects& pred) {
  if (pred.size() > gold.size())
    throw Error("more objects are predicted than the gold sequence has");
  SequenceScore score;
  if (gold.empty()) return score;
  check_frames(gold, pred);
  const auto inner = [](const std::vector<ie::Mask>& frames) {
    return frames.size() < 2 ? std::vector<ie::Mask>()
                             : std::vector<ie::Mask>(frames.begin() + 1, frames.end() - 1);
  };
  for (std::size_t k = 0; k < gold.size(); ++k) {
    score.j.emplace_back();
    score.f.emplace_back();
    const std::vector<ie::Mask> given = k < pred.size() ? inner(pred[k]) : std::vector<ie::Mask>();
    score_pair(inner(gold[k]), k < pred.size() ? &given : nullptr, score.j.back(), score.f.back());
  }
  add_statistics(score);
  return score;
}

SequenceScore unsupervised(const Objects& gold, const Objects& pred) {
  constexpr std::size_t kMaxProposals = 20;
  if (pred.size() > kMaxProposals) throw Error("more than 20 objects are predicted");
  SequenceScore score;
  if (gold.empty()) return score;
  check_frames(gold, pred);
  const std::size_t rows = std::max(pred.size(), gold.size());
  std::vector<std::vector<std::vector<double>>> j(rows), f(rows);
  for (std::size_t p = 0; p < rows; ++p) {
    score.score_matrix.emplace_back();
    for (const auto& object : gold) {
      j[p].emplace_back();
      f[p].emplace_back();
      score_pair(object, p < pred.size() ? &pred[p] : nullptr, j[p].back(), f[p].back());
      score.score_matrix.back().push_back((mean(j[p].back()) + mean(f[p].back())) / 2);
    }
  }
  const auto assignment = best_assignment(score.score_matrix);
  for (std::size_t p = 0; p < rows; ++p) {
    if (!assignment[p]) continue;
    score.assignment.emplace_back(p, *assignment[p]);
    score.j.push_back(j[p][*assignment[p]]);
    score.f.push_back(f[p][*assignment[p]]);
  }
  add_statistics(score);
  return score;
}

}  // namespace reamo::eval
