#include "synth/story.h"

#include <gtest/gtest.h>

#include <set>

#include "ie/align.h"
#include "ie/meta_response.h"
#include "synth/story_cast.h"
#include "synth/world_schema.h"

namespace reamo::synth {
namespace {

InstanceOptions options(Split split, double renamed = 0.5) {
  InstanceOptions o;
  o.seed = 11;
  o.split = split;
  o.renamed_schema = renamed;
  return o;
}

std::string cut(const std::string& text, const ie::TextSpan& span) {
  std::vector<std::size_t> offsets = ie::code_point_offsets(text);
  return text.substr(offsets[span.start], offsets[span.end] - offsets[span.start]);
}

void expect_spans_hold(const Instance& instance) {
  for (const ie::Entity& entity : instance.gold.entities)
    for (const ie::Grounding& grounding : entity.groundings) {
      ASSERT_EQ(grounding.medium, "text");
      EXPECT_EQ(cut(*instance.text, std::get<ie::TextSpan>(grounding.place)), entity.mention) << *instance.text;
    }
  for (const ie::Event& event : instance.gold.events)
    for (const ie::Grounding& grounding : event.trigger.groundings)
      EXPECT_EQ(cut(*instance.text, std::get<ie::TextSpan>(grounding.place)), event.trigger.mention) << *instance.text;
}

// The response, printed, parsed and joined, says what the gold says.
void expect_response_is_gold(const Instance& instance) {
  ie::MetaResponse read = ie::parse_strict(ie::print(instance.response));
  EXPECT_EQ(read, instance.response);
  ie::Joined joined = ie::join(read, instance.schema);
  const ie::Result& gold = instance.gold;
  EXPECT_TRUE(joined.warnings.empty()) << ie::print(instance.response);
  ASSERT_EQ(joined.entities.size(), gold.entities.size());
  std::map<std::string, std::size_t> number;
  for (std::size_t i = 0; i < gold.entities.size(); ++i) {
    number[gold.entities[i].id] = i;
    EXPECT_EQ(joined.entities[i].mention, gold.entities[i].mention);
    EXPECT_EQ(joined.entities[i].type, gold.entities[i].type);
  }
  ASSERT_EQ(joined.relations.size(), gold.relations.size());
  for (std::size_t i = 0; i < gold.relations.size(); ++i) {
    EXPECT_EQ(joined.relations[i].type, gold.relations[i].type);
    EXPECT_EQ(joined.relations[i].head, number[gold.relations[i].head]);
    EXPECT_EQ(joined.relations[i].tail, number[gold.relations[i].tail]);
  }
  ASSERT_EQ(joined.events.size(), gold.events.size());
  for (std::size_t i = 0; i < gold.events.size(); ++i) {
    EXPECT_EQ(joined.events[i].type, gold.events[i].type);
    EXPECT_EQ(joined.events[i].trigger, gold.events[i].trigger.mention);
    ASSERT_EQ(joined.events[i].arguments.size(), gold.events[i].arguments.size());
    for (std::size_t a = 0; a < gold.events[i].arguments.size(); ++a)
      EXPECT_EQ(joined.events[i].arguments[a].entity, number[gold.events[i].arguments[a].entity]);
  }
}

// Everything in the gold is asked for, with the right types at the right places.
void expect_schema_covers_gold(const Instance& instance) {
  const ie::Schema& schema = instance.schema;
  EXPECT_EQ(ie::read_schema(ie::write_schema(schema)), schema);
  std::set<std::string> types;
  for (const ie::EntityType& type : schema.all_entity_types()) types.insert(type.name);
  for (const ie::Entity& entity : instance.gold.entities) EXPECT_TRUE(types.count(entity.type)) << entity.type;
  for (const ie::Relation& relation : instance.gold.relations) {
    const ie::RelationType* type = schema.relation(relation.type);
    ASSERT_TRUE(type);
    EXPECT_TRUE(schema.allows_head(*type, instance.gold.entity(relation.head)->type));
    EXPECT_TRUE(schema.allows_tail(*type, instance.gold.entity(relation.tail)->type));
  }
  for (const ie::Event& event : instance.gold.events) {
    const ie::EventType* type = schema.event(event.type);
    ASSERT_TRUE(type);
    for (const ie::Argument& argument : event.arguments) {
      auto role = std::find_if(type->roles.begin(), type->roles.end(), [&](const ie::Role& r) { return r.name == argument.role; });
      ASSERT_NE(role, type->roles.end()) << argument.role;
      const std::string& entity = instance.gold.entity(argument.entity)->type;
      EXPECT_TRUE(role->types.empty() || std::count(role->types.begin(), role->types.end(), entity)) << entity;
    }
  }
}

TEST(WorldSchema, IsLargeAndValid) {
  const ie::Schema& schema = world_schema();
  EXPECT_GE(schema.entities->size(), 12u);
  EXPECT_GE(schema.relations->size(), 15u);
  EXPECT_GE(schema.events->size(), 12u);
  EXPECT_EQ(ie::read_schema(ie::write_schema(schema)), schema);
  for (const Kind& kind : kinds()) EXPECT_TRUE(schema.entity(kind.entity_type)) << kind.name << " is a " << kind.entity_type;
}

TEST(WorldSchema, EveryFilmActionTellsAnEventWithItsRoles) {
  for (const EventSpec& event : event_specs())
    for (const std::string& actor : event.actors) EXPECT_GE(find_role(event, actor), 0) << event.name << " " << actor;
}

TEST(Text, SpansResponseAndSchemaAgreeInBothSplits) {
  for (Split split : {Split::kTrain, Split::kTest})
    for (std::uint64_t i = 0; i < 400; ++i) {
      Instance instance = make_text_instance(options(split), i);
      SCOPED_TRACE(instance.id + ": " + *instance.text);
      expect_spans_hold(instance);
      expect_response_is_gold(instance);
      expect_schema_covers_gold(instance);
      EXPECT_EQ(ie::read_result(ie::write_result(instance.gold)), instance.gold);
      if (HasFatalFailure() || HasNonfatalFailure()) return;
    }
}

TEST(Text, SameSeedSameInstance) {
  for (std::uint64_t i : {0ull, 7ull, 123456789ull}) {
    Instance a = make_text_instance(options(Split::kTrain), i), b = make_text_instance(options(Split::kTrain), i);
    EXPECT_EQ(a.text, b.text);
    EXPECT_EQ(a.gold, b.gold);
    EXPECT_EQ(a.response, b.response);
  }
  EXPECT_NE(make_text_instance(options(Split::kTrain), 1).text, make_text_instance(options(Split::kTrain), 2).text);
  EXPECT_NE(make_text_instance(options(Split::kTrain), 1).text, make_text_instance(options(Split::kTest), 1).text);
}

// Under the world's own schema with all tasks, everything that exists occurs.
TEST(Text, EveryTypeAndRoleOccurs) {
  std::set<std::string> seen;
  std::size_t words = 0, count = 3000, empty = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    Instance instance = make_text_instance(options(Split::kTrain, 0), i);
    for (char c : *instance.text) words += c == ' ' || c == '\n';
    ++words;
    for (const ie::Entity& entity : instance.gold.entities) seen.insert(entity.type);
    for (const ie::Relation& relation : instance.gold.relations) seen.insert(relation.type);
    for (const ie::Event& event : instance.gold.events)
      for (const ie::Argument& argument : event.arguments) seen.insert(event.type + "/" + argument.role);
    empty += instance.gold.entities.empty() && instance.gold.events.empty();
  }
  for (const EntitySpec& spec : entity_specs()) EXPECT_TRUE(seen.count(spec.name)) << spec.name;
  for (const RelationSpec& spec : relation_specs()) EXPECT_TRUE(seen.count(spec.name)) << spec.name;
  for (const EventSpec& spec : event_specs())
    for (const RoleSpec& role : spec.roles) EXPECT_TRUE(seen.count(spec.name + "/" + role.name)) << spec.name << " " << role.name;
  EXPECT_GT(double(words) / double(count), 25);
  EXPECT_LT(double(words) / double(count), 60);
  EXPECT_LT(empty, count / 5);
  EXPECT_GT(empty, 0u);
}

// Family names, organisations and so on of one split never occur in the other.
TEST(Names, SplitsShareNoWord) {
  Random random(5);
  std::set<std::string> known;
  for (int i = 0; i < 3000; ++i) {
    PersonName name = person_name(random, Split::kTrain);
    known.insert(name.given);
    known.insert(name.family);
    known.insert(invented_word(random, Split::kTrain));
  }
  known.erase("");
  for (const std::string& word : known) EXPECT_EQ(names_split(word), Split::kTrain) << word;
  for (int i = 0; i < 3000; ++i) {
    PersonName name = person_name(random, Split::kTest);
    EXPECT_FALSE(known.count(name.given)) << name.given;
    EXPECT_FALSE(known.count(name.family)) << name.family;
    EXPECT_FALSE(known.count(invented_word(random, Split::kTest)));
  }
}

TEST(Transcript, WritesWhatAListenerWrites) {
  EXPECT_EQ(heard_text("\"José's dog, the Ji-woo!\" said Müller."), "jose's dog the ji woo said muller");
  Random random(3);
  EXPECT_EQ(noisy_transcript("A fox met Mary Chen.", random, 0), "a fox met mary chen");
  int changed = 0;
  for (int i = 0; i < 100; ++i) {
    std::string noisy = noisy_transcript("A fox met Mary Chen in the old harbor.", random, 0.08);
    changed += noisy != "a fox met mary chen in the old harbor";
    for (char c : noisy) EXPECT_TRUE((c >= 'a' && c <= 'z') || c == ' ' || c == '\'');
  }
  EXPECT_GT(changed, 60);
}

}  // namespace
}  // namespace reamo::synth
