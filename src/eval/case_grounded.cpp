// Cases of grounded scores and of the bootstrap.
#include <cmath>
#include <cstdio>

#include "eval/bootstrap.h"
#include "eval/case_metrics.h"
#include "eval/grounded.h"
#include "ie/error.h"

namespace reamo::eval {
namespace {

Modality modality_of(const json& name) {
  if (name == "image") return Modality::kImage;
  if (name == "video") return Modality::kVideo;
  if (name == "audio") return Modality::kAudio;
  throw Error("the modality " + name.dump() + " is not known");
}

std::string slot_of(const json& at) {
  return at.contains("slot") && at.at("slot").is_string() ? at.at("slot").get<std::string>() : "";
}

std::vector<PlacedItem> items_of(const json& list) {
  std::vector<PlacedItem> items;
  for (const json& item : list) {
    PlacedItem out{item.at("label"), item.at("span").dump(), {}};
    for (const json& grounding : item.at("groundings")) {
      Place place{modality_of(grounding.at("modality")),
                  grounding.at("source"),
                  slot_of(grounding),
                  {},
                  {}};
      if (grounding.contains("mask") && !grounding.at("mask").is_null())
        place.masks.emplace_back(mask_of(grounding.at("mask")));
      if (grounding.contains("masks")) {
        for (const json& mask : grounding.at("masks"))
          place.masks.push_back(mask.is_null() ? std::nullopt : std::optional(mask_of(mask)));
      }
      if (grounding.contains("segments")) {
        for (const json& pair : grounding.at("segments"))
          place.segments.push_back({pair.at(0), pair.at(1)});
      }
      out.places.push_back(std::move(place));
    }
    items.push_back(std::move(out));
  }
  return with_existing_places(std::move(items));
}

json ratio_json(double part, double whole) {
  return whole == 0 ? json(nullptr) : json(part / whole);
}

json joint_case(const CaseContext& c) {
  JointCounts sum;
  IouSum iou;
  json per_instance = json::array();
  for (const json& instance : c.input.at("instances")) {
    const auto gold = items_of(instance.at("gold")), pred = items_of(instance.at("pred"));
    const JointCounts counts = joint_counts(gold, pred, c.input.at("iou_threshold"));
    sum.text += counts.text;
    sum.joint += counts.joint;
    sum.joint_exact += counts.joint_exact;
    const IouSum one = gold_place_iou(gold, pred);
    iou.sum += one.sum;
    iou.count += one.count;
    per_instance.push_back({{"text_tp", counts.text.tp},
                            {"joint_tp", counts.joint.tp},
                            {"joint_exact_tp", counts.joint_exact.tp},
                            {"n_gold", counts.text.n_gold},
                            {"n_pred", counts.text.n_pred}});
  }
  return {{"per_instance", per_instance},
          {"text", counts_json(sum.text)},
          {"joint", counts_json(sum.joint)},
          {"joint_exact", counts_json(sum.joint_exact)},
          {"grounded_share_of_text_matches",
           ratio_json(static_cast<double>(sum.joint.tp), static_cast<double>(sum.text.tp))},
          {"n_gold_groundings", iou.count},
          {"gold_grounding_miou", ratio_json(iou.sum, static_cast<double>(iou.count))}};
}

json absence_json(const AbsenceCounts& a) {
  const auto absent = static_cast<double>(a.absent_slots),
             present = static_cast<double>(a.present_slots);
  const auto over = static_cast<double>(a.over_grounded), missed = static_cast<double>(a.missed);
  return {{"absent_slots", a.absent_slots},
          {"over_grounded", a.over_grounded},
          {"over_grounding_rate", ratio_json(over, absent)},
          {"absent_accuracy", absent == 0 ? json(nullptr) : json(1 - over / absent)},
          {"present_slots", a.present_slots},
          {"missed", a.missed},
          {"miss_grounding_rate", ratio_json(missed, present)},
          {"present_accuracy", present == 0 ? json(nullptr) : json(1 - missed / present)},
          {"localised", a.localised},
          {"localisation_accuracy", ratio_json(static_cast<double>(a.localised), present)},
          {"slot_giou", ratio_json(a.iou_sum, absent + present)},
          {"unmatched_gold_keys", a.unmatched_keys}};
}

json absence_case(const CaseContext& c) {
  AbsenceCounts matched, all;
  for (const json& instance : c.input.at("instances")) {
    std::vector<Slot> slots;
    for (const json& slot : instance.at("slots"))
      slots.push_back({modality_of(slot.at("modality")), slot.at("source"), slot_of(slot)});
    const auto gold = items_of(instance.at("gold")), pred = items_of(instance.at("pred"));
    matched += absence_counts(slots, gold, pred, c.input.at("iou_threshold"), true);
    all += absence_counts(slots, gold, pred, c.input.at("iou_threshold"), false);
  }
  return {{"matched", absence_json(matched)}, {"all", absence_json(all)}};
}

std::uint64_t seed_of(const json& input) {
  return std::stoull(input.at("seed").get<std::string>());
}

json generator_case(const CaseContext& c) {
  json hex = json::array(), tens = json::array(), large = json::array();
  SplitMix64 outputs(seed_of(c.input)), by_ten(seed_of(c.input)), by_large(seed_of(c.input));
  for (std::size_t i = 0; i < c.expected.at("first_outputs_hex").size(); ++i) {
    char text[20];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(outputs.next()));
    hex.push_back(text);
  }
  for (std::size_t i = 0; i < c.expected.at("first_indices_n10").size(); ++i)
    tens.push_back(by_ten.index(10));
  for (std::size_t i = 0; i < c.expected.at("first_indices_n1000003").size(); ++i)
    large.push_back(by_large.index(1000003));
  return {
      {"first_outputs_hex", hex}, {"first_indices_n10", tens}, {"first_indices_n1000003", large}};
}

Statistic statistic_of(const json& name) {
  if (name == "micro_f1") return Statistic::kMicroF1;
  if (name == "mean") return Statistic::kMean;
  if (name == "ratio_of_sums") return Statistic::kRatioOfSums;
  throw Error("the statistic " + name.dump() + " is not known");
}

Rows rows_of(const json& list) {
  Rows rows;
  for (const json& row : list) {
    rows.push_back({});
    for (std::size_t i = 0; i < row.size() && i < rows.back().size(); ++i) rows.back()[i] = row[i];
  }
  return rows;
}

json first_five(const std::vector<double>& values) {
  return std::vector<double>(
      values.begin(),
      values.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(5, values.size())));
}

json intervals_case(const CaseContext& c) {
  const Statistic kind = statistic_of(c.input.at("statistic"));
  const Rows rows = rows_of(c.input.at("rows"));
  const auto values = replicates(kind, rows, c.input.at("replicates"), seed_of(c.input));
  double mean = 0, squares = 0;
  for (const double v : values) mean += v / static_cast<double>(values.size());
  for (const double v : values) squares += (v - mean) * (v - mean);
  json out{{"point", statistic(kind, rows)},
           {"first_replicates", first_five(values)},
           {"replicate_mean", mean},
           {"replicate_sd", std::sqrt(squares / static_cast<double>(values.size() - 1))}};
  for (const json& level : c.input.at("levels")) {
    const Interval i = interval(values, level);
    char name[32];
    std::snprintf(name, sizeof name, "interval_%.2f", level.get<double>());
    out[name] = {i.low, i.high};
  }
  return out;
}

json paired_case(const CaseContext& c) {
  const Statistic kind = statistic_of(c.input.at("statistic"));
  const Rows a = rows_of(c.input.at("rows_a")), b = rows_of(c.input.at("rows_b"));
  const auto values = paired_replicates(kind, a, b, c.input.at("replicates"), seed_of(c.input));
  double low = 0, high = 0;
  for (const double v : values) {
    low += v <= 0;
    high += v >= 0;
  }
  low /= static_cast<double>(values.size());
  high /= static_cast<double>(values.size());
  const Interval i = interval(values, 0.95);
  return {{"point_difference", statistic(kind, a) - statistic(kind, b)},
          {"interval_0.95", {i.low, i.high}},
          {"share_le_0", low},
          {"share_ge_0", high},
          {"p_two_sided", std::min(1.0, 2 * std::min(low, high))},
          {"first_replicates", first_five(values)}};
}

}  // namespace

CaseMetrics grounded_case_metrics() {
  return {{"grounded/joint", joint_case},
          {"grounded/absence", absence_case},
          {"bootstrap/generator", generator_case},
          {"bootstrap/intervals", intervals_case},
          {"bootstrap/paired", paired_case}};
}

}  // namespace reamo::eval
