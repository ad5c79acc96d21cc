#include "grounder/audio/speech_text.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "ie/error.h"

namespace reamo::grounder {
namespace {

TEST(SpeechText, SpellsAsTheListenerHears) {
  EXPECT_EQ(speech_text("Marie Curie won the Nobel Prize in 1903."), "marie curie won the nobel prize in nineteen oh three");
  EXPECT_EQ(speech_text("Crème brûlée & Straße"), "creme brulee and strasse");
  EXPECT_EQ(speech_text("It\u2019s Mary-Ann's 'thing'"), "it's mary ann's thing");
  EXPECT_EQ(speech_text("1,250 people, 12,000 pounds"), "one thousand two hundred fifty people twelve thousand pounds");
  EXPECT_EQ(speech_text("3.5% of $5 on the 21st in the 1990s"),
            "three point five percent of five dollars on the twenty first in the nineteen nineties");
  EXPECT_EQ(speech_text("2005 2010 1900 1100"), "two thousand five twenty ten nineteen hundred eleven hundred");
  EXPECT_EQ(speech_text("007 and 12:30"), "zero zero seven and twelve thirty");
  EXPECT_EQ(speech_text("Привет — !"), "");
}

TEST(SpeechText, YearsAreSaidInSeveralWays) {
  EXPECT_EQ(speech_text("1967", YearStyle::kCardinal), "one thousand nine hundred sixty seven");
  EXPECT_EQ(speech_text("1967", YearStyle::kHundreds), "nineteen hundred sixty seven");
  EXPECT_EQ(speech_text("2015", YearStyle::kHundreds), "two thousand fifteen");
  EXPECT_THROW(year_words("196", YearStyle::kPairs), Error);
}

TEST(SpeechText, WrittenWordsKeepTheirPlaces) {
  const auto words = spoken_words(" naïve — 20, ");
  ASSERT_EQ(words.size(), 3u);
  EXPECT_EQ(words[0].written, "naïve");
  EXPECT_EQ(words[0].start, 1u);
  EXPECT_EQ(words[0].end, 6u);
  EXPECT_TRUE(words[1].spoken.empty());
  EXPECT_EQ(words[2].written, "20,");
  EXPECT_EQ(words[2].spoken, std::vector<std::string>{"twenty"});
}

RC_GTEST_PROP(SpeechText, OnlySpellableCharactersComeOut, (const std::string& ascii)) {
  std::string text;
  for (const char c : ascii) text += char(0x20 + (static_cast<unsigned char>(c) % 0x5f));
  for (const SpokenWord& word : spoken_words(text)) {
    for (const std::string& spoken : word.spoken) {
      RC_ASSERT(!spoken.empty());
      for (const char c : spoken) RC_ASSERT((c >= 'a' && c <= 'z') || c == '\'');
    }
  }
}

}  // namespace
}  // namespace reamo::grounder
