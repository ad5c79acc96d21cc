#include "data/formats/collect_schema.h"

namespace reamo::data {

void SchemaCollector::add(const ie::Result& result) {
  tasks_.ner |= result.tasks.ner;
  tasks_.re |= result.tasks.re;
  tasks_.ee |= result.tasks.ee;
  std::map<std::string_view, const std::string*> types;
  for (const ie::Entity& entity : result.entities) {
    entities_.insert(entity.type);
    types[entity.id] = &entity.type;
  }
  for (const ie::Relation& relation : result.relations) {
    Pair& pair = relations_[relation.type];
    pair.head.insert(*types.at(relation.head));
    pair.tail.insert(*types.at(relation.tail));
  }
  for (const ie::Event& event : result.events) {
    auto& roles = events_[event.type];
    for (const ie::Argument& argument : event.arguments)
      roles[argument.role].insert(*types.at(argument.entity));
  }
}

ie::Schema SchemaCollector::schema() const {
  ie::Schema schema;
  if (tasks_.ner) {
    schema.entities.emplace();
    for (const std::string& type : entities_) schema.entities->push_back({type, ""});
  }
  if (tasks_.re) {
    schema.relations.emplace();
    for (const auto& [type, pair] : relations_) {
      schema.relations->push_back(
          {type, "", {pair.head.begin(), pair.head.end()}, {pair.tail.begin(), pair.tail.end()}});
    }
  }
  if (tasks_.ee) {
    schema.events.emplace();
    for (const auto& [type, roles] : events_) {
      ie::EventType event{type, "", {}};
      for (const auto& [role, types] : roles) event.roles.push_back({role, {types.begin(), types.end()}});
      schema.events->push_back(std::move(event));
    }
  }
  return schema;
}

}  // namespace reamo::data
