#include "grounder/visual/panoptic.h"

#include <map>

namespace reamo::grounder {

Panoptic panoptic(const torch::Tensor& class_logits, const torch::Tensor& mask_logits, const PanopticOptions& options) {
  Panoptic result;
  std::tie(result.scores, result.labels) = torch::softmax(class_logits, -1).max(-1);
  result.map = torch::zeros({mask_logits.size(1), mask_logits.size(2)}, torch::kInt32);
  const torch::Tensor kept =
      ((result.labels != options.classes) & (result.scores > options.score)).nonzero().squeeze(1);
  if (kept.numel() == 0) return result;
  const torch::Tensor probabilities = torch::sigmoid(mask_logits.index_select(0, kept));
  const torch::Tensor winner =
      (probabilities * result.scores.index_select(0, kept).view({-1, 1, 1})).argmax(0);
  std::map<int, int> stuff_ids;
  int next_id = 0;
  for (std::int64_t k = 0; k < kept.numel(); ++k) {
    const int category = int(result.labels[kept[k].item<std::int64_t>()].item<std::int64_t>());
    const bool thing = category < options.things;
    const torch::Tensor won = winner == k, own = probabilities[k] >= 0.5, both = won & own;
    const double won_area = won.sum().item<double>(), own_area = own.sum().item<double>();
    if (won_area == 0 || own_area == 0 || !both.any().item<bool>()) continue;
    if (won_area / own_area < options.overlap) continue;
    if (!thing && stuff_ids.count(category)) {
      result.map.masked_fill_(both, stuff_ids[category]);
      continue;
    }
    const int id = ++next_id;
    if (!thing) stuff_ids[category] = id;
    result.map.masked_fill_(both, id);
    result.segments.push_back({id, category, thing});
  }
  return result;
}

torch::Tensor semantic(const torch::Tensor& class_logits, const torch::Tensor& mask_logits) {
  const torch::Tensor classes = torch::softmax(class_logits, -1).slice(1, 0, class_logits.size(1) - 1);
  const std::int64_t h = mask_logits.size(1), w = mask_logits.size(2);
  return torch::matmul(classes.t(), torch::sigmoid(mask_logits).flatten(1)).view({-1, h, w});
}

Instances instances(const torch::Tensor& class_logits, const torch::Tensor& mask_logits, const PanopticOptions& options,
                    int candidates) {
  const torch::Tensor classes = torch::softmax(class_logits, -1).slice(1, 0, options.classes);
  const torch::Tensor flat = classes.flatten();
  const auto [scores, indices] = flat.topk(std::min<std::int64_t>(candidates, flat.numel()));
  const torch::Tensor category = indices % options.classes;
  const torch::Tensor things = (category < options.things).nonzero().squeeze(1);
  Instances result;
  result.classes = category.index_select(0, things);
  result.queries = indices.floor_divide(options.classes).index_select(0, things);
  const torch::Tensor masks = mask_logits.index_select(0, result.queries).flatten(1);
  const torch::Tensor inside = (masks > 0).to(torch::kFloat32);
  result.areas = inside.sum(1);
  const torch::Tensor quality = (torch::sigmoid(masks) * inside).sum(1) / (result.areas + 1e-6);
  result.scores = scores.index_select(0, things) * quality;
  const torch::Tensor order = result.scores.argsort(0, true);
  for (torch::Tensor* values : {&result.scores, &result.classes, &result.areas, &result.queries}) {
    *values = values->index_select(0, order);
  }
  return result;
}

}  // namespace reamo::grounder
