// Documents, schemas and results as JSON: round trips, refusals, and agreement with the JSON
// Schemas.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <fstream>

#include "ie/document.h"
#include "ie/error.h"
#include "ie/json_schema_check.h"
#include "ie/result.h"
#include "ie/schema.h"

namespace reamo::ie {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::StartsWith;

JsonSchemaCheck published(const std::string& name) {
  std::ifstream stream(std::string(REAMO_SOURCE_DIR) + "/schemas/" + name + ".schema.json");
  return JsonSchemaCheck(json::parse(stream));
}

template <typename Fault = Error, typename Read>
std::string error_of(Read read) {
  try {
    read();
  } catch (const Fault& error) {
    return error.what();
  }
  return "no error";
}

// ---- documents
// ---------------------------------------------------------------------------------------------------

TEST(DocumentJson, ReadsAndWrites) {
  const Document d = read_document(
      R"({"id": "d1", "text": "a\u00e9\n", "images": ["a.jpg", "/x/b.jpg"], "videos": ["../c.mp4"]})",
      "/data/set");
  EXPECT_EQ(d.images[0], "/data/set/a.jpg");
  EXPECT_EQ(d.images[1], "/x/b.jpg");
  EXPECT_EQ(d.videos[0], "/data/c.mp4");
  const std::string text = write_document(d, "/data/set");
  EXPECT_EQ(text,
            "{\"id\": \"d1\", \"text\": \"a\xC3\xA9\\n\", \"images\": [\"a.jpg\", "
            "\"../../x/b.jpg\"], \"videos\": [\"../c.mp4\"]}");
  EXPECT_EQ(read_document(text, "/data/set"), d);
  EXPECT_EQ(published("document").fault(json::parse(text)), "");
}

TEST(DocumentJson, RefusesWithPointer) {
  const auto check = published("document");
  for (const auto& [text, where] : std::vector<std::pair<std::string, std::string>>{
           {"{}", "document: "},
           {R"({"images": []})", "document: "},
           {R"({"images": [1]})", "document /images/0: "},
           {R"({"text": 1})", "document /text: "},
           {R"({"text": "a", "picture": "b"})", "document /picture: "},
           {R"({"id": "", "text": "a"})", "document /id: "},
           {R"({"images": [""]})", "document /images/0: "},
           {"[]", "document: "}}) {
    EXPECT_THAT(error_of([&] { read_document(text, ""); }), StartsWith(where)) << text;
    EXPECT_NE(check.fault(json::parse(text)), "") << text;
  }
  EXPECT_THAT(error_of([] { read_document(R"({"text": "a", "text": "b"})", ""); }),
              HasSubstr("/text: this key is there twice"));
  EXPECT_THAT(error_of([] { read_document("{\"text\": \"a\"", ""); }), HasSubstr("byte"));
  EXPECT_THAT(error_of([] { read_document("{\"text\": \"\xFF\"}", ""); }), HasSubstr("byte"));
  EXPECT_THAT(error_of([] { read_document("{\"text\": 1e999}", ""); }), HasSubstr("out of range"));
  EXPECT_THAT(error_of([] { read_document("{\"images\": " + std::string(100000, '['), ""); }),
              HasSubstr("nested deeper"));
}

// ---- schemas
// -----------------------------------------------------------------------------------------------------

const std::string kSchema =
    R"({"entities": {"person": "a human being", "organization": ""}, )"
    R"("relations": {"works for": {"head": ["person"], "tail": ["organization"]}}, )"
    R"("events": {"Attack": {"description": "x", "roles": {"attacker": ["person"], "any": []}}}, "thresholds": {"person": 0.6}, )"
    R"("examples": [{"text": "A is at B", "entities": [{"id": "e1", "type": "person", "mention": "A"}, {"id": "e2", "type": "organization", "mention": "B"}], )"
    R"("relations": [{"id": "r1", "type": "works for", "head": "e1", "tail": "e2"}], )"
    R"("events": [{"id": "v1", "type": "Attack", "trigger": {"mention": "is"}, "arguments": [{"role": "attacker", "entity": "e1"}]}]}]})";

TEST(SchemaJson, ReadsAndWrites) {
  const Schema schema = read_schema(kSchema);
  EXPECT_EQ(schema.tasks(), (Tasks{true, true, true}));
  EXPECT_EQ(schema.entities->at(1).name, "organization");  // in the order given
  EXPECT_TRUE(schema.allows_head(*schema.relation("works for"), "person"));
  EXPECT_FALSE(schema.allows_head(*schema.relation("works for"), "organization"));
  EXPECT_EQ(schema.examples[0].relations[0].tail, 1u);
  EXPECT_EQ(write_schema(schema), kSchema);
  EXPECT_EQ(published("schema").fault(json::parse(kSchema)), "");
}

TEST(SchemaJson, MissingSectionImpliesTypes) {
  const Schema schema = read_schema(
      R"({"relations": {"a": {"head": ["x", "y"], "tail": ["x"]}}, "events": {"b": {"roles": {"r": ["z"]}}}})");
  EXPECT_EQ(schema.tasks(), (Tasks{false, true, true}));
  const auto all = schema.all_entity_types();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].name, "x");
  EXPECT_EQ(all[2].name, "z");
}

TEST(SchemaJson, RefusesWithPointer) {
  for (
      const auto& [text, where] : std::vector<std::pair<std::string, std::string>>{
          {"{}", "schema: "},
          {R"({"entities": {}})", "schema /entities: "},
          {R"({"entities": {"": "x"}})", "schema /entities/: "},
          {R"({"entities": {"a": 1}})", "schema /entities/a: "},
          {R"({"entity": {}})", "schema /entity: "},
          {R"({"entities": {"a": "", "a": ""}})", "schema /entities/a: "},
          {R"({"events": {"a/b": {"roles": {"r": [], "r": []}}}})",
           "schema /events/a~1b/roles/r: "},
          {R"({"entities": {"a": ""}, "relations": {"r": {"head": ["a", "b"]}}})",
           "schema /relations/r/head/1: "},
          {R"({"entities": {"a": ""}, "events": {"e": {"roles": {"r": ["b"]}}}})",
           "schema /events/e/roles/r/0: "},
          {R"({"relations": {"r": {"heads": []}}})", "schema /relations/r/heads: "},
          {R"({"relations": {"r": {"head": ["a", "a"]}}})", "schema /relations/r/head/1: "},
          {R"({"entities": {"a": ""}, "thresholds": {"a": 1.5}})", "schema /thresholds/a: "},
          {R"({"entities": {"a": ""}, "thresholds": {"b": 0.5}})", "schema /thresholds/b: "},
          {R"({"entities": {"a": ""}, "examples": [{"text": "x", "entities": [{"id": "e", "type": "b", "mention": "x"}]}]})",
           "schema /examples/0/entities/0/type: "}}) {
    EXPECT_THAT(error_of<UsageError>([&] { read_schema(text); }), StartsWith(where)) << text;
  }
}

TEST(SchemaJson, BuiltInSchemaIsValid) {
  const std::string text = write_schema(default_schema());
  EXPECT_EQ(read_schema(text), default_schema());
  EXPECT_EQ(published("schema").fault(json::parse(text)), "");
}

// ---- results
// -----------------------------------------------------------------------------------------------------

Result example() {
  Result r;
  r.document = "d\"1";
  r.model = {"mini", "00ff"};
  r.tasks = {true, true, true};
  r.schema = read_schema(kSchema);
  r.media = {{"text", TextMedium{20}},
             {"image-0", ImageMedium{3, 2}},
             {"audio-0", AudioMedium{0, 9.8}},
             {"video-0", VideoMedium{3, 2, {0, 0.04, 0.08}}},
             {"video-0/audio", AudioMedium{0, 1}}};
  const Mask mask = mask_from_counts(std::vector<std::uint32_t>{2, 2, 2}, 2, 3);
  r.entities = {
      {"e1",
       "person",
       "Mary Chen",
       0.93,
       {{"text", TextSpan{0, 9}, {}},
        {"image-0", Region{{1, 0, 1, 2}, mask}, 0.8},
        {"audio-0", Segment{1.2, 1.75}, 0.9},
        {"video-0", Tracklet{{0.04, {1, 0, 1, 2}, mask, false}, {0.08, {1, 0, 1, 2}, mask, true}},
         0.7}},
       {"video-0/audio"}},
      {"e2", "organization", "", {}, {}, {}}};
  r.relations = {{"r1", "works for", "e1", "e2", 0.7}};
  r.events = {{"v1",
               "Attack",
               0.8,
               {"bombed", {{"audio-0", Segment{2, 3}, {}}}},
               {{"attacker", "e1", 0.6}}}};
  r.transcripts = {{"audio-0", {"a b", {{"a", 0, 0.1, 1}, {"b", 0.2, 0.3, 0.5}}}}};
  r.meta_response = "<UIE> </UIE>";
  r.warnings = {{"code", "message", "where"}};
  r.timing = {{"media", 0.5}, {"encoder", 0.25}};
  return r;
}

TEST(ResultJson, WritesCanonically) {
  const std::string text = write_result(example());
  EXPECT_THAT(
      text,
      StartsWith(
          R"({"document": "d\"1", "model": {"name": "mini", "sha256": "00ff"}, "tasks": ["ner", "re", "ee"], "schema": {"entities")"));
  EXPECT_THAT(
      text,
      HasSubstr(
          R"("media": [{"name": "text", "characters": 20}, {"name": "image-0", "width": 3, "height": 2}, {"name": "audio-0", "start": 0, "end": 9.8})"));
  EXPECT_THAT(
      text,
      HasSubstr(
          R"("groundings": [{"medium": "text", "start": 0, "end": 9}, {"medium": "image-0", "box": [1, 0, 1, 2], "mask": {"size": [2, 3], "counts": "222"}, "score": 0.8})"));
  EXPECT_EQ(read_result(text), example());
  EXPECT_EQ(write_result(read_result(text)), text);
  EXPECT_EQ(published("result").fault(json::parse(text)), "");
  EXPECT_EQ(published("schema").fault(json::parse(text).at("schema")), "");
}

TEST(ResultJson, RoundsTimes) {
  Result r = example();
  std::get<Segment>(r.entities[0].groundings[2].place) = {1.2000004, 1.74996};
  const std::string text = write_result(r);
  EXPECT_THAT(text, HasSubstr(R"("start": 1.2, "end": 1.75,)"));
  EXPECT_EQ(write_result(read_result(text)), text);
}

TEST(ResultJson, EveryKeyIsNeededAndNoOtherAllowed) {
  const json whole = json::parse(write_result(example()));
  const std::set<std::string> optional{"score",    "absent", "transcripts", "meta_response",
                                       "warnings", "timing", "thresholds",  "examples"};
  const auto check = published("result");
  const json flat = whole.flatten();
  std::set<std::string> objects;
  for (const auto& [pointer, value] : flat.items()) {
    for (json::json_pointer p(pointer); !p.empty(); p.pop_back()) {
      if (whole.at(p).is_object()) objects.insert(p.to_string());
    }
  }
  objects.insert("");
  for (const std::string& object : objects) {
    if (object.starts_with("/schema") || object == "/transcripts" || object == "/timing") continue;
    const json::json_pointer p(object);
    json more = whole;
    more.at(p)["surplus"] = 1;
    EXPECT_THAT(error_of([&] { read_result(more.dump()); }), HasSubstr(object + "/surplus"))
        << object;
    EXPECT_NE(check.fault(more), "") << object;
    for (const auto& [key, value] : whole.at(p).items()) {
      json less = whole;
      less.at(p).erase(key);
      const std::string error = error_of([&] { read_result(less.dump()); });
      if (optional.contains(key)) {
        EXPECT_EQ(error, "no error") << object << " " << key;
        EXPECT_EQ(check.fault(less), "") << object << " " << key;
      } else {
        EXPECT_NE(error, "no error") << object << " " << key;
        EXPECT_NE(check.fault(less), "") << object << " " << key;
      }
    }
  }
}

TEST(ResultJson, RefusesWhatDoesNotHold) {
  const auto refused = [](const std::string& pointer, const json& value) {
    json j = json::parse(write_result(example()));
    j[json::json_pointer(pointer)] = value;
    return error_of([&] { read_result(j.dump()); });
  };
  for (const auto& [pointer, value] :
       std::vector<std::pair<std::string, json>>{{"/tasks/0", "nlp"},
                                                 {"/tasks/1", "ner"},
                                                 {"/media/0/name", "audio-0"},
                                                 {"/media/1/name", "picture-0"},
                                                 {"/media/1/name", "image-01"},
                                                 {"/media/3/frame_times/2", 0.01},
                                                 {"/entities/0/score", 1.5},
                                                 {"/entities/1/id", "e1"},
                                                 {"/entities/0/groundings/0/medium", "image-9"},
                                                 {"/entities/0/groundings/0/end", 21},
                                                 {"/entities/0/groundings/0/start", 10},
                                                 {"/entities/0/groundings/1/box/2", 3},
                                                 {"/entities/0/groundings/1/mask/counts", "22"},
                                                 {"/entities/0/groundings/1/mask/size/0", 3},
                                                 {"/entities/0/groundings/2/end", 1},
                                                 {"/entities/0/groundings/3/tracklet/0/time", 0.05},
                                                 {"/entities/0/groundings/3/tracklet/1/time", 0.04},
                                                 {"/entities/0/absent/0", "audio-0"},
                                                 {"/relations/0/head", "e9"},
                                                 {"/relations/0/tail", "v1"},
                                                 {"/events/0/arguments/0/entity", "r1"},
                                                 {"/events/0/id", "e1"},
                                                 {"/transcripts/audio-0/words/1/start", -1},
                                                 {"/transcripts/audio-9", json::object()},
                                                 {"/entities/0/mention", 5}}) {
    EXPECT_THAT(refused(pointer, value), StartsWith("result /")) << pointer << " " << value;
  }
  EXPECT_THAT(
      refused(
          "/events/0/trigger/groundings/0",
          json::parse(
              R"({"medium": "image-0", "box": [0,0,1,1], "mask": {"size": [2,3], "counts": "6"}})")),
      HasSubstr("/events/0/trigger/groundings/0/medium"));
}

TEST(ResultJson, NotAResult) {
  for (const std::string text :
       {"", "null", "[]", "{", "{}", "1", "\"a\"", "{\"document\": \"a\"}"}) {
    EXPECT_THROW(read_result(text), Error) << text;
  }
}

TEST(ResultJson, WillNotWriteWhatCannotBeRead) {
  Result r = example();
  r.entities[0].mention = "\xFF";
  EXPECT_THROW(write_result(r), Error);
  r = example();
  r.entities[0].score = 0.0 / 0.0;
  EXPECT_THROW(write_result(r), Error);
}

RC_GTEST_PROP(ResultProperty, ReadOfWriteIsIdentity, ()) {
  const auto text =
      rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
                       "a", "\"", "\\", "\n", "\t", std::string(1, '\0'), "\x1f", "\x7f",
                       "\xC3\xA9", "\xE2\x80\xA8", "/")),
                   [](const auto& parts) {
                     std::string s;
                     for (const auto& p : parts) s += p;
                     return s;
                   });
  const auto score = rc::gen::map(rc::gen::inRange(-1000, 1000000), [](int n) {
    return n < 0 ? std::nullopt : std::optional(n / 1e6);
  });
  Result r;
  r.document = *text;
  r.schema = read_schema(kSchema);
  r.media = {
      {"text", TextMedium{1000}}, {"audio-0", AudioMedium{-5, 5}}, {"image-0", ImageMedium{8, 8}}};
  const int count = *rc::gen::inRange(0, 5);
  for (int i = 0; i < count; ++i) {
    Entity e{"e" + std::to_string(i), "t" + *text, *text, *score, {}, {}};
    const auto start = *rc::gen::inRange<std::size_t>(0, 500);
    e.groundings.push_back(
        {"text", TextSpan{start, start + *rc::gen::inRange<std::size_t>(0, 500)}, *score});
    const int from = *rc::gen::inRange(-5000, 5000);
    e.groundings.push_back(
        {"audio-0", Segment{from / 1000.0, (from + *rc::gen::inRange(0, 5000)) / 1000.0}, *score});
    const Mask mask = encode(
        *rc::gen::container<std::vector<std::uint8_t>>(64, rc::gen::inRange<std::uint8_t>(0, 2)), 8,
        8);
    e.groundings.push_back({"image-0", Region{mask.box(), mask}, *score});
    r.entities.push_back(e);
    r.relations.push_back({"r" + std::to_string(i), "x", "e0", e.id, *score});
    r.events.push_back(
        {"v" + std::to_string(i), "y", *score, {*text, {}}, {{"role", e.id, *score}}});
  }
  const std::string written = write_result(r);
  RC_ASSERT(read_result(written) == r);
  RC_ASSERT(write_result(read_result(written)) == written);
  RC_ASSERT(written.find('\n') == std::string::npos);
}

}  // namespace
}  // namespace reamo::ie
