#include "eval/detection.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "eval/counts.h"
#include "ie/error.h"

namespace reamo::eval {
namespace {

void check_sizes(std::size_t labels, std::size_t scores) {
  if (labels != scores) throw Error("there must be as many scores as labels");
}

// Indices in descending order of score; equal scores stay in order.
std::vector<std::size_t> by_score(const std::vector<double>& scores) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  return order;
}

double f1(std::size_t tp, std::size_t fp, std::size_t fn) {
  return ratio(2 * static_cast<double>(tp), static_cast<double>(2 * tp + fp + fn));
}

bool covers(const Segments& segments, double time) {
  return std::any_of(segments.begin(), segments.end(),
                     [&](const ie::Segment& s) { return s.start < time && time < s.end; });
}

}  // namespace

double recall_at(const std::vector<Query>& queries, std::size_t n, double threshold) {
  std::size_t found = 0;
  for (const Query& query : queries) {
    const auto end =
        query.ranked.begin() + static_cast<std::ptrdiff_t>(std::min(n, query.ranked.size()));
    found += std::any_of(query.ranked.begin(), end, [&](const ie::Segment& s) {
      return segment_iou(query.gold, s) >= threshold;
    });
  }
  return ratio(static_cast<double>(found), static_cast<double>(queries.size()));
}

double mean_first_iou(const std::vector<Query>& queries) {
  double sum = 0;
  for (const Query& query : queries)
    sum += query.ranked.empty() ? 0.0 : segment_iou(query.gold, query.ranked.front());
  return ratio(sum, static_cast<double>(queries.size()));
}

double detection_ap(const std::vector<Clip>& gold, std::vector<Clip> pred, double threshold) {
  std::stable_sort(pred.begin(), pred.end(),
                   [](const Clip& a, const Clip& b) { return a.score > b.score; });
  std::vector<bool> taken(gold.size(), false);
  std::vector<double> precision, recall;
  std::size_t tp = 0;
  for (std::size_t i = 0; i < pred.size(); ++i) {
    std::optional<std::size_t> best;
    double best_iou = threshold;
    for (std::size_t g = 0; g < gold.size(); ++g) {
      if (taken[g] || gold[g].clip != pred[i].clip) continue;
      const double iou = segment_iou(gold[g].segment, pred[i].segment);
      if (best ? iou > best_iou : iou >= best_iou) {
        best = g;
        best_iou = iou;
      }
    }
    if (best) {
      taken[*best] = true;
      ++tp;
    }
    precision.push_back(static_cast<double>(tp) / static_cast<double>(i + 1));
    recall.push_back(ratio(static_cast<double>(tp), static_cast<double>(gold.size())));
  }
  for (std::size_t i = precision.size(); i-- > 1;)
    precision[i - 1] = std::max(precision[i - 1], precision[i]);
  double ap = 0;
  for (std::size_t i = 0; i < precision.size(); ++i)
    ap += (recall[i] - (i == 0 ? 0.0 : recall[i - 1])) * precision[i];
  return ap;
}

std::optional<double> roc_auc(const std::vector<bool>& labels, const std::vector<double>& scores) {
  check_sizes(labels.size(), scores.size());
  const auto positives = static_cast<double>(std::count(labels.begin(), labels.end(), true));
  const double negatives = static_cast<double>(labels.size()) - positives;
  if (positives == 0 || negatives == 0) return std::nullopt;
  const auto order = by_score(scores);
  double above = 0, pairs = 0;  // positives with a higher score; pairs won
  for (std::size_t i = 0; i < order.size();) {
    double ties_positive = 0, ties_negative = 0;
    const double score = scores[order[i]];
    for (; i < order.size() && scores[order[i]] == score; ++i)
      (labels[order[i]] ? ties_positive : ties_negative) += 1;
    pairs += ties_negative * (above + ties_positive / 2);
    above += ties_positive;
  }
  return pairs / (positives * negatives);
}

double average_precision(const std::vector<bool>& labels, const std::vector<double>& scores) {
  check_sizes(labels.size(), scores.size());
  const auto positives = static_cast<double>(std::count(labels.begin(), labels.end(), true));
  if (positives == 0) return 0;
  const auto order = by_score(scores);
  double ap = 0, tp = 0, last_recall = 0;
  for (std::size_t i = 0; i < order.size();) {
    const double score = scores[order[i]];
    for (; i < order.size() && scores[order[i]] == score; ++i) tp += labels[order[i]] ? 1 : 0;
    const double recall = tp / positives;
    ap += (recall - last_recall) * (tp / static_cast<double>(i));
    last_recall = recall;
  }
  return ap;
}

FrameF1 frame_f1(const Segments& gold, double rate, const std::vector<double>& probabilities,
                 double threshold) {
  FrameF1 score;
  const std::size_t n = probabilities.size();
  score.gold.assign(n, false);
  for (const ie::Segment& segment : gold) {
    const auto frame = [&](double time) {
      return static_cast<std::size_t>(
          std::clamp(std::nearbyint(time * rate), 0.0, static_cast<double>(n)));
    };
    for (std::size_t i = frame(segment.start); i < frame(segment.end); ++i) score.gold[i] = true;
  }
  for (std::size_t i = 0; i < n; ++i) {
    const bool is_speech = probabilities[i] > threshold;
    score.pred.push_back(is_speech);
    ++(score.gold[i] ? (is_speech ? score.tp : score.fn) : (is_speech ? score.fp : score.tn));
  }
  score.speech = f1(score.tp, score.fp, score.fn);
  double sum = 0;
  int classes = 0;
  if (score.tp + score.fp + score.fn > 0) {
    sum += score.speech;
    ++classes;
  }
  if (score.tn + score.fp + score.fn > 0) {
    sum += f1(score.tn, score.fn, score.fp);
    ++classes;
  }
  score.macro = ratio(sum, classes);
  score.micro = ratio(static_cast<double>(score.tp + score.tn), static_cast<double>(n));
  return score;
}

DetectionError detection_error(const Segments& gold, const Segments& pred, double total,
                               double collar) {
  const Segments g = normalised(gold), p = normalised(pred);
  Segments ignored;
  if (collar > 0) {
    for (const ie::Segment& s : g) {
      ignored.push_back({s.start - collar, s.start + collar});
      ignored.push_back({s.end - collar, s.end + collar});
    }
  }
  std::vector<double> borders{0, total};
  for (const Segments* side : {&g, &p, static_cast<const Segments*>(&ignored)}) {
    for (const ie::Segment& s : *side) {
      for (const double time : {s.start, s.end}) borders.push_back(std::clamp(time, 0.0, total));
    }
  }
  std::sort(borders.begin(), borders.end());
  DetectionError error;
  for (std::size_t i = 0; i + 1 < borders.size(); ++i) {
    const double length = borders[i + 1] - borders[i], middle = (borders[i] + borders[i + 1]) / 2;
    if (length <= 0 || covers(ignored, middle)) continue;
    const bool in_gold = covers(g, middle), in_pred = covers(p, middle);
    if (in_gold) error.scored += length;
    if (in_gold && !in_pred) error.miss += length;
    if (!in_gold && in_pred) error.false_alarm += length;
  }
  if (error.scored > 0) error.rate = (error.miss + error.false_alarm) / error.scored;
  return error;
}

}  // namespace reamo::eval
