// What the bytes of a picture say before they are decoded: format, size, orientation, wholeness.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "media/limits.h"

namespace reamo::media {

enum class ImageFormat { kPng, kJpeg, kWebp, kBmp, kGif, kTiff };
const char* name_of(ImageFormat format);  // "png", ..

struct ImageHeader {
  ImageFormat format = ImageFormat::kPng;
  std::int64_t width = 0, height = 0;  // as stored
  int orientation = 1;                 // EXIF, 1..8; undefined values are 1
  bool cmyk = false;                   // JPEG of four components
  std::size_t end = 0;                 // bytes that belong to the picture; what follows is ignored
  std::vector<std::string> warnings;
};

// The format by its first bytes; nullopt: not a picture that is read.
std::optional<ImageFormat> sniff(std::span<const std::uint8_t> bytes);
// The file's bytes followed by AV_INPUT_BUFFER_PADDING_SIZE zeros; refuses what is no picture or larger than one can be.
std::vector<std::uint8_t> load_picture(const std::filesystem::path& path, const Limits& limits);
// Reads the header and walks the parts of a PNG, JPEG or WebP. Truncated files and wrong checksums of parts that the
// picture needs are an Error, and so is a size over the limits.
ImageHeader read_header(std::span<const std::uint8_t> bytes, const std::filesystem::path& path, const Limits& limits);

}  // namespace reamo::media
