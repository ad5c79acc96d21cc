#include "ie/mask.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "ie/error.h"

namespace reamo::ie {
namespace {

std::uint64_t pixel_count(int height, int width) {
  if (height < 0 || width < 0) throw Error("a mask has a negative size");
  const std::uint64_t pixels =
      static_cast<std::uint64_t>(height) * static_cast<std::uint64_t>(width);
  if (pixels > kMaxMaskPixels) {
    throw Error("a mask of " + std::to_string(height) + " x " + std::to_string(width) +
                " pixels is over the limit of " + std::to_string(kMaxMaskPixels) + " pixels");
  }
  return pixels;
}

// Appends `length` pixels of value `set`, joining runs of equal value; zero lengths vanish.
void append_run(std::vector<std::uint32_t>& counts, bool set, std::uint32_t length) {
  if (length == 0) return;
  if (counts.empty()) counts.push_back(0);
  const bool last_is_set = counts.size() % 2 == 0;
  if (last_is_set != set) counts.push_back(0);
  counts.back() += length;
}

// A mask of no pixels has the counts [0].
Mask finished(Mask mask) {
  if (mask.counts.empty()) mask.counts.push_back(0);
  return mask;
}

// Walks the runs of two masks of equal size together: f(length, in_a, in_b).
template <typename Visit>
void visit_pair(const Mask& a, const Mask& b, Visit visit) {
  if (a.height != b.height || a.width != b.width) {
    throw Error("masks of different sizes: " + std::to_string(a.height) + " x " +
                std::to_string(a.width) + " and " + std::to_string(b.height) + " x " +
                std::to_string(b.width) + " pixels");
  }
  std::size_t i = 0, j = 0;
  std::uint32_t left_a = a.counts.empty() ? 0 : a.counts[0];
  std::uint32_t left_b = b.counts.empty() ? 0 : b.counts[0];
  while (i < a.counts.size() && j < b.counts.size()) {
    const std::uint32_t length = std::min(left_a, left_b);
    visit(length, i % 2 == 1, j % 2 == 1);
    left_a -= length;
    left_b -= length;
    if (left_a == 0 && ++i < a.counts.size()) left_a = a.counts[i];
    if (left_b == 0 && ++j < b.counts.size()) left_b = b.counts[j];
  }
}

struct Overlap {
  std::uint64_t both = 0, any = 0;
};

Overlap overlap(const Mask& a, const Mask& b) {
  Overlap result;
  visit_pair(a, b, [&](std::uint32_t length, bool in_a, bool in_b) {
    if (in_a && in_b) result.both += length;
    if (in_a || in_b) result.any += length;
  });
  return result;
}

template <typename Combine>
Mask merge(const Mask& a, const Mask& b, Combine combine) {
  Mask result{a.height, a.width, {}};
  visit_pair(a, b, [&](std::uint32_t length, bool in_a, bool in_b) {
    append_run(result.counts, combine(in_a, in_b), length);
  });
  return finished(std::move(result));
}

struct Point {
  int x = 0, y = 0;
};

// A point per unit step along the longer axis of the edge, both ends included.
void trace_edge(Point from, Point to, std::vector<Point>& points) {
  const int dx = std::abs(to.x - from.x), dy = std::abs(to.y - from.y);
  const bool along_x = dx >= dy;
  const bool flip = along_x ? from.x > to.x : from.y > to.y;
  if (flip) std::swap(from, to);
  const int steps = along_x ? dx : dy;
  const double slope = steps == 0 ? 0.0
                       : along_x  ? static_cast<double>(to.y - from.y) / dx
                                  : static_cast<double>(to.x - from.x) / dy;
  for (int step = 0; step <= steps; ++step) {
    const int t = flip ? steps - step : step;
    if (along_x) {
      points.push_back({from.x + t, static_cast<int>(from.y + slope * t + 0.5)});
    } else {
      points.push_back({static_cast<int>(from.x + slope * t + 0.5), from.y + t});
    }
  }
}

}  // namespace

bool Mask::empty() const { return counts.size() < 2; }

std::uint64_t Mask::area() const {
  std::uint64_t sum = 0;
  for (std::size_t i = 1; i < counts.size(); i += 2) sum += counts[i];
  return sum;
}

Box Mask::box() const {
  if (empty()) return {};
  const std::uint64_t rows = static_cast<std::uint64_t>(height);
  std::uint64_t x_min = width, x_max = 0, y_min = height, y_max = 0, position = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (i % 2 == 1 && counts[i] > 0) {
      const std::uint64_t first = position, last = position + counts[i] - 1;
      x_min = std::min(x_min, first / rows);
      x_max = std::max(x_max, last / rows);
      if (first / rows == last / rows) {
        y_min = std::min(y_min, first % rows);
        y_max = std::max(y_max, last % rows);
      } else {
        y_min = 0;
        y_max = rows - 1;
      }
    }
    position += counts[i];
  }
  return {static_cast<int>(x_min), static_cast<int>(y_min), static_cast<int>(x_max - x_min + 1),
          static_cast<int>(y_max - y_min + 1)};
}

Mask encode(std::span<const std::uint8_t> pixels, int height, int width) {
  if (pixels.size() != pixel_count(height, width)) {
    throw Error("a mask of " + std::to_string(height) + " x " + std::to_string(width) +
                " pixels was given " + std::to_string(pixels.size()) + " values");
  }
  Mask mask{height, width, {}};
  for (int x = 0; x < width; ++x) {
    const std::uint8_t* pixel = pixels.data() + x;
    for (int y = 0; y < height;) {
      const bool set = *pixel != 0;
      std::uint32_t length = 0;
      for (; y < height && (*pixel != 0) == set; ++y, ++length) pixel += y + 1 < height ? width : 0;
      append_run(mask.counts, set, length);
    }
  }
  return finished(std::move(mask));
}

std::vector<std::uint8_t> decode(const Mask& mask) {
  std::vector<std::uint8_t> pixels(pixel_count(mask.height, mask.width), 0);
  const std::size_t rows = static_cast<std::size_t>(mask.height),
                    columns = static_cast<std::size_t>(mask.width);
  std::size_t position = 0;
  for (std::size_t i = 0; i < mask.counts.size(); ++i) {
    const std::size_t end = std::min(pixels.size(), position + mask.counts[i]);
    if (i % 2 == 1) {
      std::size_t x = position / rows, y = position % rows;
      for (std::size_t p = position; p < end; ++p) {
        pixels[y * columns + x] = 1;
        if (++y == rows) {
          y = 0;
          ++x;
        }
      }
    }
    position = end;
  }
  return pixels;
}

std::string to_string(const Mask& mask) {
  std::string text;
  for (std::size_t i = 0; i < mask.counts.size(); ++i) {
    std::int64_t value = mask.counts[i];
    if (i > 2) value -= mask.counts[i - 2];
    for (bool more = true; more;) {
      std::int64_t group = value & 31;
      value >>= 5;
      more = (group & 16) ? value != -1 : value != 0;
      if (more) group |= 32;
      text.push_back(static_cast<char>(48 + group));
    }
  }
  return text;
}

Mask mask_from_string(std::string_view text, int height, int width) {
  const std::uint64_t pixels = pixel_count(height, width);
  std::vector<std::uint32_t> counts;
  for (std::size_t i = 0; i < text.size();) {
    std::int64_t value = 0;
    int shift = 0;
    for (bool more = true; more; shift += 5) {
      if (i == text.size()) throw Error("mask counts end in the middle of a number");
      const int group = static_cast<unsigned char>(text[i]) - 48;
      if (group < 0 || group > 63) {
        throw Error("mask counts have a foreign character at byte " + std::to_string(i));
      }
      if (shift > 35)
        throw Error("mask counts have a number that is too long at byte " + std::to_string(i));
      value |= static_cast<std::int64_t>(group & 31) << shift;
      more = (group & 32) != 0;
      if (!more && (group & 16)) value |= -(std::int64_t{1} << (shift + 5));
      ++i;
    }
    if (counts.size() > 2) value += counts[counts.size() - 2];
    if (value < 0) throw Error("mask counts have a negative run before byte " + std::to_string(i));
    if (static_cast<std::uint64_t>(value) > pixels) {
      throw Error("mask counts have a run longer than the mask before byte " + std::to_string(i));
    }
    counts.push_back(static_cast<std::uint32_t>(value));
  }
  return mask_from_counts(counts, height, width);
}

Mask mask_from_counts(std::span<const std::uint32_t> counts, int height, int width) {
  const std::uint64_t pixels = pixel_count(height, width);
  std::uint64_t sum = 0;
  for (const std::uint32_t count : counts) sum += count;
  if (sum != pixels) {
    throw Error("mask counts sum to " + std::to_string(sum) + ", but " + std::to_string(height) +
                " x " + std::to_string(width) + " pixels are " + std::to_string(pixels));
  }
  Mask mask{height, width, {}};
  for (std::size_t i = 0; i < counts.size(); ++i) append_run(mask.counts, i % 2 == 1, counts[i]);
  return finished(std::move(mask));
}

Mask mask_from_polygon(std::span<const double> polygon, int height, int width) {
  constexpr double kScale = 5;
  constexpr double kMaxCoordinate = 1e6;
  constexpr std::size_t kMaxPoints = 50'000'000;
  const std::uint64_t pixels = pixel_count(height, width);
  if (polygon.size() % 2 != 0) throw Error("a polygon has an odd number of coordinates");
  for (const double value : polygon) {
    if (!std::isfinite(value) || std::abs(value) > kMaxCoordinate) {
      throw Error("a polygon has a coordinate that is not a number within +-1000000");
    }
  }
  if (polygon.empty() || pixels == 0) return {height, width, {static_cast<std::uint32_t>(pixels)}};

  std::vector<Point> corners;
  for (std::size_t i = 0; i < polygon.size(); i += 2) {
    corners.push_back({static_cast<int>(kScale * polygon[i] + 0.5),
                       static_cast<int>(kScale * polygon[i + 1] + 0.5)});
  }
  corners.push_back(corners.front());
  std::vector<Point> points;
  for (std::size_t i = 0; i + 1 < corners.size(); ++i) {
    trace_edge(corners[i], corners[i + 1], points);
    if (points.size() > kMaxPoints)
      throw Error("a polygon is longer than the limit of 10000000 pixels");
  }

  std::vector<std::uint32_t> borders;
  for (std::size_t i = 1; i < points.size(); ++i) {
    const Point now = points[i], before = points[i - 1];
    if (now.x == before.x) continue;
    const double column = ((now.x < before.x ? now.x : now.x - 1) + 0.5) / kScale - 0.5;
    if (std::floor(column) != column || column < 0 || column > width - 1) continue;
    const double row = std::clamp((std::min(now.y, before.y) + 0.5) / kScale - 0.5, 0.0,
                                  static_cast<double>(height));
    borders.push_back(static_cast<std::uint32_t>(column) * static_cast<std::uint32_t>(height) +
                      static_cast<std::uint32_t>(std::ceil(row)));
  }
  borders.push_back(static_cast<std::uint32_t>(pixels));
  std::sort(borders.begin(), borders.end());

  Mask mask{height, width, {}};
  std::uint32_t position = 0;
  for (std::size_t i = 0; i < borders.size(); ++i) {
    append_run(mask.counts, i % 2 == 1, borders[i] - position);
    position = borders[i];
  }
  return mask;
}

Mask unite(const Mask& a, const Mask& b) {
  return merge(a, b, [](bool in_a, bool in_b) { return in_a || in_b; });
}

Mask intersect(const Mask& a, const Mask& b) {
  return merge(a, b, [](bool in_a, bool in_b) { return in_a && in_b; });
}

std::uint64_t intersection_area(const Mask& a, const Mask& b) { return overlap(a, b).both; }

std::uint64_t union_area(const Mask& a, const Mask& b) { return overlap(a, b).any; }

double iou(const Mask& a, const Mask& b) {
  const Overlap o = overlap(a, b);
  return o.any == 0 ? 1.0 : static_cast<double>(o.both) / static_cast<double>(o.any);
}

double box_iou(const Box& a, const Box& b) {
  const double width = std::min<double>(double{1.0} * a.x + a.width, double{1.0} * b.x + b.width) -
                       std::max(a.x, b.x);
  const double height =
      std::min<double>(double{1.0} * a.y + a.height, double{1.0} * b.y + b.height) -
      std::max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const double both = width * height;
  return both / (double{1.0} * a.width * a.height + double{1.0} * b.width * b.height - both);
}

}  // namespace reamo::ie
