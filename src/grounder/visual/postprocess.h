// From mask logits at stride 4 to masks of the picture (parity/SEEM.md sections 5.1 and 5.2).
#pragma once

#include <torch/torch.h>

#include <array>

#include "ie/mask.h"

namespace reamo::grounder {

// logits [n, h, w] at stride 4 of the padded picture -> [n, height, width] of the resized picture inside: bilinear with
// half-pixel centres, cropped.
torch::Tensor picture_logits(const torch::Tensor& logits, int padded_height, int padded_width, int height, int width);
// The same brought to the picture as given: bilinear from the resized size.
torch::Tensor scale_logits(const torch::Tensor& logits, int height, int width);
// bool or 0/1 [height, width].
ie::Mask to_mask(const torch::Tensor& set);
torch::Tensor from_mask(const ie::Mask& mask);  // bool [height, width]

// What the published program does with a mask; ours is scale_logits and Mask::box.
// 0/1 uint8 [h, w] -> uint8 [height, width]: 8x8 Lanczos without antialiasing, rounded; non-zero is set.
torch::Tensor published_resize(const torch::Tensor& mask, int height, int width);
// Its box as x0, y0, x1, y1: of the contours with an area, one pixel too far in at the left and top; zeros where none.
std::array<double, 4> published_box(const torch::Tensor& mask);

}  // namespace reamo::grounder
