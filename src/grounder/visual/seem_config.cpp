#include "grounder/visual/seem_config.h"

#include <set>
#include <string>

#include "ie/error.h"

namespace reamo::grounder {
namespace {

using nlohmann::json;

// Reads members of one JSON object; remembers which keys were known.
class Section {
 public:
  Section(const json& value, std::string path) : value_(value), path_(std::move(path)) {
    if (!value.is_object()) throw Error("visual grounder configuration: " + path_ + " must be an object");
  }
  template <typename T>
  void read(const char* key, T& target) {
    known_.insert(key);
    const auto it = value_.find(key);
    if (it == value_.end()) return;
    try {
      target = it->get<T>();
    } catch (const json::exception&) {
      throw Error("visual grounder configuration: " + path_ + "/" + key + " has the wrong type");
    }
  }
  void positive(const char* key, int& target, int limit) {
    read(key, target);
    if (target < 1 || target > limit) {
      throw Error("visual grounder configuration: " + path_ + "/" + key + " must be 1 to " + std::to_string(limit));
    }
  }
  template <typename F>
  void section(const char* key, F read_members) {
    known_.insert(key);
    const auto it = value_.find(key);
    if (it == value_.end()) return;
    Section inner(*it, path_ + "/" + key);
    read_members(inner);
    inner.finish();
  }
  void finish() const {
    for (const auto& [key, value] : value_.items()) {
      if (!known_.count(key)) throw Error("visual grounder configuration: unknown key " + path_ + "/" + key);
    }
  }

 private:
  const json& value_;
  std::string path_;
  std::set<std::string> known_;
};

void check_each(const std::vector<int>& values, std::size_t max_count, int limit, const char* what) {
  bool good = !values.empty() && values.size() <= max_count;
  for (const int value : values) good = good && value >= 1 && value <= limit;
  if (!good) throw Error(std::string("visual grounder configuration: ") + what + " is empty, too long or out of range");
}

void check(const SeemConfig& config) {
  check_each(config.focalnet.depths, 6, 256, "/focalnet/depths");
  if (config.head == HeadKind::kDecoder && config.widths().size() != 4) {
    throw Error("visual grounder configuration: the decoder head needs a backbone of four stages");
  }
  if (config.widths().size() < 2) {
    throw Error("visual grounder configuration: the dot_product head needs a backbone of at least two stages");
  }
  if (config.backbone == BackboneKind::kResNet && config.resnet.topdown_width > 0 && config.resnet.topdown_stride != 8) {
    throw Error("visual grounder configuration: /resnet/topdown_stride must be 8");
  }
  const DecoderConfig& decoder = config.decoder;
  if (config.head == HeadKind::kDecoder && (decoder.width % decoder.heads != 0 || decoder.width % 32 != 0)) {
    throw Error("visual grounder configuration: /decoder/width must be divisible by 32 and by the heads");
  }
  if (config.text.width % config.text.heads != 0) {
    throw Error("visual grounder configuration: /text/width must be divisible by /text/heads");
  }
  if (config.text.context < 3) throw Error("visual grounder configuration: /text/context must be at least 3");
  if ((config.input.short_side < 1) == (config.input.long_side < 1)) {
    throw Error("visual grounder configuration: give one of /input/short_side and /input/long_side");
  }
  if (!(config.threshold >= 0 && config.threshold <= 1)) {
    throw Error("visual grounder configuration: /threshold must be 0 to 1");
  }
}

}  // namespace

std::vector<int> SeemConfig::widths() const {
  if (backbone == BackboneKind::kResNet) {
    if (resnet.topdown_width > 0) return {resnet.widths.at(0), resnet.topdown_width};
    return resnet.widths;
  }
  std::vector<int> widths;
  for (std::size_t i = 0; i < focalnet.depths.size(); ++i) widths.push_back(focalnet.width << i);
  return widths;
}

SeemConfig seem_config_from_json(const json& value) {
  SeemConfig config;
  Section root(value, "");
  std::string backbone = "focalnet", head = "decoder";
  root.read("backbone", backbone);
  root.read("head", head);
  if (backbone == "resnet") config.backbone = BackboneKind::kResNet;
  else if (backbone != "focalnet") throw Error("visual grounder configuration: /backbone must be focalnet or resnet");
  if (head == "dot_product") config.head = HeadKind::kDotProduct;
  else if (head != "decoder") throw Error("visual grounder configuration: /head must be decoder or dot_product");

  root.section("focalnet", [&](Section& s) {
    s.positive("width", config.focalnet.width, 8192);
    s.read("depths", config.focalnet.depths);
    s.positive("focal_levels", config.focalnet.focal_levels, 8);
    s.positive("focal_window", config.focalnet.focal_window, 31);
    s.read("mlp_ratio", config.focalnet.mlp_ratio);
  });
  json resnet;
  root.read("resnet", resnet);
  if (!resnet.is_null()) config.resnet = nn::resnet_config(resnet);
  root.section("decoder", [&](Section& s) {
    DecoderConfig& d = config.decoder;
    s.positive("width", d.width, 8192);
    s.positive("mask_width", d.mask_width, 8192);
    s.positive("heads", d.heads, 256);
    s.positive("feed_forward", d.feed_forward, 65536);
    s.positive("encoder_layers", d.encoder_layers, 128);
    s.positive("layers", d.layers, 128);
    s.positive("queries", d.queries, 4096);
    s.positive("max_stroke_points", d.max_stroke_points, 65536);
  });
  root.section("dot_product", [&](Section& s) {
    s.positive("width", config.dot_product.width, 8192);
    s.positive("top", config.dot_product.top, 4096);
  });
  root.section("text", [&](Section& s) {
    s.positive("vocabulary", config.text.vocabulary, 1 << 22);
    s.positive("context", config.text.context, 4096);
    s.positive("width", config.text.width, 8192);
    s.positive("heads", config.text.heads, 256);
    s.positive("layers", config.text.layers, 128);
  });
  root.section("input", [&](Section& s) {
    s.read("short_side", config.input.short_side);
    s.read("long_side", config.input.long_side);
    s.positive("multiple", config.input.multiple, 1024);
  });
  root.section("calibration", [&](Section& s) {
    s.read("scale", config.calibration.scale);
    s.read("bias", config.calibration.bias);
  });
  root.read("threshold", config.threshold);
  root.finish();
  check(config);
  return config;
}

json to_json(const SeemConfig& c) {
  json out = {
      {"backbone", c.backbone == BackboneKind::kFocalNet ? "focalnet" : "resnet"},
      {"head", c.head == HeadKind::kDecoder ? "decoder" : "dot_product"},
      {"text", {{"vocabulary", c.text.vocabulary}, {"context", c.text.context}, {"width", c.text.width},
                {"heads", c.text.heads}, {"layers", c.text.layers}}},
      {"input", {{"short_side", c.input.short_side}, {"long_side", c.input.long_side}, {"multiple", c.input.multiple}}},
      {"calibration", {{"scale", c.calibration.scale}, {"bias", c.calibration.bias}}},
      {"threshold", c.threshold}};
  if (c.backbone == BackboneKind::kFocalNet) {
    out["focalnet"] = {{"width", c.focalnet.width}, {"depths", c.focalnet.depths},
                       {"focal_levels", c.focalnet.focal_levels}, {"focal_window", c.focalnet.focal_window},
                       {"mlp_ratio", c.focalnet.mlp_ratio}};
  } else {
    out["resnet"] = nn::to_json(c.resnet);
  }
  if (c.head == HeadKind::kDecoder) {
    const DecoderConfig& d = c.decoder;
    out["decoder"] = {{"width", d.width}, {"mask_width", d.mask_width}, {"heads", d.heads},
                      {"feed_forward", d.feed_forward}, {"encoder_layers", d.encoder_layers}, {"layers", d.layers},
                      {"queries", d.queries}, {"max_stroke_points", d.max_stroke_points}};
  } else {
    out["dot_product"] = {{"width", c.dot_product.width}, {"top", c.dot_product.top}};
  }
  return out;
}

SeemConfig seem_config_from_published(const json& value) {
  SeemConfig config;
  try {
    const json& model = value.at("MODEL");
    const json& focal = model.at("BACKBONE").at("FOCAL");
    const json& encoder = model.at("ENCODER");
    const json& decoder = model.at("DECODER");
    const json& text = model.at("TEXT");
    config.focalnet.width = focal.at("EMBED_DIM");
    config.focalnet.depths = focal.at("DEPTHS").get<std::vector<int>>();
    config.focalnet.focal_levels = focal.at("FOCAL_LEVELS").at(0);
    config.focalnet.focal_window = focal.at("FOCAL_WINDOWS").at(0);
    config.focalnet.mlp_ratio = focal.at("MLP_RATIO");
    config.decoder.width = decoder.at("HIDDEN_DIM");
    config.decoder.mask_width = encoder.at("MASK_DIM");
    config.decoder.heads = decoder.at("NHEADS");
    config.decoder.feed_forward = decoder.at("DIM_FEEDFORWARD");
    config.decoder.encoder_layers = encoder.at("TRANSFORMER_ENC_LAYERS");
    config.decoder.layers = int(decoder.at("DEC_LAYERS")) - 1;
    config.decoder.queries = decoder.at("NUM_OBJECT_QUERIES");
    config.decoder.max_stroke_points = decoder.at("MAX_SPATIAL_LEN").at(0);
    config.text.context = text.at("CONTEXT_LENGTH");
    config.text.width = text.at("WIDTH");
    config.text.heads = text.at("HEADS");
    config.text.layers = text.at("LAYERS");
  } catch (const json::exception& error) {
    throw Error(std::string("this is not a SEEM configuration file: ") + error.what());
  }
  check(config);
  return config;
}

SeemConfig mini_seem_config(int vocabulary) {
  SeemConfig config;
  config.backbone = BackboneKind::kResNet;
  config.head = HeadKind::kDotProduct;
  config.text = {vocabulary, 24, 128, 4, 2};
  config.input = {0, 192, 32};
  check(config);
  return config;
}

}  // namespace reamo::grounder
