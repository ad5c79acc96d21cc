// Separate objects in a map of logits.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace reamo::grounder {

struct CellGroup {
  std::vector<int> cells;   // row-major indices
  double evidence = 0;      // mean of the `top` largest values in the group and the cells around it
};
// Connected groups (four neighbours) of cells above `level`, largest evidence first. Groups under `min_share` of the
// largest group's size are left out.
std::vector<CellGroup> connected_groups(std::span<const float> values, int height, int width, float level,
                                        std::span<const float> evidence, int top, double min_share);

// For every cell the index of the nearest group (-1: none within `reach` cells), so that pixels on a border go with theirs.
std::vector<int> nearest_group(const std::vector<CellGroup>& groups, int height, int width, int reach);

}  // namespace reamo::grounder
