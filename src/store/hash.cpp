#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>

#include "ie/error.h"
#include "store/mapped_file.h"
#include "store/tensor_file.h"

namespace reamo::store {

namespace {

constexpr std::size_t kStep = std::size_t(16) << 20;

// With `release`, the pages of a mapped file that were read are given back.
std::string digest_of(std::span<const std::byte> bytes, bool release) {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  if (!context || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1) throw Error("SHA-256 failed");
  for (std::size_t at = 0; at < bytes.size(); at += kStep) {
    const std::span<const std::byte> part = bytes.subspan(at, std::min(kStep, bytes.size() - at));
    if (EVP_DigestUpdate(context.get(), part.data(), part.size()) != 1) throw Error("SHA-256 failed");
    if (release) release_pages(part);
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_DigestFinal_ex(context.get(), digest.data(), &size) != 1) throw Error("SHA-256 failed");
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    text += kHex[digest[i] >> 4];
    text += kHex[digest[i] & 15];
  }
  return text;
}

}  // namespace

std::string sha256(std::span<const std::byte> bytes) { return digest_of(bytes, false); }

std::string sha256_file(const std::filesystem::path& path) { return digest_of(MappedFile(path).bytes(), true); }

}  // namespace reamo::store
