// Phrases that say which things of a picture are meant, true of exactly those.
#pragma once

#include <string>
#include <vector>

#include "synth/scene.h"

namespace reamo::synth {

// Which words may be used: training leaves out the descriptions that are kept for tests; tests use both.
enum class Wording { kTraining, kTest };

// Phrases for one object of a picture that no other object of the scene answers to: name or description alone where its
// kind is there once ("fox", "red-furred wild animal"), else with what sets it apart ("fox on the left", "larger fox", "blue
// car"). The plainest come first; empty if nothing sets the object apart clearly.
std::vector<std::string> describe(const Scene& scene, const Atlas& atlas, std::size_t object,
                                  Wording wording = Wording::kTraining);

// A phrase for several objects, with their indices: "foxes", "animals".
struct SetPhrase {
  std::string text;
  std::vector<std::size_t> objects;
};
std::vector<SetPhrase> describe_sets(const Scene& scene);

// Phrases that no object of the scene answers to although it nearly does: a present kind in another colour ("green car"
// beside a blue one), another kind of the same group ("wolf" where there is a fox), a position nobody has.
std::vector<std::string> near_misses(const Scene& scene, const Atlas& atlas, std::size_t object);
// A kind that the scene does not show, by any of its words.
std::string absent_phrase(const Scene& scene, Random& random, Wording wording = Wording::kTraining);

// The colour by which people would call the object ("red", "blue", ..; of people the colour of their clothes); empty if it
// has no single clear one.
std::string color_of(const SceneObject& object, const Atlas& atlas);

}  // namespace reamo::synth
