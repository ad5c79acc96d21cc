// Decoded FFmpeg frames to plain pixels. Included by this folder's sources only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "media/ffmpeg.h"
#include "media/read.h"

namespace reamo::media {

struct Pixels {
  signal::Image image;
  std::vector<std::uint8_t> alpha;  // one a pixel; empty: opaque
};
// A picture. Colour differences of JPEG are enlarged and converted as the Independent JPEG Group's library does.
Pixels picture_pixels(const AVFrame& frame, bool published_depth, const std::filesystem::path& path);

// Frames of a film to RGB of a fixed size, keeping the scaler between frames.
class FilmConverter {
 public:
  FilmConverter(int width, int height) : width_(width), height_(height) {}
  signal::Image convert(const AVFrame& frame, const std::filesystem::path& path);

 private:
  int width_, height_;
  ScalerPtr scaler_;
};

// Straight alpha over one colour, in place.
void composite(Pixels& pixels, const std::uint8_t (&background)[3]);

}  // namespace reamo::media
