// Tensors in files: one read view for safetensors, PyTorch and npy.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reamo::store {

enum class DType { kF64, kF32, kF16, kBF16, kI64, kI32, kI16, kI8, kU8, kBool };
std::size_t size_of(DType dtype);
std::string_view name_of(DType dtype);  // as in safetensors: "F32", "BF16", ..

// A view of one tensor: contiguous, row-major, little-endian.
struct TensorView {
  DType dtype;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;  // valid as long as the TensorFile lives
  std::int64_t elements() const;
};

// Memory-mapped, read-only. Throws Error naming the file and what is wrong.
class TensorFile {
 public:
  // safetensors: every header rule is checked (ranges, gaps, overlaps, products that overflow, duplicate names).
  static TensorFile open_safetensors(const std::filesystem::path& path);

  const std::map<std::string, TensorView>& tensors() const { return tensors_; }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  bool has(const std::string& name) const { return tensors_.count(name) != 0; }
  const TensorView& at(const std::string& name) const;  // Error naming tensor and file
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  std::map<std::string, TensorView> tensors_;
  std::map<std::string, std::string> metadata_;
  std::shared_ptr<const void> memory_;
};

// One tensor to write; `bytes` is called when its turn comes, so that one tensor is in memory at a time.
struct TensorSource {
  std::string name;
  DType dtype;
  std::vector<std::int64_t> shape;
  std::function<std::vector<std::byte>()> bytes;
};
// Written beside and renamed: the file appears whole or not at all. Tensors are 8-byte aligned, in the given order.
void write_safetensors(const std::filesystem::path& path, const std::vector<TensorSource>& tensors,
                       const std::map<std::string, std::string>& metadata = {});

// SHA-256 of a file as lower-case hex.
std::string sha256_file(const std::filesystem::path& path);
std::string sha256(std::span<const std::byte> bytes);

// Writes `content` beside `path` and renames it there.
void write_file_whole(const std::filesystem::path& path, std::string_view content);
// The content of a file of at most `max_bytes`.
std::string read_file(const std::filesystem::path& path, std::size_t max_bytes = std::size_t(1) << 30);

}  // namespace reamo::store
