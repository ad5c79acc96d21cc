// PNG whose pixels are object numbers, with a palette (DAVIS, YouTube-VOS).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "media/limits.h"

namespace reamo::data {

struct NumberImage {
  int width = 0, height = 0;
  std::vector<std::uint8_t> numbers;  // [height][width]
};

// Indexed PNG: the indices. Grey PNG: the values, except that a picture of 0 and 255 alone is one of 0 and 1.
// Throws Error on anything else; a palette that has a colour twice cannot be undone after decoding and is
// refused where the colour is used.
NumberImage read_number_png(const std::filesystem::path& path, const media::Limits& limits);

// The bytes of an indexed PNG with the palette of DAVIS (bits of the number spread over red, green and blue).
std::string number_png(const NumberImage& image);

}  // namespace reamo::data
