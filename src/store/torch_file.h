// PyTorch checkpoints, read without Python: torch.save since 1.6 (a zip archive of stored members with a pickle) and before (pickles,
// then the data).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "store/tensor_file.h"

namespace reamo::store {

// A tensor as a view of a storage. Strides and offset count elements.
struct TorchTensor {
  DType dtype = DType::kF32;
  std::vector<std::int64_t> shape, strides;
  std::int64_t offset = 0;
  std::span<const std::byte> storage;  // valid as long as the TorchFile lives
  std::int64_t elements() const;
  bool is_contiguous() const;
  // Row-major copy.
  std::vector<std::byte> bytes() const;
};

// Memory-mapped, read-only. Error naming the file: another format, compressed members, a tensor outside of its storage, classes that
// are no tensors where a tensor needs them, names over 4096 bytes, more than 256 MiB of text.
class TorchFile {
 public:
  static TorchFile open(const std::filesystem::path& path);

  // By the keys that lead to them, joined by '/': a flat dict's own keys; "state_dict/layer.weight" in a container.
  const std::map<std::string, TorchTensor>& tensors() const { return tensors_; }
  // Those under `key` ("state_dict"), without it.
  std::map<std::string, TorchTensor> tensors_under(const std::string& key) const;
  // Everything else: dicts and objects (their attributes) as objects, tensors and unknown things as null.
  const nlohmann::json& values() const { return values_; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  std::map<std::string, TorchTensor> tensors_;
  nlohmann::json values_;
  std::shared_ptr<const void> memory_;
};

}  // namespace reamo::store
