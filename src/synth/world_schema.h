// The world's own types, and the other names under which a schema may ask for them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ie/schema.h"

namespace reamo::synth {

// Other names of a label: the last third (at least one) is kept for the test split.
struct Label {
  std::string name, description;
  std::vector<std::string> synonyms;
  std::size_t training_synonyms() const { return synonyms.size() - (synonyms.size() + 2) / 3; }
};
struct EntitySpec : Label {};
struct RelationSpec : Label {
  std::vector<std::string> head, tail;  // entity types
  bool visual = false;                  // can be read off a picture
};
struct RoleSpec {
  std::string name;
  std::vector<std::string> types;
  std::vector<std::string> synonyms;
};
struct EventSpec : Label {
  std::string trigger;                  // named when no text or speech names it
  std::string action;                   // film action that shows it, "" if none
  std::vector<std::string> actors;      // roles in the order of the action's actors
  std::vector<RoleSpec> roles;
};

const std::vector<EntitySpec>& entity_specs();
const std::vector<RelationSpec>& relation_specs();
const std::vector<EventSpec>& event_specs();
// Index by the world's own name; -1: none.
int find_entity_spec(std::string_view name);
int find_relation_spec(std::string_view name);
int find_event_spec(std::string_view name);
int find_role(const EventSpec& event, std::string_view role);

// Types that nothing in the world has: asked for in vain.
const std::vector<std::string>& foreign_entity_types();
const std::vector<std::string>& foreign_relation_types();
const std::vector<std::string>& foreign_event_types();

}  // namespace reamo::synth
