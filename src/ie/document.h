// What the user gives: text and media (DESIGN 3.2).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reamo::ie {

// One document. Media are named image-0, audio-0, video-1, in the order given.
struct Document {
  std::optional<std::string> id;
  std::optional<std::string> text;             // UTF-8, exactly as given
  std::vector<std::filesystem::path> images;   // resolved against the document's own folder
  std::vector<std::filesystem::path> audios;
  std::vector<std::filesystem::path> videos;

  bool empty() const { return !text && images.empty() && audios.empty() && videos.empty(); }
  friend bool operator==(const Document&, const Document&) = default;
};

// Reads one JSON object. Paths are made relative to `base`. Throws Error naming the JSON pointer (`/images/0: ...`).
Document read_document(std::string_view json, const std::filesystem::path& base);
// Canonical JSON, paths written relative to `base`.
std::string write_document(const Document& document, const std::filesystem::path& base);

}  // namespace reamo::ie
