#include "grounder/visual/propagation.h"

#include <algorithm>
#include <cmath>

namespace reamo::grounder {
namespace {

torch::Tensor unit_columns(const torch::Tensor& features) {  // [width, h, w] -> [width, cells]
  const torch::Tensor flat = features.flatten(1);
  return flat / flat.norm(2, 0, true).clamp_min(1e-6);
}

torch::Tensor box_mean(const torch::Tensor& map, int radius) {
  return torch::avg_pool2d(map.unsqueeze(0).unsqueeze(0), 2 * radius + 1, 1, radius, false, false)[0][0];
}

}  // namespace

void Propagation::start(const torch::Tensor& features, const torch::Tensor& labels) {
  height_ = features.size(1);
  width_ = features.size(2);
  first_ = {unit_columns(features), labels.flatten(1)};
  recent_.clear();
  const torch::Tensor y = torch::arange(height_).unsqueeze(1).expand({height_, width_}).flatten().to(torch::kFloat32);
  const torch::Tensor x = torch::arange(width_).unsqueeze(0).expand({height_, width_}).flatten().to(torch::kFloat32);
  const torch::Tensor dy = y.unsqueeze(0) - y.unsqueeze(1), dx = x.unsqueeze(0) - x.unsqueeze(1);
  const torch::Tensor squared = dy.square() + dx.square();
  const double reach = std::max(2.0, options_.radius * double(std::max(height_, width_)));
  far_ = squared > reach * reach;
  far_from_first_ = squared > options_.first_reach * options_.first_reach * reach * reach;
}

torch::Tensor Propagation::next(const torch::Tensor& features) {
  const torch::Tensor current = unit_columns(features);
  std::vector<torch::Tensor> likeness, labels;
  likeness.push_back(torch::matmul(current.t(), first_.features).masked_fill_(far_from_first_, -1));
  labels.push_back(first_.labels);
  for (const Remembered& frame : recent_) {
    likeness.push_back(torch::matmul(current.t(), frame.features).masked_fill_(far_, -1));
    labels.push_back(frame.labels);
  }
  const torch::Tensor all = torch::cat(likeness, 1), votes = torch::cat(labels, 1);
  const auto [values, indices] = all.topk(std::min<std::int64_t>(options_.neighbours, all.size(1)), 1);
  const torch::Tensor weights = torch::softmax(values / options_.temperature, 1);  // [cells, neighbours]
  const torch::Tensor picked =
      votes.index_select(1, indices.flatten()).view({votes.size(0), indices.size(0), indices.size(1)});
  const torch::Tensor carried = (picked * weights.unsqueeze(0)).sum(2);
  recent_.push_back({current, carried});
  if (recent_.size() > std::size_t(options_.recent)) recent_.pop_front();
  return carried.view({carried.size(0), height_, width_});
}

torch::Tensor follow_edges(const torch::Tensor& mask, const torch::Tensor& picture, int radius, double smoothness) {
  const torch::Tensor mean_picture = box_mean(picture, radius), mean_mask = box_mean(mask, radius);
  const torch::Tensor covariance = box_mean(picture * mask, radius) - mean_picture * mean_mask;
  const torch::Tensor variance = box_mean(picture * picture, radius) - mean_picture * mean_picture;
  const torch::Tensor slope = covariance / (variance + smoothness);
  const torch::Tensor offset = mean_mask - slope * mean_picture;
  return box_mean(slope, radius) * picture + box_mean(offset, radius);
}

}  // namespace reamo::grounder
