#include <gtest/gtest.h>

#include <map>
#include <set>

#include "ie/meta_response.h"
#include "synth/story.h"

namespace reamo::synth {
namespace {

// Plain boxes instead of artwork.
const Atlas& boxes() {
  static const Atlas atlas = [] {
    Atlas made;
    for (std::size_t kind = 0; kind < kinds().size(); ++kind) {
      signal::ImageRgba sprite;
      sprite.width = 40 + int(kind % 30);
      sprite.height = 60;
      sprite.rgba.assign(std::size_t(sprite.width) * 60 * 4, 255);
      for (std::size_t i = 0; i < sprite.rgba.size(); i += 4)
        for (std::size_t c = 0; c < 3; ++c) sprite.rgba[i + c] = std::uint8_t(kind * (37 + 27 * c));
      made.add(int(kind), "noto", sprite);
    }
    return made;
  }();
  return atlas;
}

// A third of a second a word.
Speech tick(const Utterance& utterance) {
  Speech speech;
  double at = 0.1;
  std::string word;
  for (char c : utterance.text + " ") {
    if (c != ' ') {
      word += c;
    } else if (!word.empty()) {
      speech.transcript.words.push_back({word, at, at + 0.3, 1});
      at += 0.3;
      word.clear();
    }
  }
  speech.transcript.text = utterance.text;
  speech.audio.samples.assign(std::size_t(16000 * (at + 0.2)), 0.f);
  return speech;
}

InstanceOptions options(Split split) {
  InstanceOptions o;
  o.seed = 4;
  o.split = split;
  return o;
}

TEST(Combinations, AreAllFifteen) {
  std::set<std::string> names;
  for (const Combination& combination : combinations()) names.insert(combination.name());
  EXPECT_EQ(names.size(), 15u);
  EXPECT_TRUE(names.count("text+image+audio+video"));
}

TEST(Instance, HasTheMediaOfItsCombinationAndGold) {
  std::map<std::string, int> items;
  for (std::uint64_t i = 0; i < 150; ++i) {
    Instance instance = make_instance(options(i % 2 ? Split::kTest : Split::kTrain), i, boxes());
    const Combination& c = instance.combination;
    EXPECT_EQ(c.name(), combinations()[i % 15].name());
    EXPECT_EQ(instance.text.has_value(), c.text);
    EXPECT_EQ(!instance.images.empty(), c.image);
    EXPECT_EQ(!instance.audios.empty(), c.audio);
    EXPECT_EQ(!instance.videos.empty(), c.video);
    EXPECT_EQ(instance.things.size(), instance.gold.entities.size());
    items[c.name()] += int(instance.gold.entities.size() + instance.gold.events.size());
    EXPECT_EQ(ie::parse_strict(ie::print(instance.response)), instance.response);
    ie::Joined joined = ie::join(instance.response, instance.schema);
    EXPECT_TRUE(joined.warnings.empty()) << ie::print(instance.response);
    EXPECT_EQ(joined.entities.size(), instance.gold.entities.size());
  }
  for (const Combination& c : combinations()) EXPECT_GT(items[c.name()], 10) << c.name();
}

TEST(Instance, IsTheSameEveryTime) {
  for (std::uint64_t i = 0; i < 15; ++i) {
    Instance a = make_instance(options(Split::kTrain), i, boxes()), b = make_instance(options(Split::kTrain), i, boxes());
    EXPECT_EQ(a.gold, b.gold);
    EXPECT_EQ(a.response, b.response);
    EXPECT_EQ(a.text, b.text);
    ASSERT_EQ(a.images.size(), b.images.size());
    for (std::size_t k = 0; k < a.images.size(); ++k) EXPECT_EQ(a.images[k].background, b.images[k].background);
  }
}

TEST(Instance, TrainingNeverShowsKindsKeptForTests) {
  for (std::uint64_t i = 0; i < 60; ++i) {
    Instance instance = make_instance(options(Split::kTrain), i, boxes());
    for (const Scene& scene : instance.images)
      for (const SceneObject& object : scene.objects) EXPECT_FALSE(kinds()[std::size_t(object.kind)].held_out);
    for (const Film& film : instance.videos)
      for (const FilmObject& actor : film.actors) EXPECT_FALSE(kinds()[std::size_t(actor.object.kind)].held_out);
  }
}

// What the rendered gold says of each medium: a place or a note of absence, and spoken mentions are the words said then.
TEST(Render, GivesEveryEntityItsPlaces) {
  RenderSize small{96, 72, 64, 48};
  for (std::uint64_t i = 0; i < 30; ++i) {
    Instance instance = make_instance(options(Split::kTrain), i, boxes());
    Rendered rendered = render(instance, boxes(), tick, small);
    const ie::Result& gold = rendered.gold;
    SCOPED_TRACE(instance.id + " " + instance.combination.name());
    EXPECT_EQ(ie::read_result(ie::write_result(gold)), gold);
    EXPECT_EQ(rendered.images.size(), instance.images.size());
    std::size_t groundings = 0;
    for (const ie::Entity& entity : gold.entities) {
      std::set<std::string> placed;
      for (const ie::Grounding& grounding : entity.groundings) placed.insert(grounding.medium);
      groundings += placed.size();
      for (const std::string& medium : entity.absent) EXPECT_FALSE(placed.count(medium)) << entity.mention;
      EXPECT_FALSE(placed.empty()) << entity.mention << " is nowhere";
      for (const ie::Grounding& grounding : entity.groundings)
        if (const ie::Region* region = std::get_if<ie::Region>(&grounding.place)) {
          EXPECT_EQ(region->mask.width, 96);
          EXPECT_EQ(region->box, region->mask.box());
        }
    }
    EXPECT_GE(groundings, gold.entities.size());
    for (const Instance::Spoken& spoken : instance.spoken) {
      const ie::Entity* entity = gold.entity(spoken.id);
      if (!entity) continue;
      const auto& words = rendered.audios[std::size_t(spoken.audio)].transcript.words;
      std::string said;
      for (std::size_t w = spoken.first_word; w <= spoken.last_word; ++w) said += (said.empty() ? "" : " ") + words[w].word;
      EXPECT_NE(heard_text(said).find(heard_text(entity->mention)), std::string::npos) << said << " / " << entity->mention;
    }
  }
}

}  // namespace
}  // namespace reamo::synth
