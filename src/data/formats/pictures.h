// Pictures that records name.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "data/formats/import.h"
#include "ie/result.h"

namespace reamo::data {

// A picture of a document.
struct Picture {
  std::string medium;
  int width = 0, height = 0;

  // Corners in pixels. Throws Error when nothing of the box is inside.
  ie::Grounding box(double left, double top, double right, double bottom) const {
    return box_in_image(medium, left, top, right, bottom, width, height);
  }
};

// The size that an annotation file gives.
struct Size {
  int width = 0, height = 0;
};

// Adds the picture `name` (an ending of a picture may be missing). Its size is the file's own when it is
// there; without the file it is `stated`, and without that an Error. A size stated wrongly is an Error too.
Picture add_picture(Gold& gold, const Import& import, const std::filesystem::path& annotations,
                    const std::string& name, std::optional<Size> stated = {});

}  // namespace reamo::data
