// What a file of another kind is, by its first bytes, for messages.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace reamo::store {

inline constexpr const char* kZipKind = "a zip archive (a PyTorch checkpoint?)";

// "a Git LFS pointer, not the file itself", "an HTML page", "a GGUF file", ..; empty: none that is known here.
std::string foreign_kind(std::span<const std::byte> bytes);

}  // namespace reamo::store
