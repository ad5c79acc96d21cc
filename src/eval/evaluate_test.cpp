#include "eval/evaluate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "eval/baselines.h"
#include "eval/evaluate_files.h"
#include "eval/report.h"
#include "eval/test_results.h"
#include "ie/error.h"

namespace reamo::eval {
namespace {

using ::testing::HasSubstr;

TEST(Evaluate, PerfectAnswer) {
  const auto report = evaluate({gold()}, {gold()});
  const Group& g = report.all;
  EXPECT_EQ(g.instances, 1u);
  for (const F1Score* score : {&g.entity, &g.relation, &g.trigger, &g.argument, &g.joint}) {
    EXPECT_EQ(score->counts.f1(), 1.0);
    EXPECT_EQ(score->ci95, (Interval{1, 1}));
  }
  EXPECT_EQ(g.joint.counts.n_gold, 6u);  // three entities, a relation, two arguments
  EXPECT_EQ(g.mask.mean, 1.0);
  EXPECT_EQ(g.tracklet.mean, 1.0);
  EXPECT_EQ(g.segment.mean, 1.0);
  EXPECT_EQ(g.over_grounding.matched, 0.0);
  EXPECT_EQ(g.over_grounding.matched_of, 2u);
  EXPECT_EQ(g.miss_grounding.all, 0.0);
  EXPECT_EQ(g.miss_grounding.all_of, 3u);
  EXPECT_EQ(report.by_combination.at("text+image+audio+video").instances, 1u);
  EXPECT_EQ(report.by_task.size(), 3u);
}

TEST(Evaluate, NothingPredicted) {
  const auto report = evaluate({gold()}, {});
  EXPECT_EQ(report.missing.count, 1u);
  EXPECT_EQ(report.all.entity.counts, (Counts{0, 3, 0}));
  EXPECT_EQ(report.all.mask.mean, 0.0);
  EXPECT_EQ(report.all.over_grounding.matched, std::nullopt);
  EXPECT_EQ(report.all.over_grounding.all, 0.0);  // silence looks perfect over all keys
  EXPECT_EQ(report.all.miss_grounding.all, 1.0);
}

TEST(Evaluate, EachKindOfErrorCounts) {
  ie::Result p = gold();
  p.entities[0].groundings[1] = image(rectangle(0, 0, 4, 2));            // IoU 1/2
  p.entities[0].groundings[2] = audio(1.5, 2.5);                         // IoU 1/3
  std::get<ie::Tracklet>(p.entities[2].groundings[0].place).pop_back();  // J 3/4, volume IoU 1/2
  p.entities[1].groundings.push_back(image(rectangle(5, 5, 1, 1)));      // over
  p.entities[1].absent.clear();
  p.relations[0].type = "knows";
  p.events[0].arguments[1].role = "place";
  p.entities.push_back({"e4", "person", "Bob", {}, {text(30, 33)}, {}});
  const auto report = evaluate({gold()}, {p});
  const Group& g = report.all;
  EXPECT_EQ(g.entity.counts, (Counts{3, 3, 4}));
  EXPECT_EQ(g.relation.counts, (Counts{0, 1, 1}));
  EXPECT_EQ(g.trigger.counts, (Counts{1, 1, 1}));
  EXPECT_EQ(g.argument.counts, (Counts{1, 2, 2}));
  EXPECT_DOUBLE_EQ(*g.mask.mean, 0.5);
  EXPECT_DOUBLE_EQ(*g.segment.mean, 1.0 / 3);
  EXPECT_DOUBLE_EQ(*g.tracklet.mean, 0.75);
  EXPECT_DOUBLE_EQ(*g.over_grounding.matched, 0.5);
  EXPECT_DOUBLE_EQ(*g.miss_grounding.matched, 0.0);
  EXPECT_EQ(
      g.joint.counts,
      (Counts{2, 6,
              7}));  // e2 and e3 are right where they are; e1 is not, and so nothing that uses it
}

TEST(Evaluate, KeysAreSpansElseMentions) {
  ie::Result p = gold();
  p.entities[0].mention = "someone else";  // in the text the span decides
  p.entities[2].mention = " CAR ";         // elsewhere the words do, without case and space
  EXPECT_EQ(evaluate({gold()}, {p}).all.entity.counts.tp, 3u);
  p.entities[0].groundings[0] = text(0, 5);
  EXPECT_EQ(evaluate({gold()}, {p}).all.entity.counts.tp, 2u);
  p.entities[2].type = "unknown";
  const auto report = evaluate({gold()}, {p});
  EXPECT_EQ(report.all.entity.counts.tp, 1u);
  EXPECT_EQ(report.all.tracklet.mean, 0.0);
}

TEST(Evaluate, RepeatedSpansCountOnceRepeatedMentionsEach) {
  ie::Result p = gold();
  p.entities.push_back(p.entities[0]);
  p.entities.back().id = "e4";
  p.entities.push_back(p.entities[2]);
  p.entities.back().id = "e5";
  EXPECT_EQ(evaluate({gold()}, {p}).all.entity.counts, (Counts{3, 3, 4}));
}

TEST(Evaluate, TriggersInAudioOverlap) {
  ie::Result g = gold(), p = gold();
  g.events[0].trigger = {"hit", {audio(2, 3)}};
  p.events[0].trigger = {"other", {audio(2.2, 3)}};
  EXPECT_EQ(evaluate({g}, {p}).all.trigger.counts.tp, 1u);
  p.events[0].trigger = {"hit", {audio(2.6, 3.6)}};
  EXPECT_EQ(evaluate({g}, {p}).all.trigger.counts.tp, 0u);
  p.events[0].trigger = {"Hit", {}};
  EXPECT_EQ(evaluate({g}, {p}).all.trigger.counts.tp, 1u);
}

TEST(Evaluate, RelationsKeepTheirOrderAndTasksAreRespected) {
  ie::Result p = gold();
  std::swap(p.relations[0].head, p.relations[0].tail);
  EXPECT_EQ(evaluate({gold()}, {p}).all.relation.counts.tp, 0u);
  ie::Result g = gold();
  g.tasks = {false, true, false};
  const auto report = evaluate({g}, {gold()});
  EXPECT_EQ(report.all.entity.counts, Counts{});
  EXPECT_EQ(report.all.trigger.counts, Counts{});
  EXPECT_EQ(report.all.relation.counts.tp, 1u);
  EXPECT_EQ(report.by_task.count("ner"), 0u);
}

class EvaluateFiles : public ::testing::Test {
 protected:
  std::filesystem::path file(const std::string& name, const std::string& content) {
    const auto path = std::filesystem::path(::testing::TempDir()) / ("reamo_eval_" + name);
    std::ofstream(path) << content;
    return path;
  }
  static std::string line(const std::string& id) {
    ie::Result r = gold();
    r.document = id;
    return ie::write_result(r) + "\n";
  }
};

TEST_F(EvaluateFiles, AnyOrderMissingFailedAndSurplus) {
  const auto g = file("gold", line("a") + line("b") + "\n" + line("c") + line("d"));
  const auto p = file("pred", line("a") + line("x") + line("d") +
                                  "{\"document\": \"b\", \"line\": 2, \"error\": \"broken\"}\n");
  const auto report = evaluate_files(g, p);
  EXPECT_EQ(report.all.instances, 4u);
  EXPECT_EQ(report.missing.count, 2u);
  EXPECT_EQ(report.failed.count, 1u);
  EXPECT_EQ(report.surplus.count, 1u);
  EXPECT_DOUBLE_EQ(report.all.entity.counts.recall(), 0.5);
  const auto same = evaluate_files(g, g);
  EXPECT_EQ(same.all.entity.counts.f1(), 1.0);
  EXPECT_EQ(same.surplus.count, 0u);
}

TEST_F(EvaluateFiles, SaysWhatIsWrong) {
  const auto g = file("gold", line("a"));
  EXPECT_THROW(evaluate_files(g, "/does/not/exist"), Error);
  EXPECT_THROW(evaluate_files(file("twice", line("a") + line("a")), g), Error);
  EXPECT_THROW(evaluate_files(file("none", "\n"), g), Error);
  try {
    evaluate_files(g, file("broken", "\n{\"document\": 1}\n"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("line 2"));
  }
}

TEST(Evaluate, JsonAndTable) {
  ie::Result p = gold();
  p.entities.pop_back();
  p.events.clear();
  const auto report = evaluate({gold()}, {p});
  const auto json = nlohmann::json::parse(to_json({report, "gold", "pred"}));
  for (const auto& group : {json.at("all"), json.at("by_combination").at("text+image+audio+video"),
                            json.at("by_task").at("ner")}) {
    EXPECT_EQ(group.at("instances"), 1);
    for (const char* part : {"entity", "relation", "trigger", "argument"}) {
      for (const char* key : {"p", "r", "f1", "ci95"})
        EXPECT_TRUE(group.at(part).contains(key)) << part << key;
    }
    EXPECT_EQ(group.at("mask").at("iou"), 1.0);
    EXPECT_EQ(group.at("mask").at("ci95"), nlohmann::json::parse("[1, 1]"));
    EXPECT_EQ(group.at("tracklet").at("j"), 0.0);
    EXPECT_EQ(group.at("segment").at("iou"), 1.0);
    EXPECT_EQ(group.at("over_grounding").at("rate"), 0.0);
    EXPECT_EQ(group.at("miss_grounding").at("rate"), 0.0);
    EXPECT_TRUE(group.at("joint").contains("f1"));
  }
  EXPECT_TRUE(
      nlohmann::json::parse(to_json({evaluate({}, {}), "", ""})).at("all").at("mask").at("iou").is_null());
  EXPECT_THAT(to_text({report, "gold", "pred"}), HasSubstr("text+image+audio+video"));
}

TEST(Baselines, CapitalisedSpans) {
  EXPECT_EQ(capitalised_spans(
                "The man met Mary Chen, Bob and \xC3\x89mile O'Neil. Harbor Bank is here. Yes"),
            (std::vector<ie::TextSpan>{{12, 21}, {23, 26}, {31, 43}, {45, 56}}));
  EXPECT_TRUE(capitalised_spans("").empty());
}

TEST(Baselines, GuessEverywhere) {
  EXPECT_EQ(guessed_mask(4, 3, PlaceGuess::kWhole).area(), 12u);
  EXPECT_EQ(guessed_mask(8, 9, PlaceGuess::kCentre).box(), (ie::Box{2, 2, 5, 4}));
  EXPECT_EQ(guessed_mask(8, 9, PlaceGuess::kCentre).area(), 20u);
  ie::Result r = gold();
  for (auto& entity : r.entities)
    std::erase_if(entity.groundings, [](const ie::Grounding& g) { return g.medium != "text"; });
  add_guessed_places(r, PlaceGuess::kWhole);
  r.schema = ie::default_schema();
  EXPECT_EQ(ie::read_result(ie::write_result(r)), r);
  const auto report = evaluate({gold()}, {r});
  EXPECT_DOUBLE_EQ(*report.all.mask.mean, 0.16);
  EXPECT_DOUBLE_EQ(*report.all.over_grounding.matched, 1.0);
}

TEST(Baselines, MostFrequentTypeOfTheSchema) {
  TypeCounts counts;
  ie::Schema schema;
  EXPECT_EQ(counts.most_frequent(schema), std::nullopt);
  schema.entities = std::vector<ie::EntityType>{{"a", ""}, {"vehicle", ""}};
  EXPECT_EQ(counts.most_frequent(schema), "a");
  counts.add(gold());
  EXPECT_EQ(counts.most_frequent(schema), "vehicle");
}

}  // namespace
}  // namespace reamo::eval
