// Everything that shapes a visual grounder, with the published focal-L model as the default.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "nn/resnet.h"

namespace reamo::grounder {

enum class BackboneKind { kFocalNet, kResNet };
enum class HeadKind {
  kDecoder,     // as published: FPN pixel decoder and mask decoder with object queries
  kDotProduct,  // phrase vector . pixel features (RECIPES c), for training from scratch
};

struct FocalNetConfig {
  int width = 192;  // of stage 0; each next stage has twice as much
  std::vector<int> depths = {2, 2, 18, 2};
  int focal_levels = 4;  // kernels 3, 5, 7, 9
  int focal_window = 3;
  double mlp_ratio = 4;
};
struct DecoderConfig {
  int width = 512;       // of pixel decoder, queries and tokens
  int mask_width = 512;  // of mask embeddings and mask features
  int heads = 8;
  int feed_forward = 2048;
  int encoder_layers = 6;
  int layers = 9;  // one less than the published configuration file says
  int queries = 101;
  int max_stroke_points = 512;
};
struct DotProductConfig {
  int width = 64;  // of pixel features and phrase vectors
  int top = 12;    // cells whose mean logit says whether the phrase is present
};
struct TextConfig {
  int vocabulary = 49408;
  int context = 77;
  int width = 512;
  int heads = 8;
  int layers = 12;
};
struct InputConfig {
  int short_side = 512;  // resized so that the shorter side is this; 0: use long_side
  int long_side = 0;
  int multiple = 32;     // padded right and bottom to multiples of this
};
// raw score -> probability: sigmoid(scale * raw + bias). The raw score is the cosine of query and phrase for the decoder,
// the presence logit for the dot product.
struct Calibration {
  double scale = 1, bias = 0;
};

struct SeemConfig {
  BackboneKind backbone = BackboneKind::kFocalNet;
  HeadKind head = HeadKind::kDecoder;
  FocalNetConfig focalnet;
  nn::ResNetConfig resnet;  // its top-down path, where it has one, must end at stride 8
  DecoderConfig decoder;
  DotProductConfig dot_product;
  TextConfig text;
  InputConfig input;
  Calibration calibration;
  double threshold = 0.5;  // probability from which a phrase counts as present

  std::vector<int> widths() const;  // of the backbone's outputs, stride 4 first, each next at half the size
};

// Keys as the members above ({"backbone": "resnet", "head": "dot_product", "resnet": {..}, ..}); what is
// missing has its default. Unknown keys and impossible values are an Error with the key's path.
SeemConfig seem_config_from_json(const nlohmann::json& json);
nlohmann::json to_json(const SeemConfig& config);
// From the published configuration file (MODEL.BACKBONE.FOCAL.EMBED_DIM, ..), converted to JSON.
SeemConfig seem_config_from_published(const nlohmann::json& json);
// The small model of the bundled folder: ResNet and dot product, whole picture at 192 pixels.
SeemConfig mini_seem_config(int vocabulary);

}  // namespace reamo::grounder
