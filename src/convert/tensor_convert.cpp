#include "convert/tensor_convert.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "ie/error.h"
#include "store/mapped_file.h"

namespace reamo::convert {
namespace {

using store::DType;

template <typename T>
T load(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}

void to_floats(const std::byte* from, DType dtype, std::size_t count, float* out) {
  switch (dtype) {
    case DType::kF32: std::memcpy(out, from, count * 4); break;
    case DType::kF64:
      for (std::size_t i = 0; i < count; ++i) out[i] = float(load<double>(from + 8 * i));
      break;
    case DType::kBF16:
      for (std::size_t i = 0; i < count; ++i) out[i] = std::bit_cast<float>(std::uint32_t(load<std::uint16_t>(from + 2 * i)) << 16);
      break;
    case DType::kF16:
      for (std::size_t i = 0; i < count; ++i) out[i] = half_to_float(load<std::uint16_t>(from + 2 * i));
      break;
    default: throw Error("a tensor of whole numbers where weights are needed");
  }
}

void from_floats(const float* from, DType dtype, std::size_t count, std::byte* out, const std::string& name) {
  const auto put = [&](std::size_t i, std::uint16_t bits) { std::memcpy(out + 2 * i, &bits, 2); };
  switch (dtype) {
    case DType::kF32: std::memcpy(out, from, count * 4); break;
    case DType::kBF16:
      for (std::size_t i = 0; i < count; ++i) put(i, float_to_bfloat(from[i]));
      break;
    case DType::kF16:
      for (std::size_t i = 0; i < count; ++i) {
        if (std::abs(from[i]) >= 65520 && std::isfinite(from[i])) throw Error("tensor " + name + " holds a number that fp16 cannot hold (over 65504); use bf16 or fp32");
        put(i, float_to_half(from[i]));
      }
      break;
    default: throw Error("tensors are written as fp32, bf16 or fp16");
  }
}

// A contiguous tensor's elements; others are copied into `copy` first.
const std::byte* contiguous(const store::TorchTensor& tensor, std::vector<std::byte>& copy) {
  if (tensor.is_contiguous()) return tensor.storage.data() + std::size_t(tensor.offset) * store::size_of(tensor.dtype);
  copy = tensor.bytes();
  store::release_pages(tensor.storage);
  return copy.data();
}

// By blocks, so that what is read of the map is given back before the next.
constexpr std::size_t kBlock = std::size_t(1) << 18;

std::vector<float> all_floats(const store::TorchTensor& tensor) {
  std::vector<std::byte> copy;
  std::vector<float> out(std::size_t(tensor.elements()));
  if (!out.empty()) to_floats(contiguous(tensor, copy), tensor.dtype, out.size(), out.data());
  store::release_pages(tensor.storage);
  return out;
}

}  // namespace

bool is_floating(DType dtype) { return dtype == DType::kF64 || dtype == DType::kF32 || dtype == DType::kF16 || dtype == DType::kBF16; }

float half_to_float(std::uint16_t bits) {
  const std::uint32_t sign = std::uint32_t(bits & 0x8000) << 16, exponent = (bits >> 10) & 31, mantissa = bits & 1023;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7F800000 | mantissa << 13);
  if (exponent != 0) return std::bit_cast<float>(sign | (exponent + 112) << 23 | mantissa << 13);
  const float value = float(mantissa) * 0x1p-24f;
  return sign ? -value : value;
}

std::uint16_t float_to_half(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value), magnitude = bits & 0x7FFFFFFF;
  const auto sign = std::uint16_t((bits >> 16) & 0x8000);
  if (magnitude > 0x7F800000) return sign | 0x7E00;  // not a number
  if (magnitude >= 0x477FF000) return sign | 0x7C00;  // 65520 and more
  if (magnitude < 0x38800000) {                       // under the smallest normal number: multiples of 2^-24
    return sign | std::uint16_t(std::nearbyint(std::bit_cast<float>(magnitude) * 0x1p24f));
  }
  const std::uint32_t rounded = magnitude - 0x38000000 + 0xFFF + ((magnitude >> 13) & 1);
  return sign | std::uint16_t(rounded >> 13);
}

std::uint16_t float_to_bfloat(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7FFFFFFF) > 0x7F800000) return std::uint16_t(bits >> 16 | 0x40);
  return std::uint16_t((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
}

DType parse_dtype(const std::string& text) {
  if (text == "fp32") return DType::kF32;
  if (text == "bf16") return DType::kBF16;
  if (text == "fp16") return DType::kF16;
  throw UsageError("the type of elements is fp32, bf16 or fp16, not \"" + text + "\"");
}

std::vector<std::byte> converted(const store::TorchTensor& tensor, DType target, const std::string& name) {
  const auto count = std::size_t(tensor.elements());
  std::vector<std::byte> copy;
  if (count == 0) return copy;
  const std::byte* from = contiguous(tensor, copy);
  const bool same = tensor.dtype == target || !is_floating(tensor.dtype);
  if (same && !copy.empty()) return copy;
  const std::size_t in = store::size_of(tensor.dtype), size = same ? in : store::size_of(target);
  std::vector<std::byte> out(count * size);
  std::vector<float> block(same ? 0 : std::min(count, kBlock));
  for (std::size_t at = 0; at < count; at += kBlock) {
    const std::size_t n = std::min(kBlock, count - at);
    if (same) {
      std::memcpy(out.data() + at * size, from + at * in, n * in);
    } else {
      to_floats(from + at * in, tensor.dtype, n, block.data());
      from_floats(block.data(), target, n, out.data() + at * size, name);
    }
    if (copy.empty()) store::release_pages({from + at * in, n * in});
  }
  return out;
}

std::vector<std::byte> floats_as(const std::vector<float>& values, DType target, const std::string& name) {
  std::vector<std::byte> out(values.size() * store::size_of(target));
  from_floats(values.data(), target, values.size(), out.data(), name);
  return out;
}

std::vector<std::byte> merged(const store::TorchTensor& base, const store::TorchTensor& down, const store::TorchTensor& up, double scale,
                              DType target, const std::string& name) {
  const auto rows = std::size_t(base.shape.at(0)), width = std::size_t(base.shape.at(1)), rank = std::size_t(down.shape.at(0));
  const std::vector<float> a = all_floats(down), b = all_floats(up);
  std::vector<std::byte> copy;
  const std::byte* from = contiguous(base, copy);
  const std::size_t in = store::size_of(base.dtype), size = store::size_of(target);
  std::vector<std::byte> out(rows * width * size);
  // Four rows at a time share each row of `a`. Sums in fp32.
  constexpr std::size_t kRows = 4;
  std::vector<float> sums(kRows * width), weights(width);
  for (std::size_t first = 0; first < rows; first += kRows) {
    const std::size_t here = std::min(kRows, rows - first);
    std::fill(sums.begin(), sums.end(), 0.0f);
    for (std::size_t k = 0; k < rank; ++k) {
      const float* row = a.data() + k * width;
      for (std::size_t r = 0; r < here; ++r) {
        const float factor = b[(first + r) * rank + k];
        float* sum = sums.data() + r * width;
        for (std::size_t i = 0; i < width; ++i) sum[i] += factor * row[i];
      }
    }
    for (std::size_t r = 0; r < here; ++r) {
      to_floats(from + (first + r) * width * in, base.dtype, width, weights.data());
      for (std::size_t i = 0; i < width; ++i) weights[i] += float(scale) * sums[r * width + i];
      from_floats(weights.data(), target, width, out.data() + (first + r) * width * size, name);
    }
  }
  store::release_pages(base.storage);
  return out;
}

std::vector<std::byte> grown(const store::TorchTensor& tensor, std::int64_t rows, DType target, const std::string& name) {
  std::vector<std::byte> copy;
  const std::byte* from = contiguous(tensor, copy);
  const auto old = std::size_t(tensor.shape.at(0)), width = std::size_t(tensor.shape.at(1));
  const std::size_t in = store::size_of(tensor.dtype), size = store::size_of(target);
  std::vector<std::byte> out(std::size_t(rows) * width * size);
  std::vector<float> row(width);
  std::vector<double> sums(width, 0.0);
  for (std::size_t r = 0; r < old; ++r) {
    to_floats(from + r * width * in, tensor.dtype, width, row.data());
    for (std::size_t i = 0; i < width; ++i) sums[i] += row[i];
    if (r < std::size_t(rows)) from_floats(row.data(), target, width, out.data() + r * width * size, name);
  }
  for (std::size_t i = 0; i < width; ++i) row[i] = float(sums[i] / double(std::max<std::size_t>(1, old)));
  for (std::size_t r = old; r < std::size_t(rows); ++r) from_floats(row.data(), target, width, out.data() + r * width * size, name);
  store::release_pages(tensor.storage);
  return out;
}

}  // namespace reamo::convert
