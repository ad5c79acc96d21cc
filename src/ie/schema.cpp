#include "ie/schema.h"

#include <algorithm>
#include <set>

namespace reamo::ie {
namespace {

template <typename Type>
const Type* find_by_name(const std::optional<std::vector<Type>>& types, std::string_view name) {
  if (!types) return nullptr;
  const auto found = std::find_if(types->begin(), types->end(),
                                  [&](const Type& type) { return type.name == name; });
  return found == types->end() ? nullptr : &*found;
}

bool allows(const std::vector<std::string>& types, std::string_view type) {
  return types.empty() || std::find(types.begin(), types.end(), type) != types.end();
}

}  // namespace

std::vector<EntityType> Schema::all_entity_types() const {
  std::vector<EntityType> all = entities.value_or(std::vector<EntityType>{});
  std::set<std::string> known;
  for (const EntityType& type : all) known.insert(type.name);
  const auto add = [&](const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      if (known.insert(name).second) all.push_back({name, ""});
    }
  };
  for (const RelationType& relation : relations.value_or(std::vector<RelationType>{})) {
    add(relation.head);
    add(relation.tail);
  }
  for (const EventType& event : events.value_or(std::vector<EventType>{})) {
    for (const Role& role : event.roles) add(role.types);
  }
  return all;
}

const EntityType* Schema::entity(std::string_view name) const {
  return find_by_name(entities, name);
}
const RelationType* Schema::relation(std::string_view name) const {
  return find_by_name(relations, name);
}
const EventType* Schema::event(std::string_view name) const { return find_by_name(events, name); }

bool Schema::allows_head(const RelationType& relation, std::string_view entity_type) const {
  return allows(relation.head, entity_type);
}

bool Schema::allows_tail(const RelationType& relation, std::string_view entity_type) const {
  return allows(relation.tail, entity_type);
}

const Schema& default_schema() {
  static const Schema schema = [] {
    Schema s;
    s.entities = std::vector<EntityType>{
        {"person", "a human being, by name, role or description"},
        {"organization", "a company, agency, team, party or other group that acts as one"},
        {"location", "a country, city, region, address or natural place"},
        {"facility", "a building or other structure made by people"},
        {"product", "a thing made to be sold or used, by brand, model or title"},
        {"artwork", "a book, film, song, picture or other work"},
        {"vehicle", "what carries people or goods on land, water or in the air"},
        {"weapon", "what is made or used to hurt or destroy"},
        {"animal", "a living being that is not human"},
        {"food", "what is eaten or drunk"},
        {"object", "any other thing that can be seen or touched"},
        {"event name", "a festival, match, war, storm or other happening that has a name"},
        {"date", "a day, month, year, hour or span of time"},
        {"amount", "a sum of money, measure, share or number of things"},
    };
    s.relations = std::vector<RelationType>{
        {"works for", "is employed by or a member of the staff", {"person"}, {"organization"}},
        {"member of",
         "belongs to a group without being employed",
         {"person", "organization"},
         {"organization"}},
        {"leads", "is the head of", {"person"}, {"organization"}},
        {"founded", "set up", {"person", "organization"}, {"organization"}},
        {"born in", "came into the world at a place or time", {"person"}, {"location", "date"}},
        {"lives in", "has the home in", {"person"}, {"location"}},
        {"family of", "is a spouse, parent, child or other relative of", {"person"}, {"person"}},
        {"knows", "is a friend, colleague or acquaintance of", {"person"}, {"person"}},
        {"based in", "has the seat in", {"organization"}, {"location"}},
        {"part of",
         "is a piece, department or subsidiary of",
         {"organization", "location", "facility", "product", "object"},
         {"organization", "location", "facility", "product", "object", "vehicle"}},
        {"located in",
         "stands or lies in or at",
         {"person", "organization", "location", "facility", "vehicle", "animal", "object"},
         {"location", "facility"}},
        {"owns",
         "has as property",
         {"person", "organization"},
         {"organization", "facility", "product", "artwork", "vehicle", "weapon", "animal",
          "object"}},
        {"made by",
         "was produced or created by",
         {"product", "artwork", "vehicle", "weapon", "food", "object", "facility"},
         {"person", "organization"}},
        {"takes place in",
         "happens at a place or time",
         {"event name"},
         {"location", "facility", "date"}},
        {"takes part in",
         "is a participant of",
         {"person", "organization", "animal"},
         {"event name"}},
        {"costs",
         "has the price or size",
         {"product", "artwork", "vehicle", "food", "facility", "object"},
         {"amount"}},
    };
    const std::vector<std::string> agents{"person", "organization"};
    const std::vector<std::string> beings{"person", "animal"};
    const std::vector<std::string> places{"location", "facility"};
    const std::vector<std::string> things{"product", "artwork", "vehicle", "weapon",
                                          "animal",  "food",    "object"};
    const std::vector<std::string> targets{"person",  "organization", "location", "facility",
                                           "vehicle", "animal",       "object"};
    const Role place{"place", places}, time{"time", {"date"}};
    s.events = std::vector<EventType>{
        {"attack",
         "someone uses force against someone or something",
         {{"attacker", {"person", "organization", "animal"}},
          {"target", targets},
          {"instrument", {"weapon", "vehicle", "object"}},
          place,
          time}},
        {"injury", "someone is hurt", {{"victim", beings}, {"cause", {}}, place, time}},
        {"death", "someone dies", {{"victim", beings}, {"cause", {}}, place, time}},
        {"arrest",
         "someone is taken into custody",
         {{"agent", agents}, {"suspect", {"person"}}, place, time}},
        {"trial",
         "a court deals with someone",
         {{"defendant", agents}, {"court", {"organization"}}, place, time}},
        {"meeting", "people come together to talk", {{"participant", agents}, place, time}},
        {"statement",
         "someone says or publishes something",
         {{"speaker", agents}, {"addressee", agents}, place, time}},
        {"election",
         "someone is chosen by vote",
         {{"winner", agents}, {"voter", agents}, place, time}},
        {"protest",
         "people show in public what they are against",
         {{"protester", agents}, {"target", agents}, place, time}},
        {"movement",
         "someone or something goes from one place to another",
         {{"mover", {"person", "organization", "animal", "vehicle"}},
          {"origin", places},
          {"destination", places},
          {"vehicle", {"vehicle"}},
          time}},
        {"transport",
         "someone carries someone or something to a place",
         {{"carrier", {"person", "organization", "vehicle"}},
          {"cargo", {}},
          {"origin", places},
          {"destination", places},
          time}},
        {"transfer",
         "someone gives, sends or takes something",
         {{"giver", agents}, {"recipient", agents}, {"thing", {}}, place, time}},
        {"purchase",
         "someone buys something",
         {{"buyer", agents},
          {"seller", agents},
          {"thing",
           {"product", "artwork", "vehicle", "weapon", "animal", "food", "object", "facility",
            "organization"}},
          {"price", {"amount"}},
          time}},
        {"hiring",
         "someone begins to work for an organization",
         {{"person", {"person"}}, {"employer", agents}, time}},
        {"departure",
         "someone stops working for an organization",
         {{"person", {"person"}}, {"employer", agents}, time}},
        {"founding",
         "an organization begins to exist",
         {{"founder", agents}, {"organization", {"organization"}}, place, time}},
        {"release",
         "something new is published, opened or put on sale",
         {{"maker", agents}, {"thing", {}}, place, time}},
        {"competition",
         "people or teams play or race against each other",
         {{"participant", agents}, {"winner", agents}, {"occasion", {"event name"}}, place, time}},
        {"disaster",
         "nature or an accident causes harm",
         {{"affected", targets}, {"cause", {}}, place, time}},
        {"use",
         "someone does something with a thing",
         {{"agent", {"person", "organization", "animal"}}, {"thing", things}, place, time}},
    };
    return s;
  }();
  return schema;
}

}  // namespace reamo::ie
