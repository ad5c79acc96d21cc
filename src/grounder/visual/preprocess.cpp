#include "grounder/visual/preprocess.h"

#include <algorithm>

#include "ie/error.h"

namespace reamo::grounder {
namespace F = torch::nn::functional;

namespace {

const std::vector<float> kMean = {123.675f, 116.28f, 103.53f};
const std::vector<float> kDeviation = {58.395f, 57.12f, 57.375f};

}  // namespace

std::pair<int, int> resized_size(int width, int height, const InputConfig& input) {
  const bool by_width = input.short_side > 0 ? width <= height : width >= height;
  const int side = input.short_side > 0 ? input.short_side : input.long_side;
  if ((by_width ? width : height) == side) return {width, height};
  const auto other = [&](int this_side, int that_side) {
    return std::max(1, int(double(side) * double(that_side) / double(this_side)));
  };
  if (by_width) return {side, other(width, height)};
  return {other(height, width), side};
}

signal::Image resize_for_model(const signal::Image& image, const InputConfig& input) {
  if (image.width < 1 || image.height < 1) throw Error("an empty picture cannot be grounded");
  const auto [width, height] = resized_size(image.width, image.height, input);
  if (width == image.width && height == image.height) return image;
  return signal::resize(image, width, height, signal::Filter::kBicubic);
}

torch::Tensor normalise_pixels(const torch::Tensor& rgb) {
  const auto constants = [&](const std::vector<float>& values) {
    return torch::tensor(values, torch::TensorOptions().device(rgb.device())).view({3, 1, 1});
  };
  return (rgb.to(torch::kFloat32) - constants(kMean)) / constants(kDeviation);
}

ModelImage normalise(const signal::Image& resized, const InputConfig& input) {
  ModelImage result;
  result.width = resized.width;
  result.height = resized.height;
  const torch::Tensor bytes =
      torch::from_blob(const_cast<std::uint8_t*>(resized.rgb.data()), {resized.height, resized.width, 3}, torch::kUInt8);
  const torch::Tensor pixels = normalise_pixels(bytes.permute({2, 0, 1}));
  const std::int64_t right = (input.multiple - resized.width % input.multiple) % input.multiple;
  const std::int64_t bottom = (input.multiple - resized.height % input.multiple) % input.multiple;
  result.pixels = F::pad(pixels, F::PadFuncOptions({0, right, 0, bottom})).contiguous();
  return result;
}

ModelImage preprocess(const signal::Image& image, const InputConfig& input) {
  return normalise(resize_for_model(image, input), input);
}

torch::Tensor resize_stroke(const torch::Tensor& drawing, int width, int height) {
  const torch::Tensor values = drawing.to(torch::kFloat32).unsqueeze(0).unsqueeze(0);
  const torch::Tensor resized = F::interpolate(values, F::InterpolateFuncOptions()
                                                           .size(std::vector<std::int64_t>{height, width})
                                                           .mode(torch::kBilinear)
                                                           .align_corners(false));
  return resized[0][0] > 0;
}

}  // namespace reamo::grounder
