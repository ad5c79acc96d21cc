#include "data/formats/indexed_png.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>

#include "ie/error.h"
#include "media/read.h"

namespace reamo::data {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSignature = "\x89PNG\r\n\x1a\n";
constexpr int kGrey = 0, kIndexed = 3;

std::uint32_t big_endian(const char* bytes) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

void append_big_endian(std::string& bytes, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xFF);
}

struct Header {
  int colour_type = -1;
  std::string palette;  // red, green, blue of each index
};

// The parts before the pixels.
Header read_header(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  char signature[8] = {};
  in.read(signature, 8);
  if (!in || std::string_view(signature, 8) != kSignature) throw Error(path.string() + ": is not a PNG");
  Header header;
  char head[8];
  while (in.read(head, 8)) {
    const std::uint32_t length = big_endian(head);
    const std::string_view type(head + 4, 4);
    if (type == "IDAT") break;
    if (type == "IHDR" || type == "PLTE") {
      if (length > 768) throw Error(path.string() + ": a part of the PNG is too long");
      std::string data(length, '\0');
      in.read(data.data(), length);
      if (type == "PLTE") header.palette = data;
      if (type == "IHDR" && length >= 10) header.colour_type = static_cast<unsigned char>(data[9]);
    } else {
      in.seekg(length, std::ios::cur);
    }
    in.seekg(4, std::ios::cur);  // checksum
  }
  return header;
}

std::array<std::uint8_t, 3> davis_colour(int number) {
  std::array<std::uint8_t, 3> colour{};
  for (int bit = 7; number > 0; --bit, number >>= 3) {
    for (std::size_t c = 0; c < 3; ++c)
      colour[c] = static_cast<std::uint8_t>(colour[c] | ((number >> c & 1) << bit));
  }
  return colour;
}

void append_part(std::string& png, const char* type, const std::string& data) {
  append_big_endian(png, static_cast<std::uint32_t>(data.size()));
  const std::string body = type + data;
  png += body;
  append_big_endian(png, static_cast<std::uint32_t>(::crc32(0, reinterpret_cast<const Bytef*>(body.data()),
                                                            static_cast<uInt>(body.size()))));
}

}  // namespace

NumberImage read_number_png(const fs::path& path, const media::Limits& limits) {
  const Header header = read_header(path);
  if (header.colour_type != kGrey && header.colour_type != kIndexed)
    throw Error(path.string() + ": is a PNG in colours, not of object numbers");
  std::map<std::uint32_t, int> numbers;  // -1: of two colours
  const auto packed = [](const char* c) { return big_endian(c) >> 8; };
  const std::string palette = header.palette + std::string(1, '\0');
  for (std::size_t i = 0; 3 * i + 2 < header.palette.size(); ++i) {
    const auto [found, is_new] = numbers.emplace(packed(palette.data() + 3 * i), static_cast<int>(i));
    if (!is_new) found->second = -1;
  }
  media::ImageOptions options;
  options.alpha = media::Alpha::kDrop;
  const signal::Image image = media::read_image(path, limits, options);
  NumberImage result{image.width, image.height, std::vector<std::uint8_t>(image.rgb.size() / 3)};
  for (std::size_t i = 0; i < result.numbers.size(); ++i) {
    const std::uint8_t* rgb = &image.rgb[3 * i];
    if (header.colour_type == kGrey) {
      result.numbers[i] = rgb[0];
      continue;
    }
    const auto found = numbers.find(static_cast<std::uint32_t>(rgb[0] << 16 | rgb[1] << 8 | rgb[2]));
    if (found == numbers.end() || found->second < 0)
      throw Error(path.string() + ": a colour stands for no single number of its palette");
    result.numbers[i] = static_cast<std::uint8_t>(found->second);
  }
  const auto is_binary = [](std::uint8_t number) { return number == 0 || number == 255; };
  if (header.colour_type == kGrey && std::all_of(result.numbers.begin(), result.numbers.end(), is_binary)) {
    for (std::uint8_t& number : result.numbers) number = number != 0;
  }
  return result;
}

std::string number_png(const NumberImage& image) {
  std::string rows;
  for (int y = 0; y < image.height; ++y) {
    rows += '\0';  // no filter
    rows.append(reinterpret_cast<const char*>(image.numbers.data()) +
                    static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width),
                static_cast<std::size_t>(image.width));
  }
  uLongf bytes = ::compressBound(static_cast<uLong>(rows.size()));
  std::string packed(bytes, '\0');
  if (::compress(reinterpret_cast<Bytef*>(packed.data()), &bytes, reinterpret_cast<const Bytef*>(rows.data()),
                 static_cast<uLong>(rows.size())) != Z_OK) {
    throw Error("a PNG could not be packed");
  }
  packed.resize(bytes);
  std::string header, palette;
  append_big_endian(header, static_cast<std::uint32_t>(image.width));
  append_big_endian(header, static_cast<std::uint32_t>(image.height));
  header += {8, kIndexed, 0, 0, 0};
  for (int i = 0; i < 256; ++i) {
    for (const std::uint8_t c : davis_colour(i)) palette += static_cast<char>(c);
  }
  std::string png(kSignature);
  append_part(png, "IHDR", header);
  append_part(png, "PLTE", palette);
  append_part(png, "IDAT", packed);
  append_part(png, "IEND", "");
  return png;
}

}  // namespace reamo::data
