// Scores of one instance.
#include <algorithm>

#include "eval/assignment.h"
#include "eval/evaluate.h"
#include "eval/instance_view.h"
#include "ie/medium_name.h"

namespace reamo::eval {
namespace {

// The largest one-to-one matching of items that are the same.
template <typename Item, typename Same>
Counts matched(const std::vector<Item>& gold, const std::vector<Item>& pred, Same same) {
  return {
      largest_matching_size(gold.size(), pred.size(),
                            [&](std::size_t g, std::size_t p) { return same(gold[g], pred[p]); }),
      gold.size(), pred.size()};
}

// J of a pair of tracklets over the gold frames; 0 where mask sizes differ.
double tracklet_j(const Place& gold, const Place& pred) {
  double sum = 0;
  for (std::size_t t = 0; t < gold.masks.size(); ++t) {
    const ie::Mask* g = gold.masks[t] && !gold.masks[t]->empty() ? &*gold.masks[t] : nullptr;
    const ie::Mask* p = t < pred.masks.size() && pred.masks[t] && !pred.masks[t]->empty()
                            ? &*pred.masks[t]
                            : nullptr;
    if (!g && !p) {
      sum += 1;
    } else if (g && p && g->height == p->height && g->width == p->width) {
      sum += ie::iou(*g, *p);
    }
  }
  return gold.masks.empty() ? 0.0 : sum / static_cast<double>(gold.masks.size());
}

// The gold places of one modality against the predicted ones of the same key, assigned for the
// largest total.
template <typename Score>
void add_overlap(const std::vector<const Place*>& gold, const std::vector<const Place*>& pred,
                 Modality modality, Score score, InstanceScores::Overlap& overlap) {
  std::vector<const Place*> rows, columns;
  for (const Place* place : gold) {
    if (place->modality == modality) rows.push_back(place);
  }
  for (const Place* place : pred) {
    if (place->modality == modality) columns.push_back(place);
  }
  overlap.count += rows.size();
  if (rows.empty() || columns.empty()) return;
  std::vector<std::vector<double>> scores(rows.size(), std::vector<double>(columns.size(), 0.0));
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (rows[r]->source == columns[c]->source) scores[r][c] = score(*rows[r], *columns[c]);
    }
  }
  const auto assignment = best_assignment(scores);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    if (assignment[r]) overlap.sum += scores[r][*assignment[r]];
  }
}

bool is_in(const Pool* pool, const std::string& medium) {
  return pool && std::any_of(pool->places.begin(), pool->places.end(),
                             [&](const Place* p) { return p->source == medium; });
}

void add_places(const Pools& gold, const Pools& pred, InstanceScores& scores) {
  static const Pool kNothing;
  for (const auto& [key, wanted] : gold) {
    const auto found = pred.find(key);
    const bool is_matched = found != pred.end();
    const Pool& given = is_matched ? found->second : kNothing;
    add_overlap(wanted.places, given.places, Modality::kImage, place_iou, scores.mask);
    add_overlap(wanted.places, given.places, Modality::kVideo, tracklet_j, scores.tracklet);
    add_overlap(wanted.places, given.places, Modality::kAudio, place_iou, scores.segment);
    const auto count = [&](InstanceScores::Share& share, bool is_wrong) {
      ++share.of;
      if (is_wrong) ++share.count;
    };
    std::set<std::string> present;
    for (const Place* place : wanted.places) present.insert(place->source);
    for (const std::string& medium : wanted.absent) {
      if (present.contains(medium)) continue;
      count(scores.over_all, is_in(&given, medium));
      if (is_matched) count(scores.over_matched, is_in(&given, medium));
    }
    for (const std::string& medium : present) {
      count(scores.miss_all, !is_in(&given, medium));
      if (is_matched) count(scores.miss_matched, !is_in(&given, medium));
    }
  }
}

std::string combination_of(const ie::Result& result) {
  std::set<ie::MediumKind> kinds;
  for (const ie::Medium& medium : result.media) {
    const auto kind = ie::medium_kind(medium.name);
    const bool is_sound_track = medium.name.find('/') != std::string::npos;
    if (kind && !is_sound_track) kinds.insert(*kind);
  }
  std::string combination;
  for (const auto& [kind, name] :
       {std::pair(ie::MediumKind::kText, "text"), std::pair(ie::MediumKind::kImage, "image"),
        std::pair(ie::MediumKind::kAudio, "audio"), std::pair(ie::MediumKind::kVideo, "video")}) {
    if (kinds.contains(kind)) combination += (combination.empty() ? "" : "+") + std::string(name);
  }
  return combination.empty() ? "nothing" : combination;
}

}  // namespace

InstanceScores score_instance(const ie::Result& gold, const ie::Result* pred,
                              const Options& options) {
  InstanceScores scores;
  scores.combination = combination_of(gold);
  if (gold.tasks.ner) scores.tasks.push_back("ner");
  if (gold.tasks.re) scores.tasks.push_back("re");
  if (gold.tasks.ee) scores.tasks.push_back("ee");

  static const ie::Result kNothing;
  const ie::Result& given = pred ? *pred : kNothing;
  const View g = view_of(gold, gold), p = view_of(given, gold);
  const Comparison compare(g, p, options);
  if (gold.tasks.ner) {
    const auto rows = distinct_entities(g), columns = distinct_entities(p);
    scores.entity = matched(
        rows, columns, [&](std::size_t a, std::size_t b) { return compare.same_entity(a, b); });
    scores.joint += matched(rows, columns, [&](std::size_t a, std::size_t b) {
      return compare.same_entity(a, b) && compare.placed(a, b);
    });
  }
  if (gold.tasks.re) {
    using Relation = View::Relation;
    const auto rows = distinct_relations(g), columns = distinct_relations(p);
    scores.relation = matched(rows, columns, [&](const Relation& a, const Relation& b) {
      return compare.same_relation(a, b);
    });
    scores.joint += matched(rows, columns, [&](const Relation& a, const Relation& b) {
      return compare.same_relation(a, b) && compare.placed(a.head, b.head) &&
             compare.placed(a.tail, b.tail);
    });
  }
  if (gold.tasks.ee) {
    using Argument = View::Argument;
    scores.trigger = matched(
        distinct_triggers(g), distinct_triggers(p),
        [&](const View::Trigger& a, const View::Trigger& b) { return compare.same_trigger(a, b); });
    const auto rows = distinct_arguments(g), columns = distinct_arguments(p);
    scores.argument = matched(rows, columns, [&](const Argument& a, const Argument& b) {
      return compare.same_argument(a, b);
    });
    scores.joint += matched(rows, columns, [&](const Argument& a, const Argument& b) {
      return compare.same_argument(a, b) && compare.placed(a.entity, b.entity);
    });
  }
  add_places(pools_of(g, gold), pools_of(p, given), scores);
  return scores;
}

}  // namespace reamo::eval
