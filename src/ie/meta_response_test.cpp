#include "ie/meta_response.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "ie/error.h"
#include "ie/result.h"
#include "ie/unicode.h"

namespace reamo::ie {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr auto kImage = GrounderModule::kImageSegmentation;
constexpr auto kAudio = GrounderModule::kAudioSegmentation;
constexpr auto kVideo = GrounderModule::kVideoTracking;

Ref refer(const std::string& mention, std::optional<std::size_t> number = std::nullopt) {
  Ref made;
  made.mention = mention;
  made.number = number;
  return made;
}

RelationItem relation(const Ref& head, const std::string& type, const Ref& tail) {
  RelationItem made;
  made.head = head;
  made.type = type;
  made.tail = tail;
  return made;
}

MetaResponse example() {
  return {{EntityItem{"Mary Chen", "person"}, EntityItem{"Harbor Bank", "organization"},
           relation(refer("Mary Chen"), "works for", refer("Harbor Bank", 2)),
           EventItem{"Attack", "bombed", {{"attacker", {"Mary Chen", {}}}}}},
          {{kImage, {{1, {}, "woman in the red coat"}}},
           {kAudio, {{4, "audio-0", "bombed"}, {2, "video-0/audio", "bank"}}}}};
}

TEST(MetaPrint, IsCanonical) {
  EXPECT_EQ(
      print(example()),
      "<UIE> (Mary Chen, person) (Harbor Bank, organization) (Mary Chen, works for, Harbor Bank#2) "
      "(Type: Attack, Trigger: bombed, attacker: Mary Chen) </UIE>\n"
      "<Module>ImageSegmentation</Module> <Instruction>1: woman in the red coat</Instruction>\n"
      "<Module>AudioSegmentation</Module> <Instruction>4@audio-0: bombed</Instruction> "
      "<Instruction>2@video-0/audio: bank</Instruction>");
  EXPECT_EQ(print({}), "<UIE> </UIE>");
}

TEST(MetaPrint, SpacedPutsWordsApart) {
  const std::string text = print(example(), Spacing::kSpaced);
  EXPECT_THAT(text, HasSubstr("( Mary Chen , person ) ( Harbor Bank , organization ) ( Mary Chen , "
                              "works for , Harbor Bank #2 )"));
  EXPECT_THAT(text, HasSubstr("<Instruction> 1: woman in the red coat </Instruction>"));
  EXPECT_EQ(parse_strict(text), example());
}

TEST(MetaPrint, PublishedForm) {
  EXPECT_EQ(
      print_published(example()),
      "<UIE> (Mary Chen, person)(Harbor Bank, organization)(Mary Chen, works for, Harbor Bank)"
      "(Type: Attack, Trigger: bombed, attacker: Mary Chen) <Module>ImageSegmentation</Module> "
      "<Instruction>segmentation: woman in the red coat</Instruction> "
      "<Module>AudioSegmentation</Module> "
      "<Instruction>speech: bombed</Instruction> <Instruction>speech: bank</Instruction>");
}

TEST(MetaPrint, Escapes) {
  EXPECT_EQ(escape("a, (b): <c> #1 \\"), "a\\, \\(b\\)\\: \\<c\\> \\#1 \\\\");
  EXPECT_EQ(escape(" a\nb "), "\\ a\\nb\\ ");
  EXPECT_EQ(escape(" "), "\\ ");
  const MetaResponse odd{{EntityItem{" a,\n(b) ", "x#1"}}, {{kVideo, {{1, {}, "9:30 <b>"}}}}};
  EXPECT_EQ(parse_strict(print(odd)), odd);
}

TEST(MetaParse, WhiteSpaceIsFree) {
  EXPECT_EQ(
      parse_strict(
          " <UIE>( Mary Chen ,person)(\nHarbor Bank , organization)( Mary Chen, works for,Harbor "
          "Bank # 2 )"
          "(Type :Attack,Trigger : bombed,attacker :Mary Chen)</UIE> <Module> ImageSegmentation "
          "</Module>"
          "<Instruction> 1 : woman in the red coat </Instruction><Module>AudioSegmentation</Module>"
          "<Instruction>4 @ audio-0 :bombed</Instruction> <Instruction>2@video-0/audio: "
          "bank</Instruction> "),
      example());
}

TEST(MetaParse, StrictRefuses) {
  for (const std::string bad :
       {"",
        "<UIE>",
        "<UIE> (a, b)",
        "<UIE> (a, b </UIE>",
        "<UIE> (a) </UIE>",
        "<UIE> (a, b, c, d) </UIE>",
        "<UIE> (a, ) </UIE>",
        "<UIE> x </UIE>",
        "<UIE> (a, b) </UIE> x",
        "<UIE> (a#x, b, c) </UIE>",
        "<UIE> (a#0, b, c) </UIE>",
        "<UIE> (a#1, b) </UIE>",
        "<UIE> (Type: a) </UIE>",
        "<UIE> (Trigger: a, Type: b) </UIE>",
        "<UIE> (Type: a, Trigger: b, c) </UIE>",
        "<UIE> (Type: a, Trigger: b, c: d: e) </UIE>",
        "<UIE> (a\\x, b) </UIE>",
        "<UIE> (a(, b) </UIE>",
        "<UIE> (a<b, c) </UIE>",
        "<UIE> </UIE> <Module>Segmenter</Module>",
        "<UIE> </UIE> <Module>ImageSegmentation",
        "<UIE> </UIE> <Module>ImageSegmentation</Module> <Instruction>a</Instruction>",
        "<UIE> </UIE> <Module>ImageSegmentation</Module> <Instruction>0: a</Instruction>",
        "<UIE> </UIE> <Module>ImageSegmentation</Module> <Instruction>1@picture: a</Instruction>",
        "<UIE> </UIE> <Module>ImageSegmentation</Module> <Instruction>1: </Instruction>",
        "<UIE> </UIE> <Module>ImageSegmentation</Module> <Instruction>1: at 9:30</Instruction>",
        "<UIE> </UIE> <Module>ImageSegmentation</Module> <Instruction>1: a",
        "<UIE> (\xFF, b) </UIE>"}) {
    EXPECT_THROW(parse_strict(bad), Error) << bad;
  }
  try {
    parse_strict("<UIE> (a) </UIE>");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("byte 7"));
  }
}

rc::Gen<std::string> text_gen() {
  const auto piece = rc::gen::element<std::string>(
      "a", "Mary", " ", "\n", "\\", ",", "(", ")", ":", "<", ">", "#", "1", "\t", "n", "\xC3\xA9",
      "\xF0\x9F\xA6\x8A", "UIE", "</UIE>", "Type", "@");
  return rc::gen::map(rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(piece)),
                      [](const std::vector<std::string>& parts) {
                        std::string text;
                        for (const auto& part : parts) text += part;
                        return text;
                      });
}

rc::Gen<std::optional<std::size_t>> number_gen() {
  return rc::gen::map(rc::gen::inRange<std::size_t>(0, 20),
                      [](std::size_t n) { return n == 0 ? std::nullopt : std::optional(n); });
}

rc::Gen<Ref> ref_gen() {
  return rc::gen::map(rc::gen::pair(text_gen(), number_gen()), [](const auto& p) {
    return Ref{p.first, p.second};
  });
}

rc::Gen<Item> item_gen() {
  return rc::gen::oneOf(
      rc::gen::map(rc::gen::pair(text_gen(), text_gen()),
                   [](const auto& p) {
                     return Item(EntityItem{p.first, p.second});
                   }),
      rc::gen::map(rc::gen::tuple(ref_gen(), text_gen(), ref_gen()),
                   [](const auto& p) {
                     return Item(relation(std::get<0>(p), std::get<1>(p), std::get<2>(p)));
                   }),
      rc::gen::map(rc::gen::tuple(text_gen(), text_gen(),
                                  rc::gen::container<std::vector<std::pair<std::string, Ref>>>(
                                      rc::gen::pair(text_gen(), ref_gen()))),
                   [](const auto& p) {
                     return Item(EventItem{std::get<0>(p), std::get<1>(p), std::get<2>(p)});
                   }));
}

rc::Gen<Call> call_gen() {
  const auto medium = rc::gen::element<std::optional<std::string>>(std::nullopt, "image-0",
                                                                   "audio-12", "video-1/audio");
  const auto instruction = rc::gen::map(
      rc::gen::tuple(rc::gen::inRange<std::size_t>(1, 100), medium, text_gen()), [](const auto& p) {
        return Instruction{std::get<0>(p), std::get<1>(p), std::get<2>(p)};
      });
  return rc::gen::map(rc::gen::pair(rc::gen::element(kImage, kAudio, kVideo),
                                    rc::gen::container<std::vector<Instruction>>(instruction)),
                      [](const auto& p) {
                        return Call{p.first, p.second};
                      });
}

rc::Gen<MetaResponse> response_gen() {
  return rc::gen::map(rc::gen::pair(rc::gen::container<std::vector<Item>>(item_gen()),
                                    rc::gen::container<std::vector<Call>>(call_gen())),
                      [](const auto& p) {
                        return MetaResponse{p.first, p.second};
                      });
}

RC_GTEST_PROP(MetaProperty, ParseOfPrintIsIdentity, ()) {
  const MetaResponse response = *rc::gen::resize(8, response_gen());
  RC_ASSERT(parse_strict(print(response)) == response);
  RC_ASSERT(parse_strict(print(response, Spacing::kSpaced)) == response);
  const auto lenient = parse_lenient(print(response));
  RC_ASSERT(lenient.response == response);
  RC_ASSERT(lenient.skipped.empty());
}

RC_GTEST_PROP(MetaProperty, LenientReaderSurvivesAnything, ()) {
  const auto piece = rc::gen::element<std::string>(
      "<UIE>", "</UIE>", "<Module>", "</Module>", "<Instruction>", "</Instruction>", "(", ")", ",",
      ":", "#", "1", "a", " ", "\\", "<", ">", "</s>", "Image", "\xFF", "\xC3",
      "Type:", "Trigger:", "\"");
  std::string text;
  for (const auto& part : *rc::gen::container<std::vector<std::string>>(piece)) text += part;
  const auto lenient = parse_lenient(text);
  RC_ASSERT(parse_strict(print(lenient.response)) ==
            lenient.response);  // what it recovers is valid
  for (const auto& call : lenient.response.calls) {
    for (const auto& instruction : call.instructions) RC_ASSERT(instruction.number >= 1u);
  }
}

TEST(MetaLenient, FigureForm) {
  const auto read = parse_lenient(
      "<UIE> (keeper, person)(red bus, vehicle) <Module>Image Segmenter <Instruction>The woman on "
      "the left, The red bus</s>");
  EXPECT_EQ(read.response,
            (MetaResponse{{EntityItem{"keeper", "person"}, EntityItem{"red bus", "vehicle"}},
                          {{kImage, {{1, {}, "The woman on the left"}, {2, {}, "The red bus"}}}}}));
  EXPECT_THAT(read.skipped, IsEmpty());
}

TEST(MetaLenient, SuggestedExamples) {
  auto read = parse_lenient(
      "<UIE> (keeper, person)(red bus, vehicle) <Module>ImageSegmentation</Module> "
      "<Instruction>segmentation:\nkeeper"
      "</Instruction> <Instruction>segmentation: red bus</Instruction></s>");
  EXPECT_EQ(read.response,
            (MetaResponse{{EntityItem{"keeper", "person"}, EntityItem{"red bus", "vehicle"}},
                          {{kImage, {{1, {}, "keeper"}, {2, {}, "red bus"}}}}}));
  read = parse_lenient(
      "<UIE> (keeper, feeding, owl) <Module>ImageSegmentation</Module> <Instruction>segmentation: "
      "the keeper</Instruction></s>");
  EXPECT_EQ(read.response.items, (std::vector<Item>{relation(refer("keeper"), "feeding", refer("owl")),
                                                    EntityItem{"the keeper", "unknown"}}));
  EXPECT_EQ(read.response.calls, (std::vector<Call>{{kImage, {{2, {}, "the keeper"}}}}));
  read = parse_lenient(
      "<UIE> (throws, movement, child, agent) <Module>VideoTracking</Module> "
      "<Instruction>tracking: child</Instruction></s>");
  EXPECT_EQ(read.response.items[0],
            Item(EventItem{"movement", "throws", {{"agent", {"child", {}}}}}));
  read = parse_lenient(
      "<UIE> (reporter, person) <Module>AudioSegmentation</Module> <Instruction>speech: "
      "reporter</Instruction></s>");
  EXPECT_EQ(read.response,
            (MetaResponse{{EntityItem{"reporter", "person"}}, {{kAudio, {{1, {}, "reporter"}}}}}));
  read = parse_lenient("<UIE> none</s>");
  EXPECT_EQ(read.response, MetaResponse{});
  EXPECT_THAT(read.skipped, SizeIs(1));
}

TEST(MetaLenient, KeepsColonsAndCommas) {
  const auto read = parse_lenient(
      "UIE: (Bar (old), place) ( < UIE > < module >image segmentation</ Module><instruction>1: "
      "sign, open: 9:30</instruction>");
  ASSERT_THAT(read.response.items, SizeIs(1));
  EXPECT_EQ(read.response.items[0], Item(EntityItem{"Bar (old)", "place"}));
  EXPECT_EQ(read.response.calls, (std::vector<Call>{{kImage, {{1, {}, "sign, open: 9:30"}}}}));
}

TEST(MetaLenient, NumbersAndNames) {
  const auto read = parse_lenient(
      "(Room #5, facility) (\"Ann\", 'person') (Ann#2, in, Room #5) (event type: meet, trigger: "
      "met, who: Ann) (9:30, date)"
      "<Module>Audio</Module><Instruction>met</Instruction><Instruction>2@audio-1: "
      "Ann</Instruction>"
      "<Instruction>77: Ann</Instruction><Module>B</Module><Instruction>zebra</Instruction>");
  EXPECT_EQ(read.response.items,
            (std::vector<Item>{EntityItem{"Room #5", "facility"}, EntityItem{"Ann", "person"},
                               relation(refer("Ann", 2), "in", refer("Room #5")),
                               EventItem{"meet", "met", {{"who", {"Ann", {}}}}},
                               EntityItem{"9:30", "date"}}));
  EXPECT_EQ(read.response.calls,
            (std::vector<Call>{{kAudio, {{4, {}, "met"}, {2, "audio-1", "Ann"}, {2, {}, "Ann"}}}}));
  EXPECT_THAT(read.skipped, SizeIs(3));  // 77, the module B, its instruction
}

TEST(MetaLenient, SaysWhere) {
  const std::string text = "Sure! <UIE> (a, b) (c) </UIE>";
  const auto read = parse_lenient(text);
  EXPECT_EQ(read.response.items, (std::vector<Item>{EntityItem{"a", "b"}}));
  ASSERT_THAT(read.skipped, SizeIs(2));
  EXPECT_EQ(read.skipped[0].position, 0u);
  EXPECT_EQ(read.skipped[1].position, text.find("c)"));
}

TEST(MetaLenient, PublishedCasesGiveWhatTheyHold) {
  const auto path =
      std::filesystem::path(REAMO_SHARED_DIR) / "parity/llm/meta_response/strings.json";
  if (!std::filesystem::exists(path))
    GTEST_SKIP() << "the published texts are not beside the checkout";
  std::ifstream stream(path);
  const std::map<std::string, std::string> wanted{
      {"plain single call",
       "<UIE> (keeper, person) </UIE>\n<Module>ImageSegmentation</Module> <Instruction>1: "
       "keeper</Instruction>"},
      {"two instructions",
       "<UIE> (bus, vehicle) (woman, person) </UIE>\n<Module>ImageSegmentation</Module> "
       "<Instruction>1: red bus"
       "</Instruction> <Instruction>2: woman with boxes</Instruction>"},
      {"two modules",
       "<UIE> (dog, unknown) (storm, unknown) </UIE>\n<Module>ImageSegmentation</Module> "
       "<Instruction>1: dog</Instruction>\n"
       "<Module>AudioSegmentation</Module> <Instruction>2: storm</Instruction>"},
      {"colon inside the phrase",
       "<UIE> (sign that says open\\: 9\\:30, unknown) </UIE>\n<Module>ImageSegmentation</Module> "
       "<Instruction>1: "
       "sign that says open\\: 9\\:30</Instruction>"},
      {"missing close tag of module",
       "<UIE> (keeper, person) </UIE>\n<Module>ImageSegmentation</Module> <Instruction>1: "
       "keeper</Instruction>"},
      {"missing close tag of instruction",
       "<UIE> (keeper, person) </UIE>\n<Module>ImageSegmentation</Module> <Instruction>1: "
       "keeper</Instruction>"},
      {"module but no instruction", "<UIE> (keeper, person) </UIE>"},
      {"newline inside a tag",
       "<UIE> (the keeper, unknown) </UIE>\n<Module>ImageSegmentation</Module> <Instruction>1: the "
       "keeper</Instruction>"},
      {"less-than sign in the answer",
       "<UIE> (x \\< 3 and y \\> 2, value) </UIE>\n<Module>ImageSegmentation</Module> "
       "<Instruction>1: chart</Instruction>"},
      {"full-width colon",
       "<UIE> (keeper, unknown) </UIE>\n<Module>ImageSegmentation</Module> <Instruction>1: "
       "keeper</Instruction>"},
      {"empty string", "<UIE> </UIE>"}};
  std::size_t seen = 0;
  for (const auto& c : nlohmann::json::parse(stream)) {
    const auto read = parse_lenient(c.at("text").get<std::string>());
    EXPECT_NO_THROW(parse_strict(print(read.response))) << c.at("what");
    const auto expected = wanted.find(c.at("what").get<std::string>());
    if (expected == wanted.end()) continue;
    ++seen;
    EXPECT_EQ(print(read.response), expected->second) << c.at("what");
  }
  EXPECT_EQ(seen, wanted.size());
}

Schema world() {
  Schema schema;
  schema.entities = std::vector<EntityType>{{"person", ""}, {"place", ""}};
  schema.relations = std::vector<RelationType>{{"lives in", "", {"person"}, {"place"}}};
  schema.events =
      std::vector<EventType>{{"Attack", "", {{"attacker", {"person"}}, {"where", {"place"}}}}};
  return schema;
}

TEST(MetaJoin, PicksTheLastAllowedBefore) {
  const MetaResponse response{
      {EntityItem{"Paris", "person"}, EntityItem{"Paris", "place"}, EntityItem{"Paris", "person"},
       relation(refer("Paris"), "lives in", refer("paris")),
       relation(refer("Paris", 1), "knows", refer("Paris")), EntityItem{"Paris", "place"},
       EventItem{"Attack", "hit", {{"where", {"Paris", {}}}, {"attacker", {"Bob", {}}}}}},
      {}};
  const Joined joined = join(response, world());
  ASSERT_THAT(joined.entities, SizeIs(5));
  EXPECT_EQ(joined.relations[0].head, 2u);
  EXPECT_EQ(joined.relations[0].tail, 1u);  // found without case
  EXPECT_EQ(joined.relations[1].head, 0u);
  EXPECT_EQ(joined.relations[1].tail, 2u);  // unknown relation: the last before it
  EXPECT_EQ(joined.events[0].arguments[0].entity, 3u);
  EXPECT_EQ(joined.entities[joined.events[0].arguments[1].entity].type, "unknown");
  EXPECT_EQ(joined.entities[4].item, static_cast<std::size_t>(-1));
  ASSERT_THAT(joined.warnings, SizeIs(1));
  EXPECT_THAT(joined.warnings[0], HasSubstr("Bob"));
}

TEST(MetaJoin, WarnsOfWrongNumbers) {
  const MetaResponse response{
      {EntityItem{"Ann", "person"}, relation(refer("Ann", 2), "knows", refer("Ann", 9))},
      {{kImage, {{2, {}, "x"}, {5, {}, "y"}, {1, {}, "z"}}}}};
  const Joined joined = join(response, world());
  EXPECT_EQ(joined.relations[0].head, 0u);
  EXPECT_EQ(joined.relations[0].tail, 0u);
  EXPECT_THAT(joined.warnings, SizeIs(4));
}

Result gold() {
  Result result;
  result.document = "d";
  result.schema = world();
  result.media = {{"text", TextMedium{10}},
                  {"image-0", ImageMedium{4, 4}},
                  {"image-1", ImageMedium{4, 4}},
                  {"audio-0", AudioMedium{0, 1}}};
  result.entities = {{"a", "person", "Paris", {}, {}, {}},
                     {"b", "person", "Paris", {}, {}, {}},
                     {"c", "place", "Paris", {}, {}, {}}};
  result.relations = {{"r", "lives in", "a", "c", {}}, {"s", "lives in", "b", "c", {}}};
  result.events = {{"v", "Attack", {}, {"hit", {}}, {{"attacker", "b", {}}, {"where", "c", {}}}}};
  return result;
}

TEST(MetaFromResult, NumbersOnlyWhereNeeded) {
  const auto response =
      response_from_result(gold(), {{"v", {{"audio-0", "hit"}}},
                                    {"b", {{"image-1", "man"}, {"image-0", "boy"}}},
                                    {"a", {{"image-0", "x"}}}});
  EXPECT_EQ(print(response),
            "<UIE> (Paris, person) (Paris, person) (Paris, place) (Paris#1, lives in, Paris) "
            "(Paris, lives in, Paris) "
            "(Type: Attack, Trigger: hit, attacker: Paris, where: Paris) </UIE>\n"
            "<Module>ImageSegmentation</Module> <Instruction>1@image-0: x</Instruction> "
            "<Instruction>2@image-0: boy</Instruction> "
            "<Instruction>2@image-1: man</Instruction>\n<Module>AudioSegmentation</Module> "
            "<Instruction>6: hit</Instruction>");
  const Joined joined = join(response, world());
  EXPECT_EQ(joined.relations[0].head, 0u);
  EXPECT_EQ(joined.relations[1].head, 1u);
  EXPECT_EQ(joined.relations[0].tail, 2u);
  EXPECT_EQ(joined.events[0].arguments[0].entity, 1u);
  EXPECT_THAT(joined.warnings, IsEmpty());
}

TEST(MetaFromResult, RefusesWrongPhrases) {
  EXPECT_THROW(response_from_result(gold(), {{"z", {{"image-0", "x"}}}}), Error);
  EXPECT_THROW(response_from_result(gold(), {{"a", {{"image-7", "x"}}}}), Error);
  EXPECT_THROW(response_from_result(gold(), {{"a", {{"text", "x"}}}}), Error);
  EXPECT_THROW(response_from_result(gold(), {{"v", {{"image-0", "x"}}}}), Error);
}

// Refs with numbers added mean what they should, and no number is there without need.
RC_GTEST_PROP(MetaProperty, NumbersAreExactlyThoseNeeded, ()) {
  const auto name = rc::gen::element<std::string>("Paris", "paris", "Ann");
  const auto type = rc::gen::element<std::string>("person", "place");
  MetaResponse response;
  const auto count = *rc::gen::inRange<std::size_t>(1, 6);
  for (std::size_t i = 0; i < count; ++i) response.items.push_back(EntityItem{*name, *type});
  std::vector<std::size_t> targets;
  for (int i = 0; i < 3; ++i) {
    const auto head = *rc::gen::inRange<std::size_t>(0, count),
               tail = *rc::gen::inRange<std::size_t>(0, count);
    const auto mention = [&](std::size_t k) {
      return std::get<EntityItem>(response.items[k]).mention;
    };
    response.items.push_back(relation(refer(mention(head)), "lives in", refer(mention(tail))));
    targets.insert(targets.end(), {head, tail});
  }
  add_numbers(response, world(), targets);
  const Joined joined = join(response, world());
  for (std::size_t i = 0; i < 3; ++i) {
    RC_ASSERT(joined.relations[i].head == targets[2 * i]);
    RC_ASSERT(joined.relations[i].tail == targets[2 * i + 1]);
    auto bare = response;
    auto& relation = std::get<RelationItem>(bare.items[count + i]);
    if (relation.head.number) {
      relation.head.number.reset();
      RC_ASSERT(join(bare, world()).relations[i].head != targets[2 * i]);
    }
  }
}

}  // namespace
}  // namespace reamo::ie
