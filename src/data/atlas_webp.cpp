#include "data/atlas_artwork.h"
#include "media/read.h"

namespace reamo::data {

Artwork open_webp_artwork(const std::filesystem::path& folder) {
  return [=](const std::string& code_points) -> std::optional<signal::ImageRgba> {
    for (const std::string& name : {code_points, without_selectors(code_points)}) {
      const std::filesystem::path path = folder / (name + ".webp");
      if (std::filesystem::exists(path)) return media::read_image_rgba(path);
    }
    return std::nullopt;
  };
}

}  // namespace reamo::data
