#include <algorithm>
#include <cmath>
#include <numbers>

#include "signal/warp.h"

namespace reamo::signal {
namespace {

std::uint8_t round8(double value) { return std::uint8_t(std::clamp(value + 0.5, 0.0, 255.0)); }

std::uint64_t split_mix(std::uint64_t& state) {
  state += 0x9E3779B97F4A7C15ull;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

// Rows of the matrix that turns hue about the grey axis, luma kept, and scales saturation and brightness.
struct ColorMatrix {
  double m[3][3];
  double offset;
};

ColorMatrix make_matrix(const ColorShift& shift) {
  constexpr double luma[3] = {0.213, 0.715, 0.072};
  constexpr double sine[3][3] = {{-0.213, -0.715, 0.928}, {0.143, 0.140, -0.283}, {-0.787, 0.715, 0.072}};
  const double c = std::cos(shift.hue), s = std::sin(shift.hue);
  ColorMatrix matrix{};
  for (int row = 0; row < 3; ++row) {
    for (int column = 0; column < 3; ++column) {
      const double turned = luma[column] + c * ((row == column) - luma[column]) + s * sine[row][column];
      const double saturated = luma[column] + shift.saturation * (turned - luma[column]);
      matrix.m[row][column] = saturated * shift.brightness * shift.contrast;
    }
  }
  matrix.offset = 127.5 * (1 - shift.contrast);
  return matrix;
}

void shift_pixels(std::vector<std::uint8_t>& values, std::size_t stride, const ColorShift& shift) {
  const ColorMatrix matrix = make_matrix(shift);
  for (std::size_t i = 0; i + 2 < values.size(); i += stride) {
    const double pixel[3] = {double(values[i]), double(values[i + 1]), double(values[i + 2])};
    for (int row = 0; row < 3; ++row) {
      const double* m = matrix.m[row];
      values[i + row] = round8(m[0] * pixel[0] + m[1] * pixel[1] + m[2] * pixel[2] + matrix.offset);
    }
  }
}

}  // namespace

Image gaussian_blur(const Image& image, double sigma) {
  if (sigma <= 0 || image.empty()) return image;
  const int radius = std::max(1, int(std::ceil(3 * sigma)));
  std::vector<float> kernel(2 * radius + 1);
  float sum = 0;
  for (int i = -radius; i <= radius; ++i) sum += kernel[i + radius] = float(std::exp(-0.5 * i * i / (sigma * sigma)));
  for (float& weight : kernel) weight /= sum;

  const int width = image.width, height = image.height;
  const std::size_t row_values = std::size_t(width) * 3;
  std::vector<float> rows(image.rgb.size());
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      float* out = &rows[std::size_t(y) * row_values + x * 3];
      for (int k = -radius; k <= radius; ++k) {
        const std::uint8_t* pixel = image.pixel(std::clamp(x + k, 0, width - 1), y);
        for (int c = 0; c < 3; ++c) out[c] += kernel[k + radius] * pixel[c];
      }
    }
  }
  Image result(width, height);
  std::vector<float> sums(row_values);
  for (int y = 0; y < height; ++y) {
    std::fill(sums.begin(), sums.end(), 0.5f);
    for (int k = -radius; k <= radius; ++k) {
      const float* source = &rows[std::size_t(std::clamp(y + k, 0, height - 1)) * row_values];
      for (std::size_t i = 0; i < row_values; ++i) sums[i] += kernel[k + radius] * source[i];
    }
    std::uint8_t* out = result.pixel(0, y);
    for (std::size_t i = 0; i < row_values; ++i) out[i] = std::uint8_t(std::min(sums[i], 255.0f));
  }
  return result;
}

void add_noise(Image& image, double deviation, std::uint64_t seed) {
  if (deviation <= 0) return;
  constexpr double kUnit = 0x1.0p-53;
  for (std::size_t i = 0; i < image.rgb.size(); i += 2) {
    const double u = (double(split_mix(seed) >> 11) + 1) * kUnit, v = double(split_mix(seed) >> 11) * kUnit;
    const double radius = deviation * std::sqrt(-2 * std::log(u)), angle = 2 * std::numbers::pi * v;
    image.rgb[i] = round8(image.rgb[i] + radius * std::cos(angle));
    if (i + 1 < image.rgb.size()) image.rgb[i + 1] = round8(image.rgb[i + 1] + radius * std::sin(angle));
  }
}

void shift_colors(Image& image, const ColorShift& shift) { shift_pixels(image.rgb, 3, shift); }
void shift_colors(ImageRgba& image, const ColorShift& shift) { shift_pixels(image.rgba, 4, shift); }

}  // namespace reamo::signal
