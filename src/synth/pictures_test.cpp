#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>
#include <thread>

#include "ie/error.h"
#include "store/tensor_file.h"
#include "synth/background.h"
#include "synth/compose.h"
#include "synth/describe.h"
#include "synth/draw.h"
#include "synth/sheet.h"
#include "synth/vision_samples.h"

namespace reamo::synth {
namespace {

// A disk or a box for every kind, in colours of its own: drawing needs no artwork.
signal::ImageRgba shape(int kind, int variant) {
  signal::ImageRgba sprite{40 + kind % 25, 64, {}};
  const Rgb color = to_rgb({(kind * 397 + variant * 61) % kHueTurn, 220, 200});
  for (int y = 0; y < sprite.height; ++y)
    for (int x = 0; x < sprite.width; ++x) {
      const double dx = (x + 0.5) / sprite.width * 2 - 1, dy = (y + 0.5) / sprite.height * 2 - 1;
      const bool inside = kind % 2 == 0 ? dx * dx + dy * dy < 1 : true;
      for (int c = 0; c < 3; ++c) sprite.rgba.push_back(color[std::size_t(c)]);
      sprite.rgba.push_back(inside ? 255 : 0);
    }
  return sprite;
}

const Atlas& shapes() {
  static const Atlas atlas = [] {
    Atlas all;
    for (int kind = 0; kind < int(kinds().size()); ++kind) {
      all.add(kind, "noto", shape(kind, 0));
      if (kind % 3 == 0) all.add(kind, "noto", shape(kind, 1));
    }
    return all;
  }();
  return atlas;
}

std::string fingerprint(const signal::Image& image) { return store::sha256(std::as_bytes(std::span(image.rgb.data(), image.rgb.size()))).substr(0, 16); }

SceneObject box_at(double x, double y, double size, const char* name = "car") {
  SceneObject object;
  object.kind = find_kind(name);
  object.style = "noto";
  object.x = x, object.y = y, object.size = size;
  return object;
}

TEST(Kinds, ThereAreManyAndNoWordMeansTwo) {
  EXPECT_GE(kinds().size(), 300u);
  std::set<std::string> words, types;
  std::size_t held_out = 0, test_words = 0, all_words = 0;
  for (const Kind& kind : kinds()) {
    types.insert(kind.entity_type);
    held_out += kind.held_out;
    EXPECT_FALSE(kind.code_points.empty()) << kind.name;
    EXPECT_FALSE(kind.descriptions.empty()) << kind.name;
    EXPECT_TRUE(words.insert(kind.name).second) << kind.name;
    for (const auto* list : {&kind.descriptions, &kind.test_descriptions})
      for (const std::string& word : *list) EXPECT_TRUE(words.insert(word).second) << word;
    test_words += kind.test_descriptions.size();
    all_words += kind.descriptions.size() + kind.test_descriptions.size();
  }
  EXPECT_GE(types.size(), 9u);
  EXPECT_LE(held_out, 10u);
  EXPECT_GE(test_words * 10, all_words);
  EXPECT_EQ(kinds()[std::size_t(find_kind("fox"))].name, "fox");
  EXPECT_EQ(find_kind("no such thing"), -1);
}

TEST(Kinds, PluralsAreThoseOfTheHeadNoun) {
  EXPECT_EQ(plural_of("fox"), "foxes");
  EXPECT_EQ(plural_of("man with beard"), "men with beard");
  EXPECT_EQ(plural_of("red-haired woman"), "red-haired women");
  EXPECT_EQ(plural_of("butterfly"), "butterflies");
  EXPECT_EQ(plural_of("monkey"), "monkeys");
  EXPECT_EQ(plural_of("slice of cake"), "slices of cake");
}

TEST(Atlas, IsReadAsItWasWritten) {
  const auto path = std::filesystem::temp_directory_path() / "reamo_atlas_test.safetensors";
  shapes().save(path);
  const Atlas read = Atlas::load(path);
  EXPECT_EQ(read.styles(), std::vector<std::string>{"noto"});
  for (int kind = 0; kind < int(kinds().size()); ++kind) {
    const auto &a = shapes().sprites(kind, "noto"), &b = read.sprites(kind, "noto");
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) ASSERT_EQ(a[i].rgba, b[i].rgba);
  }
  store::write_safetensors(path, {}, {{"kinds", "others"}});
  EXPECT_THROW(Atlas::load(path), Error);
  std::filesystem::remove(path);
  EXPECT_THROW(read.sprites(0, "crayon"), Error);
}

TEST(Draw, IsTheSameEveryTime) {
  std::set<std::string> different;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Random one(seed), two(seed);
    const Scene a = random_scene(shapes(), one, {"noto"}), b = random_scene(shapes(), two, {"noto"});
    const std::string print = fingerprint(draw_labels(a, shapes(), 96, 72).image);
    EXPECT_EQ(print, fingerprint(draw(b, shapes(), 96, 72).image));
    different.insert(print);
  }
  EXPECT_EQ(different.size(), 20u);
}

TEST(Draw, PixelsOfASeedAreFixed) {
  // Changes of these mean that worlds of old seeds look different: raise the world's version then.
  signal::Image image(64, 48);
  std::string all;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    paint_background(seed, image);
    all += fingerprint(image);
  }
  EXPECT_EQ(store::sha256(std::as_bytes(std::span(all.data(), all.size()))).substr(0, 16), "1df095a6d16a4995");
  Random random(7);
  EXPECT_EQ(fingerprint(draw_labels(random_scene(shapes(), random, {"noto"}), shapes(), 96, 72).image), "0869c15f5427b365");
}

TEST(Draw, MasksAndBackgroundShareOutThePicture) {
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    Random random(seed);
    const Scene scene = random_scene(shapes(), random, {"noto"});
    const LabelDrawing labels = draw_labels(scene, shapes(), 80, 60);
    const Drawing drawing = draw(scene, shapes(), 80, 60);
    ASSERT_EQ(drawing.objects.size(), scene.objects.size());
    std::vector<int> owners(80 * 60, 0);
    for (std::size_t i = 0; i < drawing.objects.size(); ++i) {
      const std::vector<std::uint8_t> mask = ie::decode(drawing.objects[i].mask);
      for (std::size_t k = 0; k < mask.size(); ++k) {
        owners[k] += mask[k];
        ASSERT_EQ(mask[k] != 0, labels.labels[k] == i + 1);
      }
    }
    EXPECT_LE(*std::max_element(owners.begin(), owners.end()), 1);
  }
}

TEST(Draw, MaskIsWhereThePictureChanges) {
  Scene scene;
  scene.background = 3;
  const signal::Image empty = draw_labels(scene, shapes(), 100, 80).image;
  scene.objects = {box_at(0.5, 0.5, 0.4)};
  scene.objects[0].rotation = 0.4;
  const LabelDrawing drawn = draw_labels(scene, shapes(), 100, 80);
  for (int y = 0; y < 80; ++y)
    for (int x = 0; x < 100; ++x) {
      const bool changed = !std::equal(empty.pixel(x, y), empty.pixel(x, y) + 3, drawn.image.pixel(x, y));
      if (drawn.labels[std::size_t(y) * 100 + x]) {
        EXPECT_TRUE(changed) << x << "," << y;
      }
    }
  const auto area = std::count(drawn.labels.begin(), drawn.labels.end(), 1);
  const signal::ImageRgba& sprite = shapes().sprites(scene.objects[0].kind, "noto")[0];
  const double expected = 32.0 * 32 * sprite.width / sprite.height * (scene.objects[0].kind % 2 ? 1.0 : 0.785);
  EXPECT_NEAR(double(area), expected, expected * 0.06);
}

TEST(Draw, VisibilityIsTheShareThatIsNotHidden) {
  Scene scene;
  scene.objects = {box_at(0.3, 0.5, 0.2), box_at(0.7, 0.5, 0.2), box_at(0.3, 0.5, 0.5)};
  const Drawing drawing = draw(scene, shapes(), 120, 90);
  EXPECT_EQ(drawing.objects[0].visibility, 0);
  EXPECT_TRUE(drawing.objects[0].mask.empty());
  EXPECT_EQ(drawing.objects[1].visibility, 1);
  EXPECT_EQ(drawing.objects[2].visibility, 1);
}

TEST(Draw, RefusesSizesThatAreNone) {
  EXPECT_THROW(draw({}, shapes(), 0, 10), Error);
  EXPECT_THROW(draw({}, shapes(), 10, 100000), Error);
}

TEST(Compose, ShowsAllThatIsAsked) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    Random random(seed);
    SceneRequest request;
    request.items = {{0, find_kind("fox")}, {1, find_kind("castle")}, {2, find_kind("doctor")}};
    request.distractors = 2;
    const Scene scene = compose_scene(request, shapes(), random);
    ASSERT_EQ(scene.objects.size(), 5u);
    std::set<int> things;
    for (const SceneObject& object : scene.objects) {
      things.insert(object.thing);
      if (object.thing < 0) {
        for (const auto& item : request.items) EXPECT_NE(item.kind, object.kind);
      }
    }
    EXPECT_EQ(things, (std::set<int>{-1, 0, 1, 2}));
    for (const double visibility : draw_labels(scene, shapes(), 160, 120).visibility) EXPECT_GT(visibility, 0.3) << seed;
  }
  Random random(1);
  SceneRequest unknown{{{0, 0}}, 0, {"crayon"}};
  EXPECT_THROW(compose_scene(unknown, shapes(), random), Error);
}

TEST(Describe, NoPhraseFitsTwoThings) {
  int several = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Random random(seed);
    const Scene scene = random_scene(shapes(), random, {"noto"});
    std::set<std::string> all;
    std::size_t count = 0;
    for (std::size_t i = 0; i < scene.objects.size(); ++i) {
      const std::vector<std::string> phrases = describe(scene, shapes(), i, Wording::kTest);
      count += phrases.size();
      all.insert(phrases.begin(), phrases.end());
      for (const std::string& miss : near_misses(scene, shapes(), i)) EXPECT_EQ(std::count(phrases.begin(), phrases.end(), miss), 0) << miss;
    }
    for (std::size_t i = 0; i < scene.objects.size(); ++i)
      for (const std::string& miss : near_misses(scene, shapes(), i)) EXPECT_FALSE(all.count(miss)) << miss;
    EXPECT_EQ(all.size(), count);
    for (const SetPhrase& set : describe_sets(scene)) {
      ++several;
      EXPECT_GT(set.objects.size(), 1u);
      EXPECT_FALSE(all.count(set.text)) << set.text;
    }
    EXPECT_FALSE(all.count(absent_phrase(scene, random)));
  }
  EXPECT_GT(several, 20);
}

TEST(Describe, TellsPlaceSizeAndColour) {
  Scene scene;
  scene.objects = {box_at(0.2, 0.6, 0.2), box_at(0.8, 0.6, 0.4)};
  EXPECT_THAT(describe(scene, shapes(), 0), testing::IsSupersetOf({"car on the left", "smaller car"}));
  EXPECT_THAT(describe(scene, shapes(), 1), testing::IsSupersetOf({"car on the right", "larger car"}));
  EXPECT_EQ(describe_sets(scene)[0].text, "cars");
  const std::string color = color_of(scene.objects[0], shapes());
  ASSERT_FALSE(color.empty());
  scene.objects[1].hue = 0.5;
  EXPECT_NE(color_of(scene.objects[1], shapes()), color);
  EXPECT_THAT(describe(scene, shapes(), 0), testing::Contains(color + " car"));
}

TEST(Describe, KeepsTestWordsOutOfTraining) {
  Scene scene;
  scene.objects = {box_at(0.5, 0.5, 0.4, "fox")};
  EXPECT_THAT(describe(scene, shapes(), 0), testing::Not(testing::Contains("vixen")));
  EXPECT_THAT(describe(scene, shapes(), 0, Wording::kTest), testing::Contains("vixen"));
}

FilmRequest film_request(const std::string& action) {
  FilmRequest request;
  request.action = action;
  request.actors = {{0, find_kind("doctor")}, {1, find_kind("guitar")}, {2, find_kind("pilot")}};
  request.bystanders = {{3, find_kind("castle")}};
  return request;
}

TEST(Film, EveryActionMovesItsActorsAndShowsThem) {
  for (const std::string& action : film_actions())
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
      Random random(seed);
      const Film film = compose_film(film_request(action), shapes(), random);
      EXPECT_GE(film.duration, 2);
      EXPECT_LE(film.duration, 6);
      std::set<int> things;
      for (const FilmObject& actor : film.actors) {
        things.insert(actor.object.thing);
        EXPECT_TRUE(std::is_sorted(actor.path.begin(), actor.path.end(), [](const auto& a, const auto& b) { return a.time < b.time; })) << action;
      }
      for (const SceneObject& object : film.stage.objects) things.insert(object.thing);
      for (int thing = 0; thing < 4; ++thing) EXPECT_TRUE(things.count(thing)) << action << " lacks " << thing;
      std::vector<double> most(film.actors.size(), 0);
      for (int i = 0; i < frame_count(film); ++i) {
        const Drawing frame = draw_frame(film, shapes(), i, 64, 48);
        ASSERT_EQ(frame.objects.size(), film.actors.size() + film.stage.objects.size());
        for (std::size_t k = 0; k < most.size(); ++k) {
          EXPECT_EQ(frame.objects[k].thing, film.actors[k].object.thing);
          most[k] = std::max(most[k], frame.objects[k].visibility);
        }
      }
      for (const double visibility : most) EXPECT_GT(visibility, 0.4) << action << " " << seed;
      double way = 0;  // the farthest that the first actor gets from where it began
      const auto& path = film.actors[0].path;
      for (const FilmObject::Key& key : path) way = std::max(way, std::abs(key.x - path[0].x) + std::abs(key.y - path[0].y));
      EXPECT_GT(way, 0.05) << action;
    }
}

TEST(Film, WhoHasLeftIsNotThere) {
  bool gone = false;
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    Random random(seed);
    const Film film = compose_film(film_request("leave"), shapes(), random);
    EXPECT_FALSE(draw_frame(film, shapes(), 0, 64, 48).objects[0].mask.empty());
    const DrawnObject last = draw_frame(film, shapes(), frame_count(film) - 1, 64, 48).objects[0];
    gone |= last.mask.empty() && last.visibility == 0;
  }
  EXPECT_TRUE(gone);
}

TEST(Film, ThePanMovesBackgroundAndThingsAlike) {
  Film film;
  film.stage.background = 5;
  film.stage.objects = {box_at(0.5, 0.5, 0.3)};
  film.pan_x = 0.25, film.duration = 2, film.frame_rate = 1;
  const ie::Box before = draw_frame(film, shapes(), 0, 80, 60).objects[0].mask.box(), after = draw_frame(film, shapes(), 1, 80, 60).objects[0].mask.box();
  EXPECT_EQ(before.x - 20, after.x);
  EXPECT_EQ(before.width, after.width);
}

TEST(Film, RefusesUnknownActionsAndTooFewActors) {
  Random random(1);
  FilmRequest request;
  request.action = "dance";
  EXPECT_THROW(compose_film(request, shapes(), random), Error);
  request.action = "give";
  request.actors = {{0, 1}};
  EXPECT_THROW(compose_film(request, shapes(), random), Error);
}

TEST(Sheet, ListsWhatItShows) {
  SheetOptions options;
  options.columns = 2, options.rows = 2, options.width = 64, options.height = 48;
  const Sheet sheet = scene_sheet(shapes(), options, 1);
  EXPECT_EQ(sheet.image.width, 128);
  EXPECT_EQ(sheet.image.height, 96);
  EXPECT_GE(sheet.legend.size(), 4u);
  EXPECT_EQ(sheet.legend[0].substr(0, 4), "1.1 ");
  EXPECT_EQ(sprite_sheet(shapes(), "noto", 10).width, 760);
  EXPECT_THROW(sprite_sheet(shapes(), "crayon"), Error);
}

TEST(VisionSamples, DependOnSeedAndIndexAlone) {
  VisionOptions options;
  options.width = 96, options.height = 64, options.sprite_augmentation = true;
  const DenseSample once = dense_sample(shapes(), options, 4, 9);
  std::vector<DenseSample> others(3);
  std::vector<std::thread> threads;
  for (DenseSample& other : others) threads.emplace_back([&] { other = dense_sample(shapes(), options, 4, 9); });
  for (std::thread& thread : threads) thread.join();
  for (const DenseSample& other : others) {
    EXPECT_EQ(once.image, other.image);
    EXPECT_EQ(once.kind_of_cell, other.kind_of_cell);
  }
  EXPECT_NE(once.image, dense_sample(shapes(), options, 4, 10).image);
  ASSERT_EQ(once.kind_of_cell.size(), 12u * 8);
  for (std::size_t i = 0; i < once.kind_of_cell.size(); ++i) {
    EXPECT_LE(once.kind_of_cell[i], kinds().size());
    if (once.kind_of_cell[i]) {
      EXPECT_GE(once.share_of_cell[i], 0.15f);
    }
  }
  EXPECT_GT(std::count_if(once.kind_of_cell.begin(), once.kind_of_cell.end(), [](int kind) { return kind != 0; }), 0);
  options.width = 97;
  EXPECT_THROW(dense_sample(shapes(), options, 4, 9), UsageError);
}

TEST(VisionSamples, PhrasesArePresentThenAbsent) {
  VisionOptions options;
  options.width = options.height = 96;
  for (std::uint64_t index = 0; index < 40; ++index) {
    const GroundSample sample = ground_sample(shapes(), options, 1, index);
    ASSERT_EQ(sample.phrases.size(), 6u);
    std::set<std::string> present;
    for (std::size_t i = 0; i < 6; ++i) {
      const GroundPhrase& phrase = sample.phrases[i];
      EXPECT_EQ(phrase.present, i < 3);
      ASSERT_EQ(phrase.mask.size(), 24u * 24);
      EXPECT_EQ(*std::max_element(phrase.mask.begin(), phrase.mask.end()) > 0, phrase.present) << phrase.text;
      if (i < 3) present.insert(phrase.text);
      else EXPECT_FALSE(present.count(phrase.text)) << phrase.text;
    }
  }
}

}  // namespace
}  // namespace reamo::synth
