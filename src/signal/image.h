// Pictures and film as plain arrays.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace reamo::signal {

// 8-bit RGB, row-major, interleaved: rgb[(y * width + x) * 3 + channel].
struct Image {
  int width = 0, height = 0;
  std::vector<std::uint8_t> rgb;

  Image() = default;
  Image(int w, int h) : width(w), height(h), rgb(std::size_t(w) * h * 3) {}
  const std::uint8_t* pixel(int x, int y) const { return &rgb[(std::size_t(y) * width + x) * 3]; }
  std::uint8_t* pixel(int x, int y) { return &rgb[(std::size_t(y) * width + x) * 3]; }
  bool empty() const { return rgb.empty(); }
  friend bool operator==(const Image&, const Image&) = default;
};

// Premultiplied nothing: straight alpha, rgba[(y * width + x) * 4 + channel].
struct ImageRgba {
  int width = 0, height = 0;
  std::vector<std::uint8_t> rgba;
};

// A frame of a film, as displayed, at its presentation time in seconds.
struct Frame {
  Image image;
  double time = 0;
};

// A stream of frames in order of time; nullopt at the end. Width and height are those of every frame.
struct FrameSource {
  int width = 0, height = 0;
  double frame_rate = 0;  // average, frames a second; 0 if unknown
  std::function<std::optional<Frame>()> next;
};

// Pillow's resampler on 8-bit data, exactly: two passes, rounded to 8 bits between them (parity/IMAGEBIND.md 4.1).
enum class Filter { kBilinear, kBicubic, kLanczos };
Image resize(const Image& image, int width, int height, Filter filter);
Image crop(const Image& image, int x, int y, int width, int height);

// How a picture was brought to a model's size: maps pixels of the model back to pixels of the picture.
struct Placement {
  double scale_x = 1, scale_y = 1;  // model pixels per picture pixel
  int offset_x = 0, offset_y = 0;   // where the picture's (0, 0) stands in model pixels
  int width = 0, height = 0;        // of the picture
};

// Values in [0, 1], row-major [height][width].
struct Map {
  int width = 0, height = 0;
  std::vector<float> values;
};
// Bilinear with half-pixel centres, optional antialiasing when shrinking.
Map resize(const Map& map, int width, int height, bool antialias);

}  // namespace reamo::signal
