#include "store/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "ie/error.h"

namespace reamo::store {

MappedFile::MappedFile(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) throw Error(path.string() + ": cannot be opened (" + std::strerror(errno) + ")");
  struct stat status {};
  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(fd);
    throw Error(path.string() + ": not a regular file");
  }
  size_ = std::size_t(status.st_size);
  if (size_ > 0) {
    data_ = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data_ == MAP_FAILED) {
      const int code = errno;
      ::close(fd);
      throw Error(path.string() + ": cannot be mapped (" + std::strerror(code) + ")");
    }
  }
  ::close(fd);
}

MappedFile::~MappedFile() {
  if (size_ > 0) ::munmap(data_, size_);
}

void release_pages(std::span<const std::byte> mapped) {
  if (mapped.empty()) return;
  const auto page = std::uintptr_t(::sysconf(_SC_PAGESIZE));
  const auto begin = std::uintptr_t(mapped.data()) / page * page, end = std::uintptr_t(mapped.data() + mapped.size());
  ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

}  // namespace reamo::store
