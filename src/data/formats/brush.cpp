#include "data/formats/brush.h"

#include <algorithm>
#include <string>

#include "ie/error.h"

namespace reamo::data {
namespace {

constexpr int kCountBits = 32, kWordBits = 8;
constexpr int kLengthBits[4] = {4, 8, 12, 16};

class BitWriter {
 public:
  void put(std::uint32_t value, int bits) {
    for (int bit = bits - 1; bit >= 0; --bit) {
      if (used_ == 0) bytes_.push_back(0);
      bytes_.back() = static_cast<std::uint8_t>(bytes_.back() | ((value >> bit & 1U) << (7 - used_)));
      used_ = (used_ + 1) % 8;
    }
  }
  std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
  int used_ = 0;
};

class BitReader {
 public:
  explicit BitReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  std::uint32_t take(int bits) {
    std::uint32_t value = 0;
    for (int i = 0; i < bits; ++i, ++at_) {
      if (at_ / 8 >= bytes_.size()) throw Error("the brush mask ends too early");
      value = value << 1 | (bytes_[at_ / 8] >> (7 - at_ % 8) & 1U);
    }
    return value;
  }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<std::uint8_t> encode_brush(const ie::Mask& mask) {
  const std::vector<std::uint8_t> pixels = ie::decode(mask);
  BitWriter bits;
  bits.put(static_cast<std::uint32_t>(4 * pixels.size()), kCountBits);
  bits.put(kWordBits - 1, 5);
  for (const int length : kLengthBits) bits.put(static_cast<std::uint32_t>(length - 1), 4);
  for (std::size_t at = 0; at < pixels.size();) {
    const auto end = std::find_if(pixels.begin() + static_cast<std::ptrdiff_t>(at), pixels.end(),
                                  [&](std::uint8_t p) { return p != pixels[at]; });
    auto left = static_cast<std::uint64_t>(end - pixels.begin() - static_cast<std::ptrdiff_t>(at)) * 4;
    while (left > 0) {
      const auto length = std::min<std::uint64_t>(left, std::uint64_t{1} << kLengthBits[3]);
      int size = 0;
      while (length > (std::uint64_t{1} << kLengthBits[size])) ++size;
      bits.put(1, 1);
      bits.put(static_cast<std::uint32_t>(size), 2);
      bits.put(static_cast<std::uint32_t>(length - 1), kLengthBits[size]);
      bits.put(pixels[at] != 0 ? 255 : 0, kWordBits);
      left -= length;
    }
    at = static_cast<std::size_t>(end - pixels.begin());
  }
  return bits.take();
}

ie::Mask decode_brush(std::span<const std::uint8_t> bytes, int height, int width) {
  BitReader bits(bytes);
  const std::uint64_t count = bits.take(kCountBits);
  if (height < 1 || width < 1 ||
      count != 4 * static_cast<std::uint64_t>(height) * static_cast<std::uint64_t>(width)) {
    throw Error("the brush mask has " + std::to_string(count) + " bytes, not four for each pixel of " +
                std::to_string(width) + " x " + std::to_string(height));
  }
  if (count > 4 * ie::kMaxMaskPixels) throw Error("the brush mask is over the limit of masks");
  const int word = static_cast<int>(bits.take(5)) + 1;
  int lengths[4];
  for (int& length : lengths) length = static_cast<int>(bits.take(4)) + 1;
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(count / 4));
  for (std::uint64_t at = 0; at < count;) {
    const bool repeated = bits.take(1) == 1;
    const std::uint64_t length = std::uint64_t{bits.take(lengths[bits.take(2)])} + 1;
    if (length > count - at) throw Error("the brush mask has more bytes than it says");
    std::uint32_t value = repeated ? bits.take(word) : 0;
    for (const std::uint64_t end = at + length; at < end; ++at) {
      if (!repeated) value = bits.take(word);
      if (at % 4 == 3) pixels[static_cast<std::size_t>(at / 4)] = value > 0;
    }
  }
  return ie::encode(pixels, height, width);
}

}  // namespace reamo::data
