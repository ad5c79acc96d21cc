#include "data/formats/pictures.h"

#include "ie/error.h"
#include "media/read.h"

namespace reamo::data {
namespace {

namespace fs = std::filesystem;

constexpr const char* kEndings[] = {"", ".jpg", ".png", ".jpeg", ".webp"};

std::string described(Size size) { return std::to_string(size.width) + " x " + std::to_string(size.height); }

}  // namespace

Picture add_picture(Gold& gold, const Import& import, const fs::path& annotations, const std::string& name,
                    std::optional<Size> stated) {
  if (name.empty() || name.find('\0') != std::string::npos) throw Error("the record names no picture");
  if (name.size() > 1000) throw Error("the name of the picture is longer than 1000 bytes");
  const fs::path path = import.media_path(annotations, name);
  for (const char* ending : kEndings) {
    fs::path file = path;
    file += ending;
    if (!is_file(file)) continue;
    const media::Info info = media::inspect(file, import.options().media);
    const Size size{info.width, info.height};
    if (stated && (stated->width != size.width || stated->height != size.height)) {
      throw Error("the picture " + name + " has " + described(size) + " pixels, not " + described(*stated) +
                  " as the record says");
    }
    return {gold.add_image(file, size.width, size.height), size.width, size.height};
  }
  if (!stated || import.options().images) {
    throw Error("the picture " + name + " is not in " + path.parent_path().string() +
                (import.options().images ? "" : " (--images names its folder)"));
  }
  return {gold.add_image(path, stated->width, stated->height), stated->width, stated->height};
}

}  // namespace reamo::data
