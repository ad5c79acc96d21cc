// Cases of tracking scores.
#include <algorithm>
#include <fstream>
#include <numeric>

#include "eval/case_metrics.h"
#include "eval/tracking.h"

namespace reamo::eval {
namespace {

std::vector<TrackFrame> frames_of(const json& input) {
  const bool is_mask = input.at("kind") == "mask";
  const auto similarity = [&](const json& g, const json& p) {
    if (is_mask) return track_similarity(mask_of(g.at("mask")), mask_of(p.at("mask")));
    const auto box = [](const json& b) { return RealBox{b.at(0), b.at(1), b.at(2), b.at(3)}; };
    return track_similarity(box(g.at("box")), box(p.at("box")));
  };
  std::vector<TrackFrame> frames;
  for (std::size_t t = 0; t < input.at("gold").size(); ++t) {
    const json &gold = input.at("gold")[t], &pred = input.at("pred")[t];
    TrackFrame frame;
    for (const json& g : gold) {
      frame.gold.push_back(g.at("id"));
      frame.similarity.emplace_back();
      for (const json& p : pred) frame.similarity.back().push_back(similarity(g, p));
    }
    for (const json& p : pred) frame.pred.push_back(p.at("id"));
    frames.push_back(std::move(frame));
  }
  return frames;
}

double mean(const ByAlpha& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

json tracking_json(const Tracking& t) {
  const Hota& h = t.hota;
  const Clear& c = t.clear;
  const Identity& i = t.identity;
  const std::pair<const char*, const ByAlpha*> figures[] = {
      {"HOTA", &h.hota},    {"DetA", &h.det_a},   {"AssA", &h.ass_a},
      {"DetRe", &h.det_re}, {"DetPr", &h.det_pr}, {"AssRe", &h.ass_re},
      {"AssPr", &h.ass_pr}, {"LocA", &h.loc_a},   {"OWTA", &h.owta}};
  json by_alpha{{"HOTA_TP", h.tp}, {"HOTA_FN", h.fn}, {"HOTA_FP", h.fp}}, means;
  for (const auto& [name, values] : figures) {
    by_alpha[name] = *values;
    means[name] = mean(*values);
  }
  return {{"HOTA_by_alpha", by_alpha},
          {"HOTA_mean", means},
          {"HOTA_at_first_alpha",
           {{"HOTA(0)", h.hota0}, {"LocA(0)", h.loc_a0}, {"HOTALocA(0)", h.hota_loc_a0}}},
          {"CLEAR",
           {{"MOTA", c.mota},
            {"MOTP", c.motp},
            {"MODA", c.moda},
            {"CLR_Re", c.recall},
            {"CLR_Pr", c.precision},
            {"MTR", c.mtr},
            {"PTR", c.ptr},
            {"MLR", c.mlr},
            {"sMOTA", c.smota},
            {"CLR_F1", c.f1},
            {"FP_per_frame", c.fp_per_frame},
            {"MOTAL", c.motal},
            {"MOTP_sum", c.motp_sum},
            {"CLR_TP", c.tp},
            {"CLR_FN", c.fn},
            {"CLR_FP", c.fp},
            {"IDSW", c.id_switches},
            {"MT", c.mt},
            {"PT", c.pt},
            {"ML", c.ml},
            {"Frag", c.fragmentations},
            {"CLR_Frames", c.frames}}},
          {"Identity",
           {{"IDF1", i.f1},
            {"IDR", i.recall},
            {"IDP", i.precision},
            {"IDTP", i.tp},
            {"IDFN", i.fn},
            {"IDFP", i.fp}}}};
}

json sequence_case(const CaseContext& c) {
  const auto frames = frames_of(c.input);
  json out = tracking_json(track_scores(frames));
  json similarity = json::array();
  for (const TrackFrame& frame : frames) similarity.push_back(frame.similarity);
  out["similarity"] = similarity;
  return out;
}

// Sequences of sequences.json beside the file, by name.
std::vector<Tracking> named_sequences(const CaseContext& c, const json& names) {
  std::ifstream stream(c.file.parent_path() / "sequences.json");
  const json cases = json::parse(stream);
  std::vector<Tracking> scores;
  for (const json& name : names) {
    const auto found = std::find_if(cases.begin(), cases.end(),
                                    [&](const json& one) { return one.at("name") == name; });
    if (found == cases.end())
      throw MissingPart("sequences.json has no sequence named " + name.dump());
    scores.push_back(track_scores(frames_of(found->at("input"))));
  }
  return scores;
}

json combined_case(const CaseContext& c) {
  return tracking_json(combined(named_sequences(c, c.input.at("sequences"))));
}

json classes_case(const CaseContext& c) {
  return tracking_json(
      class_average(named_sequences(c, c.input.at("classes")), c.input.at("ignore_empty_classes")));
}

}  // namespace

CaseMetrics tracking_case_metrics() {
  return {{"hota/sequences", sequence_case},
          {"hota/combined", combined_case},
          {"hota/classes", classes_case}};
}

}  // namespace reamo::eval
