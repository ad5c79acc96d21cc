#include "eval/report.h"

#include <algorithm>

namespace reamo::eval {
namespace {

template <typename Part, typename Source>
std::vector<std::pair<std::string, const Part*>> listed(const Source& source) {
  std::vector<std::pair<std::string, const Part*>> groups{{"all", &source.all}};
  for (const auto& [name, group] : source.by_task) groups.emplace_back("task " + name, &group);
  for (const auto& [name, group] : source.by_combination) groups.emplace_back(name, &group);
  return groups;
}

}  // namespace

std::vector<std::pair<std::string, const Group*>> groups_of(const Report& report) { return listed<Group>(report); }
std::vector<std::pair<std::string, const ErrorCounts*>> groups_of(const ErrorTables& tables) {
  return listed<ErrorCounts>(tables);
}
std::vector<std::pair<std::string, const PairedGroup*>> groups_of(const PairedReport& report) {
  return listed<PairedGroup>(report);
}

Figure figure_of(const Group& group, Measure measure) {
  const auto of_f1 = [](const F1Score& score) {
    Figure figure{std::nullopt, score.ci95, score.counts.n_gold};
    if (score.counts.n_gold + score.counts.n_pred > 0) figure.value = score.counts.f1();
    return figure;
  };
  const auto of_mean = [](const MeanScore& score) { return Figure{score.mean, score.ci95, score.count}; };
  switch (measure) {
    case Measure::kEntity:
      return of_f1(group.entity);
    case Measure::kRelation:
      return of_f1(group.relation);
    case Measure::kTrigger:
      return of_f1(group.trigger);
    case Measure::kArgument:
      return of_f1(group.argument);
    case Measure::kJoint:
      return of_f1(group.joint);
    case Measure::kMask:
      return of_mean(group.mask);
    case Measure::kTracklet:
      return of_mean(group.tracklet);
    case Measure::kSegment:
      return of_mean(group.segment);
    case Measure::kOverGrounding:
      return {group.over_grounding.matched, std::nullopt, group.over_grounding.matched_of};
    case Measure::kMissGrounding:
      return {group.miss_grounding.matched, std::nullopt, group.miss_grounding.matched_of};
    case Measure::kOverGroundingAll:
      return {group.over_grounding.all, std::nullopt, group.over_grounding.all_of};
    case Measure::kMissGroundingAll:
      return {group.miss_grounding.all, std::nullopt, group.miss_grounding.all_of};
  }
  return {};
}

std::vector<ErrorRow> error_rows(const ErrorCounts& counts) {
  std::vector<ErrorRow> rows;
  for (std::size_t k = 0; k < kItemKinds; ++k) {
    const ItemErrors& e = counts.items[k];
    if (e.gold + e.predicted == 0) continue;
    const std::string kind = item_kind_name(static_cast<ItemKind>(k));
    rows.push_back({kind, "repeated", e.repeated, e.predicted, "predicted"});
    rows.push_back({kind, "invented", e.invented, e.predicted, "predicted"});
    rows.push_back({kind, "wrong_type", e.wrong_type, e.gold, "gold"});
    rows.push_back({kind, "incomplete", e.incomplete, e.gold, "gold"});
    rows.push_back({kind, "propagated", e.propagated, e.gold, "gold"});
  }
  const PlaceErrors& e = counts.places;
  if (e.present + e.absent == 0) return rows;
  rows.push_back({"place", "wrong_match", e.wrong_match, e.present, "present"});
  rows.push_back({"place", "misplaced", e.misplaced, e.present, "present"});
  rows.push_back({"place", "missed", e.missed, e.present, "present"});
  rows.push_back({"place", "propagated", e.propagated, e.present, "present"});
  rows.push_back({"place", "over", e.over, e.absent, "absent"});
  return rows;
}

std::string curve_point_name(std::size_t point) {
  return std::to_string(point + 1) + (point + 1 == kCurvePoints ? "+" : "");
}

std::vector<NamedMismatch> mismatches_of(const Report& report) {
  return {{"missing", "gold documents have no prediction and count as empty", &report.missing},
          {"failed", "of these are predicted lines that say that the document failed", &report.failed},
          {"surplus", "predictions have no gold document and are left out", &report.surplus},
          {"media_names", "documents have other media in gold than predicted", &report.media_names},
          {"sizes", "media have another size in gold than predicted", &report.sizes}};
}

std::string mismatch_text(const Report& report) {
  std::string text;
  for (const auto& [key, words, mismatch] : mismatches_of(report)) {
    if (mismatch->count == 0) continue;
    text += std::to_string(mismatch->count) + " " + words + ": ";
    for (std::size_t i = 0; i < mismatch->first.size(); ++i) text += (i == 0 ? "" : "; ") + mismatch->first[i];
    if (mismatch->count > mismatch->first.size()) text += "; ..";
    text += "\n";
  }
  return text;
}

}  // namespace reamo::eval
