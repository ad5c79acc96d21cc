#include "synth/draw.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "ie/error.h"
#include "synth/background.h"
#include "synth/sprite.h"

namespace reamo::synth {
namespace {

constexpr int kMaxSide = 8192;

// A soft flat shadow on the ground below an object.
void paint_shadow(signal::Image& image, const SceneObject& object, const signal::ImageRgba& sprite, double shift) {
  if (object.ground < 0) return;
  const double height = image.height, drawn_width = object.size * height * sprite.width / sprite.height;
  const double above = std::max(0.0, object.ground - (object.y + object.size / 2)) / std::max(0.05, object.size);
  const double fade = 1 / (1 + above);
  const int half_x = std::max(2, int(drawn_width * 0.5)), half_y = std::max(1, int(std::min(drawn_width, object.size * height) * 0.11));
  const int center_x = int(object.x * image.width + shift), center_y = int(object.ground * height);
  const int dark = int(120 * fade);
  for (int y = std::max(0, center_y - half_y); y <= std::min(image.height - 1, center_y + half_y); ++y)
    for (int x = std::max(0, center_x - half_x); x <= std::min(image.width - 1, center_x + half_x); ++x) {
      const int dx = (x - center_x) * 256 / half_x, dy = (y - center_y) * 256 / half_y;
      const int away = (dx * dx + dy * dy) >> 8;  // 256 at the rim
      if (away >= 256) continue;
      const int keep = 256 - dark * (256 - away) / 256;
      std::uint8_t* pixel = image.pixel(x, y);
      for (int c = 0; c < 3; ++c) pixel[c] = std::uint8_t((pixel[c] * keep) >> 8);
    }
}

// [1 2 1] / 4 across and down, `times` times.
void smooth(signal::Image& image, int times) {
  const int width = image.width, height = image.height;
  std::vector<std::uint8_t> line(std::size_t(std::max(width, height)) * 3);
  const auto pass = [&](std::uint8_t* start, int count, std::ptrdiff_t step) {
    for (int i = 0; i < count; ++i)
      for (int c = 0; c < 3; ++c) line[std::size_t(i) * 3 + c] = start[i * step + c];
    for (int i = 0; i < count; ++i) {
      const std::size_t before = std::size_t(std::max(0, i - 1)) * 3, here = std::size_t(i) * 3, after = std::size_t(std::min(count - 1, i + 1)) * 3;
      for (int c = 0; c < 3; ++c)
        start[i * step + c] = std::uint8_t((line[before + c] + 2 * line[here + c] + line[after + c] + 2) >> 2);
    }
  };
  for (int time = 0; time < times; ++time) {
    for (int y = 0; y < height; ++y) pass(image.pixel(0, y), width, 3);
    for (int x = 0; x < width; ++x) pass(image.pixel(x, 0), height, std::ptrdiff_t(width) * 3);
  }
}

// Sums of twelve uniform numbers: normal enough, and whole numbers; standard deviation 256.
const std::array<std::int16_t, 4096>& normal_table() {
  static const std::array<std::int16_t, 4096> table = [] {
    std::array<std::int16_t, 4096> values;
    Random random(20);
    for (std::int16_t& value : values) {
      int sum = 0;
      for (int i = 0; i < 12; ++i) sum += int(random.index(257));
      value = std::int16_t(sum - 12 * 128);
    }
    return values;
  }();
  return table;
}

void add_grain(signal::Image& image, double deviation, std::uint64_t seed) {
  const int strength = int(std::lround(deviation * 256));
  if (strength <= 0) return;
  const auto& table = normal_table();
  Random random(seed);
  std::uint64_t bits = 0;
  int left = 0;
  for (std::uint8_t& value : image.rgb) {
    if (left == 0) bits = random.next(), left = 5;
    const int change = table[bits & 4095] * strength;  // 1 / 65536
    value = std::uint8_t(std::clamp(value + ((change + 32768) >> 16), 0, 255));
    bits >>= 12, --left;
  }
}

const signal::ImageRgba& sprite_of(const SceneObject& object, const Atlas& atlas) {
  const std::vector<signal::ImageRgba>& sprites = atlas.sprites(object.kind, object.style);
  return sprites[std::size_t(std::max(0, object.variant)) % sprites.size()];
}

}  // namespace

LabelDrawing draw_view(const Scene& scene, const Atlas& atlas, int width, int height, const View& view) {
  if (width < 1 || height < 1 || width > kMaxSide || height > kMaxSide)
    throw Error("a picture of " + std::to_string(width) + " x " + std::to_string(height) + " cannot be drawn: sides are 1 to 8192 pixels");
  if (scene.objects.size() > 65000) throw Error("a scene has at most 65000 objects");
  LabelDrawing out;
  out.labels.assign(std::size_t(width) * height, 0);
  const int offset = int(std::lround(view.pan * width));
  Rgb light{255, 255, 255};
  if (view.with_image) {
    out.image = signal::Image(width, height);
    paint_background(scene.background, out.image, offset);
    light = stage_of(scene.background).light;
    for (const SceneObject& object : scene.objects) paint_shadow(out.image, object, sprite_of(object, atlas), -offset);
  }
  std::vector<std::uint64_t> drawn(scene.objects.size(), 0), visible(scene.objects.size(), 0);
  for (std::size_t i = 0; i < scene.objects.size(); ++i) {
    const SceneObject& object = scene.objects[i];
    Layer layer;
    if (view.with_image) {
      signal::ImageRgba sprite = sprite_of(object, atlas);
      color_sprite(sprite, object, kinds()[std::size_t(object.kind)].entity_type == "person", light);
      layer = place_sprite(sprite, object, width, height, -offset);
    } else {
      layer = place_sprite(sprite_of(object, atlas), object, width, height, -offset);
    }
    for (int y = 0; y < layer.height; ++y) {
      const std::uint8_t* from = &layer.rgba[std::size_t(y) * layer.width * 4];
      std::uint16_t* label = &out.labels[std::size_t(layer.y + y) * width + layer.x];
      std::uint8_t* to = view.with_image ? out.image.pixel(layer.x, layer.y + y) : nullptr;
      for (int x = 0; x < layer.width; ++x, from += 4) {
        const int alpha = from[3];
        if (alpha == 0) continue;
        if (alpha >= kOpaque) label[x] = std::uint16_t(i + 1), ++drawn[i];
        if (view.with_image)
          for (int c = 0; c < 3; ++c) to[x * 3 + c] = std::uint8_t(from[c] + (to[x * 3 + c] * (255 - alpha) + 127) / 255);
      }
    }
  }
  for (const std::uint16_t label : out.labels)
    if (label > 0) ++visible[label - 1];
  for (std::size_t i = 0; i < drawn.size(); ++i) out.visibility.push_back(drawn[i] == 0 ? 0.0 : double(visible[i]) / double(drawn[i]));
  if (view.with_image) {
    // A [1 2 1] pass has variance 1/2: blur^2 / (1/2) passes for the wished deviation.
    const double blur = scene.blur * height / 240;
    smooth(out.image, std::min(40, int(std::lround(2 * blur * blur))));
    add_grain(out.image, scene.noise, scene.background + view.grain_seed * 0x9E3779B97F4A7C15ull);
  }
  return out;
}

Drawing with_masks(LabelDrawing drawn, const Scene& scene, int width, int height) {
  Drawing out;
  out.image = std::move(drawn.image);
  std::vector<std::uint8_t> pixels(drawn.labels.size());
  for (std::size_t i = 0; i < scene.objects.size(); ++i) {
    for (std::size_t k = 0; k < pixels.size(); ++k) pixels[k] = drawn.labels[k] == i + 1;
    out.objects.push_back({scene.objects[i].thing, scene.objects[i].kind, ie::encode(pixels, height, width), drawn.visibility[i]});
  }
  return out;
}

LabelDrawing draw_labels(const Scene& scene, const Atlas& atlas, int width, int height) {
  return draw_view(scene, atlas, width, height, {});
}

LabelDrawing draw_only_labels(const Scene& scene, const Atlas& atlas, int width, int height) {
  return draw_view(scene, atlas, width, height, {0, 0, false});
}

Drawing draw(const Scene& scene, const Atlas& atlas, int width, int height) {
  return with_masks(draw_labels(scene, atlas, width, height), scene, width, height);
}

}  // namespace reamo::synth
