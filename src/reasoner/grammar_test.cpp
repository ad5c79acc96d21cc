#include "reasoner/grammar.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "reasoner/borders.h"

namespace reamo::reasoner {
namespace {

ie::Schema schema() {
  ie::Schema s;
  s.entities = std::vector<ie::EntityType>{{"person", ""}, {"organization", ""}, {"place, city", ""}};
  s.relations = std::vector<ie::RelationType>{{"works for", "", {"person"}, {"organization"}}, {"works", "", {}, {}}};
  s.events = std::vector<ie::EventType>{{"Attack", "", {{"attacker", {"person"}}, {"place", {"place, city"}}}}, {"Meet", "", {}}};
  return s;
}

GrammarOptions with_text(std::string text) {
  GrammarOptions options;
  options.sources = {std::move(text)};
  return options;
}

bool accepts(const Grammar& grammar, std::string_view text) {
  const auto state = grammar.next(grammar.start(), text);
  return state && grammar.complete(*state);
}
bool goes_on(const Grammar& grammar, std::string_view text) { return grammar.next(grammar.start(), text).has_value(); }

TEST(Grammar, TakesCanonicalAndSpacedResponses) {
  const Grammar grammar(schema(), with_text("Mary Chen, of Harbor Bank (Paris), bombed it."));
  EXPECT_TRUE(accepts(grammar, "<UIE></UIE>"));
  EXPECT_TRUE(accepts(grammar, "<UIE> (Mary Chen, person) (Harbor Bank, organization) (Mary Chen, works for, Harbor Bank) </UIE>"));
  EXPECT_TRUE(accepts(grammar, "<UIE> ( Mary Chen , person ) ( Harbor Bank , organization ) ( Mary Chen , works for , Harbor Bank )</UIE>"));
  EXPECT_TRUE(accepts(grammar, "<UIE> (Mary, person) (Type: Attack, Trigger: bombed, attacker: Mary) </UIE>"));
  EXPECT_TRUE(accepts(grammar, "<UIE> (Paris, place\\, city) </UIE>"));
  EXPECT_TRUE(accepts(grammar, "<UIE> (Harbor Bank \\(Paris\\), organization) </UIE>"));
  EXPECT_FALSE(accepts(grammar, "<UIE> (Mary Chen, person)"));
}

TEST(Grammar, RefusesWhatTheRequestDoesNotHold) {
  const Grammar grammar(schema(), with_text("Mary Chen, of Harbor Bank, bombed Paris."));
  EXPECT_FALSE(goes_on(grammar, "<UIE> (John"));                        // in no source
  EXPECT_FALSE(goes_on(grammar, "<UIE> (ary"));                         // inside a word
  EXPECT_FALSE(goes_on(grammar, "<UIE> (Mar,"));                        // ends inside a word
  EXPECT_FALSE(goes_on(grammar, "<UIE> (Mary, dog"));                   // no such type
  EXPECT_FALSE(goes_on(grammar, "<UIE> (Mary, works for"));             // Mary is no entity yet
  EXPECT_FALSE(goes_on(grammar, "<UIE> (Mary, person) (Mary, person"));  // said
  EXPECT_TRUE(goes_on(grammar, "<UIE> (Mary, person) (Mary, organization)"));
  EXPECT_FALSE(goes_on(grammar, "<UIE> (Mary, person) (Paris, place\\, city) (Mary, works for"));  // no organization
  EXPECT_FALSE(goes_on(grammar, "<UIE> (Mary, person) (Paris, place\\, city) (Paris, works for"));
  EXPECT_FALSE(goes_on(grammar, "<UIE> (Paris, place\\, city) (Type: Attack, Trigger: bombed, attacker"));
  EXPECT_FALSE(goes_on(grammar, "<UIE> (Paris, place\\, city) (Type: Meet, Trigger: bombed, "));  // Meet has no roles
  EXPECT_FALSE(goes_on(grammar, "<UIE> (Type: Meet, Trigger: bombed) (Type: Meet, Trigger: bombed)"));
  EXPECT_FALSE(goes_on(grammar, "<UIE></UIE><Module>"));                  // no media
  EXPECT_FALSE(goes_on(grammar, "<UIE>  ("));                             // two spaces
}

TEST(Grammar, TellsEntitiesOfOneMentionApart) {
  const Grammar grammar(schema(), with_text("Mary met Washington in Paris"));
  const std::string base = "<UIE> (Mary, person) (Washington, place\\, city) (Washington, organization) ";
  EXPECT_TRUE(accepts(grammar, base + "(Mary, works for, Washington) </UIE>"));
  EXPECT_TRUE(accepts(grammar, base + "(Mary, works for, Washington#3) </UIE>"));
  EXPECT_FALSE(goes_on(grammar, base + "(Mary, works for, Washington#2"));
  EXPECT_FALSE(goes_on(grammar, base + "(Mary, works for, Washington) (Mary, works for, W"));
}

TEST(Grammar, CallsGroundersOfTheMediaGiven) {
  GrammarOptions options = with_text("Mary Chen spoke");
  options.media = {{"image-0", MediumKind::kImage}, {"video-0/audio", MediumKind::kAudio}};
  options.free_mentions = true;
  const Grammar grammar(schema(), options);
  const std::string items = "<UIE> (Mary Chen, person) (red bus, organization) (Type: Meet, Trigger: spoke) </UIE>";
  EXPECT_TRUE(accepts(grammar, items));
  EXPECT_TRUE(accepts(grammar, items + "\n<Module>ImageSegmentation</Module> <Instruction>1: woman in the red coat</Instruction>"
                                       " <Instruction>2@image-0: red bus</Instruction>\n<Module>AudioSegmentation</Module> "
                                       "<Instruction>3: spoke</Instruction> <Instruction>1: Mary Chen</Instruction>"));
  EXPECT_FALSE(goes_on(grammar, items + "<Module>VideoTracking"));
  EXPECT_FALSE(goes_on(grammar, items + "<Module>ImageSegmentation</Module><Instruction>3"));  // an event
  EXPECT_FALSE(goes_on(grammar, items + "<Module>ImageSegmentation</Module><Instruction>1@video"));
  EXPECT_FALSE(accepts(grammar, items + "<Module>ImageSegmentation</Module>"));
  EXPECT_FALSE(goes_on(grammar, items + "<Module>ImageSegmentation</Module><Instruction>1: a</Instruction><Instruction>1:"));
}

TEST(Grammar, BordersFollowWordsAndSigns) {
  const Borders b = mention_borders("Al-Masri paid $5 (\xE2\x82\xAC" "4).");
  const std::string text = "Al-Masri paid $5 (\xE2\x82\xAC" "4).";
  EXPECT_TRUE(b.begin[0] && b.begin[3] && b.end[2] && b.end[8]);
  EXPECT_FALSE(b.begin[1] || b.end[1]);
  EXPECT_TRUE(b.begin[text.find('$')]);
  EXPECT_FALSE(b.end[text.find('$') + 1]);
  EXPECT_TRUE(b.end[text.find(" (")]);
}

// Bytes chosen at random never lead into a corner, and what comes out is a response that says no item twice.
TEST(Grammar, RandomWalksEndInValidResponses) {
  GrammarOptions options = with_text("Mary Chen, of \"Harbor Bank\" (Paris; founded 1999), bombed\nthe caf\xC3\xA9: \\o/ <b>.");
  options.media = {{"image-0", MediumKind::kImage}, {"audio-0", MediumKind::kAudio}};
  for (const bool free : {false, true}) {
    options.free_mentions = free;
    const Grammar grammar(schema(), options);
    for (unsigned seed = 0; seed < 60; ++seed) {
      std::mt19937 random(seed);
      Grammar::State state = grammar.start();
      std::string text;
      while (text.size() < 3000) {
        if (grammar.complete(state) && (random() % 3 == 0 || text.size() > 1500)) break;
        std::vector<std::pair<unsigned char, Grammar::State>> choices;
        for (int byte = 0; byte < 256; ++byte) {
          if (auto after = grammar.next(state, static_cast<unsigned char>(byte))) choices.emplace_back(byte, std::move(*after));
        }
        if (choices.empty() && grammar.complete(state)) break;
        ASSERT_FALSE(choices.empty()) << text;
        std::size_t pick = random() % choices.size();
        if (grammar.items(state) > 6 || text.size() > 800) {  // homewards
          for (std::size_t i = 0; i < choices.size(); ++i) {
            if (choices[i].first == '<' || choices[i].first == ')') pick = i;
          }
        }
        text += static_cast<char>(choices[pick].first);
        state = std::move(choices[pick].second);
      }
      if (!grammar.complete(state)) continue;
      const ie::MetaResponse response = ie::parse_strict(text);
      EXPECT_EQ(response.items.size(), grammar.items(state)) << text;
      for (std::size_t i = 0; i < response.items.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) EXPECT_FALSE(response.items[i] == response.items[j]) << text;
      }
      EXPECT_TRUE(accepts(grammar, ie::print(response))) << text << "\n" << ie::print(response);
    }
  }
}

}  // namespace
}  // namespace reamo::reasoner
