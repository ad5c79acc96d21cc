// Masks in the ways of COCO's JSON.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ie/json_reader.h"
#include "ie/mask.h"

namespace reamo::data {

// As the file has it, before the size of the picture is known.
struct Segmentation {
  std::vector<std::vector<double>> polygons;
  int height = 0, width = 0;  // of the runs, 0: there are none
  std::string counts;         // compressed
  std::vector<std::uint32_t> runs;

  bool empty() const { return polygons.empty() && height == 0; }
  // Throws Error when it is not of this size.
  ie::Mask mask(int height, int width) const;
};

// A list of polygons, {"size": [height, width], "counts": compressed string or list of runs}, or null.
Segmentation read_segmentation(const ie::JsonNode& node);

// [x, y, width, height], cut to the picture.
ie::Box read_coco_box(const ie::JsonNode& node, int width, int height);

}  // namespace reamo::data
