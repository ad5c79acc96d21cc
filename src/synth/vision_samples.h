// Samples for training the visual models, drawn when they are asked for. A sample depends on the options, the seed and its
// index alone; the functions may be called from several threads at once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "signal/image.h"
#include "synth/atlas.h"
#include "synth/describe.h"

namespace reamo::synth {

struct VisionOptions {
  std::vector<std::string> styles = {"noto"};  // one for each picture; must be in the atlas
  int width = 128, height = 128;               // pixels, multiples of 8
  std::vector<int> kinds;                      // what may be shown; empty: all kinds that are not held out
  bool sprite_augmentation = false;            // stronger changes of colour, shade and outline, for carrying over to unseen artwork
  Wording wording = Wording::kTraining;
};

// A picture and the kind of each 8x8 cell.
struct DenseSample {
  signal::Image image;
  int grid_width = 0, grid_height = 0;     // width / 8, height / 8
  std::vector<std::uint16_t> kind_of_cell;  // row-major; 0 background, else 1 + kind of the object that covers most of the
                                            // cell, where objects cover at least 15 % of it
  std::vector<float> share_of_cell;         // share of the cell that this object covers; background: 1 - all objects' share
};
DenseSample dense_sample(const Atlas& atlas, const VisionOptions& options, std::uint64_t seed, std::uint64_t index);

// A picture and phrases: present ones with their masks, absent ones with empty masks.
struct GroundPhrase {
  std::string text;
  bool present = false;
  std::vector<std::uint8_t> mask;  // row-major [height / 4][width / 4]: 255 x share of the 4x4 pixels
};
struct GroundSample {
  signal::Image image;
  int mask_width = 0, mask_height = 0;
  std::vector<std::uint8_t> foreground;     // the union of all objects, as a phrase's mask
  std::vector<GroundPhrase> phrases;       // 3 present (things again in other words if the picture shows fewer), then 3 absent (70 % near misses)
  std::vector<std::uint16_t> kind_of_cell;  // as in DenseSample, for an auxiliary loss
};
GroundSample ground_sample(const Atlas& atlas, const VisionOptions& options, std::uint64_t seed, std::uint64_t index);

}  // namespace reamo::synth
