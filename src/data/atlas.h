// Making atlases of sprites from emoji artwork.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "signal/image.h"
#include "synth/atlas.h"

namespace reamo::data {

// Where artwork is found.
struct ArtworkPaths {
  std::filesystem::path noto_font = "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf";  // fonts-noto-color-emoji
  std::filesystem::path emoji_test = "/usr/share/unicode/emoji/emoji-test.txt";           // unicode-data: names of sequences
  std::filesystem::path node_modules = ".cache/artwork/node_modules";                     // npm packages of the other styles
};

// noto, twemoji, emojione, openmoji, fluent3d.
const std::vector<std::string>& artwork_styles();
// The npm package of a style; empty for noto.
std::string artwork_package(const std::string& style);

// The artwork of one emoji sequence ("1f468-200d-1f692") at about `kArtworkSize` pixels; nothing if the style lacks it.
inline constexpr int kArtworkSize = 144;
using Artwork = std::function<std::optional<signal::ImageRgba>(const std::string& code_points)>;
// Error if the style is unknown or its files are missing (the message says which package to install).
Artwork open_artwork(const std::string& style, const ArtworkPaths& paths = {});

// Cut to what is visible and shrunk so that the longer side has at most `size` pixels.
signal::ImageRgba trim_sprite(const signal::ImageRgba& artwork, int size = 72);

// Sprites of all kinds that the style has. Throws Error as open_artwork.
synth::Atlas make_atlas(const std::string& style, const ArtworkPaths& paths = {});
// The same, written to a file whole.
void make_atlas(const std::string& style, const std::filesystem::path& out, const ArtworkPaths& paths = {});

}  // namespace reamo::data
