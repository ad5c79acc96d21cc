// The words that the visual and the audio grounder share.
#pragma once

#include <string>
#include <vector>

#include "ie/mask.h"

namespace reamo::grounder {

// One object that a phrase or a drawing names, in the pixels of the picture as displayed.
struct Match {
  ie::Mask mask;     // never empty
  ie::Box box;       // of the mask
  double score = 0;  // calibrated probability that this object is what was asked for
  std::string label; // name of its class where the model has a class table, else empty
  std::vector<float> appearance;  // unit vector of how the model sees it, for identity; only where asked for
};

}  // namespace reamo::grounder
