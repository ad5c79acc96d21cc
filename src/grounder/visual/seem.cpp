#include "grounder/visual/seem.h"

#include "grounder/visual/dot_product.h"
#include "grounder/visual/focalnet.h"
#include "grounder/visual/mask_decoder.h"
#include "grounder/visual/pixel_decoder.h"
#include "grounder/visual/text_encoder.h"

namespace reamo::grounder {
namespace {

constexpr double kUnitEps = 1e-7;

torch::Tensor unit(const torch::Tensor& x) { return x / (x.norm(2, -1, true) + kUnitEps); }

}  // namespace

SeemImpl::SeemImpl(const SeemConfig& config) : config_(config) {
  register_buffer("dilation_kernel", torch::ones({1, 1, 3, 3}));
  if (config.backbone == BackboneKind::kFocalNet) {
    focalnet_ = register_module("backbone", std::make_shared<FocalNetImpl>(config.focalnet));
  } else {
    resnet_ = register_module("backbone", std::make_shared<nn::ResNetImpl>(config.resnet));
  }
  auto head = register_module("sem_seg_head", std::make_shared<torch::nn::Module>());
  std::shared_ptr<torch::nn::Module> predictor;
  if (config.head == HeadKind::kDecoder) {
    pixel_decoder_ = head->register_module("pixel_decoder",
                                           std::make_shared<PixelDecoderImpl>(config.widths(), config.decoder));
    predictor = decoder_ = head->register_module("predictor", std::make_shared<MaskDecoderImpl>(config.decoder));
    language_ = std::make_shared<LanguageEncoderImpl>(config.text, config.decoder.width);
  } else {
    top_down_ = head->register_module("pixel_decoder",
                                      std::make_shared<TopDownImpl>(config.widths(), config.dot_product.width));
    predictor = dot_product_ = head->register_module(
        "predictor", std::make_shared<DotProductHeadImpl>(config.dot_product, config.text.width));
    language_ = std::make_shared<LanguageEncoderImpl>(config.text, config.text.width);
  }
  predictor->register_module("lang_encoder", language_);
}

std::vector<torch::Tensor> SeemImpl::backbone_features(const torch::Tensor& pixels) {
  if (focalnet_) return focalnet_->forward(pixels);
  const nn::ResNetFeatures features = resnet_->forward(pixels);
  if (features.topdown.defined()) return {features.stride4, features.topdown};
  return {features.stride4, features.stride8, features.stride16};
}

PixelFeatures SeemImpl::encode(const torch::Tensor& pixels) {
  PixelFeatures features;
  features.backbone = backbone_features(pixels);
  if (pixel_decoder_) {
    PixelDecoderImpl::Output output = pixel_decoder_->forward(features.backbone);
    features.multi_scale = std::move(output.multi_scale);
    features.encoder = output.encoder;
    features.mask_features = output.mask_features;
  } else {
    const TopDownImpl::Output output = top_down_->forward(features.backbone);
    features.mask_features = output.mask_features;
    features.stride8 = output.stride8;
  }
  return features;
}

LanguageEncoderImpl& SeemImpl::language() { return *language_; }

Phrase SeemImpl::encode_phrase(const torch::Tensor& ids) {
  const LanguageEncoderImpl::Encoded encoded = language_->forward(ids.unsqueeze(0));
  return {encoded.tokens[0], encoded.vectors[0]};
}

torch::Tensor SeemImpl::phrase_vectors(const torch::Tensor& ids) { return language_->forward(ids).vectors; }

DecoderOutput SeemImpl::decode(const PixelFeatures& features, const Prompts& prompts, Trace* trace) {
  TORCH_CHECK(decoder_, "this model has no mask decoder");
  return decoder_->forward(features, prompts, trace);
}

RegionPrompt SeemImpl::region_prompt(const PixelFeatures& features, const torch::Tensor& mask,
                                     const PointChoice& choice) {
  TORCH_CHECK(decoder_, "this model has no mask decoder");
  return decoder_->region_prompt(features, mask, choice);
}

torch::Tensor SeemImpl::class_logits(const torch::Tensor& captions, const torch::Tensor& table) {
  return language_->logit_scale().exp() * torch::matmul(unit(captions), table.t());
}

torch::Tensor SeemImpl::phrase_similarity(const torch::Tensor& captions, const torch::Tensor& phrase_vector) {
  return language_->logit_scale().exp().clamp_max(100) * torch::matmul(unit(captions), unit(phrase_vector));
}

DotProductOutput SeemImpl::match(const PixelFeatures& features, const torch::Tensor& ids,
                                 const torch::Tensor& image_index) {
  TORCH_CHECK(dot_product_, "this model has no dot-product head");
  DotProductOutput output;
  const torch::Tensor embedded = dot_product_->embed(phrase_vectors(ids));
  output.raw = dot_product_->dot(embedded, features.mask_features, image_index).to(torch::kFloat32);
  output.foreground = dot_product_->foreground(features.mask_features).to(torch::kFloat32);
  output.masks = output.raw + output.foreground.index_select(0, image_index);
  const torch::Tensor cells = output.raw.flatten(1);
  const std::int64_t top = std::min<std::int64_t>(dot_product_->top(), cells.size(1));
  output.presence = dot_product_->presence(std::get<0>(cells.topk(top, 1)));
  return output;
}

}  // namespace reamo::grounder
