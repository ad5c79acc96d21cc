// Drawing as films need it: with the camera moved.
#pragma once

#include "synth/scene.h"

namespace reamo::synth {

struct View {
  double pan = 0;                // the camera's way to the right, fractions of the picture's width
  std::uint64_t grain_seed = 0;  // of the noise, so that it differs from frame to frame
  bool with_image = true;        // false: labels and visibilities only
};
// As draw_labels, seen so.
LabelDrawing draw_view(const Scene& scene, const Atlas& atlas, int width, int height, const View& view);
// Masks of the labels, one for each object of the scene.
Drawing with_masks(LabelDrawing drawn, const Scene& scene, int width, int height);

}  // namespace reamo::synth
