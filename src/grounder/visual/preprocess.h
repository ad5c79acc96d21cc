// From a picture to what the network takes (parity/SEEM.md section 4).
#pragma once

#include <torch/torch.h>

#include <utility>

#include "grounder/visual/seem_config.h"
#include "signal/image.h"

namespace reamo::grounder {

struct ModelImage {
  torch::Tensor pixels;       // [3, padded height, padded width], normalised, zeros outside the picture
  int width = 0, height = 0;  // of the resized picture inside
};

// Width and height that a picture is resized to.
std::pair<int, int> resized_size(int width, int height, const InputConfig& input);
signal::Image resize_for_model(const signal::Image& image, const InputConfig& input);
// Normalises and pads a picture that already has the model's size.
ModelImage normalise(const signal::Image& resized, const InputConfig& input);
ModelImage preprocess(const signal::Image& image, const InputConfig& input);
// uint8 [.., 3, H, W] (RGB) -> float, normalised; what training uses on stored pixels.
torch::Tensor normalise_pixels(const torch::Tensor& rgb);

// A drawing (any size; non-zero is drawn) as a mask of the resized picture: bool [height, width]. Bilinear without
// antialiasing, then > 0, as published.
torch::Tensor resize_stroke(const torch::Tensor& drawing, int width, int height);

}  // namespace reamo::grounder
