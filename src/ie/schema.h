// What is asked for: entity types, relation types, event types with roles (DESIGN 3.3).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reamo::ie {

struct EntityType {
  std::string name, description;
  friend bool operator==(const EntityType&, const EntityType&) = default;
};
struct RelationType {
  std::string name, description;
  std::vector<std::string> head, tail;  // allowed entity types; empty = any
  friend bool operator==(const RelationType&, const RelationType&) = default;
};
struct Role {
  std::string name;
  std::vector<std::string> types;  // allowed entity types; empty = any
  friend bool operator==(const Role&, const Role&) = default;
};
struct EventType {
  std::string name, description;
  std::vector<Role> roles;
  friend bool operator==(const EventType&, const EventType&) = default;
};

// A few-shot example: text and the items it holds, by mention.
struct Example;

struct Tasks {
  bool ner = false, re = false, ee = false;
  friend bool operator==(const Tasks&, const Tasks&) = default;
};

// Types in the order given. A missing section means that the task is not asked.
struct Schema {
  std::optional<std::vector<EntityType>> entities;
  std::optional<std::vector<RelationType>> relations;
  std::optional<std::vector<EventType>> events;
  std::map<std::string, double> thresholds;  // by type name, 0..1
  std::vector<Example> examples;

  Tasks tasks() const { return {entities.has_value(), relations.has_value(), events.has_value()}; }
  // Declared entity types plus those named only as heads, tails or roles, in order of first mention.
  std::vector<EntityType> all_entity_types() const;
  const EntityType* entity(std::string_view name) const;
  const RelationType* relation(std::string_view name) const;
  const EventType* event(std::string_view name) const;
  bool allows_head(const RelationType& relation, std::string_view entity_type) const;
  bool allows_tail(const RelationType& relation, std::string_view entity_type) const;
  friend bool operator==(const Schema&, const Schema&) = default;
};

struct Example {
  struct Item { std::string type, mention; friend bool operator==(const Item&, const Item&) = default; };
  struct Pair { std::string type; std::size_t head, tail; friend bool operator==(const Pair&, const Pair&) = default; };  // indices into entities
  struct Argument { std::string role; std::size_t entity; friend bool operator==(const Argument&, const Argument&) = default; };
  struct Event { std::string type, trigger; std::vector<Argument> arguments; friend bool operator==(const Event&, const Event&) = default; };
  std::string text;
  std::vector<Item> entities;
  std::vector<Pair> relations;
  std::vector<Event> events;
  friend bool operator==(const Example&, const Example&) = default;
};

// Strict: unknown keys, duplicate names or roles, undeclared types (where `entities` is given) are a UsageError
// that names the JSON pointer.
Schema read_schema(std::string_view json);
std::string write_schema(const Schema& schema);
// The built-in schema of general use.
const Schema& default_schema();

}  // namespace reamo::ie
