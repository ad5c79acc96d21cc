#include "ie/schema_json.h"

#include <algorithm>
#include <set>

namespace reamo::ie {
namespace {

constexpr std::size_t kMaxNameBytes = 1000;

std::string checked_name(const JsonNode& node, const std::string& name) {
  if (name.empty()) node.fail("a name must not be empty");
  if (name.size() > kMaxNameBytes) node.fail("a name is longer than the limit of 1000 bytes");
  return name;
}

std::vector<std::string> read_types(const JsonNode& node) {
  std::vector<std::string> types;
  node.each([&](const JsonNode& element) {
    std::string name = checked_name(element, element.string());
    if (std::find(types.begin(), types.end(), name) != types.end())
      element.fail("the type \"" + name + "\" is there twice");
    types.push_back(std::move(name));
  });
  return types;
}

std::string optional_description(const JsonNode& node) {
  return node.has("description") ? node.at("description").string() : std::string();
}

std::vector<EntityType> read_entities(const JsonNode& section) {
  std::vector<EntityType> types;
  section.each_member([&](const std::string& name, const JsonNode& node) {
    types.push_back({checked_name(node, name), node.string()});
  });
  return types;
}

std::vector<RelationType> read_relations(const JsonNode& section) {
  std::vector<RelationType> types;
  section.each_member([&](const std::string& name, const JsonNode& node) {
    node.keys({}, {"description", "head", "tail"});
    RelationType type{checked_name(node, name), optional_description(node), {}, {}};
    if (node.has("head")) type.head = read_types(node.at("head"));
    if (node.has("tail")) type.tail = read_types(node.at("tail"));
    types.push_back(std::move(type));
  });
  return types;
}

std::vector<EventType> read_events(const JsonNode& section) {
  std::vector<EventType> types;
  section.each_member([&](const std::string& name, const JsonNode& node) {
    node.keys({}, {"description", "roles"});
    EventType type{checked_name(node, name), optional_description(node), {}};
    if (node.has("roles")) {
      node.at("roles").each_member([&](const std::string& role, const JsonNode& role_types) {
        type.roles.push_back({checked_name(role_types, role), read_types(role_types)});
      });
    }
    types.push_back(std::move(type));
  });
  return types;
}

// Where entity types are declared, heads, tails and roles may name no others.
void check_declared(const JsonNode& node, const Schema& schema) {
  if (!schema.entities) return;
  const auto check = [&](const JsonNode& types) {
    types.each([&](const JsonNode& element) {
      const std::string name = element.string();
      if (!schema.entity(name))
        element.fail("the entity type \"" + name + "\" is not declared in \"entities\"");
    });
  };
  if (node.has("relations")) {
    node.at("relations").each_member([&](const std::string&, const JsonNode& relation) {
      for (const char* end : {"head", "tail"}) {
        if (relation.has(end)) check(relation.at(end));
      }
    });
  }
  if (node.has("events")) {
    node.at("events").each_member([&](const std::string&, const JsonNode& event) {
      if (!event.has("roles")) return;
      event.at("roles").each_member(
          [&](const std::string&, const JsonNode& types) { check(types); });
    });
  }
}

// Entity type names, declared or implied.
std::set<std::string> entity_names(const Schema& schema) {
  std::set<std::string> names;
  for (const EntityType& type : schema.all_entity_types()) names.insert(type.name);
  return names;
}

void read_thresholds(const JsonNode& section, Schema& schema) {
  const auto names = entity_names(schema);
  section.each_member([&](const std::string& name, const JsonNode& node) {
    if (!names.contains(name) && !schema.relation(name) && !schema.event(name)) {
      node.fail("no type of the schema has this name");
    }
    schema.thresholds[name] = node.number(0, 1);
  });
}

// An example has the form of a result; ids join its parts, and places and scores, which examples do
// not need, are skipped.
class ExampleReader {
 public:
  ExampleReader(const Schema& schema) : schema_(schema), entity_names_(entity_names(schema)) {}

  Example read(const JsonNode& node) {
    node.keys({"text"}, {"entities", "relations", "events"});
    Example example;
    ids_.clear();
    example.text = node.at("text").string();
    if (node.has("entities")) {
      node.at("entities").each([&](const JsonNode& item) {
        example.entities.push_back(read_entity(item));
      });
    }
    if (node.has("relations")) {
      node.at("relations").each([&](const JsonNode& item) {
        example.relations.push_back(read_relation(item));
      });
    }
    if (node.has("events")) {
      node.at("events").each(
          [&](const JsonNode& item) { example.events.push_back(read_event(item)); });
    }
    return example;
  }

 private:
  Example::Item read_entity(const JsonNode& item) {
    item.keys({"id", "type", "mention"}, {"score", "groundings", "absent"});
    const std::string id = item.at("id").non_empty_string();
    if (!ids_.emplace(id, ids_.size()).second)
      item.at("id").fail("the id \"" + id + "\" is there twice");
    const std::string type = item.at("type").string();
    if (!entity_names_.contains(type))
      item.at("type").fail("the entity type \"" + type + "\" is not in the schema");
    return {type, item.at("mention").non_empty_string()};
  }

  std::size_t entity_index(const JsonNode& node) const {
    const auto found = ids_.find(node.string());
    if (found == ids_.end()) node.fail("no entity of the example has this id");
    return found->second;
  }

  Example::Pair read_relation(const JsonNode& item) {
    item.keys({"type", "head", "tail"}, {"id", "score"});
    const std::string type = item.at("type").string();
    if (!schema_.relation(type))
      item.at("type").fail("the relation type \"" + type + "\" is not in the schema");
    return {type, entity_index(item.at("head")), entity_index(item.at("tail"))};
  }

  Example::Event read_event(const JsonNode& item) {
    item.keys({"type", "trigger", "arguments"}, {"id", "score"});
    const std::string type = item.at("type").string();
    const EventType* declared = schema_.event(type);
    if (!declared) item.at("type").fail("the event type \"" + type + "\" is not in the schema");
    const JsonNode trigger = item.at("trigger");
    trigger.keys({"mention"}, {"groundings"});
    Example::Event event{type, trigger.at("mention").non_empty_string(), {}};
    item.at("arguments").each([&](const JsonNode& argument) {
      argument.keys({"role", "entity"}, {"score"});
      const std::string role = argument.at("role").string();
      const auto is_role = [&](const Role& r) { return r.name == role; };
      if (std::none_of(declared->roles.begin(), declared->roles.end(), is_role)) {
        argument.at("role").fail("the event type \"" + type + "\" has no role \"" + role + "\"");
      }
      event.arguments.push_back({role, entity_index(argument.at("entity"))});
    });
    return event;
  }

  const Schema& schema_;
  std::set<std::string> entity_names_;
  std::map<std::string, std::size_t> ids_;
};

void write_types(JsonWriter& writer, const std::vector<std::string>& types) {
  writer.begin_array();
  for (const std::string& type : types) writer.string(type);
  writer.end_array();
}

void write_example(JsonWriter& writer, const Example& example) {
  const auto id = [](char kind, std::size_t index) { return kind + std::to_string(index + 1); };
  writer.begin_object().key("text").string(example.text);
  writer.key("entities").begin_array();
  for (std::size_t i = 0; i < example.entities.size(); ++i) {
    const auto& item = example.entities[i];
    writer.begin_object().key("id").string(id('e', i)).key("type").string(item.type);
    writer.key("mention").string(item.mention).end_object();
  }
  writer.end_array().key("relations").begin_array();
  for (std::size_t i = 0; i < example.relations.size(); ++i) {
    const auto& item = example.relations[i];
    writer.begin_object().key("id").string(id('r', i)).key("type").string(item.type);
    writer.key("head")
        .string(id('e', item.head))
        .key("tail")
        .string(id('e', item.tail))
        .end_object();
  }
  writer.end_array().key("events").begin_array();
  for (std::size_t i = 0; i < example.events.size(); ++i) {
    const auto& item = example.events[i];
    writer.begin_object().key("id").string(id('v', i)).key("type").string(item.type);
    writer.key("trigger").begin_object().key("mention").string(item.trigger).end_object();
    writer.key("arguments").begin_array();
    for (const auto& argument : item.arguments) {
      writer.begin_object()
          .key("role")
          .string(argument.role)
          .key("entity")
          .string(id('e', argument.entity))
          .end_object();
    }
    writer.end_array().end_object();
  }
  writer.end_array().end_object();
}

}  // namespace

Schema read_schema(const JsonNode& node, bool allow_nothing) {
  node.keys({}, {"entities", "relations", "events", "thresholds", "examples"});
  Schema schema;
  if (node.has("entities")) schema.entities = read_entities(node.at("entities"));
  if (node.has("relations")) schema.relations = read_relations(node.at("relations"));
  if (node.has("events")) schema.events = read_events(node.at("events"));
  if (!allow_nothing) {
    if (schema.tasks() == Tasks{})
      node.fail("has neither \"entities\" nor \"relations\" nor \"events\"");
    for (const char* section : {"entities", "relations", "events"}) {
      if (!node.has(section)) continue;
      bool any = false;
      node.at(section).each_member([&](const std::string&, const JsonNode&) { any = true; });
      if (!any) node.at(section).fail("declares no type; leave the section out to not ask for it");
    }
  }
  check_declared(node, schema);
  if (node.has("thresholds")) read_thresholds(node.at("thresholds"), schema);
  if (node.has("examples")) {
    ExampleReader reader(schema);
    node.at("examples").each([&](const JsonNode& example) {
      schema.examples.push_back(reader.read(example));
    });
  }
  return schema;
}

void write_schema(JsonWriter& writer, const Schema& schema) {
  writer.begin_object();
  if (schema.entities) {
    writer.key("entities").begin_object();
    for (const EntityType& type : *schema.entities) writer.key(type.name).string(type.description);
    writer.end_object();
  }
  if (schema.relations) {
    writer.key("relations").begin_object();
    for (const RelationType& type : *schema.relations) {
      writer.key(type.name).begin_object();
      if (!type.description.empty()) writer.key("description").string(type.description);
      if (!type.head.empty()) write_types(writer.key("head"), type.head);
      if (!type.tail.empty()) write_types(writer.key("tail"), type.tail);
      writer.end_object();
    }
    writer.end_object();
  }
  if (schema.events) {
    writer.key("events").begin_object();
    for (const EventType& type : *schema.events) {
      writer.key(type.name).begin_object();
      if (!type.description.empty()) writer.key("description").string(type.description);
      writer.key("roles").begin_object();
      for (const Role& role : type.roles) write_types(writer.key(role.name), role.types);
      writer.end_object().end_object();
    }
    writer.end_object();
  }
  if (!schema.thresholds.empty()) {
    writer.key("thresholds").begin_object();
    for (const auto& [name, value] : schema.thresholds) writer.key(name).number(value);
    writer.end_object();
  }
  if (!schema.examples.empty()) {
    writer.key("examples").begin_array();
    for (const Example& example : schema.examples) write_example(writer, example);
    writer.end_array();
  }
  writer.end_object();
}

Schema read_schema(std::string_view json) {
  const auto value = parse_json(json, "schema", JsonFault::kUsage);
  return read_schema(JsonNode(value, "schema", JsonFault::kUsage), false);
}

std::string write_schema(const Schema& schema) {
  JsonWriter writer;
  write_schema(writer, schema);
  return std::move(writer).text();
}

}  // namespace reamo::ie
