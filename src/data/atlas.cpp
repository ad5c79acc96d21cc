#include "data/atlas.h"

#include <algorithm>
#include <array>

#include "data/atlas_artwork.h"
#include "ie/error.h"

namespace reamo::data {
namespace {

struct Style {
  const char *name, *package, *files;
};
constexpr std::array<Style, 5> kStyles = {{{"noto", "", ""},
                                           {"twemoji", "@twemoji/svg", "@twemoji/svg"},
                                           {"emojione", "@iconify-json/emojione", "@iconify-json/emojione/icons.json"},
                                           {"openmoji", "openmoji", "openmoji/color/svg"},
                                           {"fluent3d", "@lobehub/fluent-emoji-3d", "@lobehub/fluent-emoji-3d/assets"}}};

const Style& find_style(const std::string& name) {
  const auto found = std::find_if(kStyles.begin(), kStyles.end(), [&](const Style& style) { return style.name == name; });
  if (found == kStyles.end())
    throw UsageError("unknown artwork style '" + name + "'; there are noto, twemoji, emojione, openmoji, fluent3d");
  return *found;
}

// Average of the source pixels under each target pixel, colours weighted by alpha; never enlarges.
signal::ImageRgba shrink(const signal::ImageRgba& image, int width, int height) {
  signal::ImageRgba out{width, height, std::vector<std::uint8_t>(std::size_t(width) * height * 4)};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      // Footprint in units of 1 / width and 1 / height of a source pixel: exact integer weights.
      const std::int64_t left = std::int64_t(x) * image.width, right = left + image.width;
      const std::int64_t top = std::int64_t(y) * image.height, bottom = top + image.height;
      std::int64_t weight_sum = 0, alpha_sum = 0, color_sum[3] = {};
      for (std::int64_t sy = top / height; sy * height < bottom; ++sy) {
        const std::int64_t wy = std::min<std::int64_t>((sy + 1) * height, bottom) - std::max<std::int64_t>(sy * height, top);
        for (std::int64_t sx = left / width; sx * width < right; ++sx) {
          const std::int64_t wx = std::min<std::int64_t>((sx + 1) * width, right) - std::max<std::int64_t>(sx * width, left);
          const std::uint8_t* pixel = &image.rgba[(std::size_t(sy) * image.width + sx) * 4];
          weight_sum += wx * wy;
          alpha_sum += wx * wy * pixel[3];
          for (int c = 0; c < 3; ++c) color_sum[c] += wx * wy * pixel[3] * pixel[c];
        }
      }
      std::uint8_t* pixel = &out.rgba[(std::size_t(y) * width + x) * 4];
      pixel[3] = std::uint8_t((alpha_sum + weight_sum / 2) / weight_sum);
      if (alpha_sum > 0)
        for (int c = 0; c < 3; ++c) pixel[c] = std::uint8_t((color_sum[c] + alpha_sum / 2) / alpha_sum);
    }
  }
  return out;
}

}  // namespace

const std::vector<std::string>& artwork_styles() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const Style& style : kStyles) all.push_back(style.name);
    return all;
  }();
  return names;
}

std::string artwork_package(const std::string& style) { return find_style(style).package; }

Artwork open_artwork(const std::string& name, const ArtworkPaths& paths) {
  const Style& style = find_style(name);
  if (name == "noto") {
    if (!std::filesystem::exists(paths.noto_font))
      throw Error("no font " + paths.noto_font.string() + ": install the Debian package fonts-noto-color-emoji or name the font");
    return open_font_artwork(paths.noto_font);
  }
  const std::filesystem::path files = paths.node_modules / style.files;
  if (!std::filesystem::exists(files))
    throw Error("no artwork at " + files.string() + ": run `npm install " + style.package + "` there, or name another folder");
  if (name == "twemoji") return open_svg_artwork(files, false);
  if (name == "openmoji") return open_svg_artwork(files, true);
  if (name == "emojione") return open_iconify_artwork(files, paths.emoji_test);
  return open_webp_artwork(files);
}

signal::ImageRgba trim_sprite(const signal::ImageRgba& artwork, int size) {
  constexpr int kVisible = 24;  // of 255: fainter rims and shadows are cut off
  int left = artwork.width, top = artwork.height, right = 0, bottom = 0;
  for (int y = 0; y < artwork.height; ++y)
    for (int x = 0; x < artwork.width; ++x)
      if (artwork.rgba[(std::size_t(y) * artwork.width + x) * 4 + 3] >= kVisible) {
        left = std::min(left, x), right = std::max(right, x + 1);
        top = std::min(top, y), bottom = std::max(bottom, y + 1);
      }
  if (left >= right) return {};
  signal::ImageRgba cut{right - left, bottom - top, {}};
  cut.rgba.reserve(std::size_t(cut.width) * cut.height * 4);
  for (int y = top; y < bottom; ++y) {
    const auto row = artwork.rgba.begin() + (std::ptrdiff_t(y) * artwork.width + left) * 4;
    cut.rgba.insert(cut.rgba.end(), row, row + std::ptrdiff_t(cut.width) * 4);
  }
  const int longer = std::max(cut.width, cut.height);
  if (longer <= size) return cut;
  return shrink(cut, std::max(1, (cut.width * size + longer / 2) / longer), std::max(1, (cut.height * size + longer / 2) / longer));
}

synth::Atlas make_atlas(const std::string& style, const ArtworkPaths& paths) {
  const Artwork artwork = open_artwork(style, paths);
  synth::Atlas atlas;
  for (std::size_t kind = 0; kind < synth::kinds().size(); ++kind)
    for (const std::string& code_points : synth::kinds()[kind].code_points) {
      const std::optional<signal::ImageRgba> picture = artwork(code_points);
      if (!picture) continue;
      signal::ImageRgba sprite = trim_sprite(*picture);
      if (sprite.width > 0) atlas.add(int(kind), style, std::move(sprite));
    }
  return atlas;
}

void make_atlas(const std::string& style, const std::filesystem::path& out, const ArtworkPaths& paths) {
  make_atlas(style, paths).save(out);
}

}  // namespace reamo::data
