#include "grounder/audio/locate.h"

#include <gtest/gtest.h>

namespace reamo::grounder {
namespace {

ie::Transcript said(const std::vector<std::string>& words) {
  ie::Transcript transcript;
  for (std::size_t i = 0; i < words.size(); ++i) {
    transcript.words.push_back({words[i], double(i), double(i) + 0.75, 0.8});
    transcript.text += (i ? " " : "") + words[i];
  }
  return transcript;
}

TEST(Locate, FindsEveryExactPlace) {
  const auto places = locate(said({"the", "bank", "of", "the", "bank"}), "bank");
  ASSERT_EQ(places.size(), 2u);
  EXPECT_EQ(places[0].segment, (ie::Segment{1, 1.75}));
  EXPECT_EQ(places[1].first_word, 4u);
  EXPECT_NEAR(places[0].score, 0.8, 1e-12);
}

TEST(Locate, FoldsCaseNumbersAndPunctuation) {
  const auto names = locate(said({"yesterday", "mary", "chen", "left"}), "Mary Chen,");
  ASSERT_EQ(names.size(), 1u);
  EXPECT_EQ(names[0].segment, (ie::Segment{1, 2.75}));
  EXPECT_EQ(locate(said({"in", "nineteen", "hundred", "sixty", "nine"}), "1969").size(), 1u);
  EXPECT_EQ(locate(said({"in", "1969."}), "nineteen sixty nine").size(), 1u);
}

TEST(Locate, TakesTheMostAlikeOfMisheardWords) {
  const auto places = locate(said({"roll", "ammundsen", "met", "role", "amanson"}), "Roald Amundsen");
  ASSERT_EQ(places.size(), 1u);
  EXPECT_EQ(places[0].first_word, 0u);
  EXPECT_EQ(places[0].last_word, 1u);
  EXPECT_LT(places[0].score, 0.8);
  // Split and joined words.
  EXPECT_EQ(locate(said({"in", "rotter", "dam"}), "Rotterdam").size(), 1u);
}

TEST(Locate, AbsentIsAnAnswer) {
  EXPECT_TRUE(locate(said({"the", "embassy", "was", "closed"}), "Harbor Bank").empty());
  EXPECT_TRUE(locate(said({}), "bank").empty());
  EXPECT_TRUE(locate(said({"bank"}), "").empty());
  EXPECT_TRUE(locate(said({"bank"}), "—").empty());
  EXPECT_TRUE(locate(said({"banc"}), "bank", {.threshold = 1}).empty());
}

}  // namespace
}  // namespace reamo::grounder
