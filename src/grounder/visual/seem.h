// SEEM: from pixels and prompts to masks. Tensor names are those of the published checkpoint (parity/SEEM.md section 2);
// where the configuration chooses the small variant, other parts stand under the same prefixes.
#pragma once

#include <torch/torch.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "grounder/visual/seem_config.h"

namespace reamo::grounder {

class FocalNetImpl;
class PixelDecoderImpl;
class TopDownImpl;
class MaskDecoderImpl;
class DotProductHeadImpl;
class LanguageEncoderImpl;

// What the picture gives, once, whatever is asked of it later.
struct PixelFeatures {
  std::vector<torch::Tensor> backbone;     // res2, res3, ..: [batch, width, H/4, W/4], [.., H/8, W/8], ..
  std::vector<torch::Tensor> multi_scale;  // decoder: strides 32, 16, 8, [batch, width, h, w]; dot product: empty
  torch::Tensor encoder;                   // decoder: transformer output at stride 32
  torch::Tensor mask_features;             // [batch, mask width, H/4, W/4]
  torch::Tensor stride8;                   // dot product: [batch, width, H/8, W/8], for dense losses
};

// A region drawn by the user or taken from another picture, as the decoder sees it.
struct RegionPrompt {
  torch::Tensor mean;                 // [mask width], mean of mask features at the points
  std::vector<torch::Tensor> tokens;  // per level (strides 32, 16, 8): [points, width]
};
// Which of the set pixels to use when there are more than the limit: positions in the row-major list of set pixels, for
// the mean and for each level. Empty: an even stride through the list.
struct PointChoice {
  torch::Tensor mean;
  std::vector<torch::Tensor> levels;
};

struct Prompts {
  torch::Tensor text;  // [tokens, width], projected, start to end marker
  std::optional<RegionPrompt> stroke, reference;
};

struct Phrase {
  torch::Tensor tokens;  // [tokens, width]
  torch::Tensor vector;  // [width], state at the end marker, not normalised
};

struct DecoderOutput {
  torch::Tensor masks;            // logits [queries, H/4, W/4]
  torch::Tensor captions;         // [queries, width]
  torch::Tensor mask_embeddings;  // [queries, mask width]
};
// Inner states by name ("dec.0.cross_out", "dec.0.cross_mask", ..), filled where asked for.
using Trace = std::map<std::string, torch::Tensor>;

struct DotProductOutput {
  torch::Tensor masks;       // logits [phrases, H/4, W/4], foreground added
  torch::Tensor raw;         // the same before the foreground is added
  torch::Tensor foreground;  // logits [batch, H/4, W/4]
  torch::Tensor presence;    // logits [phrases]
};

class SeemImpl : public torch::nn::Module {
 public:
  explicit SeemImpl(const SeemConfig& config);
  const SeemConfig& config() const { return config_; }

  // pixels: [batch, 3, H, W], normalised and padded (preprocess.h). Pads further as the backbone needs.
  PixelFeatures encode(const torch::Tensor& pixels);
  std::vector<torch::Tensor> backbone_features(const torch::Tensor& pixels);

  // ids: [context] with padding by the end id.
  Phrase encode_phrase(const torch::Tensor& ids);
  // [phrases, context] -> vectors [phrases, width], not normalised.
  torch::Tensor phrase_vectors(const torch::Tensor& ids);
  LanguageEncoderImpl& language();
  DotProductHeadImpl* dot_product_head() { return dot_product_.get(); }  // null for the decoder head

  // head: decoder. One picture (batch 1).
  DecoderOutput decode(const PixelFeatures& features, const Prompts& prompts, Trace* trace = nullptr);
  // mask: bool [H, W] of the padded picture.
  RegionPrompt region_prompt(const PixelFeatures& features, const torch::Tensor& mask, const PointChoice& choice = {});
  // captions [queries, width], table [classes, width] of unit rows -> [queries, classes].
  torch::Tensor class_logits(const torch::Tensor& captions, const torch::Tensor& table);
  // Similarity of each query with a phrase vector, scaled: [queries].
  torch::Tensor phrase_similarity(const torch::Tensor& captions, const torch::Tensor& phrase_vector);

  // head: dot product. ids [phrases, context]; image_index [phrases] into the batch.
  DotProductOutput match(const PixelFeatures& features, const torch::Tensor& ids, const torch::Tensor& image_index);

 private:
  SeemConfig config_;
  std::shared_ptr<FocalNetImpl> focalnet_;
  std::shared_ptr<nn::ResNetImpl> resnet_;
  std::shared_ptr<PixelDecoderImpl> pixel_decoder_;
  std::shared_ptr<TopDownImpl> top_down_;
  std::shared_ptr<MaskDecoderImpl> decoder_;
  std::shared_ptr<DotProductHeadImpl> dot_product_;
  std::shared_ptr<LanguageEncoderImpl> language_;
};
TORCH_MODULE(Seem);

}  // namespace reamo::grounder
