// `reamo verify`: runs reference cases and prints a line for each.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>

namespace reamo::parity {

struct VerifyOptions {
  std::string family;  // only ops that begin with it ("imagebind", "llm.splice"); empty: all
  // CLIP's published vocabulary, for the cases that need it.
  std::optional<std::filesystem::path> clip_vocabulary;
};

// Runs every folder with a case.json at or below `path`, and prints
//   pass  imagebind.model  vision_image  11 tensors, worst 0.013 of its tolerance (vision.block0.attn)  0.2 s
// A case that cannot be read or has an unknown op fails. True when nothing failed and something ran; Error where `path` is
// no folder or holds no case of the family.
bool verify(const std::filesystem::path& path, const VerifyOptions& options, std::ostream& out);

}  // namespace reamo::parity
