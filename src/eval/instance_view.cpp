#include "eval/instance_view.h"

#include <algorithm>
#include <set>

#include "ie/align.h"

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

constexpr char kBetween = '\x1f';

// The first of each key that is_span; all others.
template <typename Item>
std::vector<Item> distinct(const View& view, const std::vector<Item>& items) {
  std::vector<Item> kept;
  std::set<std::string> seen;
  for (const Item& item : items) {
    ItemKey key = key_of(view, item);
    if (!key.is_span || seen.insert(std::move(key.typed)).second) kept.push_back(item);
  }
  return kept;
}

}  // namespace

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
        view.triggers.size(), event.type, text_key(event.trigger.groundings), ie::fold(event.trigger.mention), {}};
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

bool Comparison::same_trigger_word(const View::Trigger& g, const View::Trigger& p) const {
  if (g.span != p.span) return false;
  if (!g.span.empty()) return true;
  if (g.audio.empty() || p.audio.empty()) return g.mention == p.mention;
  return std::any_of(g.audio.begin(), g.audio.end(), [&](const auto& entry) {
    const auto found = p.audio.find(entry.first);
    return found != p.audio.end() &&
           interval_iou(entry.second, found->second) >= options_.iou_threshold;
  });
}

bool Comparison::placed(std::size_t g, std::size_t p) const {
  return places_right(gold_.entities[g].places, pred_.entities[p].places, options_.iou_threshold,
                      false);
}

ItemKey key_of(const View&, const View::Entity& e) { return {e.type + kBetween + e.key, e.key, is_span_key(e.key)}; }

ItemKey key_of(const View& view, const View::Relation& r) {
  const ItemKey head = key_of(view, view.entities[r.head]), tail = key_of(view, view.entities[r.tail]);
  const std::string ends = head.typed + kBetween + tail.typed;
  return {r.type + kBetween + ends, ends, head.is_span && tail.is_span};
}

ItemKey key_of(const View&, const View::Trigger& t) {
  const std::string word = t.span.empty() ? "m" + t.mention : "s" + t.span;
  return {t.type + kBetween + word, word, !t.span.empty()};
}

ItemKey key_of(const View& view, const View::Argument& a) {
  const ItemKey trigger = key_of(view, view.triggers[a.event]), entity = key_of(view, view.entities[a.entity]);
  const std::string filler = trigger.typed + kBetween + entity.typed;
  return {a.role + kBetween + filler, filler, trigger.is_span && entity.is_span};
}

std::vector<std::size_t> distinct_entities(const View& view) {
  std::vector<std::size_t> kept;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < view.entities.size(); ++i) {
    ItemKey key = key_of(view, view.entities[i]);
    if (!key.is_span || seen.insert(std::move(key.typed)).second) kept.push_back(i);
  }
  return kept;
}

std::vector<View::Relation> distinct_relations(const View& view) { return distinct(view, view.relations); }
std::vector<View::Trigger> distinct_triggers(const View& view) { return distinct(view, view.triggers); }
std::vector<View::Argument> distinct_arguments(const View& view) { return distinct(view, view.arguments); }

Pools pools_of(const View& view, const ie::Result& result) {
  Pools pools;
  for (std::size_t i = 0; i < view.entities.size(); ++i) {
    Pool& pool = pools[{view.entities[i].type, view.entities[i].key}];
    for (const Place& place : view.entities[i].places) pool.places.push_back(&place);
    pool.absent.insert(result.entities[i].absent.begin(), result.entities[i].absent.end());
  }
  return pools;
}

}  // namespace reamo::eval
