// Colours in whole numbers, and their names.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

namespace reamo::synth {

using Rgb = std::array<std::uint8_t, 3>;

// Hue in 1536ths of a turn (red 0, yellow 256, green 512, cyan 768, blue 1024, magenta 1280); saturation and value 0..255.
struct Hsv {
  int hue = 0, saturation = 0, value = 0;
};
constexpr int kHueTurn = 1536;

inline Hsv to_hsv(int r, int g, int b) {
  const int high = std::max({r, g, b}), low = std::min({r, g, b}), chroma = high - low;
  Hsv out{0, high == 0 ? 0 : chroma * 255 / high, high};
  if (chroma == 0) return out;
  if (high == r) out.hue = (g - b) * 256 / chroma + (g < b ? kHueTurn : 0);
  else if (high == g) out.hue = (b - r) * 256 / chroma + 512;
  else out.hue = (r - g) * 256 / chroma + 1024;
  if (out.hue >= kHueTurn) out.hue -= kHueTurn;
  return out;
}

inline Rgb to_rgb(const Hsv& c) {
  const int chroma = c.value * c.saturation / 255, low = c.value - chroma;
  const int sector = c.hue / 256, part = c.hue % 256;
  const int rising = low + chroma * part / 256, falling = low + chroma * (256 - part) / 256, high = c.value;
  const auto rgb = [](int r, int g, int b) { return Rgb{std::uint8_t(r), std::uint8_t(g), std::uint8_t(b)}; };
  switch (sector) {
    case 0: return rgb(high, rising, low);
    case 1: return rgb(falling, high, low);
    case 2: return rgb(low, high, rising);
    case 3: return rgb(low, falling, high);
    case 4: return rgb(rising, low, high);
    default: return rgb(high, low, falling);
  }
}

// Hues of skin in every tone, emoji yellow among them: not changed when clothes are.
inline bool is_skin_hue(int hue) { return hue >= 30 && hue <= 240; }

inline Rgb mix(const Rgb& a, const Rgb& b, int t256) {
  Rgb out;
  for (int c = 0; c < 3; ++c) out[c] = std::uint8_t(a[c] + (((int(b[c]) - a[c]) * t256) >> 8));
  return out;
}

}  // namespace reamo::synth
