#include "signal/image.h"

#include <algorithm>
#include <stdexcept>

namespace reamo::signal {

Image crop(const Image& image, int x, int y, int width, int height) {
  if (x < 0 || y < 0 || width < 0 || height < 0 || x > image.width - width || y > image.height - height) {
    throw std::invalid_argument("the part to cut does not lie in the picture");
  }
  Image result(width, height);
  if (width == 0) return result;
  for (int row = 0; row < height; ++row) {
    std::copy_n(image.pixel(x, y + row), std::size_t(width) * 3, result.pixel(0, row));
  }
  return result;
}

}  // namespace reamo::signal
