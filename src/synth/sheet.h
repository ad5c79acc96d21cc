// Pictures of the world at a glance, to look at.
#pragma once

#include <string>
#include <vector>

#include "synth/scene.h"

namespace reamo::synth {

// Random scenes in rows, every object outlined and numbered; the legend says what each number is: "3.2 fox (twemoji)" is
// object 2 of scene 3.
struct Sheet {
  signal::Image image;
  std::vector<std::string> legend;
};
struct SheetOptions {
  std::vector<std::string> styles = {"noto"};
  int columns = 4, rows = 3;
  int width = 320, height = 240;  // of one picture
  bool outlines = true;
};
Sheet scene_sheet(const Atlas& atlas, const SheetOptions& options, std::uint64_t seed);
// Frames of a film side by side, evenly spread over its time.
signal::Image film_strip(const Film& film, const Atlas& atlas, int frames, int width, int height);
// All sprites of a style, in the order of the kinds, `columns` in a row.
signal::Image sprite_sheet(const Atlas& atlas, const std::string& style, int columns = 24);

}  // namespace reamo::synth
