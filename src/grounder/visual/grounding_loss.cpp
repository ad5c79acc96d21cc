#include "grounder/visual/grounding_loss.h"

namespace reamo::grounder {
namespace F = torch::nn::functional;

namespace {

constexpr double kObjectWeight = 5;  // of pixels on the object in the mask loss

torch::Tensor bce(const torch::Tensor& logits, const torch::Tensor& target, const torch::Tensor& weight = {}) {
  auto options = F::BinaryCrossEntropyWithLogitsFuncOptions().reduction(torch::kMean);
  if (weight.defined()) options.weight(weight);
  return F::binary_cross_entropy_with_logits(logits, target, options);
}

// 1 - 2 |a b| / (|a| + |b|), mean over the phrases that are present.
torch::Tensor dice_loss(const torch::Tensor& logits, const torch::Tensor& target, const torch::Tensor& present) {
  const torch::Tensor p = torch::sigmoid(logits).flatten(1), t = target.flatten(1);
  const torch::Tensor score = (2 * (p * t).sum(1) + 1) / (p.sum(1) + t.sum(1) + 1);
  return ((1 - score) * present).sum() / present.sum().clamp_min(1);
}

// Union of the phrases' masks of each image.
torch::Tensor union_of_masks(const GroundingBatch& batch) {
  std::vector<torch::Tensor> unions;
  for (std::int64_t image = 0; image < batch.pixels.size(0); ++image) {
    const torch::Tensor mine = (batch.image_index == image).nonzero().squeeze(1);
    unions.push_back(mine.numel() == 0
                         ? torch::zeros({batch.masks.size(1), batch.masks.size(2)}, batch.masks.options())
                         : batch.masks.index_select(0, mine).amax(0));
  }
  return torch::stack(unions);
}

}  // namespace

GroundingLoss grounding_loss(const DotProductOutput& output, const GroundingBatch& batch) {
  GroundingLoss loss;
  const torch::Tensor present = batch.present.to(torch::kFloat32);
  const torch::Tensor masks = batch.masks.to(torch::kFloat32);
  loss.mask = bce(output.masks, masks, 1 + (kObjectWeight - 1) * masks);
  loss.dice = dice_loss(output.masks, masks, present);
  loss.presence = bce(output.presence, present);
  const torch::Tensor foreground = batch.foreground.defined() ? batch.foreground : union_of_masks(batch);
  loss.foreground = bce(output.foreground, foreground.to(torch::kFloat32));
  loss.total = 5 * loss.mask + loss.dice + 0.5 * loss.presence + loss.foreground;
  return loss;
}

GroundingLoss grounding_loss(Seem& model, const GroundingBatch& batch, PixelFeatures* features) {
  const PixelFeatures encoded = model->encode(batch.pixels);
  const GroundingLoss loss = grounding_loss(model->match(encoded, batch.ids, batch.image_index), batch);
  if (features != nullptr) *features = encoded;
  return loss;
}

}  // namespace reamo::grounder
