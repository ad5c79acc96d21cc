// Drawing as films need it: with the camera moved.
#pragma once

#include "synth/scene.h"

namespace reamo::synth {

// As draw_labels, the camera moved to the right by `pan` of the picture's width; `with_image` false: labels only.
LabelDrawing draw_panned(const Scene& scene, const Atlas& atlas, int width, int height, double pan, bool with_image = true);
// Masks of the labels, one for each object of the scene.
Drawing with_masks(LabelDrawing drawn, const Scene& scene, int width, int height);

}  // namespace reamo::synth
