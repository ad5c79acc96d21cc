// Files that appear whole or not at all.
#pragma once

#include <cstdio>
#include <filesystem>
#include <string_view>

namespace reamo::store {

// Writes beside `path` and renames at commit(); without commit() nothing is left behind.
class WholeFile {
 public:
  explicit WholeFile(const std::filesystem::path& path);  // Error when the folder cannot be written
  ~WholeFile();
  WholeFile(const WholeFile&) = delete;
  WholeFile& operator=(const WholeFile&) = delete;

  void write(std::string_view bytes);
  void commit();

 private:
  std::filesystem::path path_, beside_;
  std::FILE* file_ = nullptr;
};

}  // namespace reamo::store
