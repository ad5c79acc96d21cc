#include "signal/warp.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace reamo::signal {
namespace {

constexpr int kMaxSamples = 8;  // per axis and output pixel

// Samples per axis so that neighbours are at most a source pixel apart.
int samples_per_axis(const Affine& m) {
  const double stretch = std::max(std::hypot(m.a, m.d), std::hypot(m.b, m.e));
  return std::clamp(int(std::ceil(stretch - 0.01)), 1, kMaxSamples);
}

// The four neighbours of a point and their shares, edges clamped; false outside the picture.
struct Neighbours {
  std::size_t index[4];
  float share[4];
};
bool neighbours(double x, double y, int width, int height, Neighbours& out) {
  if (!(x >= 0 && y >= 0 && x <= width && y <= height)) return false;
  const double fx = std::clamp(x - 0.5, 0.0, double(width - 1)), fy = std::clamp(y - 0.5, 0.0, double(height - 1));
  const int x0 = int(fx), y0 = int(fy);
  const int x1 = std::min(x0 + 1, width - 1), y1 = std::min(y0 + 1, height - 1);
  const float dx = float(fx - x0), dy = float(fy - y0);
  const auto at = [&](int column, int row) { return std::size_t(row) * width + column; };
  out = {{at(x0, y0), at(x1, y0), at(x0, y1), at(x1, y1)},
         {(1 - dx) * (1 - dy), dx * (1 - dy), (1 - dx) * dy, dx * dy}};
  return true;
}

// Calls sample(neighbours or nullptr) for each sample of each output pixel, then finish(pixel index, sample count).
template <typename Sample, typename Finish>
void for_each_sample(int source_width, int source_height, const Affine& to_source, int width, int height, Sample sample,
                     Finish finish) {
  if (source_width <= 0 || source_height <= 0) throw std::invalid_argument("a picture of no pixels cannot be warped");
  const int n = samples_per_axis(to_source);
  Neighbours found;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int k = 0; k < n * n; ++k) {
        double px = x + (k % n + 0.5) / n, py = y + (k / n + 0.5) / n;
        to_source.apply(px, py);
        sample(neighbours(px, py, source_width, source_height, found) ? &found : nullptr);
      }
      finish(std::size_t(y) * width + x, n * n);
    }
  }
}

std::uint8_t round8(float value) { return std::uint8_t(std::clamp(value + 0.5f, 0.0f, 255.0f)); }

}  // namespace

Affine Affine::rotation(double radians) {
  const double c = std::cos(radians), s = std::sin(radians);
  return {c, -s, 0, s, c, 0};
}

Affine Affine::operator*(const Affine& o) const {
  return {a * o.a + b * o.d, a * o.b + b * o.e, a * o.c + b * o.f + c,
          d * o.a + e * o.d, d * o.b + e * o.e, d * o.c + e * o.f + f};
}

Affine Affine::inverse() const {
  const double determinant = a * e - b * d;
  if (std::abs(determinant) < 1e-12) throw std::invalid_argument("the map flattens the picture and has no inverse");
  const double ia = e / determinant, ib = -b / determinant, id = -d / determinant, ie = a / determinant;
  return {ia, ib, -(ia * c + ib * f), id, ie, -(id * c + ie * f)};
}

void Affine::apply(double& x, double& y) const {
  const double px = a * x + b * y + c;
  y = d * x + e * y + f;
  x = px;
}

Image warp(const Image& image, const Affine& to_source, int width, int height, const std::uint8_t (&fill)[3]) {
  Image result(width, height);
  float sum[3] = {};
  for_each_sample(
      image.width, image.height, to_source, width, height,
      [&](const Neighbours* found) {
        for (int c = 0; c < 3; ++c) {
          if (!found) {
            sum[c] += fill[c];
            continue;
          }
          for (int k = 0; k < 4; ++k) sum[c] += found->share[k] * image.rgb[found->index[k] * 3 + c];
        }
      },
      [&](std::size_t pixel, int samples) {
        for (int c = 0; c < 3; ++c) {
          result.rgb[pixel * 3 + c] = round8(sum[c] / float(samples));
          sum[c] = 0;
        }
      });
  return result;
}

ImageRgba warp(const ImageRgba& image, const Affine& to_source, int width, int height) {
  ImageRgba result{width, height, std::vector<std::uint8_t>(std::size_t(width) * height * 4)};
  float sum[4] = {};  // colours times alpha, alpha
  for_each_sample(
      image.width, image.height, to_source, width, height,
      [&](const Neighbours* found) {
        if (!found) return;
        for (int k = 0; k < 4; ++k) {
          const std::uint8_t* pixel = &image.rgba[found->index[k] * 4];
          const float alpha = found->share[k] * pixel[3];
          for (int c = 0; c < 3; ++c) sum[c] += alpha * pixel[c];
          sum[3] += alpha;
        }
      },
      [&](std::size_t pixel, int samples) {
        std::uint8_t* out = &result.rgba[pixel * 4];
        out[3] = round8(sum[3] / float(samples));
        for (int c = 0; c < 3; ++c) out[c] = out[3] == 0 ? 0 : round8(sum[c] / sum[3]);
        std::fill_n(sum, 4, 0.0f);
      });
  return result;
}

Image flip_horizontal(const Image& image) {
  Image result(image.width, image.height);
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) std::copy_n(image.pixel(image.width - 1 - x, y), 3, result.pixel(x, y));
  }
  return result;
}

Image flip_vertical(const Image& image) {
  Image result(image.width, image.height);
  if (image.empty()) return result;
  for (int y = 0; y < image.height; ++y) {
    std::copy_n(image.pixel(0, image.height - 1 - y), std::size_t(image.width) * 3, result.pixel(0, y));
  }
  return result;
}

Image rotate_quarters(const Image& image, int quarters) {
  quarters = ((quarters % 4) + 4) % 4;
  if (quarters == 0) return image;
  if (quarters == 2) return flip_vertical(flip_horizontal(image));
  Image result(image.height, image.width);
  for (int y = 0; y < result.height; ++y) {
    for (int x = 0; x < result.width; ++x) {
      const std::uint8_t* source = quarters == 1 ? image.pixel(y, image.height - 1 - x) : image.pixel(image.width - 1 - y, x);
      std::copy_n(source, 3, result.pixel(x, y));
    }
  }
  return result;
}

Image apply_orientation(const Image& image, int orientation) {
  switch (orientation) {
    case 2: return flip_horizontal(image);
    case 3: return rotate_quarters(image, 2);
    case 4: return flip_vertical(image);
    case 5: return flip_horizontal(rotate_quarters(image, 1));
    case 6: return rotate_quarters(image, 1);
    case 7: return flip_horizontal(rotate_quarters(image, 3));
    case 8: return rotate_quarters(image, 3);
    default: return image;
  }
}

Image pad(const Image& image, int width, int height, int x, int y, const std::uint8_t (&fill)[3]) {
  Image result(width, height);
  for (std::size_t i = 0; i < result.rgb.size(); ++i) result.rgb[i] = fill[i % 3];
  const int left = std::max(0, x), right = std::min(width, x + image.width);
  if (left >= right) return result;
  for (int row = std::max(0, y); row < std::min(height, y + image.height); ++row) {
    std::copy_n(image.pixel(left - x, row - y), std::size_t(right - left) * 3, result.pixel(left, row));
  }
  return result;
}

}  // namespace reamo::signal
