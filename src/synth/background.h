// What stands behind the things of a picture: ground and sky, streets, rooms, or only a texture.
#pragma once

#include <cstdint>

#include "signal/image.h"
#include "synth/color.h"

namespace reamo::synth {

// The place that a seed means.
enum class Place { kNature, kStreet, kRoom, kTexture };
struct Stage {
  Place place = Place::kNature;
  double horizon = 0.45;   // y where the ground ends, fraction of the height
  Rgb light{255, 255, 255};  // colour of the light on the things (255: unchanged)
};
Stage stage_of(std::uint64_t seed);

// Fills the picture; `offset`: pixels by which the camera has moved to the right.
void paint_background(std::uint64_t seed, signal::Image& image, int offset = 0);

}  // namespace reamo::synth
