#include "grounder/visual/propagation.h"

#include <algorithm>
#include <cmath>

namespace reamo::grounder {
namespace {

// 1 at the place itself, falling with the squared distance, 0 beyond `reach`.
torch::Tensor nearness(const torch::Tensor& squared, double reach) {
  const double deviation = reach / 2;
  return (squared / (-2 * deviation * deviation)).exp() * (squared <= reach * reach);
}

torch::Tensor box_mean(const torch::Tensor& map, int radius) {
  return torch::avg_pool2d(map.unsqueeze(0).unsqueeze(0), 2 * radius + 1, 1, radius, false, false)[0][0];
}

}  // namespace

torch::Tensor Propagation::unit_columns(const torch::Tensor& features) const {
  const torch::Tensor flat = (features.flatten(1) - mean_) / deviation_;
  return flat / flat.norm(2, 0, true).clamp_min(1e-6);
}

void Propagation::start(const torch::Tensor& features, const torch::Tensor& labels) {
  height_ = features.size(1);
  width_ = features.size(2);
  const torch::Tensor flat = features.flatten(1);
  mean_ = flat.mean(1, true);
  deviation_ = (flat - mean_).square().mean(1, true).sqrt().clamp_min(1e-4);
  first_ = {unit_columns(features), labels.flatten(1)};
  recent_.clear();
  const torch::Tensor y = torch::arange(height_).unsqueeze(1).expand({height_, width_}).flatten().to(torch::kFloat32);
  const torch::Tensor x = torch::arange(width_).unsqueeze(0).expand({height_, width_}).flatten().to(torch::kFloat32);
  const torch::Tensor dy = y.unsqueeze(0) - y.unsqueeze(1), dx = x.unsqueeze(0) - x.unsqueeze(1);
  const torch::Tensor squared = dy.square() + dx.square();
  const double reach = std::max(2.0, options_.radius * double(std::max(height_, width_)));
  near_ = nearness(squared, reach);
  near_first_ = nearness(squared, options_.first_reach * reach);
}

torch::Tensor Propagation::next(const torch::Tensor& features) {
  const torch::Tensor current = unit_columns(features);
  torch::Tensor carried = torch::zeros_like(first_.labels), total = torch::zeros({current.size(1)});
  const auto vote = [&](const Remembered& frame, const torch::Tensor& near) {
    // Unit vectors: the likeness is at most 1, so the exponent needs no other shift.
    const torch::Tensor weights =
        torch::matmul(current.t(), frame.features).sub_(1).div_(options_.temperature).exp_().mul_(near);
    carried += torch::matmul(frame.labels, weights.t());
    total += weights.sum(1);
  };
  vote(first_, near_first_);
  for (const Remembered& frame : recent_) vote(frame, near_);
  carried = carried / total.clamp_min(1e-30);
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
