// A file mapped into memory for reading.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace reamo::store {

class MappedFile {
 public:
  // Throws Error naming the file when it is missing, not a regular file, or cannot be mapped.
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const { return {static_cast<const std::byte*>(data_), size_}; }

 private:
  void* data_ = nullptr;
  std::size_t size_ = 0;
};

// Gives the pages of a part of a MappedFile back; they are read again when they are needed again. Keeps the memory of a
// program that walks through a large file small.
void release_pages(std::span<const std::byte> mapped);

}  // namespace reamo::store
