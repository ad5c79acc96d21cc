#include "signal/image.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "signal/draw.h"
#include "signal/warp.h"

namespace reamo::signal {
namespace {

Image pattern(int width, int height) {
  Image image(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      image.pixel(x, y)[0] = std::uint8_t(x * 37 + y * 11);
      image.pixel(x, y)[1] = std::uint8_t(x * 5 + y * 71);
      image.pixel(x, y)[2] = std::uint8_t(x * y);
    }
  }
  return image;
}

Image constant(int width, int height, std::uint8_t value) {
  Image image(width, height);
  std::fill(image.rgb.begin(), image.rgb.end(), value);
  return image;
}

TEST(Resize, KeepsAConstantPictureAndTheSameSize) {
  for (Filter filter : {Filter::kBilinear, Filter::kBicubic, Filter::kLanczos}) {
    EXPECT_EQ(resize(constant(13, 7, 201), 5, 31, filter), constant(5, 31, 201));
    EXPECT_EQ(resize(pattern(9, 4), 9, 4, filter), pattern(9, 4));
  }
}

TEST(Resize, AveragesWhenHalvingBilinearly) {
  Image image(4, 1);
  const std::uint8_t values[4] = {0, 80, 160, 240};
  for (int x = 0; x < 4; ++x) std::fill_n(image.pixel(x, 0), 3, values[x]);
  // Triangle of support 2 round centre 1: weights 0.75, 0.75, 0.25 (the fourth pixel ends at 3): sum 1.75.
  const Image half = resize(image, 2, 1, Filter::kBilinear);
  EXPECT_EQ(half.pixel(0, 0)[0], 57);   // (0 * 3 + 80 * 3 + 160) / 7
  EXPECT_EQ(half.pixel(1, 0)[0], 183);  // (80 + 160 * 3 + 240 * 3) / 7
}

TEST(Resize, BicubicOvershootsAtEdgesAndClamps) {
  Image image(8, 1);
  for (int x = 4; x < 8; ++x) std::fill_n(image.pixel(x, 0), 3, std::uint8_t(200));
  const Image large = resize(image, 32, 1, Filter::kBicubic);
  int highest = 0, lowest = 255;
  for (int x = 0; x < 32; ++x) {
    highest = std::max(highest, int(large.pixel(x, 0)[0]));
    lowest = std::min(lowest, int(large.pixel(x, 0)[0]));
  }
  EXPECT_GT(highest, 205);
  EXPECT_EQ(lowest, 0);
}

TEST(Resize, RefusesNothing) { EXPECT_THROW(resize(Image(), 3, 3, Filter::kBicubic), std::invalid_argument); }

TEST(MapResize, IsExactOnARamp) {
  Map ramp{4, 2, {0, 1, 2, 3, 0, 1, 2, 3}};
  const Map large = resize(ramp, 8, 2, false);
  const float expected[8] = {0, 0.25f, 0.75f, 1.25f, 1.75f, 2.25f, 2.75f, 3};
  for (int x = 0; x < 8; ++x) EXPECT_FLOAT_EQ(large.values[x], expected[x]);
  const Map point = resize(ramp, 2, 1, false);
  EXPECT_FLOAT_EQ(point.values[0], 0.5f);
  EXPECT_FLOAT_EQ(point.values[1], 2.5f);
  const Map smooth = resize(ramp, 1, 1, true);
  EXPECT_FLOAT_EQ(smooth.values[0], 1.5f);
}

TEST(Crop, CutsAndRefusesOutside) {
  const Image image = pattern(6, 5), part = crop(image, 2, 1, 3, 4);
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 3; ++x) EXPECT_EQ(part.pixel(x, y)[1], image.pixel(x + 2, y + 1)[1]);
  }
  EXPECT_THROW(crop(image, 4, 0, 3, 1), std::invalid_argument);
  EXPECT_THROW(crop(image, -1, 0, 3, 1), std::invalid_argument);
}

TEST(Orientation, FollowsTheExifTable) {
  // Where the stored top left pixel goes: 1 top left, 2 top right, 3 bottom right, 4 bottom left, 5 top left, 6 top right,
  // 7 bottom right, 8 bottom left; 5 to 8 swap the sides.
  Image stored(3, 2);
  stored.pixel(0, 0)[0] = 255;
  const bool right[9] = {false, false, true, true, false, false, true, true, false};
  const bool bottom[9] = {false, false, false, true, true, false, false, true, true};
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const Image shown = apply_orientation(stored, orientation);
    EXPECT_EQ(shown.width, orientation < 5 ? 3 : 2);
    EXPECT_EQ(shown.pixel(right[orientation] ? shown.width - 1 : 0, bottom[orientation] ? shown.height - 1 : 0)[0], 255)
        << orientation;
  }
  const Image image = pattern(5, 3);
  EXPECT_EQ(rotate_quarters(rotate_quarters(image, 1), -1), image);
  EXPECT_EQ(rotate_quarters(rotate_quarters(image, 1), 1), rotate_quarters(image, 2));
  // 5 is the transpose, 7 the anti-transpose.
  EXPECT_EQ(apply_orientation(image, 5).pixel(1, 4)[2], image.pixel(4, 1)[2]);
  EXPECT_EQ(apply_orientation(image, 7).pixel(2, 4)[0], image.pixel(0, 0)[0]);
}

TEST(Warp, IdentityAndQuarterTurnAreExact) {
  const Image image = pattern(7, 5);
  EXPECT_EQ(warp(image, {}, 7, 5), image);
  // A clockwise turn about the centre, output to source.
  const Affine turn = Affine::translation(3.5, 2.5) * Affine::rotation(-std::acos(0.0)) * Affine::translation(-2.5, -3.5);
  EXPECT_EQ(warp(image, turn, 5, 7), rotate_quarters(image, 1));
  const Affine skew{1.2, 0.3, 4, -0.2, 0.8, 1};
  double x = 3, y = 2;
  skew.apply(x, y);
  skew.inverse().apply(x, y);
  EXPECT_NEAR(x, 3, 1e-9);
  EXPECT_NEAR(y, 2, 1e-9);
  EXPECT_THROW((Affine{1, 2, 0, 2, 4, 0}.inverse()), std::invalid_argument);
}

TEST(Warp, ShrinkingAveragesAndTransparentColoursDoNotBleed) {
  ImageRgba sprite{8, 8, std::vector<std::uint8_t>(8 * 8 * 4)};
  for (int i = 0; i < 64; ++i) {
    const bool left = i % 8 < 4;
    sprite.rgba[i * 4] = left ? 255 : 0;
    sprite.rgba[i * 4 + 1] = left ? 0 : 255;  // green is invisible
    sprite.rgba[i * 4 + 3] = left ? 255 : 0;
  }
  const ImageRgba small = warp(sprite, Affine::scaling(8, 8), 1, 1);
  EXPECT_EQ(small.rgba[0], 255);
  EXPECT_EQ(small.rgba[1], 0);
  EXPECT_NEAR(small.rgba[3], 128, 1);
  const ImageRgba resized = resize(sprite, 1, 1, Filter::kBilinear);
  EXPECT_EQ(resized.rgba[0], 255);
  EXPECT_EQ(resized.rgba[1], 0);
  EXPECT_NEAR(resized.rgba[3], 128, 1);
}

TEST(Color, BlurKeepsTheMeanAndNoiseItsDeviation) {
  Image dot(21, 21);
  std::fill_n(dot.pixel(10, 10), 3, std::uint8_t(255));
  const Image blurred = gaussian_blur(dot, 1.5);
  EXPECT_NEAR(blurred.pixel(10, 10)[0], 255 / (2 * std::acos(-1.0) * 1.5 * 1.5), 1.5);
  EXPECT_EQ(blurred.pixel(8, 10)[0], blurred.pixel(10, 12)[0]);
  EXPECT_EQ(gaussian_blur(constant(9, 9, 77), 2), constant(9, 9, 77));

  Image noisy = constant(200, 200, 128);
  add_noise(noisy, 10, 5);
  double sum = 0, squares = 0;
  for (std::uint8_t value : noisy.rgb) {
    sum += value - 128.0;
    squares += (value - 128.0) * (value - 128.0);
  }
  EXPECT_NEAR(sum / double(noisy.rgb.size()), 0, 0.1);
  EXPECT_NEAR(std::sqrt(squares / double(noisy.rgb.size())), 10, 0.15);
  Image again = constant(200, 200, 128);
  add_noise(again, 10, 5);
  EXPECT_EQ(again, noisy);
}

TEST(Color, ShiftsKeepGreyAndChangeHue) {
  Image grey = constant(2, 2, 90);
  shift_colors(grey, {.hue = 1.3, .saturation = 1.5});
  EXPECT_EQ(grey, constant(2, 2, 90));
  shift_colors(grey, {.brightness = 2});
  EXPECT_EQ(grey, constant(2, 2, 180));
  Image red(1, 1);
  red.rgb = {200, 30, 30};
  shift_colors(red, {.hue = 2.0});
  EXPECT_GT(red.rgb[1], red.rgb[0]);
  Image colour(1, 1);
  colour.rgb = {200, 30, 30};
  shift_colors(colour, {.saturation = 0});
  EXPECT_EQ(colour.rgb[0], colour.rgb[2]);
}

TEST(Draw, MasksBoxesAndSpritesStayInside) {
  Image image(6, 6);
  std::vector<std::uint8_t> pixels(36);
  for (int y = 1; y < 6; ++y) {
    for (int x = 1; x < 6; ++x) pixels[y * 6 + x] = 1;
  }
  const ie::Mask mask = ie::encode(pixels, 6, 6);
  fill_mask(image, mask, {100, 0, 0}, 0.5);
  EXPECT_EQ(image.pixel(3, 3)[0], 50);
  EXPECT_EQ(image.pixel(0, 3)[0], 0);
  outline_mask(image, mask, {0, 255, 0}, 1);
  EXPECT_EQ(image.pixel(1, 3)[1], 255);
  EXPECT_EQ(image.pixel(5, 5)[1], 255);  // the picture's edge is a border too
  EXPECT_EQ(image.pixel(3, 3)[1], 0);
  draw_box(image, {-5, -5, 20, 20}, {1, 2, 3});
  draw_line(image, -10, -10, 50, 50, {9, 9, 9}, 2);
  EXPECT_EQ(image.pixel(4, 4)[0], 9);
  paste(image, ImageRgba{3, 3, std::vector<std::uint8_t>(36, 255)}, 5, -2);
  EXPECT_EQ(image.pixel(5, 0)[0], 255);
  paste(image, pattern(9, 9), -20, 0);
  draw_number(image, 2, 2, 1234567890, {0, 0, 0});
  EXPECT_THROW(fill_mask(image, ie::encode(pixels, 4, 9), {}, 1), std::invalid_argument);
}

TEST(Draw, WaveformAndContactSheetHaveTheirSizes) {
  Audio audio;
  for (int i = 0; i < 1000; ++i) audio.samples.push_back(float(i < 500 ? 0 : 0.5 * std::sin(i * 0.3)));
  const Image wave = draw_waveform(audio, 100, 40, {255, 0, 0}, {0, 0, 0});
  EXPECT_EQ(wave.pixel(10, 5)[0], 0);
  EXPECT_EQ(wave.pixel(75, 5)[0], 255);
  const auto peaks = waveform_peaks(audio, 2);
  EXPECT_EQ(peaks[1], 0);
  EXPECT_NEAR(peaks[3], 0.5, 0.01);
  const Image sheet = contact_sheet({constant(40, 20, 255), Image(), constant(5, 5, 255)}, 2, 10, 10, 2);
  EXPECT_EQ(sheet.width, 26);
  EXPECT_EQ(sheet.height, 26);
  EXPECT_EQ(sheet.pixel(7, 7)[0], 255);
  EXPECT_EQ(sheet.pixel(7, 3)[0], 32);
  EXPECT_EQ(sheet.pixel(19, 7)[0], 32);
}

}  // namespace
}  // namespace reamo::signal
