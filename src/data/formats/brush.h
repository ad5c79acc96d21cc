// The run lengths of Label Studio's brush: bits, not bytes.
//
// Four bytes a pixel (red, green, blue, alpha; a mask pixel is four times 255), row by row. Layout: 32 bits,
// the number of bytes; 5 bits, the bits of a value less 1; four times 4 bits, the bits of a length less 1 of
// each of four size classes; then runs: 1 bit (1: one value repeated, 0: values as they are), 2 bits (the
// size class), the length less 1, the value or values; the last byte is filled with zeros.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ie/mask.h"

namespace reamo::data {

std::vector<std::uint8_t> encode_brush(const ie::Mask& mask);
// Alpha above 0 is set. Throws Error when the bits do not give four bytes for each pixel of this size.
ie::Mask decode_brush(std::span<const std::uint8_t> bytes, int height, int width);

}  // namespace reamo::data
