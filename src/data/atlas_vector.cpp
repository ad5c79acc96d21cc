#include <cairo.h>
#include <librsvg/rsvg.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "data/atlas_artwork.h"
#include "ie/error.h"
#include "store/tensor_file.h"

namespace reamo::data {
namespace {

constexpr std::size_t kMaxSvgBytes = std::size_t(4) << 20, kMaxCollectionBytes = std::size_t(64) << 20;

struct Release {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
  void operator()(cairo_t* context) const { cairo_destroy(context); }
  void operator()(RsvgHandle* handle) const { g_object_unref(handle); }
};

// "man firefighter: light skin tone" -> "man-firefighter-light-skin-tone"
std::string kebab_case(const std::string& name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const unsigned char c = name[i];
    if (std::isalnum(c)) out += char(std::tolower(c));
    else if (c == '\'' || c == '.' || c >= 0x80) continue;  // dropped, as Iconify does
    else if (!out.empty() && out.back() != '-') out += '-';
  }
  if (!out.empty() && out.back() == '-') out.pop_back();
  return out;
}

// Names of sequences from emoji-test.txt: lines "1F468 200D 1F692 ; fully-qualified # X E4.0 man firefighter".
std::map<std::string, std::string> read_names(const std::filesystem::path& path) {
  std::ifstream in(path);
  if (!in) throw Error("cannot read " + path.string() + ": install the Debian package unicode-data or name the file");
  std::map<std::string, std::string> names;
  for (std::string line; std::getline(in, line);) {
    const std::size_t semicolon = line.find(';'), hash = line.find('#');
    if (line.empty() || line[0] == '#' || semicolon == std::string::npos || hash == std::string::npos || hash < semicolon) continue;
    std::string code_points;
    for (char c : line.substr(0, semicolon)) code_points += c == ' ' ? '-' : char(std::tolower(static_cast<unsigned char>(c)));
    while (!code_points.empty() && code_points.back() == '-') code_points.pop_back();
    // After the hash: the emoji, the version, the name.
    std::size_t at = hash + 1;
    for (int field = 0; field < 2; ++field) at = line.find(' ', line.find_first_not_of(' ', at));
    if (at != std::string::npos) names[code_points] = line.substr(at + 1);
  }
  return names;
}

}  // namespace

signal::ImageRgba from_premultiplied_bgra(const std::uint8_t* pixels, int width, int height, int stride) {
  signal::ImageRgba out{width, height, std::vector<std::uint8_t>(std::size_t(width) * height * 4)};
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const std::uint8_t* from = pixels + std::ptrdiff_t(y) * stride + std::ptrdiff_t(x) * 4;
      std::uint8_t* to = &out.rgba[(std::size_t(y) * width + x) * 4];
      const int alpha = from[3];
      to[3] = from[3];
      if (alpha > 0)
        for (int c = 0; c < 3; ++c) to[c] = std::uint8_t(std::min(255, (from[2 - c] * 255 + alpha / 2) / alpha));
    }
  return out;
}

std::string without_selectors(const std::string& code_points) {
  std::string out;
  for (std::size_t at = 0; at < code_points.size();) {
    const std::size_t end = std::min(code_points.find('-', at), code_points.size());
    const std::string part = code_points.substr(at, end - at);
    if (part != "fe0f") out += (out.empty() ? "" : "-") + part;
    at = end + 1;
  }
  return out;
}

signal::ImageRgba render_svg(const std::string& svg, const std::string& what) {
  GError* error = nullptr;
  const std::unique_ptr<RsvgHandle, Release> handle(
      rsvg_handle_new_from_data(reinterpret_cast<const guint8*>(svg.data()), svg.size(), &error));
  const auto fail = [&] {
    const std::string reason = error ? error->message : "unknown error";
    g_clear_error(&error);
    throw Error("cannot draw " + what + ": " + reason);
  };
  if (!handle) fail();
  const std::unique_ptr<cairo_surface_t, Release> surface(
      cairo_image_surface_create(CAIRO_FORMAT_ARGB32, kArtworkSize, kArtworkSize));
  const std::unique_ptr<cairo_t, Release> context(cairo_create(surface.get()));
  const RsvgRectangle viewport{0, 0, double(kArtworkSize), double(kArtworkSize)};
  if (!rsvg_handle_render_document(handle.get(), context.get(), &viewport, &error)) fail();
  cairo_surface_flush(surface.get());
  return from_premultiplied_bgra(cairo_image_surface_get_data(surface.get()), kArtworkSize, kArtworkSize,
                                 cairo_image_surface_get_stride(surface.get()));
}

Artwork open_svg_artwork(const std::filesystem::path& folder, bool upper_case) {
  return [=](const std::string& code_points) -> std::optional<signal::ImageRgba> {
    for (std::string name : {code_points, without_selectors(code_points)}) {
      if (upper_case)
        std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return char(std::toupper(c)); });
      const std::filesystem::path path = folder / (name + ".svg");
      if (std::filesystem::exists(path)) return render_svg(store::read_file(path, kMaxSvgBytes), path.string());
    }
    return std::nullopt;
  };
}

Artwork open_iconify_artwork(const std::filesystem::path& icons, const std::filesystem::path& emoji_test) {
  struct Collection {
    std::map<std::string, std::string> names;
    nlohmann::json json;
    int width = 64, height = 64;
  };
  auto collection = std::make_shared<Collection>();
  collection->names = read_names(emoji_test);
  try {
    collection->json = nlohmann::json::parse(store::read_file(icons, kMaxCollectionBytes));
    collection->width = collection->json.value("width", 64);
    collection->height = collection->json.value("height", 64);
    collection->json.at("icons");
  } catch (const nlohmann::json::exception& e) {
    throw Error(icons.string() + " is no Iconify collection: " + e.what());
  }
  return [collection, icons](const std::string& code_points) -> std::optional<signal::ImageRgba> {
    const auto named = collection->names.find(code_points);
    if (named == collection->names.end()) return std::nullopt;
    const std::string name = kebab_case(named->second);
    const nlohmann::json& drawings = collection->json.at("icons");
    std::string found;
    for (const std::string& candidate : {name, name + "-face", name + "-tree"}) {
      if (drawings.contains(candidate)) found = candidate;
      else if (collection->json.contains("aliases") && collection->json["aliases"].contains(candidate))
        found = collection->json["aliases"][candidate].value("parent", "");
      if (!found.empty() && drawings.contains(found)) break;
      found.clear();
    }
    if (found.empty()) return std::nullopt;
    const std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" viewBox=\"0 0 " +
                            std::to_string(collection->width) + " " + std::to_string(collection->height) + "\">" +
                            drawings.at(found).value("body", "") + "</svg>";
    return render_svg(svg, icons.string() + ", icon " + found);
  };
}

}  // namespace reamo::data
