// From queries to a map of segments, and the two other summaries of the published model (parity/SEEM.md section 5.3).
#pragma once

#include <torch/torch.h>

#include <vector>

namespace reamo::grounder {

struct PanopticOptions {
  int things = 80;    // classes below this index are things
  int classes = 133;  // class of this index is "nothing"
  double score = 0.4;
  double overlap = 0.8;
};
struct PanopticSegment {
  int id, category;
  bool thing;
};
struct Panoptic {
  torch::Tensor map;  // int32 [height, width], 0: no segment
  std::vector<PanopticSegment> segments;
  torch::Tensor scores, labels;  // of each query: best class and its probability
};
// class_logits [queries, classes + 1]; mask_logits [queries, height, width] at the picture's size.
Panoptic panoptic(const torch::Tensor& class_logits, const torch::Tensor& mask_logits, const PanopticOptions& options = {});

// [classes, height, width]: sum over queries of class probability times mask probability.
torch::Tensor semantic(const torch::Tensor& class_logits, const torch::Tensor& mask_logits);

struct Instances {  // things, best first
  torch::Tensor scores, classes, areas, queries;
};
Instances instances(const torch::Tensor& class_logits, const torch::Tensor& mask_logits, const PanopticOptions& options = {},
                    int candidates = 100);

}  // namespace reamo::grounder
