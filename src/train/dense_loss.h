// The loss of knowing what stands in each cell of a picture (RECIPES g).
#pragma once

#include <torch/torch.h>

#include <algorithm>
#include <cstdint>

namespace reamo::train {

struct DenseFigures {
  torch::Tensor loss;
  std::int64_t right = 0, cells = 0;  // of cells that one object fills by half: how many, and whose kind is right
  double accuracy() const { return double(right) / double(std::max<std::int64_t>(1, cells)); }
};

// Cross-entropy with the object's share of the cell as soft target; background cells weigh a third.
// logits [batch, 1 + kinds, rows, columns], class 0 the background; kinds and shares [batch, rows, columns].
DenseFigures dense_loss(const torch::Tensor& logits, const torch::Tensor& kinds, const torch::Tensor& shares);

}  // namespace reamo::train
