// Putting things into a picture: shared by pictures and films.
#pragma once

#include "synth/background.h"
#include "synth/scene.h"

namespace reamo::synth {

// Pictures of stories are composed for this shape; drawn in another they still are what they are, only closer together.
constexpr double kAspect = 4.0 / 3;

// One of `styles` that the atlas has for all of `kinds`; if none has all, the one that has most. Error if none has any.
std::string choose_style(const Atlas& atlas, const std::vector<std::string>& styles, const std::vector<int>& kinds, Random& random);

// A background in which things of these kinds may stand: buildings and vehicles are seldom in rooms.
std::uint64_t choose_background(const std::vector<int>& kinds, Random& random);

// An object of the kind with its own look (variant, flip, colours), no place yet. The style falls back to any that has the kind.
SceneObject make_look(int kind, int thing, const std::string& style, const Atlas& atlas, Random& random);

// Width of the object as drawn, as a fraction of the width of a picture of that shape.
double width_of(const SceneObject& object, const Atlas& atlas, double aspect = kAspect);

// The size of an object of its kind whose feet are at `feet` (fraction of the height) on the ground of the stage; `scale` 1:
// a person in front is about 0.42 of the height.
double size_at(const SceneObject& object, const Atlas& atlas, const Stage& stage, double feet, double scale);

// Sets x, y, size, ground of an object that stands on the ground with its feet at (x, feet).
void stand(SceneObject& object, const Atlas& atlas, const Stage& stage, double x, double feet, double scale);

// Far to near.
void sort_by_depth(std::vector<SceneObject>& objects);

}  // namespace reamo::synth
