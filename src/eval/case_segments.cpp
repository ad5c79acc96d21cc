// Cases of segments in time.
#include <algorithm>
#include <cmath>

#include "eval/case_metrics.h"
#include "eval/detection.h"

namespace reamo::eval {
namespace {

ie::Segment segment_of(const json& pair) { return {pair.at(0), pair.at(1)}; }

Segments segments_of(const json& list) {
  Segments segments;
  for (const json& pair : list) segments.push_back(segment_of(pair));
  return segments;
}

json segments_json(const Segments& segments) {
  json list = json::array();
  for (const ie::Segment& s : segments) list.push_back({s.start, s.end});
  return list;
}

json tiou_case(const CaseContext& c) {
  const ie::Segment gold = segment_of(c.input.at("gold"));
  json tiou = json::array(), hull = json::array();
  for (const json& pair : c.input.at("predictions")) {
    const ie::Segment s = segment_of(pair);
    tiou.push_back(segment_iou(gold, s));
    const double length = std::max(gold.end, s.end) - std::min(gold.start, s.start);
    const double value = (std::min(gold.end, s.end) - std::max(gold.start, s.start)) / length;
    hull.push_back(std::isfinite(value) ? json(value) : json(nullptr));
  }
  return {{"tiou", tiou}, {"hull_iou_unclamped", hull}};
}

json interval_sets_case(const CaseContext& c) {
  const Segments gold = normalised(segments_of(c.input.at("gold"))),
                 pred = normalised(segments_of(c.input.at("pred")));
  const double both = intersection_length(gold, pred);
  return {{"gold_normalised", segments_json(gold)},
          {"pred_normalised", segments_json(pred)},
          {"intersection", both},
          {"union", total_length(gold) + total_length(pred) - both},
          {"iou", interval_iou(gold, pred)}};
}

json recall_case(const CaseContext& c) {
  std::vector<Query> queries;
  for (const json& query : c.input.at("queries"))
    queries.push_back({segment_of(query.at("gold")), segments_of(query.at("ranked"))});
  json out{{"mIoU", mean_first_iou(queries)}};
  for (const int n : {1, 5}) {
    for (const auto& [name, threshold] : {std::pair("0.1", 0.1), std::pair("0.3", 0.3),
                                          std::pair("0.5", 0.5), std::pair("0.7", 0.7)}) {
      out["R@" + std::to_string(n) + "_IoU=" + name] =
          recall_at(queries, static_cast<std::size_t>(n), threshold);
    }
  }
  return out;
}

json detection_ap_case(const CaseContext& c) {
  const auto clips = [](const json& list, bool scored) {
    std::vector<Clip> clips;
    for (const json& row : list)
      clips.push_back({row.at(0), {row.at(1), row.at(2)}, scored ? row.at(3).get<double>() : 0});
    return clips;
  };
  json ap = json::array();
  double sum = 0;
  for (const json& threshold : c.input.at("thresholds")) {
    ap.push_back(
        detection_ap(clips(c.input.at("gold"), false), clips(c.input.at("pred"), true), threshold));
    sum += ap.back().get<double>();
  }
  return {{"ap", ap}, {"mean_ap", sum / static_cast<double>(ap.size())}};
}

json frame_auc_ap_case(const CaseContext& c) {
  std::vector<bool> labels;
  for (const json& label : c.input.at("labels"))
    labels.push_back(label.is_boolean() ? label.get<bool>() : label.get<int>() != 0);
  const auto scores = c.input.at("scores").get<std::vector<double>>();
  return {{"roc_auc", optional_json(roc_auc(labels, scores))},
          {"average_precision", average_precision(labels, scores)}};
}

json frame_f1_case(const CaseContext& c) {
  const FrameF1 s =
      frame_f1(segments_of(c.input.at("gold_segments")), c.input.at("frame_rate"),
               c.input.at("probabilities").get<std::vector<double>>(), c.input.at("threshold"));
  const auto flags = [](const std::vector<bool>& bits) {
    return json(std::vector<int>(bits.begin(), bits.end()));
  };
  const auto rounded = [](double value) { return std::round(value * 1e4) / 1e4; };
  return {{"gold_frames", flags(s.gold)},
          {"pred_frames", flags(s.pred)},
          {"tp", s.tp},
          {"fp", s.fp},
          {"fn", s.fn},
          {"tn", s.tn},
          {"f1_speech", s.speech},
          {"f1_macro", s.macro},
          {"f1_micro", s.micro},
          {"f1_macro_rounded4", rounded(s.macro)},
          {"f1_micro_rounded4", rounded(s.micro)}};
}

json detection_error_case(const CaseContext& c) {
  json out;
  for (const auto& [name, collar] : {std::pair("collar_0", 0.0), std::pair("collar_0.25", 0.25)}) {
    const DetectionError e =
        detection_error(segments_of(c.input.at("gold")), segments_of(c.input.at("pred")),
                        c.input.at("total"), collar);
    out[name] = {{"scored_speech", e.scored},
                 {"miss", e.miss},
                 {"false_alarm", e.false_alarm},
                 {"error_rate", optional_json(e.rate)}};
  }
  return out;
}

}  // namespace

CaseMetrics segment_case_metrics() {
  return {{"segments/tiou", tiou_case},
          {"segments/interval_sets", interval_sets_case},
          {"segments/recall", recall_case},
          {"segments/detection_ap", detection_ap_case},
          {"segments/frame_auc_ap", frame_auc_ap_case},
          {"segments/frame_f1", frame_f1_case},
          {"segments/detection_error_rate", detection_error_case}};
}

}  // namespace reamo::eval
