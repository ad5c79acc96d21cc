#include "signal/draw.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace reamo::signal {
namespace {

void blend(std::uint8_t* pixel, Color color, double opacity) {
  const std::uint8_t values[3] = {color.r, color.g, color.b};
  for (int c = 0; c < 3; ++c) pixel[c] = std::uint8_t(pixel[c] + (values[c] - pixel[c]) * opacity + 0.5);
}

std::vector<std::uint8_t> pixels_of(const Image& image, const ie::Mask& mask) {
  if (mask.width != image.width || mask.height != image.height) {
    throw std::invalid_argument("the mask does not have the size of the picture");
  }
  return ie::decode(mask);
}

// Digits of 3 x 5 dots, a row in three bits, the top row highest.
constexpr std::uint16_t kDigits[10] = {0b111101101101111, 0b010110010010111, 0b111001111100111, 0b111001111001111,
                                       0b101101111001001, 0b111100111001111, 0b111100111101111, 0b111001001001001,
                                       0b111101111101111, 0b111101111001111};

}  // namespace

Color palette_color(std::size_t index) {
  static constexpr Color kColors[] = {{230, 80, 60},  {40, 130, 220}, {60, 170, 80},  {240, 170, 30}, {150, 90, 200},
                                      {20, 170, 180}, {230, 90, 160}, {140, 110, 60}, {120, 180, 30}, {90, 100, 120}};
  return kColors[index % std::size(kColors)];
}

void fill_mask(Image& image, const ie::Mask& mask, Color color, double opacity) {
  const auto pixels = pixels_of(image, mask);
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    if (pixels[i]) blend(&image.rgb[i * 3], color, opacity);
  }
}

void outline_mask(Image& image, const ie::Mask& mask, Color color, int thickness) {
  auto left = pixels_of(image, mask);
  const int width = image.width, height = image.height;
  std::vector<std::uint8_t> border(left.size());
  for (int round = 0; round < thickness; ++round) {
    const auto inside = left;
    const auto set = [&](int x, int y) {
      return x >= 0 && y >= 0 && x < width && y < height && inside[std::size_t(y) * width + x];
    };
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        if (!set(x, y) || (set(x - 1, y) && set(x + 1, y) && set(x, y - 1) && set(x, y + 1))) continue;
        const std::size_t index = std::size_t(y) * width + x;
        left[index] = 0;
        border[index] = 1;
      }
    }
  }
  for (std::size_t i = 0; i < border.size(); ++i) {
    if (border[i]) blend(&image.rgb[i * 3], color, 1);
  }
}

void fill_box(Image& image, const ie::Box& box, Color color, double opacity) {
  for (int y = std::max(0, box.y); y < std::min(image.height, box.y + box.height); ++y) {
    for (int x = std::max(0, box.x); x < std::min(image.width, box.x + box.width); ++x) blend(image.pixel(x, y), color, opacity);
  }
}

void draw_box(Image& image, const ie::Box& box, Color color, int thickness) {
  const int t = std::min({thickness, (box.width + 1) / 2, (box.height + 1) / 2});
  fill_box(image, {box.x, box.y, box.width, t}, color);
  fill_box(image, {box.x, box.y + box.height - t, box.width, t}, color);
  fill_box(image, {box.x, box.y, t, box.height}, color);
  fill_box(image, {box.x + box.width - t, box.y, t, box.height}, color);
}

void draw_line(Image& image, double x0, double y0, double x1, double y1, Color color, double thickness) {
  const double half = thickness / 2, reach = half + 1;
  const double dx = x1 - x0, dy = y1 - y0, length2 = dx * dx + dy * dy;
  const auto clamp_to = [](double value, int limit) { return int(std::clamp(value, 0.0, double(limit))); };
  const int left = clamp_to(std::floor(std::min(x0, x1) - reach), image.width);
  const int right = clamp_to(std::ceil(std::max(x0, x1) + reach), image.width);
  const int top = clamp_to(std::floor(std::min(y0, y1) - reach), image.height);
  const int bottom = clamp_to(std::ceil(std::max(y0, y1) + reach), image.height);
  for (int y = top; y < bottom; ++y) {
    for (int x = left; x < right; ++x) {
      const double px = x + 0.5 - x0, py = y + 0.5 - y0;
      const double t = length2 > 0 ? std::clamp((px * dx + py * dy) / length2, 0.0, 1.0) : 0;
      const double coverage = std::clamp(half + 0.5 - std::hypot(px - t * dx, py - t * dy), 0.0, 1.0);
      if (coverage > 0) blend(image.pixel(x, y), color, coverage);
    }
  }
}

void draw_number(Image& image, int x, int y, unsigned number, Color color, int height) {
  const int dot = std::max(1, height / 7);
  std::size_t digits = 1;
  for (unsigned rest = number / 10; rest; rest /= 10) ++digits;
  fill_box(image, {x, y, dot * int(4 * digits + 1), dot * 7}, color);
  const bool dark = 299 * color.r + 587 * color.g + 114 * color.b > 140000;
  const Color ink = dark ? Color{0, 0, 0} : Color{255, 255, 255};
  for (int place = int(digits) - 1; place >= 0; --place, number /= 10) {
    for (int bit = 0; bit < 15; ++bit) {
      if (!(kDigits[number % 10] >> (14 - bit) & 1)) continue;
      fill_box(image, {x + dot * (1 + 4 * place + bit % 3), y + dot * (1 + bit / 3), dot, dot}, ink);
    }
  }
}

void paste(Image& image, const ImageRgba& sprite, int x, int y) {
  for (int row = std::max(0, -y); row < std::min(sprite.height, image.height - y); ++row) {
    for (int column = std::max(0, -x); column < std::min(sprite.width, image.width - x); ++column) {
      const std::uint8_t* source = &sprite.rgba[(std::size_t(row) * sprite.width + column) * 4];
      if (source[3]) blend(image.pixel(x + column, y + row), {source[0], source[1], source[2]}, source[3] / 255.0);
    }
  }
}

void paste(Image& image, const Image& other, int x, int y) {
  const int left = std::max(0, -x), right = std::min(other.width, image.width - x);
  if (left >= right) return;
  for (int row = std::max(0, -y); row < std::min(other.height, image.height - y); ++row) {
    std::copy_n(other.pixel(left, row), std::size_t(right - left) * 3, image.pixel(x + left, y + row));
  }
}

std::vector<float> waveform_peaks(const Audio& audio, int columns) {
  std::vector<float> peaks(std::size_t(std::max(0, columns)) * 2);
  const std::size_t frames = audio.frames();
  for (int column = 0; frames > 0 && column < columns; ++column) {
    const std::size_t first = std::min(frames - 1, frames * column / columns);
    const std::size_t last = std::max(first + 1, frames * (column + 1) / columns);
    const auto [low, high] = std::minmax_element(audio.samples.begin() + std::ptrdiff_t(first), audio.samples.begin() + std::ptrdiff_t(last));
    peaks[2 * column] = *low;
    peaks[2 * column + 1] = *high;
  }
  return peaks;
}

Image draw_waveform(const Audio& audio, int width, int height, Color line, Color background) {
  Image image(width, height);
  fill_box(image, {0, 0, width, height}, background);
  const auto peaks = waveform_peaks(audio, width);
  float largest = 1e-6f;
  for (float peak : peaks) largest = std::max(largest, std::abs(peak));
  const double middle = height / 2.0, scale = height * 0.48 / largest;
  for (int x = 0; x < width; ++x) {
    const int top = int(std::floor(middle - peaks[2 * x + 1] * scale)), bottom = int(std::ceil(middle - peaks[2 * x] * scale));
    fill_box(image, {x, top, 1, std::max(1, bottom - top)}, line);
  }
  return image;
}

Image contact_sheet(const std::vector<Image>& images, int columns, int cell_width, int cell_height, int gap, Color background) {
  if (columns < 1 || cell_width < 1 || cell_height < 1 || gap < 0) throw std::invalid_argument("a contact sheet needs cells");
  const int rows = int((images.size() + columns - 1) / columns);
  Image sheet(columns * (cell_width + gap) + gap, rows * (cell_height + gap) + gap);
  fill_box(sheet, {0, 0, sheet.width, sheet.height}, background);
  for (std::size_t i = 0; i < images.size(); ++i) {
    const Image& image = images[i];
    if (image.empty()) continue;
    const double scale = std::min({double(cell_width) / image.width, double(cell_height) / image.height, 1.0});
    const int width = std::max(1, int(image.width * scale)), height = std::max(1, int(image.height * scale));
    const int x = gap + int(i) % columns * (cell_width + gap), y = gap + int(i) / columns * (cell_height + gap);
    paste(sheet, resize(image, width, height, Filter::kBicubic), x + (cell_width - width) / 2, y + (cell_height - height) / 2);
  }
  return sheet;
}

}  // namespace reamo::signal
