#include "pipeline/assemble.h"

#include <gtest/gtest.h>

namespace reamo::pipeline {
namespace {

ie::Result empty_result(const std::string& text) {
  ie::Result result;
  result.document = "d";
  result.tasks = {true, true, true};
  result.schema.entities = {{"person", ""}, {"organization", ""}};
  result.schema.relations = {{"works for", "", {"person"}, {"organization"}}};
  result.schema.events = {{"Meet", "", {{"participant", {"person"}}}}};
  result.media = {{"text", ie::TextMedium{text.size()}}, {"image-0", ie::ImageMedium{4, 4}}};
  return result;
}

Window window(std::size_t start, const std::string& text, const std::string& response, std::vector<double> scores = {}) {
  Window window;
  window.start = start;
  window.text = text;
  window.response = ie::parse_strict(response);
  window.scores = std::move(scores);
  return window;
}

TEST(Assemble, GivesAMentionAllItsPlacesAndJoinsItems) {
  const std::string text = "Ann met Bo. Ann works for Acme.";
  ie::Result result = empty_result(text);
  assemble({window(0, text,
                   "<UIE> (Ann, person) (Bo, person) (Acme, organization) (Ann, works for, Acme) "
                   "(Type: Meet, Trigger: met, participant: Ann, participant: Bo) </UIE>",
                   {0.9, 0.8, 0.7, 0.6, 0.5})},
           result);
  ASSERT_EQ(result.entities.size(), 3u);
  ASSERT_EQ(result.entities[0].groundings.size(), 2u);
  EXPECT_EQ(std::get<ie::TextSpan>(result.entities[0].groundings[1].place), (ie::TextSpan{12, 15}));
  ASSERT_EQ(result.relations.size(), 1u);
  EXPECT_EQ(result.relations[0].head, "e1");
  EXPECT_EQ(result.relations[0].tail, "e3");
  ASSERT_EQ(result.events.size(), 1u);
  EXPECT_EQ(result.events[0].arguments.size(), 2u);
  EXPECT_EQ(result.events[0].score, 0.5);
}

TEST(Assemble, SharesOccurrencesBetweenItemsOfOneMention) {
  const std::string text = "John hired John.";
  ie::Result result = empty_result(text);
  assemble({window(0, text, "<UIE> (John, person) (John, organization) </UIE>")}, result);
  ASSERT_EQ(result.entities.size(), 2u);
  EXPECT_EQ(std::get<ie::TextSpan>(result.entities[0].groundings.at(0).place), (ie::TextSpan{0, 4}));
  EXPECT_EQ(std::get<ie::TextSpan>(result.entities[1].groundings.at(0).place), (ie::TextSpan{11, 15}));
}

TEST(Assemble, SaysOnceWhatOverlappingWindowsSayTwice) {
  // The second window starts at code point 8; "Bo" stands in both.
  ie::Result result = empty_result("Ann met Bo. Bo works for Acme.");
  assemble({window(0, "Ann met Bo.", "<UIE> (Ann, person) (Bo, person) </UIE>", {0.9, 0.4}),
            window(8, "Bo. Bo works for Acme.", "<UIE> (Bo, person) (Acme, organization) (Bo, works for, Acme) </UIE>", {0.8, 0.7, 0.6})},
           result);
  ASSERT_EQ(result.entities.size(), 3u);
  EXPECT_EQ(result.entities[1].mention, "Bo");
  EXPECT_EQ(result.entities[1].groundings.size(), 2u);
  EXPECT_EQ(result.entities[1].score, 0.8);
  ASSERT_EQ(result.relations.size(), 1u);
  EXPECT_EQ(result.relations[0].head, "e2");
}

TEST(Assemble, KeepsPlacesAndAbsenceOfItems) {
  ie::Result result = empty_result("Ann");
  Window one = window(0, "Ann", "<UIE> (Ann, person) </UIE>");
  one.located.items[0].absent = {"image-0"};
  assemble({one}, result);
  EXPECT_EQ(result.entities.at(0).absent, std::vector<std::string>{"image-0"});
}

TEST(Filter, DropsWeakItemsAndTasksButKeepsWhatIsUsed) {
  const std::string text = "Ann met Bo. Ann works for Acme.";
  ie::Result result = empty_result(text);
  assemble({window(0, text,
                   "<UIE> (Ann, person) (Bo, person) (Acme, organization) (Ann, works for, Acme) "
                   "(Type: Meet, Trigger: met, participant: Ann, participant: Bo) </UIE>",
                   {0.9, 0.2, 0.9, 0.9, 0.9})},
           result);
  ie::Result weak = result;
  filter(weak, {true, true, true}, 0.5);
  EXPECT_EQ(weak.entities.size(), 2u);
  EXPECT_EQ(weak.events.at(0).arguments.size(), 1u);
  ie::Result relations = result;
  filter(relations, {false, true, false}, std::nullopt);
  EXPECT_EQ(relations.entities.size(), 2u);
  EXPECT_TRUE(relations.events.empty());
  ie::Result strict = result;
  strict.schema.thresholds["works for"] = 0.95;
  filter(strict, {true, true, true}, 0.1);
  EXPECT_TRUE(strict.relations.empty());
}

}  // namespace
}  // namespace reamo::pipeline
