#include "data/world_sheet.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace reamo::data {

signal::Image tinted(const synth::Drawing& drawing, int width) {
  static constexpr std::array<std::array<int, 3>, 6> kTints = {{{230, 60, 60}, {60, 120, 230}, {40, 170, 70}, {230, 160, 20}, {160, 60, 200}, {20, 170, 180}}};
  signal::Image image = drawing.image;
  std::size_t tint = 0;
  for (const synth::DrawnObject& object : drawing.objects) {
    if (object.thing < 0 || object.mask.empty()) continue;
    std::vector<std::uint8_t> mask = ie::decode(object.mask);
    const auto& color = kTints[tint++ % kTints.size()];
    for (std::size_t p = 0; p < mask.size(); ++p)
      if (mask[p])
        for (std::size_t c = 0; c < 3; ++c) image.rgb[p * 3 + c] = std::uint8_t((image.rgb[p * 3 + c] * 2 + color[c]) / 3);
  }
  int height = std::max(1, image.height * width / std::max(1, image.width));
  return signal::resize(image, width, height, signal::Filter::kBilinear);
}

signal::Image contact_sheet(const std::vector<signal::Image>& pictures, int columns) {
  constexpr int kGap = 4;
  if (pictures.empty()) return signal::Image(1, 1);
  int width = 0, height = 0;
  for (const signal::Image& picture : pictures) width = std::max(width, picture.width), height = std::max(height, picture.height);
  columns = std::clamp(columns, 1, int(pictures.size()));
  int rows = (int(pictures.size()) + columns - 1) / columns;
  signal::Image sheet(columns * (width + kGap) + kGap, rows * (height + kGap) + kGap);
  std::fill(sheet.rgb.begin(), sheet.rgb.end(), std::uint8_t(255));
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    int left = kGap + int(i) % columns * (width + kGap), top = kGap + int(i) / columns * (height + kGap);
    for (int y = 0; y < pictures[i].height; ++y) std::memcpy(sheet.pixel(left, top + y), pictures[i].pixel(0, y), std::size_t(pictures[i].width) * 3);
  }
  return sheet;
}

}  // namespace reamo::data
