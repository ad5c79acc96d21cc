// Drawing onto pictures: masks, boxes, lines, numbers; pictures of sound; grids of pictures. Everything is clipped to the
// picture.
#pragma once

#include <cstdint>
#include <vector>

#include "ie/mask.h"
#include "signal/audio.h"
#include "signal/image.h"

namespace reamo::signal {

struct Color {
  std::uint8_t r = 0, g = 0, b = 0;
  friend bool operator==(const Color&, const Color&) = default;
};
// Well separated colours; any index.
Color palette_color(std::size_t index);

// Opacity 0..1. The mask must have the picture's size, else std::invalid_argument.
void fill_mask(Image& image, const ie::Mask& mask, Color color, double opacity);
// The border of the mask, drawn inwards, `thickness` pixels wide.
void outline_mask(Image& image, const ie::Mask& mask, Color color, int thickness = 2);
void fill_box(Image& image, const ie::Box& box, Color color, double opacity = 1);
void draw_box(Image& image, const ie::Box& box, Color color, int thickness = 2);
// A line with smooth edges; pixel centres are at .5.
void draw_line(Image& image, double x0, double y0, double x1, double y1, Color color, double thickness = 1);
// A flag with a number, its top left corner at (x, y), `height` pixels high.
void draw_number(Image& image, int x, int y, unsigned number, Color color, int height = 11);

// `sprite` over `image` with its straight alpha, top left corner at (x, y).
void paste(Image& image, const ImageRgba& sprite, int x, int y);
void paste(Image& image, const Image& other, int x, int y);

// Peaks of channel 0 over time, the whole recording across the width.
Image draw_waveform(const Audio& audio, int width, int height, Color line, Color background);
// Largest and smallest sample of channel 0 in each of `columns` equal parts: 2 * columns values (min, max).
std::vector<float> waveform_peaks(const Audio& audio, int columns);

// Pictures shrunk to fit cells, in rows; empty pictures leave their cell empty.
Image contact_sheet(const std::vector<Image>& images, int columns, int cell_width, int cell_height, int gap = 4,
                    Color background = {32, 32, 32});

}  // namespace reamo::signal
