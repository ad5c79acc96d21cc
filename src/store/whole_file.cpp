#include "store/whole_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "ie/error.h"
#include "store/tensor_file.h"

namespace reamo::store {

WholeFile::WholeFile(const std::filesystem::path& path) : path_(path), beside_(path) {
  beside_ += ".part" + std::to_string(::getpid());
  file_ = std::fopen(beside_.c_str(), "wb");
  if (file_ == nullptr) throw Error(path.string() + ": cannot be written (" + std::strerror(errno) + ")");
}

WholeFile::~WholeFile() {
  if (file_ == nullptr) return;
  std::fclose(file_);
  std::error_code ignored;
  std::filesystem::remove(beside_, ignored);
}

void WholeFile::write(std::string_view bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) {
    throw Error(path_.string() + ": cannot be written (" + std::strerror(errno) + ")");
  }
}

void WholeFile::commit() {
  std::FILE* file = file_;
  const bool flushed = std::fflush(file) == 0 && ::fsync(::fileno(file)) == 0;
  file_ = nullptr;
  if (std::fclose(file) != 0 || !flushed || std::rename(beside_.c_str(), path_.c_str()) != 0) {
    const std::string reason = std::strerror(errno);
    std::error_code ignored;
    std::filesystem::remove(beside_, ignored);
    throw Error(path_.string() + ": cannot be written (" + reason + ")");
  }
}

void write_file_whole(const std::filesystem::path& path, std::string_view content) {
  WholeFile file(path);
  file.write(content);
  file.commit();
}

std::string read_file(const std::filesystem::path& path, std::size_t max_bytes) {
  std::error_code code;
  if (!std::filesystem::is_regular_file(path, code)) {
    throw Error(path.string() + (std::filesystem::exists(path, code) ? ": not a regular file" : ": no such file"));
  }
  const auto size = std::filesystem::file_size(path, code);
  if (!code && size > max_bytes) {
    throw Error(path.string() + ": " + std::to_string(size) + " bytes, more than the limit of " + std::to_string(max_bytes));
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) throw Error(path.string() + ": cannot be read (" + std::strerror(errno) + ")");
  std::ostringstream content;
  content << in.rdbuf();
  return std::move(content).str();
}

}  // namespace reamo::store
