#include "eval/overlap.h"

#include <algorithm>

#include "ie/error.h"

namespace reamo::eval {

Segments normalised(Segments segments) {
  std::erase_if(segments, [](const ie::Segment& s) { return !(s.end > s.start); });
  std::sort(segments.begin(), segments.end(), [](const ie::Segment& a, const ie::Segment& b) {
    return a.start != b.start ? a.start < b.start : a.end < b.end;
  });
  Segments joined;
  for (const ie::Segment& s : segments) {
    if (!joined.empty() && s.start <= joined.back().end) {
      joined.back().end = std::max(joined.back().end, s.end);
    } else {
      joined.push_back(s);
    }
  }
  return joined;
}

double total_length(const Segments& segments) {
  double sum = 0;
  for (const ie::Segment& s : segments) sum += s.end - s.start;
  return sum;
}

double intersection_length(const Segments& a, const Segments& b) {
  double sum = 0;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    sum += std::max(0.0, std::min(a[i].end, b[j].end) - std::max(a[i].start, b[j].start));
    if (a[i].end < b[j].end) {
      ++i;
    } else {
      ++j;
    }
  }
  return sum;
}

double interval_iou(const Segments& a, const Segments& b) {
  const Segments x = normalised(a), y = normalised(b);
  if (x.empty() && y.empty()) return 1;
  if (x.empty() || y.empty()) return 0;
  const double both = intersection_length(x, y);
  return both / (total_length(x) + total_length(y) - both);
}

double segment_iou(const ie::Segment& a, const ie::Segment& b) {
  if (a.end <= a.start || b.end <= b.start) return 0;
  const double both = std::max(0.0, std::min(a.end, b.end) - std::max(a.start, b.start));
  return both / ((a.end - a.start) + (b.end - b.start) - both);
}

Tube tube_overlap(const std::vector<ie::Mask>& gold, const std::vector<ie::Mask>& pred) {
  if (gold.size() != pred.size()) {
    throw Error("tracklets of different lengths: " + std::to_string(gold.size()) + " and " +
                std::to_string(pred.size()) + " frames");
  }
  Tube tube;
  std::uint64_t both_sum = 0, any_sum = 0;
  std::size_t either = 0, both_there = 0;
  double iou_sum = 0, j_sum = 0;
  for (std::size_t t = 0; t < gold.size(); ++t) {
    const std::uint64_t both = ie::intersection_area(gold[t], pred[t]),
                        any = ie::union_area(gold[t], pred[t]);
    tube.intersections.push_back(both);
    tube.unions.push_back(any);
    both_sum += both;
    any_sum += any;
    const double iou = any == 0 ? 1.0 : static_cast<double>(both) / static_cast<double>(any);
    j_sum += iou;
    if (any > 0) ++either;
    if (!gold[t].empty() && !pred[t].empty()) {
      ++both_there;
      iou_sum += iou;
    }
  }
  tube.volume_iou =
      any_sum == 0 ? 1.0 : static_cast<double>(both_sum) / static_cast<double>(any_sum);
  tube.tube_viou = either == 0 ? 1.0 : iou_sum / static_cast<double>(either);
  tube.frame_tiou =
      either == 0 ? 1.0 : static_cast<double>(both_there) / static_cast<double>(either);
  tube.mean_frame_j = gold.empty() ? 1.0 : j_sum / static_cast<double>(gold.size());
  return tube;
}

}  // namespace reamo::eval
