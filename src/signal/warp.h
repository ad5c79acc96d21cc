// Geometry and colour changes of pictures.
#pragma once

#include <cstdint>

#include "signal/image.h"

namespace reamo::signal {

// (x, y) -> (a x + b y + c, d x + e y + f), in continuous pixel coordinates: the centre of pixel i is i + 0.5.
struct Affine {
  double a = 1, b = 0, c = 0;
  double d = 0, e = 1, f = 0;

  static Affine translation(double x, double y) { return {1, 0, x, 0, 1, y}; }
  static Affine scaling(double x, double y) { return {x, 0, 0, 0, y, 0}; }
  static Affine rotation(double radians);  // from x towards y: clockwise on the screen
  // First `other`, then this.
  Affine operator*(const Affine& other) const;
  Affine inverse() const;  // std::invalid_argument of a singular matrix
  void apply(double& x, double& y) const;
};

// The output pixel at p takes the source at `to_source`(p), bilinear, edges clamped; where the point falls outside the source
// the output is `fill` (RGB) or transparent (RGBA). Where the map shrinks, samples are averaged over the pixel's footprint.
Image warp(const Image& image, const Affine& to_source, int width, int height, const std::uint8_t (&fill)[3] = {0, 0, 0});
ImageRgba warp(const ImageRgba& image, const Affine& to_source, int width, int height);

// Resampled with colours weighted by alpha, so that nothing bleeds out of transparent pixels.
ImageRgba resize(const ImageRgba& image, int width, int height, Filter filter);

Image flip_horizontal(const Image& image);
Image flip_vertical(const Image& image);
// Quarter turns clockwise, any count.
Image rotate_quarters(const Image& image, int quarters);
// The picture as displayed for an EXIF orientation of 1..8 (others: as it is).
Image apply_orientation(const Image& image, int orientation);
// The picture on a canvas of width x height with its top left corner at (x, y); parts outside are cut.
Image pad(const Image& image, int width, int height, int x, int y, const std::uint8_t (&fill)[3]);

// Sigma in pixels; 0: unchanged. Edges clamped.
Image gaussian_blur(const Image& image, double sigma);
// Gaussian noise of a standard deviation in grey levels, the same for a seed everywhere.
void add_noise(Image& image, double deviation, std::uint64_t seed);
// Hue turned by radians (luma kept), saturation and brightness multiplied.
struct ColorShift {
  double hue = 0, saturation = 1, brightness = 1, contrast = 1;
};
void shift_colors(Image& image, const ColorShift& shift);
void shift_colors(ImageRgba& image, const ColorShift& shift);

}  // namespace reamo::signal
