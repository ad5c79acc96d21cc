// A picture of pictures: what a written world looks like at a glance.
#pragma once

#include <vector>

#include "signal/image.h"
#include "synth/scene.h"

namespace reamo::data {

// The picture with its story's things tinted, each in another colour, at the given width.
signal::Image tinted(const synth::Drawing& drawing, int width);
// Pictures of one width in rows of `columns`, on white.
signal::Image contact_sheet(const std::vector<signal::Image>& pictures, int columns);

}  // namespace reamo::data
