#include <openssl/evp.h>

#include <array>

#include "ie/error.h"
#include "store/mapped_file.h"
#include "store/tensor_file.h"

namespace reamo::store {

std::string sha256(std::span<const std::byte> bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) throw Error("SHA-256 failed");
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    text += kHex[digest[i] >> 4];
    text += kHex[digest[i] & 15];
  }
  return text;
}

std::string sha256_file(const std::filesystem::path& path) { return sha256(MappedFile(path).bytes()); }

}  // namespace reamo::store
