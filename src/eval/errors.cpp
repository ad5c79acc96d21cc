#include "eval/errors.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "eval/assignment.h"
#include "eval/instance_view.h"
#include "eval/item_words.h"

namespace reamo::eval {
namespace {

// What became of the gold items, and which predicted items are left.
struct Pairing {
  struct Pair {
    std::size_t gold = 0;
    std::optional<std::size_t> pred;
    bool is_right = false;  // otherwise another type or role, or nothing
  };
  std::vector<Pair> pairs;
  std::vector<std::size_t> extra;
  ItemErrors errors;
};

// Predicted items beyond the first of their key; for items known by their words only, beyond as many as gold has there.
template <typename Item>
std::size_t repeated(const View& gold_view, const View& pred_view, const std::vector<Item>& gold,
                     const std::vector<Item>& pred) {
  std::map<std::string, std::size_t> in_gold;
  for (const Item& item : gold) ++in_gold[key_of(gold_view, item).bare];
  std::map<std::string, std::pair<std::size_t, std::size_t>> in_pred;  // how many, and how many may be
  for (const Item& item : pred) {
    const ItemKey key = key_of(pred_view, item);
    auto& [count, allowed] = in_pred[key.typed];
    ++count;
    const auto found = in_gold.find(key.bare);
    allowed = key.is_span || found == in_gold.end() ? 1 : std::max<std::size_t>(1, found->second);
  }
  std::size_t sum = 0;
  for (const auto& [key, counts] : in_pred) sum += counts.first - std::min(counts.first, counts.second);
  return sum;
}

// `rows` and `columns` without repetitions; `all` as predicted. `same`: right; `alike`: right but for the type;
// `founded`: everything that the gold item is made of was predicted.
template <typename Item, typename Same, typename Alike, typename Founded>
Pairing pair_up(const std::vector<Item>& rows, const std::vector<Item>& columns, std::size_t predicted,
                std::size_t repetitions, Same same, Alike alike, Founded founded) {
  Pairing result;
  ItemErrors& errors = result.errors;
  errors = {rows.size(), 0, 0, 0, 0, predicted, repetitions, 0};
  const auto right = largest_matching(rows.size(), columns.size(), [&](std::size_t g, std::size_t p) {
    return same(rows[g], columns[p]);
  });
  std::vector<bool> used(columns.size(), false);
  for (const auto& column : right) {
    if (column) used[*column] = true;
  }
  const auto other = largest_matching(rows.size(), columns.size(), [&](std::size_t g, std::size_t p) {
    return !right[g] && !used[p] && alike(rows[g], columns[p]);
  });
  for (std::size_t g = 0; g < rows.size(); ++g) {
    result.pairs.push_back({g, right[g] ? right[g] : other[g], right[g].has_value()});
    if (right[g]) {
      ++errors.right;
    } else if (other[g]) {
      used[*other[g]] = true;
      ++errors.wrong_type;
    } else if (founded(rows[g])) {
      ++errors.incomplete;
    } else {
      ++errors.propagated;
    }
  }
  for (std::size_t p = 0; p < columns.size(); ++p) {
    if (!used[p]) result.extra.push_back(p);
  }
  const std::size_t explained = errors.right + errors.wrong_type + errors.repeated;
  errors.invented = predicted - std::min(predicted, explained);
  return result;
}

using Pooled = std::vector<const Place*>;

Pooled in_medium(const Pool& pool, const std::string& medium) {
  Pooled places;
  for (const Place* place : pool.places) {
    if (place->source == medium) places.push_back(place);
  }
  return places;
}

bool meets(const Place& place, const Pooled& others, double threshold) {
  return std::any_of(others.begin(), others.end(),
                     [&](const Place* other) { return place_iou(*other, place) >= threshold; });
}

PlaceErrors place_errors(const Pools& gold, const Pools& pred, double threshold) {
  PlaceErrors errors;
  for (const auto& [key, wanted] : gold) {
    const auto found = pred.find(key);
    std::set<std::string> present;
    for (const Place* place : wanted.places) present.insert(place->source);
    errors.present += present.size();
    if (found == pred.end()) {
      errors.propagated += present.size();
      continue;
    }
    for (const std::string& medium : present) {
      const Pooled own = in_medium(wanted, medium), given = in_medium(found->second, medium);
      if (given.empty()) {
        ++errors.missed;
        continue;
      }
      const std::size_t met = largest_matching_size(own.size(), given.size(), [&](std::size_t g, std::size_t p) {
        return place_iou(*own[g], *given[p]) >= threshold;
      });
      if (met == own.size()) {
        ++errors.right;
        continue;
      }
      const bool is_anothers = std::any_of(given.begin(), given.end(), [&](const Place* place) {
        if (meets(*place, own, threshold)) return false;
        return std::any_of(gold.begin(), gold.end(), [&](const auto& other) {
          return other.first != key && meets(*place, in_medium(other.second, medium), threshold);
        });
      });
      ++(is_anothers ? errors.wrong_match : errors.misplaced);
    }
    for (const std::string& medium : wanted.absent) {
      if (present.contains(medium)) continue;
      ++errors.absent;
      if (!in_medium(found->second, medium).empty()) ++errors.over;
    }
  }
  return errors;
}

}  // namespace

const char* item_kind_name(ItemKind kind) {
  static constexpr std::array<const char*, kItemKinds> kNames{"entity", "relation", "trigger", "argument"};
  return kNames[static_cast<std::size_t>(kind)];
}

const char* item_state_name(ItemState state) {
  static constexpr std::array<const char*, 5> kNames{"right", "misplaced", "wrong type", "missing", "extra"};
  return kNames[static_cast<std::size_t>(state)];
}

ItemErrors& ItemErrors::operator+=(const ItemErrors& other) {
  gold += other.gold;
  right += other.right;
  wrong_type += other.wrong_type;
  propagated += other.propagated;
  incomplete += other.incomplete;
  predicted += other.predicted;
  repeated += other.repeated;
  invented += other.invented;
  return *this;
}

PlaceErrors& PlaceErrors::operator+=(const PlaceErrors& other) {
  present += other.present;
  right += other.right;
  wrong_match += other.wrong_match;
  misplaced += other.misplaced;
  missed += other.missed;
  propagated += other.propagated;
  absent += other.absent;
  over += other.over;
  return *this;
}

ErrorCounts& ErrorCounts::operator+=(const ErrorCounts& other) {
  for (std::size_t i = 0; i < items.size(); ++i) items[i] += other.items[i];
  places += other.places;
  return *this;
}

ErrorAnalysis analyse(const ie::Result& gold, const ie::Result* pred, const Options& options, bool with_pairs) {
  static const ie::Result kNothing;
  const ie::Result& given = pred ? *pred : kNothing;
  const View g = view_of(gold, gold), p = view_of(given, gold);
  const Comparison compare(g, p, options);
  ErrorAnalysis analysis;

  const auto entity_found = [&](std::size_t e) {
    for (std::size_t i = 0; i < p.entities.size(); ++i) {
      if (compare.same_entity(e, i)) return true;
    }
    return false;
  };
  const auto trigger_found = [&](std::size_t t) {
    return std::any_of(p.triggers.begin(), p.triggers.end(),
                       [&](const View::Trigger& x) { return compare.same_trigger(g.triggers[t], x); });
  };
  // Counts a kind and, where wanted, writes its pairs; `words` of an item, and whether a right pair is also well placed.
  const auto take = [&](ItemKind kind, const auto& rows, const auto& columns, const Pairing& pairing, auto words,
                        auto is_placed) {
    analysis.counts.items[static_cast<std::size_t>(kind)] = pairing.errors;
    if (!with_pairs) return;
    for (const Pairing::Pair& pair : pairing.pairs) {
      const bool has_pred = pair.pred.has_value();
      const ItemState state = !has_pred         ? ItemState::kMissing
                              : !pair.is_right ? ItemState::kWrongType
                              : is_placed(rows[pair.gold], columns[*pair.pred]) ? ItemState::kRight
                                                                                 : ItemState::kMisplaced;
      analysis.pairs.push_back(
          {kind, state, words(gold, rows[pair.gold]), has_pred ? words(given, columns[*pair.pred]) : ""});
    }
    for (const std::size_t extra : pairing.extra)
      analysis.pairs.push_back({kind, ItemState::kExtra, "", words(given, columns[extra])});
  };

  if (gold.tasks.ner) {
    const auto rows = distinct_entities(g), columns = distinct_entities(p);
    const Pairing pairing = pair_up(
        rows, columns, p.entities.size(), repeated(g, p, g.entities, p.entities),
        [&](std::size_t a, std::size_t b) { return compare.same_entity(a, b); },
        [&](std::size_t a, std::size_t b) { return compare.same_entity_key(a, b); }, [](std::size_t) { return true; });
    take(ItemKind::kEntity, rows, columns, pairing,
         [](const ie::Result& r, std::size_t i) { return entity_words(r.entities[i]); },
         [&](std::size_t a, std::size_t b) { return compare.placed(a, b); });
  }
  if (gold.tasks.re) {
    using Item = View::Relation;
    const auto rows = distinct_relations(g), columns = distinct_relations(p);
    const Pairing pairing = pair_up(
        rows, columns, p.relations.size(), repeated(g, p, g.relations, p.relations),
        [&](const Item& a, const Item& b) { return compare.same_relation(a, b); },
        [&](const Item& a, const Item& b) { return compare.same_ends(a, b); },
        [&](const Item& a) { return entity_found(a.head) && entity_found(a.tail); });
    take(ItemKind::kRelation, rows, columns, pairing,
         [](const ie::Result& r, const Item& i) {
           return relation_words(r.entities[i.head], i.type, r.entities[i.tail]);
         },
         [&](const Item& a, const Item& b) { return compare.placed(a.head, b.head) && compare.placed(a.tail, b.tail); });
  }
  if (gold.tasks.ee) {
    const auto trigger_rows = distinct_triggers(g), trigger_columns = distinct_triggers(p);
    const Pairing triggers = pair_up(
        trigger_rows, trigger_columns, p.triggers.size(), repeated(g, p, g.triggers, p.triggers),
        [&](const View::Trigger& a, const View::Trigger& b) { return compare.same_trigger(a, b); },
        [&](const View::Trigger& a, const View::Trigger& b) { return compare.same_trigger_word(a, b); },
        [](const View::Trigger&) { return true; });
    take(ItemKind::kTrigger, trigger_rows, trigger_columns, triggers,
         [](const ie::Result& r, const View::Trigger& t) { return trigger_words(r.events[t.event]); },
         [](const View::Trigger&, const View::Trigger&) { return true; });
    using Item = View::Argument;
    const auto rows = distinct_arguments(g), columns = distinct_arguments(p);
    const Pairing pairing = pair_up(
        rows, columns, p.arguments.size(), repeated(g, p, g.arguments, p.arguments),
        [&](const Item& a, const Item& b) { return compare.same_argument(a, b); },
        [&](const Item& a, const Item& b) { return compare.same_filler(a, b); },
        [&](const Item& a) { return entity_found(a.entity) && trigger_found(a.event); });
    take(ItemKind::kArgument, rows, columns, pairing,
         [](const ie::Result& r, const Item& a) {
           return argument_words(r.events[a.event], a.role, r.entities[a.entity]);
         },
         [&](const Item& a, const Item& b) { return compare.placed(a.entity, b.entity); });
  }
  analysis.counts.places = place_errors(pools_of(g, gold), pools_of(p, given), options.iou_threshold);
  return analysis;
}

}  // namespace reamo::eval
