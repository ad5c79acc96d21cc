// One reader of artwork for each way it comes in.
#pragma once

#include "data/atlas.h"

namespace reamo::data {

// A font of colour bitmaps (CBDT); sequences become glyphs through its ligatures.
Artwork open_font_artwork(const std::filesystem::path& font);
// A folder of SVG files named by code points; `upper_case`: names in capitals.
Artwork open_svg_artwork(const std::filesystem::path& folder, bool upper_case);
// An Iconify collection (icons.json): bodies of SVG under kebab-case CLDR names.
Artwork open_iconify_artwork(const std::filesystem::path& icons, const std::filesystem::path& emoji_test);
// A folder of webp files named by code points.
Artwork open_webp_artwork(const std::filesystem::path& folder);

// Straight alpha from premultiplied BGRA (little-endian ARGB32) rows of `stride` bytes.
signal::ImageRgba from_premultiplied_bgra(const std::uint8_t* pixels, int width, int height, int stride);
// "1f468-200d-2695-fe0f" without its variation selectors.
std::string without_selectors(const std::string& code_points);
// SVG text as a picture of kArtworkSize on its longer side; Error names `what` if it is no SVG.
signal::ImageRgba render_svg(const std::string& svg, const std::string& what);

}  // namespace reamo::data
