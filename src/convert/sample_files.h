// Checkpoints written as their publishers write them, for tests and measurements: safetensors, PyTorch's zip files, sharded folders.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "convert/tensor_table.h"
#include "store/tensor_file.h"

namespace reamo::convert::sample {

using Shapes = std::map<std::string, Shape>;
Shapes shapes_of(const TensorTable& table);

// Fills the elements of a tensor from `first` on. None at all: zeros that take no disk.
using Values = std::function<void(const std::string& name, const Shape& shape, std::uint64_t first, std::span<float> out)>;
// A number of [-0.1, 0.1) that name and place decide; most of them no type of 16 bits holds.
float numbered(const std::string& name, std::uint64_t place);
Values numbered_values();
// Weights with which a network can run: matrices uniform and small, norms 1, biases 0, the same on every machine.
Values random_weights();

void write_safetensors(const std::filesystem::path& path, const Shapes& shapes, const Values& values = {}, store::DType dtype = store::DType::kF32);

struct TorchLayout {
  std::string container;   // "state_dict": the tensors stand under this key
  nlohmann::json settings;  // an argparse.Namespace beside it, under "args": numbers, texts, flags
};
void write_torch(const std::filesystem::path& path, const Shapes& shapes, const Values& values = {}, store::DType dtype = store::DType::kF32,
                 const TorchLayout& layout = {});

// model-00001-of-0000N.safetensors or pytorch_model-0000..bin, and the index.
void write_shards(const std::filesystem::path& folder, const Shapes& shapes, int count, bool torch, const Values& values = {},
                  store::DType dtype = store::DType::kF32);

void write_text(const std::filesystem::path& path, const std::string& text);

}  // namespace reamo::convert::sample
