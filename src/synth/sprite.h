// Sprites on their way into a picture: coloured, shrunk, turned, laid over.
#pragma once

#include <cstdint>
#include <vector>

#include "signal/image.h"
#include "synth/color.h"
#include "synth/scene.h"

namespace reamo::synth {

// Changes the colours of a sprite in place, as the object says: hue, saturation, brightness, finish; then the light falls on it.
// `keep_skin`: hues of skin stay.
void color_sprite(signal::ImageRgba& sprite, const SceneObject& object, bool keep_skin, const Rgb& light);

// Alpha from which a pixel belongs to the thing, and its mask.
constexpr int kOpaque = 128;

// A sprite ready to be laid over a picture: premultiplied pixels of the part of the picture that it touches.
struct Layer {
  int x = 0, y = 0, width = 0, height = 0;  // within the picture
  std::vector<std::uint8_t> rgba;           // premultiplied
};
// The object drawn for a picture of width x height, `shift` pixels to the right.
Layer place_sprite(const signal::ImageRgba& sprite, const SceneObject& object, int width, int height, double shift = 0);

}  // namespace reamo::synth
