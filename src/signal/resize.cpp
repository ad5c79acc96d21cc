#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

#include "signal/image.h"
#include "signal/warp.h"

namespace reamo::signal {
namespace {

constexpr int kPrecision = 22;  // fractional bits of the weights

double sinc(double x) { return x == 0 ? 1 : std::sin(x * std::numbers::pi) / (x * std::numbers::pi); }

double support_of(Filter filter) {
  switch (filter) {
    case Filter::kBilinear: return 1;
    case Filter::kBicubic: return 2;
    case Filter::kLanczos: return 3;
  }
  return 1;
}

double weight_of(Filter filter, double x) {
  x = std::abs(x);
  if (x >= support_of(filter)) return 0;
  switch (filter) {
    case Filter::kBilinear: return 1 - x;
    case Filter::kBicubic: {
      constexpr double a = -0.5;
      if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
      return (((x - 5) * x + 8) * x - 4) * a;
    }
    case Filter::kLanczos: return sinc(x) * sinc(x / 3);
  }
  return 0;
}

// The source range and weights of each output position along one axis.
template <typename Weight>
struct Taps {
  struct Range { int first, count; std::size_t offset; };
  std::vector<Range> ranges;
  std::vector<Weight> weights;
};

Taps<double> filter_taps(int in, int out, Filter filter) {
  Taps<double> taps;
  taps.ranges.reserve(out);
  const double scale = double(in) / out;
  const double stretch = std::max(scale, 1.0);
  const double support = support_of(filter) * stretch;
  for (int i = 0; i < out; ++i) {
    const double centre = (i + 0.5) * scale;
    const int low = std::max(0, int(centre - support + 0.5));
    const int high = std::min(in, int(centre + support + 0.5));
    const std::size_t offset = taps.weights.size();
    double sum = 0;
    for (int j = low; j < high; ++j) {
      const double weight = weight_of(filter, (j - centre + 0.5) * (1.0 / stretch));
      taps.weights.push_back(weight);
      sum += weight;
    }
    if (sum != 0) {
      for (std::size_t k = offset; k < taps.weights.size(); ++k) taps.weights[k] /= sum;
    }
    taps.ranges.push_back({low, high - low, offset});
  }
  return taps;
}

// Two taps with half-pixel centres, edges clamped.
Taps<double> bilinear_taps(int in, int out) {
  Taps<double> taps;
  for (int i = 0; i < out; ++i) {
    const double source = std::max(0.0, (i + 0.5) * (double(in) / out) - 0.5);
    const int left = std::min(int(source), in - 1);
    const double share = left + 1 < in ? source - left : 0;
    taps.ranges.push_back({left, share > 0 ? 2 : 1, taps.weights.size()});
    taps.weights.push_back(1 - share);
    if (share > 0) taps.weights.push_back(share);
  }
  return taps;
}

Taps<std::int32_t> fixed_point(const Taps<double>& taps) {
  Taps<std::int32_t> fixed;
  fixed.weights.reserve(taps.weights.size());
  for (const auto& range : taps.ranges) fixed.ranges.push_back({range.first, range.count, range.offset});
  for (double weight : taps.weights) {
    const double scaled = weight * (1 << kPrecision);
    fixed.weights.push_back(std::int32_t(weight < 0 ? scaled - 0.5 : scaled + 0.5));
  }
  return fixed;
}

std::uint8_t clip8(std::int32_t value) { return std::uint8_t(std::clamp(value >> kPrecision, 0, 255)); }

template <int kChannels>
std::vector<std::uint8_t> resize_rows(const std::vector<std::uint8_t>& source, int width, int height, int out_width,
                                      Filter filter) {
  const auto taps = fixed_point(filter_taps(width, out_width, filter));
  std::vector<std::uint8_t> result(std::size_t(out_width) * height * kChannels);
  for (int y = 0; y < height; ++y) {
    const std::uint8_t* row = &source[std::size_t(y) * width * kChannels];
    std::uint8_t* out = &result[std::size_t(y) * out_width * kChannels];
    for (const auto& range : taps.ranges) {
      std::int32_t sums[kChannels];
      std::fill_n(sums, kChannels, std::int32_t(1) << (kPrecision - 1));
      const std::uint8_t* pixel = row + std::size_t(range.first) * kChannels;
      const std::int32_t* weight = &taps.weights[range.offset];
      for (int k = 0; k < range.count; ++k, pixel += kChannels) {
        for (int c = 0; c < kChannels; ++c) sums[c] += pixel[c] * weight[k];
      }
      for (int c = 0; c < kChannels; ++c) *out++ = clip8(sums[c]);
    }
  }
  return result;
}

std::vector<std::uint8_t> resize_columns(const std::vector<std::uint8_t>& source, std::size_t row_bytes, int height,
                                         int out_height, Filter filter) {
  const auto taps = fixed_point(filter_taps(height, out_height, filter));
  std::vector<std::uint8_t> result(row_bytes * out_height);
  std::vector<std::int32_t> sums(row_bytes);
  for (int y = 0; y < out_height; ++y) {
    const auto& range = taps.ranges[y];
    std::fill(sums.begin(), sums.end(), std::int32_t(1) << (kPrecision - 1));
    for (int k = 0; k < range.count; ++k) {
      const std::uint8_t* row = &source[std::size_t(range.first + k) * row_bytes];
      const std::int32_t weight = taps.weights[range.offset + k];
      for (std::size_t i = 0; i < row_bytes; ++i) sums[i] += row[i] * weight;
    }
    std::uint8_t* out = &result[std::size_t(y) * row_bytes];
    for (std::size_t i = 0; i < row_bytes; ++i) out[i] = clip8(sums[i]);
  }
  return result;
}

template <int kChannels>
std::vector<std::uint8_t> resize_bytes(const std::vector<std::uint8_t>& source, int width, int height, int out_width,
                                       int out_height, Filter filter) {
  if (width <= 0 || height <= 0 || out_width <= 0 || out_height <= 0) {
    throw std::invalid_argument("a picture of no pixels cannot be resized");
  }
  std::vector<std::uint8_t> wide;
  const std::vector<std::uint8_t>* current = &source;
  if (out_width != width) {
    wide = resize_rows<kChannels>(source, width, height, out_width, filter);
    current = &wide;
  }
  if (out_height == height) return *current;
  return resize_columns(*current, std::size_t(out_width) * kChannels, height, out_height, filter);
}

}  // namespace

Image resize(const Image& image, int width, int height, Filter filter) {
  Image result;
  result.rgb = resize_bytes<3>(image.rgb, image.width, image.height, width, height, filter);
  result.width = width;
  result.height = height;
  return result;
}

ImageRgba resize(const ImageRgba& image, int width, int height, Filter filter) {
  ImageRgba premultiplied = image;
  for (std::size_t i = 0; i < premultiplied.rgba.size(); i += 4) {
    const int alpha = premultiplied.rgba[i + 3];
    for (int c = 0; c < 3; ++c) premultiplied.rgba[i + c] = std::uint8_t((premultiplied.rgba[i + c] * alpha + 127) / 255);
  }
  ImageRgba result;
  result.rgba = resize_bytes<4>(premultiplied.rgba, image.width, image.height, width, height, filter);
  result.width = width;
  result.height = height;
  for (std::size_t i = 0; i < result.rgba.size(); i += 4) {
    const int alpha = result.rgba[i + 3];
    for (int c = 0; c < 3; ++c) {
      result.rgba[i + c] = alpha == 0 ? 0 : std::uint8_t(std::min(255, (result.rgba[i + c] * 255 + alpha / 2) / alpha));
    }
  }
  return result;
}

Map resize(const Map& map, int width, int height, bool antialias) {
  if (map.width <= 0 || map.height <= 0 || width <= 0 || height <= 0) {
    throw std::invalid_argument("a map of no values cannot be resized");
  }
  const auto axis = [&](int in, int out) {
    return antialias && out < in ? filter_taps(in, out, Filter::kBilinear) : bilinear_taps(in, out);
  };
  const auto columns = axis(map.width, width);
  const auto rows = axis(map.height, height);
  std::vector<float> wide(std::size_t(width) * map.height);
  for (int y = 0; y < map.height; ++y) {
    const float* source = &map.values[std::size_t(y) * map.width];
    for (int x = 0; x < width; ++x) {
      const auto& range = columns.ranges[x];
      double sum = 0;
      for (int k = 0; k < range.count; ++k) sum += source[range.first + k] * columns.weights[range.offset + k];
      wide[std::size_t(y) * width + x] = float(sum);
    }
  }
  Map result{width, height, std::vector<float>(std::size_t(width) * height)};
  std::vector<double> sums(width);
  for (int y = 0; y < height; ++y) {
    const auto& range = rows.ranges[y];
    std::fill(sums.begin(), sums.end(), 0.0);
    for (int k = 0; k < range.count; ++k) {
      const float* source = &wide[std::size_t(range.first + k) * width];
      const double weight = rows.weights[range.offset + k];
      for (int x = 0; x < width; ++x) sums[x] += source[x] * weight;
    }
    for (int x = 0; x < width; ++x) result.values[std::size_t(y) * width + x] = float(sums[x]);
  }
  return result;
}

}  // namespace reamo::signal
