#include "store/file_kind.h"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace reamo::store {

std::string foreign_kind(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), std::min<std::size_t>(bytes.size(), 512));
  const auto starts = [&](std::string_view magic) { return text.substr(0, magic.size()) == magic; };
  if (starts("version https://git-lfs")) return "a Git LFS pointer, not the file itself (git lfs pull fetches it)";
  if (starts("GGUF")) return "a GGUF file";
  if (starts("ggml") || starts("lmgg") || starts("tjgg") || starts("ggjt")) return "a GGML file";
  if (starts("PK\x03\x04") || starts("PK\x05\x06")) return kZipKind;
  if (starts("\x1f\x8b")) return "a gzip file";
  if (starts("BZh") || starts("\xfd" "7zXZ") || starts("7z\xbc\xaf") || starts("\x28\xb5\x2f\xfd")) return "a compressed archive";
  if (starts("\x89HDF")) return "an HDF5 file";
  if (starts("\x93NUMPY")) return "a NumPy file";
  if (text.size() >= 262 && text.substr(257, 5) == "ustar") return "a tar archive";
  if (starts("\x80\x02") || starts("\x80\x03") || starts("\x80\x04") || starts("\x80\x05")) return "a pickle";
  if (starts("\x7f" "ELF")) return "a program";
  // Text: behind a byte order mark and white space.
  std::size_t at = starts("\xEF\xBB\xBF") ? 3 : 0;
  while (at < text.size() && std::isspace(static_cast<unsigned char>(text[at]))) ++at;
  std::string start(text.substr(at, 14));
  std::transform(start.begin(), start.end(), start.begin(), [](unsigned char c) { return char(std::tolower(c)); });
  if (start.rfind("<!doctype html", 0) == 0 || start.rfind("<html", 0) == 0 || start.rfind("<head", 0) == 0) {
    return "an HTML page (a download that needed a login?)";
  }
  if (start.rfind("<?xml", 0) == 0) return "an XML document (a download that failed?)";
  if (!start.empty() && start[0] == '{') return "a JSON text";
  return "";
}

}  // namespace reamo::store
