// Linked into every test program: a folder for temporary files of this process alone, so that test cases that run side by
// side, each a process, never share a file. It is removed at the end.
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <string>

namespace {

class Scratch {
 public:
  Scratch() : folder_((std::filesystem::temp_directory_path() / "reamo-test-XXXXXX").string()), owner_(::getpid()) {
    if (::mkdtemp(folder_.data()) == nullptr) ::_exit(1);
    ::setenv("TEST_TMPDIR", folder_.c_str(), 1);  // testing::TempDir()
    ::setenv("TMPDIR", folder_.c_str(), 1);       // std::filesystem::temp_directory_path()
  }
  ~Scratch() {
    if (::getpid() != owner_) return;  // a fork that ends
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

 private:
  std::string folder_;
  pid_t owner_;
};

const Scratch scratch;

}  // namespace
