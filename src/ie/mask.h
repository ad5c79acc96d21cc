// Binary masks as COCO run-length counts (parity/METRICS.md section 1): column by column, first run zeros.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reamo::ie {

// Larger masks are refused when read.
inline constexpr std::uint64_t kMaxMaskPixels = std::uint64_t{1} << 30;

struct Box {  // pixels, half-open, origin top left
  int x = 0, y = 0, width = 0, height = 0;
  friend bool operator==(const Box&, const Box&) = default;
};

// Canonical counts: no zero-length run after the first; they sum to height * width.
struct Mask {
  int height = 0, width = 0;
  std::vector<std::uint32_t> counts;

  bool empty() const;          // no pixel set
  std::uint64_t area() const;
  Box box() const;             // {0,0,0,0} of an empty mask
  friend bool operator==(const Mask&, const Mask&) = default;
};

// `pixels` is row-major [height][width]; non-zero is set.
Mask encode(std::span<const std::uint8_t> pixels, int height, int width);
// Row-major [height][width] of 0/1.
std::vector<std::uint8_t> decode(const Mask& mask);
// The compressed COCO string. from_string throws Error on a character outside 48..111, an unfinished number, a
// negative run, or counts that do not sum to height * width; non-canonical runs are made canonical.
std::string to_string(const Mask& mask);
Mask mask_from_string(std::string_view counts, int height, int width);
Mask mask_from_counts(std::span<const std::uint32_t> counts, int height, int width);
// COCO's polygon rasterisation (x0, y0, x1, y1, ...), pixels.
Mask mask_from_polygon(std::span<const double> polygon, int height, int width);

Mask unite(const Mask& a, const Mask& b);      // same size, else Error
Mask intersect(const Mask& a, const Mask& b);
std::uint64_t intersection_area(const Mask& a, const Mask& b);
std::uint64_t union_area(const Mask& a, const Mask& b);
// |a and b| / |a or b|; two empty masks: 1, one empty: 0 (the "absent rule").
double iou(const Mask& a, const Mask& b);
double box_iou(const Box& a, const Box& b);

}  // namespace reamo::ie
