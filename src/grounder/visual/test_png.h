// Reads the 8-bit grey, RGB, RGBA and palette PNG files of the reference cases. For tests only: the program reads pictures
// through `media`, a level above this one.
#pragma once

#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "signal/image.h"
#include "store/tensor_file.h"

namespace reamo::grounder {

inline signal::Image read_test_png(const std::filesystem::path& path) {
  const std::string file = store::read_file(path);
  const auto number = [&](std::size_t at) {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) value = value << 8 | std::uint8_t(file.at(at + i));
    return value;
  };
  int width = 0, height = 0, kind = 0;
  std::string packed, palette;
  for (std::size_t at = 8; at + 12 <= file.size();) {
    const std::uint32_t size = number(at);
    const std::string type = file.substr(at + 4, 4);
    if (type == "IHDR") {
      width = int(number(at + 8)), height = int(number(at + 12)), kind = file.at(at + 17);
      if (file.at(at + 16) != 8 || file.at(at + 20) != 0) throw std::runtime_error("unsupported PNG " + path.string());
    }
    if (type == "PLTE") palette = file.substr(at + 8, size);
    if (type == "IDAT") packed += file.substr(at + 8, size);
    at += 12 + size;
  }
  const int channels = kind == 2 ? 3 : kind == 6 ? 4 : kind == 4 ? 2 : 1;
  const std::size_t stride = std::size_t(width) * channels;
  std::vector<std::uint8_t> raw((stride + 1) * height);
  uLongf length = uLongf(raw.size());
  if (uncompress(raw.data(), &length, reinterpret_cast<const Bytef*>(packed.data()), uLong(packed.size())) != Z_OK) {
    throw std::runtime_error("broken PNG " + path.string());
  }
  std::vector<std::uint8_t> rows(stride * height);
  for (int y = 0; y < height; ++y) {
    const int filter = raw[y * (stride + 1)];
    for (std::size_t x = 0; x < stride; ++x) {
      const int a = x >= std::size_t(channels) ? rows[y * stride + x - channels] : 0;
      const int b = y > 0 ? rows[(y - 1) * stride + x] : 0;
      const int c = x >= std::size_t(channels) && y > 0 ? rows[(y - 1) * stride + x - channels] : 0;
      const int p = a + b - c, pa = std::abs(p - a), pb = std::abs(p - b), pc = std::abs(p - c);
      const int paeth = pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
      const int predicted[] = {0, a, b, (a + b) / 2, paeth};
      rows[y * stride + x] = std::uint8_t(raw[y * (stride + 1) + 1 + x] + predicted[filter]);
    }
  }
  signal::Image image(width, height);
  for (std::size_t i = 0; i < std::size_t(width) * height; ++i) {
    for (int c = 0; c < 3; ++c) {
      const std::uint8_t value = rows[i * channels + (channels >= 3 ? c : 0)];
      image.rgb[3 * i + c] = kind == 3 ? std::uint8_t(palette.at(3 * value + c)) : value;
    }
  }
  return image;
}

}  // namespace reamo::grounder
