// How things stand in a picture: how large they are beside a person, where they may be, which colours they come in.
#pragma once

#include <string>

#include "synth/atlas.h"

namespace reamo::synth {

struct Proportion {
  double size = 1;      // the longer side of its sprite; a person's height is 1. Compressed: an ant is not a dot.
  bool flies = false;   // may be in the sky
  double recolor = 0;   // probability of another hue altogether
};
const Proportion& proportion_of(int kind);

}  // namespace reamo::synth
