#include "data/formats/segments.h"

#include "data/formats/gold.h"
#include "ie/error.h"

namespace reamo::data {
namespace {

using ie::JsonNode;

constexpr std::size_t kMaxPolygons = 10'000, kMaxCorners = 1'000'000;
constexpr int kMaxSide = 1 << 20;

}  // namespace

ie::Box read_coco_box(const JsonNode& node, int width, int height) {
  if (node.size() != 4) node.fail("must have four numbers: x, y, width, height");
  const auto at = [&](std::size_t i) { return node.at(i).number(); };
  return box_within(at(0), at(1), at(0) + at(2), at(1) + at(3), width, height);
}

Segmentation read_segmentation(const JsonNode& node) {
  Segmentation segmentation;
  if (node.is_object()) {
    const JsonNode size = node.at("size"), counts = node.at("counts");
    segmentation.height = static_cast<int>(size.at(std::size_t{0}).integer(1, kMaxSide));
    segmentation.width = static_cast<int>(size.at(std::size_t{1}).integer(1, kMaxSide));
    if (counts.is_string()) {
      segmentation.counts = counts.string();
    } else {
      counts.each([&](const JsonNode& run) {
        segmentation.runs.push_back(static_cast<std::uint32_t>(run.integer(0, 0xFFFFFFFF)));
      });
    }
  } else if (node.is_array()) {
    if (node.size() > kMaxPolygons) node.fail("has more than " + std::to_string(kMaxPolygons) + " polygons");
    node.each([&](const JsonNode& polygon) {
      if (polygon.size() < 6 || polygon.size() % 2 != 0)
        polygon.fail("a polygon needs three corners or more, two numbers each");
      if (polygon.size() > kMaxCorners)
        polygon.fail("has more than " + std::to_string(kMaxCorners) + " numbers");
      auto& corners = segmentation.polygons.emplace_back();
      polygon.each([&](const JsonNode& value) { corners.push_back(value.number(-kMaxSide, kMaxSide)); });
    });
  }
  return segmentation;
}

ie::Mask Segmentation::mask(int picture_height, int picture_width) const {
  if (polygons.empty()) {
    if (height != picture_height || width != picture_width) {
      throw Error("the mask is " + std::to_string(width) + " x " + std::to_string(height) + ", the picture " +
                  std::to_string(picture_width) + " x " + std::to_string(picture_height));
    }
    return runs.empty() ? ie::mask_from_string(counts, height, width)
                        : ie::mask_from_counts(runs, height, width);
  }
  ie::Mask mask = ie::mask_from_polygon(polygons.front(), picture_height, picture_width);
  for (std::size_t i = 1; i < polygons.size(); ++i)
    mask = ie::unite(mask, ie::mask_from_polygon(polygons[i], picture_height, picture_width));
  return mask;
}

}  // namespace reamo::data
