// Scores of one instance.
#include <algorithm>
#include <cmath>
#include <set>

#include "eval/assignment.h"
#include "eval/evaluate.h"
#include "eval/grounded.h"
#include "ie/align.h"
#include "ie/medium_name.h"

namespace reamo::eval {
namespace {

constexpr double kSameTime = 0.002;  // seconds; times are written on the millisecond

// The spans of an item in the text, in order: the key of what stands there. Empty: not in the text.
std::string text_key(const std::vector<ie::Grounding>& groundings) {
  std::set<std::pair<std::size_t, std::size_t>> spans;
  for (const ie::Grounding& grounding : groundings) {
    if (const auto* span = std::get_if<ie::TextSpan>(&grounding.place))
      spans.insert({span->start, span->end});
  }
  std::string key;
  for (const auto& [start, end] : spans)
    key += std::to_string(start) + "-" + std::to_string(end) + ";";
  return key;
}

// Keys of spans begin with a character that keys of mentions do not have there.
std::string item_key(const std::vector<ie::Grounding>& groundings, const std::string& mention) {
  const std::string spans = text_key(groundings);
  return spans.empty() ? "m" + ie::fold(mention) : "s" + spans;
}

bool is_span_key(const std::string& key) { return !key.empty() && key[0] == 's'; }

// A result prepared for comparison.
struct View {
  struct Entity {
    std::string type, key;  // type as declared; key as above
    std::vector<Place> places;
  };
  struct Relation {
    std::string type;
    std::size_t head, tail;
  };
  struct Trigger {
    std::string type, span, mention;  // span: empty where not in the text
    std::map<std::string, Segments> audio;
  };
  struct Argument {
    std::size_t event;
    std::string role;
    std::size_t entity;
  };
  std::vector<Entity> entities;
  std::vector<Relation> relations;
  std::vector<Trigger> triggers;
  std::vector<Argument> arguments;
};

// Masks of a tracklet at the frame times of the gold video.
std::vector<std::optional<ie::Mask>> at_times(const ie::Tracklet& tracklet,
                                              const std::vector<double>& times) {
  std::vector<std::optional<ie::Mask>> masks(times.size());
  std::size_t next = 0;
  for (std::size_t t = 0; t < times.size(); ++t) {
    while (next < tracklet.size() && tracklet[next].time < times[t] - kSameTime) ++next;
    if (next < tracklet.size() && tracklet[next].time <= times[t] + kSameTime)
      masks[t] = tracklet[next].mask;
  }
  return masks;
}

// Places outside the text; the segments of one recording are one place. `gold` gives the frame
// times.
std::vector<Place> places_of(const std::vector<ie::Grounding>& groundings, const ie::Result& gold) {
  std::vector<Place> places;
  for (const ie::Grounding& grounding : groundings) {
    Place place{Modality::kImage, grounding.medium, "", {}, {}};
    if (const auto* region = std::get_if<ie::Region>(&grounding.place)) {
      place.masks = {region->mask};
    } else if (const auto* segment = std::get_if<ie::Segment>(&grounding.place)) {
      const auto same = std::find_if(places.begin(), places.end(), [&](const Place& p) {
        return p.modality == Modality::kAudio && p.source == grounding.medium;
      });
      if (same != places.end()) {
        same->segments.push_back(*segment);
        continue;
      }
      place.modality = Modality::kAudio;
      place.segments = {*segment};
    } else if (const auto* tracklet = std::get_if<ie::Tracklet>(&grounding.place)) {
      const ie::Medium* medium = gold.medium(grounding.medium);
      const auto* video = medium ? std::get_if<ie::VideoMedium>(&medium->facts) : nullptr;
      if (!video) continue;
      place.modality = Modality::kVideo;
      place.masks = at_times(*tracklet, video->frame_times);
    } else {
      continue;
    }
    places.push_back(std::move(place));
  }
  std::erase_if(places, [](const Place& place) { return !place.exists(); });
  return places;
}

View view_of(const ie::Result& result, const ie::Result& gold) {
  View view;
  std::map<std::string, std::size_t> index;
  for (const ie::Entity& entity : result.entities) {
    index[entity.id] = view.entities.size();
    view.entities.push_back({entity.type, item_key(entity.groundings, entity.mention),
                             places_of(entity.groundings, gold)});
  }
  for (const ie::Relation& relation : result.relations) {
    view.relations.push_back({relation.type, index.at(relation.head), index.at(relation.tail)});
  }
  for (const ie::Event& event : result.events) {
    View::Trigger trigger{
        event.type, text_key(event.trigger.groundings), ie::fold(event.trigger.mention), {}};
    for (const Place& place : places_of(event.trigger.groundings, gold)) {
      if (place.modality == Modality::kAudio) trigger.audio[place.source] = place.segments;
    }
    for (const ie::Argument& argument : event.arguments) {
      view.arguments.push_back({view.triggers.size(), argument.role, index.at(argument.entity)});
    }
    view.triggers.push_back(std::move(trigger));
  }
  return view;
}

class Comparison {
 public:
  Comparison(const View& gold, const View& pred, const Options& options)
      : gold_(gold), pred_(pred), options_(options) {}

  bool same_entity(std::size_t g, std::size_t p) const {
    const auto &a = gold_.entities[g], &b = pred_.entities[p];
    return a.type == b.type && a.key == b.key;
  }
  bool same_relation(const View::Relation& g, const View::Relation& p) const {
    return g.type == p.type && same_entity(g.head, p.head) && same_entity(g.tail, p.tail);
  }
  bool same_trigger(const View::Trigger& g, const View::Trigger& p) const {
    if (g.type != p.type || g.span != p.span) return false;
    if (!g.span.empty()) return true;
    if (g.audio.empty() || p.audio.empty()) return g.mention == p.mention;
    return std::any_of(g.audio.begin(), g.audio.end(), [&](const auto& entry) {
      const auto found = p.audio.find(entry.first);
      return found != p.audio.end() &&
             interval_iou(entry.second, found->second) >= options_.iou_threshold;
    });
  }
  bool same_argument(const View::Argument& g, const View::Argument& p) const {
    return g.role == p.role && same_entity(g.entity, p.entity) &&
           same_trigger(gold_.triggers[g.event], pred_.triggers[p.event]);
  }
  bool placed(std::size_t g, std::size_t p) const {
    return places_right(gold_.entities[g].places, pred_.entities[p].places, options_.iou_threshold,
                        false);
  }

 private:
  const View &gold_, &pred_;
  const Options& options_;
};

// Items keyed by their spans count once each (set); items known by their words count as often as
// they are there.
template <typename Item, typename Identity>
std::vector<Item> distinct(const std::vector<Item>& items, Identity identity) {
  std::vector<Item> kept;
  std::set<std::string> seen;
  for (const Item& item : items) {
    const auto [key, is_span] = identity(item);
    if (!is_span || seen.insert(key).second) kept.push_back(item);
  }
  return kept;
}

constexpr char kBetween = '\x1f';

std::pair<std::string, bool> identity(const View::Entity& e) {
  return {e.type + kBetween + e.key, is_span_key(e.key)};
}

// The largest one-to-one matching of items that are the same.
template <typename Item, typename Same>
Counts matched(const std::vector<Item>& gold, const std::vector<Item>& pred, Same same) {
  return {
      largest_matching_size(gold.size(), pred.size(),
                            [&](std::size_t g, std::size_t p) { return same(gold[g], pred[p]); }),
      gold.size(), pred.size()};
}

std::vector<std::size_t> distinct_entities(const View& view) {
  std::vector<std::size_t> all(view.entities.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  return distinct(all, [&](std::size_t i) { return identity(view.entities[i]); });
}

std::vector<View::Relation> distinct_relations(const View& view) {
  return distinct(view.relations, [&](const View::Relation& r) {
    const auto head = identity(view.entities[r.head]), tail = identity(view.entities[r.tail]);
    return std::pair(r.type + kBetween + head.first + kBetween + tail.first,
                     head.second && tail.second);
  });
}

std::vector<View::Trigger> distinct_triggers(const View& view) {
  return distinct(view.triggers, [](const View::Trigger& t) {
    return std::pair(t.type + kBetween + t.span, !t.span.empty());
  });
}

std::vector<View::Argument> distinct_arguments(const View& view) {
  return distinct(view.arguments, [&](const View::Argument& a) {
    const auto& trigger = view.triggers[a.event];
    const auto entity = identity(view.entities[a.entity]);
    return std::pair(
        trigger.type + kBetween + trigger.span + kBetween + a.role + kBetween + entity.first,
        !trigger.span.empty() && entity.second);
  });
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

struct Pool {
  std::vector<const Place*> places;
  std::set<std::string> absent;
};

using Pools = std::map<std::pair<std::string, std::string>, Pool>;

Pools pools_of(const View& view, const ie::Result& result) {
  Pools pools;
  for (std::size_t i = 0; i < view.entities.size(); ++i) {
    Pool& pool = pools[{view.entities[i].type, view.entities[i].key}];
    for (const Place& place : view.entities[i].places) pool.places.push_back(&place);
    pool.absent.insert(result.entities[i].absent.begin(), result.entities[i].absent.end());
  }
  return pools;
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
