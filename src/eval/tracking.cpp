#include "eval/tracking.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "eval/assignment.h"

namespace reamo::eval {
namespace {

constexpr double kEps = 2.220446049250313e-16;  // 2^-52
constexpr double kMatch = 0.5;

double at_least(double least, double value) { return std::max(least, value); }

double real(std::size_t n) { return static_cast<double>(n); }

double alpha(std::size_t k) { return 0.05 + 0.05 * real(k); }

// Ids as indices, and in how many frames each occurs.
class Ids {
 public:
  std::size_t index(std::int64_t id) {
    const auto [entry, is_new] = index_.try_emplace(id, count_.size());
    if (is_new) count_.push_back(0);
    return entry->second;
  }
  std::size_t see(std::int64_t id) {
    const std::size_t i = index(id);
    ++count_[i];
    return i;
  }
  std::size_t size() const { return count_.size(); }
  double count(std::size_t i) const { return real(count_[i]); }

 private:
  std::map<std::int64_t, std::size_t> index_;
  std::vector<std::size_t> count_;
};

// The sequence with ids as indices.
struct Sequence {
  struct Frame {
    std::vector<std::size_t> gold, pred;
    const std::vector<std::vector<double>>* similarity;
  };
  std::vector<Frame> frames;
  Ids gold, pred;
  std::size_t gold_detections = 0, pred_detections = 0;
};

Sequence indexed(const std::vector<TrackFrame>& frames) {
  Sequence sequence;
  for (const TrackFrame& frame : frames) {
    Sequence::Frame out{{}, {}, &frame.similarity};
    for (const auto id : frame.gold) out.gold.push_back(sequence.gold.see(id));
    for (const auto id : frame.pred) out.pred.push_back(sequence.pred.see(id));
    sequence.gold_detections += frame.gold.size();
    sequence.pred_detections += frame.pred.size();
    sequence.frames.push_back(std::move(out));
  }
  return sequence;
}

using Table = std::vector<std::vector<double>>;

Table table(std::size_t rows, std::size_t columns) {
  return Table(rows, std::vector<double>(columns, 0.0));
}

void finish(Hota& h) {
  for (std::size_t k = 0; k < kAlphas; ++k) {
    h.det_re[k] = h.tp[k] / at_least(1, h.tp[k] + h.fn[k]);
    h.det_pr[k] = h.tp[k] / at_least(1, h.tp[k] + h.fp[k]);
    h.det_a[k] = h.tp[k] / at_least(1, h.tp[k] + h.fn[k] + h.fp[k]);
    h.hota[k] = std::sqrt(h.det_a[k] * h.ass_a[k]);
    h.owta[k] = std::sqrt(h.det_re[k] * h.ass_a[k]);
  }
  h.hota0 = h.hota[0];
  h.loc_a0 = h.loc_a[0];
  h.hota_loc_a0 = h.hota0 * h.loc_a0;
}

Hota hota_of(const Sequence& sequence) {
  const std::size_t golds = sequence.gold.size(), preds = sequence.pred.size();
  Table alignment = table(golds, preds);
  for (const auto& frame : sequence.frames) {
    std::vector<double> row_sum(frame.gold.size(), 0), column_sum(frame.pred.size(), 0);
    for (std::size_t i = 0; i < frame.gold.size(); ++i) {
      for (std::size_t j = 0; j < frame.pred.size(); ++j) {
        row_sum[i] += (*frame.similarity)[i][j];
        column_sum[j] += (*frame.similarity)[i][j];
      }
    }
    for (std::size_t i = 0; i < frame.gold.size(); ++i) {
      for (std::size_t j = 0; j < frame.pred.size(); ++j) {
        const double s = (*frame.similarity)[i][j], denominator = row_sum[i] + column_sum[j] - s;
        if (denominator > kEps) alignment[frame.gold[i]][frame.pred[j]] += s / denominator;
      }
    }
  }
  for (std::size_t i = 0; i < golds; ++i) {
    for (std::size_t j = 0; j < preds; ++j) {
      alignment[i][j] /= sequence.gold.count(i) + sequence.pred.count(j) - alignment[i][j];
    }
  }
  Hota h;
  std::vector<Table> matches(kAlphas, table(golds, preds));
  ByAlpha similarity_sum{};
  for (const auto& frame : sequence.frames) {
    Table scores = table(frame.gold.size(), frame.pred.size());
    for (std::size_t i = 0; i < frame.gold.size(); ++i) {
      for (std::size_t j = 0; j < frame.pred.size(); ++j) {
        scores[i][j] = alignment[frame.gold[i]][frame.pred[j]] * (*frame.similarity)[i][j];
      }
    }
    const auto assignment = best_assignment(scores);
    for (std::size_t k = 0; k < kAlphas; ++k) {
      std::size_t matched = 0;
      for (std::size_t i = 0; i < frame.gold.size(); ++i) {
        if (!assignment[i]) continue;
        const double s = (*frame.similarity)[i][*assignment[i]];
        if (s < alpha(k) - kEps) continue;
        ++matched;
        similarity_sum[k] += s;
        matches[k][frame.gold[i]][frame.pred[*assignment[i]]] += 1;
      }
      h.tp[k] += real(matched);
      h.fn[k] += real(frame.gold.size() - matched);
      h.fp[k] += real(frame.pred.size() - matched);
    }
  }
  for (std::size_t k = 0; k < kAlphas; ++k) {
    for (std::size_t i = 0; i < golds; ++i) {
      for (std::size_t j = 0; j < preds; ++j) {
        const double c = matches[k][i][j], g = sequence.gold.count(i), p = sequence.pred.count(j);
        h.ass_a[k] += c * c / at_least(1, g + p - c);
        h.ass_re[k] += c * c / at_least(1, g);
        h.ass_pr[k] += c * c / at_least(1, p);
      }
    }
    for (ByAlpha* sum : {&h.ass_a, &h.ass_re, &h.ass_pr}) (*sum)[k] /= at_least(1, h.tp[k]);
    h.loc_a[k] = at_least(1e-10, similarity_sum[k]) / at_least(1e-10, h.tp[k]);
  }
  finish(h);
  return h;
}

void finish(Clear& c) {
  const double tracks = at_least(1, real(c.mt + c.pt + c.ml)),
               golds = at_least(1, real(c.tp + c.fn));
  const double tp = real(c.tp), fp = real(c.fp), switches = real(c.id_switches);
  c.mtr = real(c.mt) / tracks;
  c.ptr = real(c.pt) / tracks;
  c.mlr = real(c.ml) / tracks;
  c.recall = tp / golds;
  c.precision = tp / at_least(1, tp + fp);
  c.moda = (tp - fp) / golds;
  c.mota = (tp - fp - switches) / golds;
  c.motp = c.motp_sum / at_least(1, tp);
  c.smota = (c.motp_sum - fp - switches) / golds;
  c.f1 = tp / at_least(1, tp + 0.5 * real(c.fn) + 0.5 * fp);
  c.fp_per_frame = fp / at_least(1, real(c.frames));
  c.motal = (tp - fp - (c.id_switches > 0 ? std::log10(switches) : 0.0)) / golds;
}

Clear clear_of(const Sequence& sequence) {
  constexpr double kContinuity = 1000;  // weight of staying with the id of the last frame
  Clear c;
  if (sequence.pred_detections == 0) {
    c.fn = sequence.gold_detections;
    c.ml = sequence.gold.size();
    c.mlr = 1;
    return c;
  }
  if (sequence.gold_detections == 0) {
    c.fp = sequence.pred_detections;
    c.mlr = 1;
    return c;
  }
  struct Track {
    std::size_t present = 0, matched = 0, begun = 0;
    std::optional<std::size_t> last_ever, last_frame;
  };
  std::vector<Track> tracks(sequence.gold.size());
  for (const auto& frame : sequence.frames) {
    for (const std::size_t g : frame.gold) ++tracks[g].present;
    if (frame.gold.empty() || frame.pred.empty()) {
      c.fp += frame.pred.size();
      c.fn += frame.gold.size();
      continue;
    }
    Table scores = table(frame.gold.size(), frame.pred.size());
    for (std::size_t i = 0; i < frame.gold.size(); ++i) {
      for (std::size_t j = 0; j < frame.pred.size(); ++j) {
        const double s = (*frame.similarity)[i][j];
        if (s < kMatch - kEps) continue;
        scores[i][j] = s + (tracks[frame.gold[i]].last_frame == frame.pred[j] ? kContinuity : 0.0);
      }
    }
    const auto assignment = best_assignment(scores);
    std::vector<std::optional<std::size_t>> now(tracks.size());
    std::size_t matched = 0;
    for (std::size_t i = 0; i < frame.gold.size(); ++i) {
      if (!assignment[i] || !(scores[i][*assignment[i]] > kEps)) continue;
      Track& track = tracks[frame.gold[i]];
      const std::size_t p = frame.pred[*assignment[i]];
      ++matched;
      ++track.matched;
      c.motp_sum += (*frame.similarity)[i][*assignment[i]];
      if (track.last_ever && *track.last_ever != p) ++c.id_switches;
      track.last_ever = p;
      now[frame.gold[i]] = p;
    }
    for (std::size_t g = 0; g < tracks.size(); ++g) {
      if (now[g] && !tracks[g].last_frame) ++tracks[g].begun;
      tracks[g].last_frame = now[g];
    }
    c.tp += matched;
    c.fn += frame.gold.size() - matched;
    c.fp += frame.pred.size() - matched;
  }
  for (const Track& track : tracks) {
    const double share = real(track.matched) / real(track.present);
    ++(share > 0.8 ? c.mt : share >= 0.2 ? c.pt : c.ml);
    if (track.begun > 0) c.fragmentations += track.begun - 1;
  }
  c.frames = sequence.frames.size();
  finish(c);
  return c;
}

void finish(Identity& identity) {
  const double tp = real(identity.tp), fn = real(identity.fn), fp = real(identity.fp);
  identity.recall = tp / at_least(1, tp + fn);
  identity.precision = tp / at_least(1, tp + fp);
  identity.f1 = tp / at_least(1, tp + 0.5 * fp + 0.5 * fn);
}

Identity identity_of(const Sequence& sequence) {
  Table together = table(sequence.gold.size(), sequence.pred.size());
  for (const auto& frame : sequence.frames) {
    for (std::size_t i = 0; i < frame.gold.size(); ++i) {
      for (std::size_t j = 0; j < frame.pred.size(); ++j) {
        if ((*frame.similarity)[i][j] >= kMatch) together[frame.gold[i]][frame.pred[j]] += 1;
      }
    }
  }
  const auto assignment = best_assignment(together);
  Identity identity;
  for (std::size_t i = 0; i < assignment.size(); ++i) {
    if (assignment[i]) identity.tp += static_cast<std::size_t>(together[i][*assignment[i]]);
  }
  identity.fn = sequence.gold_detections - identity.tp;
  identity.fp = sequence.pred_detections - identity.tp;
  finish(identity);
  return identity;
}

void add_counts(Clear& sum, const Clear& c) {
  sum.tp += c.tp;
  sum.fn += c.fn;
  sum.fp += c.fp;
  sum.id_switches += c.id_switches;
  sum.mt += c.mt;
  sum.pt += c.pt;
  sum.ml += c.ml;
  sum.fragmentations += c.fragmentations;
  sum.frames += c.frames;
}

void add_counts(Identity& sum, const Identity& i) {
  sum.tp += i.tp;
  sum.fn += i.fn;
  sum.fp += i.fp;
}

constexpr ByAlpha Hota::*kHotaCounts[] = {&Hota::tp, &Hota::fn, &Hota::fp};
constexpr ByAlpha Hota::*kHotaFigures[] = {&Hota::hota,   &Hota::det_a,  &Hota::ass_a,
                                           &Hota::det_re, &Hota::det_pr, &Hota::ass_re,
                                           &Hota::ass_pr, &Hota::loc_a,  &Hota::owta};
constexpr double Hota::*kHotaFirst[] = {&Hota::hota0, &Hota::loc_a0, &Hota::hota_loc_a0};
constexpr double Clear::*kClearFigures[] = {
    &Clear::motp_sum,  &Clear::mota,         &Clear::motp, &Clear::moda, &Clear::recall,
    &Clear::precision, &Clear::mtr,          &Clear::ptr,  &Clear::mlr,  &Clear::smota,
    &Clear::f1,        &Clear::fp_per_frame, &Clear::motal};
constexpr double Identity::*kIdentityFigures[] = {&Identity::f1, &Identity::recall,
                                                  &Identity::precision};

double area(const RealBox& box) { return box.width * box.height; }

double box_intersection(const RealBox& a, const RealBox& b) {
  const double width = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x);
  const double height = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0.0;
}

}  // namespace

double real_box_iou(const RealBox& a, const RealBox& b, bool crowd) {
  const double both = box_intersection(a, b);
  return both == 0 ? 0.0 : both / (crowd ? area(a) : area(a) + area(b) - both);
}

double track_similarity(const RealBox& gold, const RealBox& pred) {
  const double both = box_intersection(gold, pred), any = area(gold) + area(pred) - both;
  if (area(gold) <= kEps || area(pred) <= kEps || any <= kEps) return 0;
  return both / any;
}

double track_similarity(const ie::Mask& gold, const ie::Mask& pred) {
  const auto both = ie::intersection_area(gold, pred);
  return both == 0 ? 0.0
                   : static_cast<double>(both) / static_cast<double>(ie::union_area(gold, pred));
}

Tracking track_scores(const std::vector<TrackFrame>& frames) {
  const Sequence sequence = indexed(frames);
  return {hota_of(sequence), clear_of(sequence), identity_of(sequence)};
}

Tracking combined(const std::vector<Tracking>& sequences) {
  Tracking sum;
  for (const Tracking& one : sequences) {
    for (std::size_t k = 0; k < kAlphas; ++k) {
      for (const auto part : kHotaCounts) (sum.hota.*part)[k] += (one.hota.*part)[k];
      for (const auto part : {&Hota::ass_a, &Hota::ass_re, &Hota::ass_pr, &Hota::loc_a}) {
        (sum.hota.*part)[k] += (one.hota.*part)[k] * one.hota.tp[k];
      }
    }
    add_counts(sum.clear, one.clear);
    sum.clear.motp_sum += one.clear.motp_sum;
    add_counts(sum.identity, one.identity);
  }
  for (std::size_t k = 0; k < kAlphas; ++k) {
    const double tp = sum.hota.tp[k];
    for (const auto part : {&Hota::ass_a, &Hota::ass_re, &Hota::ass_pr})
      (sum.hota.*part)[k] /= at_least(1, tp);
    sum.hota.loc_a[k] = at_least(1e-10, sum.hota.loc_a[k]) / at_least(1e-10, tp);
  }
  finish(sum.hota);
  finish(sum.clear);
  finish(sum.identity);
  return sum;
}

Tracking class_average(const std::vector<Tracking>& classes, bool ignore_empty) {
  Tracking average;
  double hota_n = 0, clear_n = 0, identity_n = 0;
  for (const Tracking& one : classes) {
    const auto any = [&](const ByAlpha& counts) {
      return std::any_of(counts.begin(), counts.end(), [](double c) { return c > 0; });
    };
    if (!ignore_empty || any(one.hota.tp) || any(one.hota.fn) || any(one.hota.fp)) {
      hota_n += 1;
      for (std::size_t k = 0; k < kAlphas; ++k) {
        for (const auto part : kHotaCounts) (average.hota.*part)[k] += (one.hota.*part)[k];
        for (const auto part : kHotaFigures) (average.hota.*part)[k] += (one.hota.*part)[k];
      }
      for (const auto part : kHotaFirst) average.hota.*part += one.hota.*part;
    }
    if (!ignore_empty || one.clear.tp + one.clear.fn + one.clear.fp > 0) {
      clear_n += 1;
      add_counts(average.clear, one.clear);
      for (const auto part : kClearFigures) average.clear.*part += one.clear.*part;
    }
    if (!ignore_empty || one.identity.tp + one.identity.fn + one.identity.fp > 0) {
      identity_n += 1;
      add_counts(average.identity, one.identity);
      for (const auto part : kIdentityFigures) average.identity.*part += one.identity.*part;
    }
  }
  for (const auto part : kHotaFigures) {
    for (double& value : average.hota.*part) value /= at_least(1, hota_n);
  }
  for (const auto part : kHotaFirst) average.hota.*part /= at_least(1, hota_n);
  for (const auto part : kClearFigures) average.clear.*part /= at_least(1, clear_n);
  for (const auto part : kIdentityFigures) average.identity.*part /= at_least(1, identity_n);
  return average;
}

}  // namespace reamo::eval
