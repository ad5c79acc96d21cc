// Training of the dot-product head (RECIPES c).
#pragma once

#include <torch/torch.h>

#include "grounder/visual/seem.h"

namespace reamo::grounder {

struct GroundingBatch {
  torch::Tensor pixels;       // [batch, 3, H, W], normalised (preprocess.h), H and W multiples of 32
  torch::Tensor ids;          // [phrases, context] int64, padded with the end id
  torch::Tensor image_index;  // [phrases] int64 into the batch
  torch::Tensor masks;        // [phrases, H/4, W/4] in [0, 1]: area-averaged; all zero where absent
  torch::Tensor present;      // [phrases] 0 or 1
  torch::Tensor foreground;   // [batch, H/4, W/4] in [0, 1]: union of all objects, also those no phrase names; undefined:
                              // the union of the phrases' masks
};

struct GroundingLoss {
  torch::Tensor total;  // 5 * mask + dice + 0.5 * presence + foreground
  torch::Tensor mask, dice, presence, foreground;
};

// From outputs, so that other losses can share one forward pass.
GroundingLoss grounding_loss(const DotProductOutput& output, const GroundingBatch& batch);
// Forward pass and loss. Where `features` is given, it receives the pixel features (stride8 for a dense loss).
GroundingLoss grounding_loss(Seem& model, const GroundingBatch& batch, PixelFeatures* features = nullptr);

}  // namespace reamo::grounder
