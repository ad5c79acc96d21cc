#include "media/image_header.h"

#include <algorithm>
#include <cstring>
#include <fstream>

extern "C" {
#include <libavutil/crc.h>
}

#include "media/ffmpeg.h"

namespace reamo::media {
namespace {

using ByteSpan = std::span<const std::uint8_t>;

bool starts_with(ByteSpan bytes, std::string_view magic, std::size_t at = 0) {
  return bytes.size() >= at + magic.size() && std::memcmp(bytes.data() + at, magic.data(), magic.size()) == 0;
}

// Integers at a position; 0 beyond the end.
std::uint32_t read_be(ByteSpan bytes, std::size_t at, int count) {
  std::uint32_t value = 0;
  for (int i = 0; i < count; ++i) value = value << 8 | (at + i < bytes.size() ? bytes[at + i] : 0);
  return value;
}
std::uint32_t read_le(ByteSpan bytes, std::size_t at, int count) {
  std::uint32_t value = 0;
  for (int i = count - 1; i >= 0; --i) value = value << 8 | (at + i < bytes.size() ? bytes[at + i] : 0);
  return value;
}

struct TiffFacts {
  std::int64_t width = 0, height = 0;
  int orientation = 1;
};

// The first directory of a TIFF structure, which is also that of EXIF data.
TiffFacts read_tiff(ByteSpan bytes) {
  TiffFacts facts;
  const bool little = starts_with(bytes, "II");
  if (!little && !starts_with(bytes, "MM")) return facts;
  const auto read = [&](std::size_t at, int count) { return little ? read_le(bytes, at, count) : read_be(bytes, at, count); };
  const std::size_t directory = read(4, 4);
  const std::uint32_t entries = read(directory, 2);
  for (std::uint32_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + std::size_t(i) * 12;
    if (entry + 12 > bytes.size()) break;
    const std::uint32_t tag = read(entry, 2), type = read(entry + 2, 2);
    if (type != 3 && type != 4) continue;  // short, long
    const std::uint32_t value = read(entry + 8, type == 3 ? 2 : 4);
    if (tag == 256) facts.width = value;
    if (tag == 257) facts.height = value;
    if (tag == 274 && value >= 1 && value <= 8) facts.orientation = int(value);
  }
  return facts;
}

int exif_orientation(ByteSpan bytes) {
  if (starts_with(bytes, std::string_view("Exif\0\0", 6))) bytes = bytes.subspan(6);
  return read_tiff(bytes).orientation;
}

void read_png(ByteSpan bytes, const std::filesystem::path& path, const Limits& limits, ImageHeader& header) {
  const AVCRC* table = av_crc_get_table(AV_CRC_32_IEEE_LE);
  bool has_data = false;
  for (std::size_t at = 8;;) {
    if (at + 8 > bytes.size()) refuse(path, "the PNG is truncated");
    const std::uint64_t length = read_be(bytes, at, 4);
    const ByteSpan type = bytes.subspan(at + 4, 4);
    const std::string type_name(type.begin(), type.end());
    if (type_name == "IHDR" && length >= 13) {
      header.width = read_be(bytes, at + 8, 4);
      header.height = read_be(bytes, at + 12, 4);
      check_size(path, header.width, header.height, limits);
    }
    if (length > bytes.size() - at - 8 || bytes.size() - at - 8 - length < 4) refuse(path, "the PNG is truncated");
    const std::uint32_t crc = av_crc(table, 0xffffffffu, type.data(), std::size_t(length) + 4) ^ 0xffffffffu;
    const bool right = crc == read_be(bytes, at + 8 + std::size_t(length), 4);
    const bool critical = (type[0] & 0x20) == 0;
    if (!right && critical) refuse(path, "the checksum of its " + type_name + " chunk is wrong");
    if (!right) header.warnings.push_back("the checksum of the " + type_name + " chunk is wrong; it is ignored");
    if (right && type_name == "eXIf") header.orientation = exif_orientation(bytes.subspan(at + 8, std::size_t(length)));
    has_data = has_data || type_name == "IDAT";
    at += 12 + std::size_t(length);
    if (type_name == "IEND") {
      header.end = at;
      break;
    }
  }
  if (!has_data) refuse(path, "the PNG has no image data");
}

void read_jpeg(ByteSpan bytes, const std::filesystem::path& path, const Limits& limits, ImageHeader& header) {
  bool has_scan = false;
  std::size_t at = 2;
  while (true) {
    // The next marker; after a scan this passes over its data (stuffed zeros and restart markers).
    while (at + 1 < bytes.size() &&
           (bytes[at] != 0xff || bytes[at + 1] == 0 || bytes[at + 1] == 0xff || (bytes[at + 1] >= 0xd0 && bytes[at + 1] <= 0xd7))) {
      ++at;
    }
    if (at + 1 >= bytes.size()) {
      if (!has_scan) refuse(path, "the JPEG is truncated: it has no image data");
      refuse(path, "the JPEG is truncated: its image data is not whole");
    }
    const std::uint8_t marker = bytes[at + 1];
    at += 2;
    if (marker == 0xd9) {
      if (!has_scan) refuse(path, "the JPEG has no image data");
      header.end = at;
      return;
    }
    if (marker == 0x01 || marker == 0xd8) continue;
    const std::size_t length = read_be(bytes, at, 2);
    if (length < 2 || at + length > bytes.size()) refuse(path, "the JPEG is truncated inside its header");
    const ByteSpan segment = bytes.subspan(at + 2, length - 2);
    const bool frame = marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    if (frame) {
      header.height = read_be(segment, 1, 2);
      header.width = read_be(segment, 3, 2);
      header.cmyk = read_be(segment, 5, 1) == 4;
      check_size(path, header.width, header.height, limits);
    } else if (marker == 0xe1 && starts_with(segment, std::string_view("Exif\0\0", 6))) {
      header.orientation = exif_orientation(segment);
    } else if (marker == 0xda) {
      has_scan = true;
    }
    at += length;
  }
}

void read_webp(ByteSpan bytes, const std::filesystem::path& path, ImageHeader& header) {
  const std::uint64_t whole = std::uint64_t(read_le(bytes, 4, 4)) + 8;
  if (whole > bytes.size()) refuse(path, "the WebP is truncated");
  header.end = std::size_t(whole);
  for (std::size_t at = 12; at + 8 <= header.end;) {
    const std::size_t length = read_le(bytes, at + 4, 4);
    if (length > header.end - at - 8) refuse(path, "the WebP is truncated");
    const ByteSpan chunk = bytes.subspan(at + 8, length);
    if (starts_with(bytes, "VP8X", at)) {
      header.width = read_le(chunk, 4, 3) + 1;
      header.height = read_le(chunk, 7, 3) + 1;
    } else if (starts_with(bytes, "VP8 ", at) && header.width == 0) {
      header.width = read_le(chunk, 6, 2) & 0x3fff;
      header.height = read_le(chunk, 8, 2) & 0x3fff;
    } else if (starts_with(bytes, "VP8L", at) && header.width == 0) {
      const std::uint32_t bits = read_le(chunk, 1, 4);
      header.width = (bits & 0x3fff) + 1;
      header.height = (bits >> 14 & 0x3fff) + 1;
    } else if (starts_with(bytes, "ANIM", at)) {
      refuse(path, "animated WebP is not supported");
    } else if (starts_with(bytes, "EXIF", at)) {
      header.orientation = exif_orientation(chunk);
    }
    at += 8 + length + (length & 1);
  }
}

void read_bmp(ByteSpan bytes, ImageHeader& header) {
  if (read_le(bytes, 14, 4) == 12) {
    header.width = read_le(bytes, 18, 2);
    header.height = read_le(bytes, 20, 2);
    return;
  }
  header.width = std::int32_t(read_le(bytes, 18, 4));
  header.height = std::abs(std::int64_t(std::int32_t(read_le(bytes, 22, 4))));
}

}  // namespace

const char* name_of(ImageFormat format) {
  static constexpr const char* kNames[] = {"png", "jpeg", "webp", "bmp", "gif", "tiff"};
  return kNames[int(format)];
}

std::optional<ImageFormat> sniff(ByteSpan bytes) {
  if (starts_with(bytes, "\x89PNG\r\n\x1a\n")) return ImageFormat::kPng;
  if (starts_with(bytes, "\xff\xd8")) return ImageFormat::kJpeg;
  if (starts_with(bytes, "RIFF") && starts_with(bytes, "WEBP", 8)) return ImageFormat::kWebp;
  if (starts_with(bytes, "BM") && bytes.size() >= 26) return ImageFormat::kBmp;
  if (starts_with(bytes, "GIF87a") || starts_with(bytes, "GIF89a")) return ImageFormat::kGif;
  if (starts_with(bytes, std::string_view("II*\0", 4)) || starts_with(bytes, std::string_view("MM\0*", 4))) return ImageFormat::kTiff;
  return std::nullopt;
}

std::vector<std::uint8_t> load_picture(const std::filesystem::path& path, const Limits& limits) {
  check_file(path, limits);
  // No picture format needs more than 8 bytes a pixel and a header.
  const std::int64_t most = std::min(limits.max_bytes, 8 * limits.max_pixels + (1 << 20));
  const auto size = std::int64_t(std::filesystem::file_size(path));
  std::ifstream file(path, std::ios::binary);
  std::vector<std::uint8_t> start(std::size_t(std::min<std::int64_t>(size, 64)));
  if (!file.read(reinterpret_cast<char*>(start.data()), std::streamsize(start.size()))) refuse(path, "it cannot be opened");
  if (!sniff(start)) refuse(path, "it is not a PNG, JPEG, WebP, BMP, GIF or TIFF picture");
  if (size > most) refuse(path, "it has " + std::to_string(size) + " bytes, more than a picture within --max-pixels needs");
  std::vector<std::uint8_t> bytes(std::size_t(size) + AV_INPUT_BUFFER_PADDING_SIZE);
  file.seekg(0);
  if (!file.read(reinterpret_cast<char*>(bytes.data()), std::streamsize(size))) refuse(path, "it cannot be read to its end");
  return bytes;
}

ImageHeader read_header(ByteSpan bytes, const std::filesystem::path& path, const Limits& limits) {
  const auto format = sniff(bytes);
  if (!format) refuse(path, "it is not a PNG, JPEG, WebP, BMP, GIF or TIFF picture");
  ImageHeader header;
  header.format = *format;
  header.end = bytes.size();
  switch (*format) {
    case ImageFormat::kPng: read_png(bytes, path, limits, header); break;
    case ImageFormat::kJpeg: read_jpeg(bytes, path, limits, header); break;
    case ImageFormat::kWebp: read_webp(bytes, path, header); break;
    case ImageFormat::kBmp: read_bmp(bytes, header); break;
    case ImageFormat::kGif:
      header.width = read_le(bytes, 6, 2);
      header.height = read_le(bytes, 8, 2);
      break;
    case ImageFormat::kTiff: {
      const TiffFacts facts = read_tiff(bytes);
      header.width = facts.width;
      header.height = facts.height;
      header.orientation = facts.orientation;
      break;
    }
  }
  check_size(path, header.width, header.height, limits);
  return header;
}

}  // namespace reamo::media
