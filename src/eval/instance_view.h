// A gold and a predicted result in the form in which evaluation compares them (DESIGN 3.4).
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "eval/evaluate.h"
#include "eval/grounded.h"
#include "ie/result.h"

namespace reamo::eval {

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
    std::size_t event;                // index into the result's events
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

// The places of videos are taken at the frame times of `gold`.
View view_of(const ie::Result& result, const ie::Result& gold);

// When a gold item and a predicted one are the same.
class Comparison {
 public:
  Comparison(const View& gold, const View& pred, const Options& options)
      : gold_(gold), pred_(pred), options_(options) {}

  bool same_entity(std::size_t g, std::size_t p) const {
    return gold_.entities[g].type == pred_.entities[p].type && same_entity_key(g, p);
  }
  bool same_entity_key(std::size_t g, std::size_t p) const {
    return gold_.entities[g].key == pred_.entities[p].key;
  }
  bool same_relation(const View::Relation& g, const View::Relation& p) const {
    return g.type == p.type && same_ends(g, p);
  }
  bool same_ends(const View::Relation& g, const View::Relation& p) const {
    return same_entity(g.head, p.head) && same_entity(g.tail, p.tail);
  }
  bool same_trigger(const View::Trigger& g, const View::Trigger& p) const {
    return g.type == p.type && same_trigger_word(g, p);
  }
  // The span in the text; else the time in audio; else the mention.
  bool same_trigger_word(const View::Trigger& g, const View::Trigger& p) const;
  bool same_argument(const View::Argument& g, const View::Argument& p) const {
    return g.role == p.role && same_filler(g, p);
  }
  bool same_filler(const View::Argument& g, const View::Argument& p) const {
    return same_entity(g.entity, p.entity) &&
           same_trigger(gold_.triggers[g.event], pred_.triggers[p.event]);
  }
  // Every gold place of the entity is met by a predicted one of its own.
  bool placed(std::size_t g, std::size_t p) const;

 private:
  const View &gold_, &pred_;
  const Options& options_;
};

// The places of all entities of one type and key, and the media where they are said to be absent.
struct Pool {
  std::vector<const Place*> places;
  std::set<std::string> absent;
};
using Pools = std::map<std::pair<std::string, std::string>, Pool>;  // by type and key
Pools pools_of(const View& view, const ie::Result& result);

// Where an item stands: `bare` without its own type or role, `typed` with it. `is_span`: known by spans of the text only.
struct ItemKey {
  std::string typed, bare;
  bool is_span = false;
};
ItemKey key_of(const View& view, const View::Entity& entity);
ItemKey key_of(const View& view, const View::Relation& relation);
ItemKey key_of(const View& view, const View::Trigger& trigger);
ItemKey key_of(const View& view, const View::Argument& argument);

// Items keyed by their spans count once each (set); items known by their words count as often as
// they are there. The others are left out, the first of each stays.
std::vector<std::size_t> distinct_entities(const View& view);
std::vector<View::Relation> distinct_relations(const View& view);
std::vector<View::Trigger> distinct_triggers(const View& view);
std::vector<View::Argument> distinct_arguments(const View& view);

}  // namespace reamo::eval
