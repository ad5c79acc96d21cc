// What pictures and films of a story show: who stands where, and what can be read off it.
#pragma once

#include <string>
#include <vector>

#include "synth/gold.h"
#include "synth/scene.h"
#include "synth/story_cast.h"

namespace reamo::synth {

// How drawn members are found.
struct DrawingRules {
  std::vector<std::string> styles;   // kinds that all of these have
  bool may_reuse = true;             // members that another picture or film shows
  double named = 0;                  // share of drawn people who get a name (where something tells it)
};

struct Picture {
  Scene scene;
  Shown shown;
  bool as_planned = true;  // false: no room for the arrangement, and its places mean nothing
};
// A picture told by its arrangement. Relations and events that it shows are added to the story, by these rules:
//   left "next to" right: both on the ground, almost touching; everything else keeps a distance
//   "holding": the smaller thing in front of the holder's body; "riding": above the other, feet inside it;
//   "behind": partly hidden by the other
//   a vehicle with a rider: Transport; a person holding an instrument: Perform; two beings next to each other: Meet; the same with
//   a tool held by one: Attack; with another thing held by one: Give.
// Not arranged: things only, nothing can be read off their places.
Picture make_picture(Story& story, const std::string& medium, bool arranged, const DrawingRules& rules, const Atlas& atlas, Random& random);

struct MadeFilm {
  Film film;
  Shown shown;
};
// A film of one action, which is an event of the story.
MadeFilm make_film(Story& story, const std::string& medium, const DrawingRules& rules, const Atlas& atlas, Random& random);

}  // namespace reamo::synth
