#include "synth/sprite.h"

#include <algorithm>
#include <cmath>

#include "synth/random.h"

namespace reamo::synth {
namespace {

// Another hand for the same drawing: contrast, a shade from one side, a rim, washed-out colour.
void change_hand(signal::ImageRgba& sprite, std::uint64_t seed) {
  Random random(seed);
  const int grey = random.chance(0.25) ? random.between(90, 256) : 0;
  const int contrast = random.between(170, 330);                    // of 256
  const int shade = random.chance(0.6) ? random.between(-110, 110) : 0;  // from side to side
  const int slope = random.chance(0.6) ? random.between(-110, 110) : 0;  // from top to bottom
  const bool rim = random.chance(0.35);
  const int rim_color = random.chance(0.7) ? random.between(0, 50) : random.between(200, 255);
  const Rgb tint = {std::uint8_t(random.between(0, 255)), std::uint8_t(random.between(0, 255)), std::uint8_t(random.between(0, 255))};
  const int tinting = random.chance(0.3) ? random.between(20, 90) : 0;
  const int w = sprite.width, h = sprite.height;
  const auto alpha_at = [&](int x, int y) -> int {
    return x < 0 || y < 0 || x >= w || y >= h ? 0 : sprite.rgba[(std::size_t(y) * w + x) * 4 + 3];
  };
  for (int y = 0; y < h; ++y)
    for (int x = 0; x < w; ++x) {
      std::uint8_t* pixel = &sprite.rgba[(std::size_t(y) * w + x) * 4];
      if (pixel[3] == 0) continue;
      const int luma = (pixel[0] * 77 + pixel[1] * 150 + pixel[2] * 29) >> 8;
      const int light = shade * (2 * x - w) / (2 * w) + slope * (2 * y - h) / (2 * h);
      const bool edge = rim && std::min({alpha_at(x - 1, y), alpha_at(x + 1, y), alpha_at(x, y - 1), alpha_at(x, y + 1)}) < kOpaque;
      for (int c = 0; c < 3; ++c) {
        int value = pixel[c] + (((luma - pixel[c]) * grey) >> 8);
        value += ((tint[c] - value) * tinting) >> 8;
        value = 128 + (((value - 128) * contrast) >> 8) + light;
        pixel[c] = std::uint8_t(edge ? rim_color : std::clamp(value, 0, 255));
      }
    }
}

// Premultiplied, with a transparent border of one pixel.
struct Premultiplied {
  int width = 0, height = 0;
  std::vector<std::uint8_t> rgba;
};

Premultiplied premultiply(const signal::ImageRgba& sprite) {
  Premultiplied out{sprite.width + 2, sprite.height + 2, {}};
  out.rgba.resize(std::size_t(out.width) * out.height * 4);
  for (int y = 0; y < sprite.height; ++y) {
    const std::uint8_t* from = &sprite.rgba[std::size_t(y) * sprite.width * 4];
    std::uint8_t* to = &out.rgba[(std::size_t(y + 1) * out.width + 1) * 4];
    for (int x = 0; x < sprite.width; ++x, from += 4, to += 4) {
      for (int c = 0; c < 3; ++c) to[c] = std::uint8_t((from[c] * from[3] + 127) / 255);
      to[3] = from[3];
    }
  }
  return out;
}

// Area average in fixed point: columns, then rows.
Premultiplied shrink(const Premultiplied& image, int width, int height) {
  Premultiplied out{width, height, std::vector<std::uint8_t>(std::size_t(width) * height * 4)};
  std::vector<std::uint32_t> rows(std::size_t(image.width) * 4);
  for (int y = 0; y < height; ++y) {
    std::fill(rows.begin(), rows.end(), 0u);
    const int top = y * image.height, bottom = top + image.height;  // in 1 / height of a source row
    for (int sy = top / height; sy * height < bottom; ++sy) {
      const auto weight = std::uint32_t(std::min((sy + 1) * height, bottom) - std::max(sy * height, top));
      const std::uint8_t* from = &image.rgba[std::size_t(sy) * image.width * 4];
      for (int i = 0; i < image.width * 4; ++i) rows[i] += weight * from[i];
    }
    for (int x = 0; x < width; ++x) {
      const int left = x * image.width, right = left + image.width;
      std::uint64_t sum[4] = {};
      for (int sx = left / width; sx * width < right; ++sx) {
        const auto weight = std::uint64_t(std::min((sx + 1) * width, right) - std::max(sx * width, left));
        for (int c = 0; c < 4; ++c) sum[c] += weight * rows[std::size_t(sx) * 4 + c];
      }
      const std::uint64_t area = std::uint64_t(image.width) * image.height;
      for (int c = 0; c < 4; ++c) out.rgba[(std::size_t(y) * width + x) * 4 + c] = std::uint8_t((sum[c] + area / 2) / area);
    }
  }
  return out;
}

}  // namespace

void color_sprite(signal::ImageRgba& sprite, const SceneObject& object, bool keep_skin, const Rgb& light) {
  if (object.finish != 0) change_hand(sprite, object.finish);
  const int turn = ((int(std::lround(object.hue * kHueTurn)) % kHueTurn) + kHueTurn) % kHueTurn;
  const int saturation = int(std::lround(object.saturation * 256)), brightness = int(std::lround(object.brightness * 256));
  if (turn == 0 && saturation == 256 && brightness == 256 && light == Rgb{255, 255, 255}) return;
  for (std::size_t i = 0; i + 3 < sprite.rgba.size(); i += 4) {
    std::uint8_t* pixel = &sprite.rgba[i];
    if (pixel[3] == 0) continue;
    Hsv color = to_hsv(pixel[0], pixel[1], pixel[2]);
    if (turn != 0 && !(keep_skin && is_skin_hue(color.hue))) color.hue = (color.hue + turn) % kHueTurn;
    color.saturation = std::min(255, color.saturation * saturation / 256);
    color.value = std::min(255, color.value * brightness / 256);
    const Rgb rgb = to_rgb(color);
    for (int c = 0; c < 3; ++c) pixel[c] = std::uint8_t(rgb[c] * light[c] / 255);
  }
}

Layer place_sprite(const signal::ImageRgba& sprite, const SceneObject& object, int width, int height, double shift) {
  Premultiplied source = premultiply(sprite);
  const double drawn_height = std::max(1.0, object.size * height);
  double scale = drawn_height / sprite.height;  // picture pixels per sprite pixel
  if (scale < 0.9) {
    const int small_width = std::max(3, int(source.width * scale + 0.5)), small_height = std::max(3, int(source.height * scale + 0.5));
    const double exact = double(small_height) / source.height;
    source = shrink(source, small_width, small_height);
    scale /= exact;
  }
  const double center_x = object.x * width + shift, center_y = object.y * height;
  const double cosine = std::cos(object.rotation), sine = std::sin(object.rotation);
  const double half_x = source.width * scale / 2, half_y = source.height * scale / 2;
  const double reach_x = std::abs(cosine) * half_x + std::abs(sine) * half_y, reach_y = std::abs(sine) * half_x + std::abs(cosine) * half_y;
  Layer layer;
  const auto clamp_to = [](double value, int limit) { return int(std::clamp(value, -1.0, double(limit) + 1)); };
  const int left = std::max(0, clamp_to(std::floor(center_x - reach_x), width)), right = std::min(width, clamp_to(std::ceil(center_x + reach_x), width));
  const int top = std::max(0, clamp_to(std::floor(center_y - reach_y), height)), bottom = std::min(height, clamp_to(std::ceil(center_y + reach_y), height));
  if (left >= right || top >= bottom) return layer;
  layer = {left, top, right - left, bottom - top, std::vector<std::uint8_t>(std::size_t(right - left) * (bottom - top) * 4)};
  // Picture to sprite, 16.16; sampling points are pixel centres. Rounded so that machines agree.
  const auto fixed = [](double value) { return std::int64_t(std::llround(value * 65536)); };
  const double mirror = object.flip ? -1 : 1;
  const std::int64_t a = fixed(mirror * cosine / scale), b = fixed(mirror * sine / scale), d = fixed(-sine / scale), e = fixed(cosine / scale);
  const double from_x = left + 0.5 - center_x, from_y = top + 0.5 - center_y;
  const std::int64_t start_u = fixed(mirror * (cosine * from_x + sine * from_y) / scale + source.width / 2.0 - 0.5);
  const std::int64_t start_v = fixed((-sine * from_x + cosine * from_y) / scale + source.height / 2.0 - 0.5);
  for (int y = 0; y < layer.height; ++y) {
    std::int64_t u = start_u + b * y, v = start_v + e * y;
    std::uint8_t* to = &layer.rgba[std::size_t(y) * layer.width * 4];
    for (int x = 0; x < layer.width; ++x, u += a, v += d, to += 4) {
      const auto column = int(u >> 16), row = int(v >> 16);
      if (column < 0 || row < 0 || column >= source.width - 1 || row >= source.height - 1) continue;
      const auto fx = std::uint32_t((u >> 8) & 255), fy = std::uint32_t((v >> 8) & 255);
      const std::uint8_t* above = &source.rgba[(std::size_t(row) * source.width + column) * 4];
      const std::uint8_t* below = above + std::size_t(source.width) * 4;
      for (int c = 0; c < 4; ++c) {
        const std::uint32_t upper = above[c] * (256 - fx) + above[c + 4] * fx, lower = below[c] * (256 - fx) + below[c + 4] * fx;
        to[c] = std::uint8_t((upper * (256 - fy) + lower * fy + 32768) >> 16);
      }
    }
  }
  return layer;
}

}  // namespace reamo::synth
