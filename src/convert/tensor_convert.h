// Elements of tensors from one type to another, without LibTorch.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/torch_file.h"

namespace reamo::convert {

bool is_floating(store::DType dtype);
float half_to_float(std::uint16_t bits);
std::uint16_t float_to_half(float value);   // to nearest, ties to even; over 65504: infinity
std::uint16_t float_to_bfloat(float value);  // to nearest, ties to even
// "fp32", "bf16", "fp16"; UsageError for another.
store::DType parse_dtype(const std::string& text);

// Row-major bytes of a tensor in `target`; tensors of whole numbers stay as they are. `name` is for the Error when a finite number does
// not fit fp16. Mapped pages that were read are given back.
std::vector<std::byte> converted(const store::TorchTensor& tensor, store::DType target, const std::string& name);

std::vector<std::byte> floats_as(const std::vector<float>& values, store::DType target, const std::string& name);

// `base` + scale * up * down, rounded to `target`: base [out, in], down [rank, in], up [out, rank]; any floating types.
std::vector<std::byte> merged(const store::TorchTensor& base, const store::TorchTensor& down, const store::TorchTensor& up, double scale,
                              store::DType target, const std::string& name);

// `rows` rows: those of `tensor` [n, width], then their mean (LLM.md 5.4: how rows of new tokens start).
std::vector<std::byte> grown(const store::TorchTensor& tensor, std::int64_t rows, store::DType target, const std::string& name);

}  // namespace reamo::convert
