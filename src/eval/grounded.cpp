#include "eval/grounded.h"

#include <algorithm>
#include <map>
#include <utility>

#include "eval/assignment.h"

namespace reamo::eval {
namespace {

using Key = std::pair<std::string, std::string>;

std::map<Key, std::vector<const Place*>> pooled(const std::vector<PlacedItem>& items) {
  std::map<Key, std::vector<const Place*>> pools;
  for (const PlacedItem& item : items) {
    auto& pool = pools[{item.label, item.span}];
    for (const Place& place : item.places) pool.push_back(&place);
  }
  return pools;
}

bool is_at(const Place& place, const Slot& slot) {
  return place.modality == slot.modality && place.source == slot.source && place.slot == slot.slot;
}

// The places of a pool at a slot united; nullopt when none is there.
std::optional<Place> united(const std::vector<const Place*>& pool, const Slot& slot) {
  std::optional<Place> all;
  for (const Place* place : pool) {
    if (!is_at(*place, slot)) continue;
    if (!all) {
      all = *place;
      continue;
    }
    all->segments.insert(all->segments.end(), place->segments.begin(), place->segments.end());
    if (all->masks.size() < place->masks.size()) all->masks.resize(place->masks.size());
    for (std::size_t t = 0; t < place->masks.size(); ++t) {
      auto& mask = all->masks[t];
      const auto& more = place->masks[t];
      if (!more) continue;
      const bool fits = mask && mask->height == more->height && mask->width == more->width;
      mask = fits ? ie::unite(*mask, *more) : *more;
    }
  }
  return all;
}

}  // namespace

bool Place::exists() const {
  if (modality == Modality::kAudio) {
    return std::any_of(segments.begin(), segments.end(),
                       [](const ie::Segment& s) { return s.end > s.start; });
  }
  return std::any_of(masks.begin(), masks.end(),
                     [](const auto& mask) { return mask && !mask->empty(); });
}

double place_iou(const Place& a, const Place& b) {
  if (a.modality != b.modality || a.source != b.source || a.slot != b.slot) return 0;
  if (a.modality == Modality::kAudio) return interval_iou(a.segments, b.segments);
  std::uint64_t both = 0, any = 0;
  for (std::size_t t = 0; t < std::max(a.masks.size(), b.masks.size()); ++t) {
    const ie::Mask* x = t < a.masks.size() && a.masks[t] ? &*a.masks[t] : nullptr;
    const ie::Mask* y = t < b.masks.size() && b.masks[t] ? &*b.masks[t] : nullptr;
    if (x && y) {
      if (x->height != y->height || x->width != y->width) return 0;
      both += ie::intersection_area(*x, *y);
      any += ie::union_area(*x, *y);
    } else if (x || y) {
      any += (x ? x : y)->area();
    }
  }
  return any == 0 ? 1.0 : static_cast<double>(both) / static_cast<double>(any);
}

bool places_right(const std::vector<Place>& gold, const std::vector<Place>& pred, double threshold,
                  bool exact) {
  if (exact && gold.size() != pred.size()) return false;
  if (gold.size() > pred.size()) return false;
  return largest_matching_size(gold.size(), pred.size(), [&](std::size_t g, std::size_t p) {
           return place_iou(gold[g], pred[p]) >= threshold;
         }) == gold.size();
}

std::vector<PlacedItem> with_existing_places(std::vector<PlacedItem> items) {
  for (PlacedItem& item : items)
    std::erase_if(item.places, [](const Place& place) { return !place.exists(); });
  return items;
}

JointCounts joint_counts(const std::vector<PlacedItem>& gold, const std::vector<PlacedItem>& pred,
                         double threshold) {
  const auto count = [&](const auto& is_right) {
    const auto fits = [&](std::size_t g, std::size_t p) {
      return gold[g].label == pred[p].label && gold[g].span == pred[p].span &&
             is_right(gold[g].places, pred[p].places);
    };
    return Counts{largest_matching_size(gold.size(), pred.size(), fits), gold.size(), pred.size()};
  };
  using Places = std::vector<Place>;
  return {
      count([](const Places&, const Places&) { return true; }),
      count([&](const Places& g, const Places& p) { return places_right(g, p, threshold, false); }),
      count([&](const Places& g, const Places& p) { return places_right(g, p, threshold, true); })};
}

IouSum gold_place_iou(const std::vector<PlacedItem>& gold, const std::vector<PlacedItem>& pred) {
  IouSum result;
  const auto pred_pools = pooled(pred);
  for (const auto& [key, places] : pooled(gold)) {
    result.count += places.size();
    const auto found = pred_pools.find(key);
    if (places.empty() || found == pred_pools.end() || found->second.empty()) continue;
    std::vector<std::vector<double>> scores(places.size(),
                                            std::vector<double>(found->second.size()));
    for (std::size_t g = 0; g < places.size(); ++g) {
      for (std::size_t p = 0; p < found->second.size(); ++p)
        scores[g][p] = place_iou(*places[g], *found->second[p]);
    }
    const auto assignment = best_assignment(scores);
    for (std::size_t g = 0; g < places.size(); ++g) {
      if (assignment[g]) result.sum += scores[g][*assignment[g]];
    }
  }
  return result;
}

AbsenceCounts& AbsenceCounts::operator+=(const AbsenceCounts& other) {
  absent_slots += other.absent_slots;
  over_grounded += other.over_grounded;
  present_slots += other.present_slots;
  missed += other.missed;
  localised += other.localised;
  unmatched_keys += other.unmatched_keys;
  iou_sum += other.iou_sum;
  return *this;
}

AbsenceCounts absence_counts(const std::vector<Slot>& slots, const std::vector<PlacedItem>& gold,
                             const std::vector<PlacedItem>& pred, double threshold,
                             bool matched_only) {
  AbsenceCounts counts;
  const auto pred_pools = pooled(pred);
  for (const auto& [key, places] : pooled(gold)) {
    const auto found = pred_pools.find(key);
    if (found == pred_pools.end()) ++counts.unmatched_keys;
    if (found == pred_pools.end() && matched_only) continue;
    for (const Slot& slot : slots) {
      const auto wanted = united(places, slot);
      const auto given = found == pred_pools.end() ? std::nullopt : united(found->second, slot);
      if (!wanted) {
        ++counts.absent_slots;
        if (given) ++counts.over_grounded;
        counts.iou_sum += given ? 0.0 : 1.0;
        continue;
      }
      ++counts.present_slots;
      if (!given) {
        ++counts.missed;
        continue;
      }
      const double iou = place_iou(*wanted, *given);
      if (iou >= threshold) ++counts.localised;
      counts.iou_sum += iou;
    }
  }
  return counts;
}

}  // namespace reamo::eval
