#include "synth/sheet.h"

#include <algorithm>

#include "ie/error.h"
#include "signal/draw.h"

namespace reamo::synth {

Sheet scene_sheet(const Atlas& atlas, const SheetOptions& options, std::uint64_t seed) {
  static const std::vector<signal::Color> colors = {{230, 25, 75}, {60, 180, 75}, {255, 225, 25}, {0, 130, 200}, {245, 130, 48}, {145, 30, 180}};
  Sheet sheet{signal::Image(options.columns * options.width, options.rows * options.height), {}};
  for (int number = 0; number < options.columns * options.rows; ++number) {
    Random random = Random(seed).stream("sheet", std::uint64_t(number));
    const Scene scene = random_scene(atlas, random, options.styles, {}, double(options.width) / options.height);
    Drawing drawing = draw(scene, atlas, options.width, options.height);
    for (std::size_t i = 0; i < scene.objects.size(); ++i) {
      sheet.legend.push_back(std::to_string(number + 1) + "." + std::to_string(i + 1) + " " + kinds()[std::size_t(scene.objects[i].kind)].name + " (" +
                             scene.objects[i].style + ")");
      if (!options.outlines || drawing.objects[i].mask.empty()) continue;
      const ie::Box box = drawing.objects[i].mask.box();
      const signal::Color color = colors[i % colors.size()];
      signal::outline_mask(drawing.image, drawing.objects[i].mask, color, 1);
      signal::draw_number(drawing.image, box.x + box.width / 2 - 4, std::max(0, box.y - 12), unsigned(i + 1), color);
    }
    signal::paste(sheet.image, drawing.image, number % options.columns * options.width, number / options.columns * options.height);
  }
  return sheet;
}

signal::Image film_strip(const Film& film, const Atlas& atlas, int frames, int width, int height) {
  signal::Image strip(frames * width, height);
  for (int i = 0; i < frames; ++i) {
    const int index = frames > 1 ? i * (frame_count(film) - 1) / (frames - 1) : 0;
    signal::paste(strip, draw_frame(film, atlas, index, width, height).image, i * width, 0);
  }
  return strip;
}

signal::Image sprite_sheet(const Atlas& atlas, const std::string& style, int columns) {
  constexpr int kSide = 76;
  std::vector<const signal::ImageRgba*> sprites;
  for (int kind = 0; kind < int(kinds().size()); ++kind)
    if (atlas.has(kind, style))
      for (const signal::ImageRgba& sprite : atlas.sprites(kind, style)) sprites.push_back(&sprite);
  if (sprites.empty()) throw Error("the atlas has no artwork in style '" + style + "'");
  signal::Image sheet(columns * kSide, (int(sprites.size()) + columns - 1) / columns * kSide);
  std::fill(sheet.rgb.begin(), sheet.rgb.end(), std::uint8_t(236));
  for (std::size_t i = 0; i < sprites.size(); ++i) {
    const int x = int(i) % columns * kSide, y = int(i) / columns * kSide;
    signal::paste(sheet, *sprites[i], x + (kSide - sprites[i]->width) / 2, y + (kSide - sprites[i]->height) / 2);
  }
  return sheet;
}

}  // namespace reamo::synth
