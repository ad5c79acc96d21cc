// Carries a mask from frame to frame by the likeness of pixels: each cell of a new frame takes the labels of the cells of
// remembered frames near where it is, weighted by how much it resembles them.
#pragma once

#include <torch/torch.h>

#include <deque>
#include <vector>

namespace reamo::grounder {

struct PropagationOptions {
  int recent = 3;              // frames remembered beside the first
  double temperature = 0.05;
  double radius = 0.12;        // of the longer side: how far an object moves between two frames
  double first_reach = 3;      // times the radius: how far from its place in the first frame it is still compared with it
};

class Propagation {
 public:
  explicit Propagation(const PropagationOptions& options = {}) : options_(options) {}
  // features [width, h, w]; labels [objects, h, w] in [0, 1].
  void start(const torch::Tensor& features, const torch::Tensor& labels);
  // -> labels [objects, h, w] of the next frame, which is remembered.
  torch::Tensor next(const torch::Tensor& features);

 private:
  struct Remembered {
    torch::Tensor features;  // [width, cells], unit columns
    torch::Tensor labels;    // [objects, cells]
  };
  // Each feature relative to its mean and spread in the first frame, then columns of unit length: [width, cells].
  torch::Tensor unit_columns(const torch::Tensor& features) const;

  PropagationOptions options_;
  torch::Tensor mean_, deviation_;  // [width, 1]
  Remembered first_;
  std::deque<Remembered> recent_;
  torch::Tensor near_, near_first_;  // [cells, cells] 1 at the same place, less farther off, 0 where too far to be the same thing
  std::int64_t height_ = 0, width_ = 0;
};

// Sharpens a soft mask [h, w] along the edges of a grey picture [h, w] in [0, 1] (guided filter).
torch::Tensor follow_edges(const torch::Tensor& mask, const torch::Tensor& picture, int radius, double smoothness);

}  // namespace reamo::grounder
