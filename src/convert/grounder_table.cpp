// Tables of the visual grounder, the segmenter and the listener.
#include "convert/table_builder.h"
#include "ie/error.h"

namespace reamo::convert {

using nlohmann::json;

TensorTable seem_tensors(const json& config) {
  if (text_in(config, "backbone", "focalnet") != "focalnet" || text_in(config, "head", "decoder") != "decoder") {
    throw Error("configuration: only the published grounder (focalnet, decoder) has a table");
  }
  const json &focal = part_of(config, "focalnet"), &decoder = part_of(config, "decoder"), &text = part_of(config, "text");
  TableBuilder t;
  t.add("dilation_kernel", {1, 1, 3, 3}, true);
  std::int64_t width = size_in(focal, "width", 192, 8192);
  const std::int64_t levels = size_in(focal, "focal_levels", 4, 8), window = size_in(focal, "focal_window", 3, 31);
  const double ratio = focal.contains("mlp_ratio") && focal.at("mlp_ratio").is_number() ? focal.at("mlp_ratio").get<double>() : 4;
  const json depths = focal.contains("depths") ? focal.at("depths") : json{2, 2, 18, 2};
  if (!depths.is_array() || depths.size() != 4) throw Error("configuration: /focalnet/depths must hold four numbers");
  t.pair("backbone.patch_embed.proj", {width, 3, 7, 7});
  t.norm("backbone.patch_embed.norm", width);
  Shape widths;
  for (std::size_t stage = 0; stage < 4; ++stage, width *= 2) {
    widths.push_back(width);
    const std::string layer = "backbone.layers." + std::to_string(stage) + ".";
    const std::int64_t blocks = size_in(json{{"depths", depths[stage]}}, "depths", 0, 256), hidden = std::int64_t(double(width) * ratio);
    for (std::int64_t i = 0; i < blocks; ++i) {
      const std::string block = layer + "blocks." + std::to_string(i) + ".";
      t.add(block + "gamma_1", {width});
      t.add(block + "gamma_2", {width});
      t.norm(block + "norm1", width);
      t.pair(block + "modulation.f", {2 * width + levels + 1, width});
      t.pair(block + "modulation.h", {width, width, 1, 1});
      t.pair(block + "modulation.proj", {width, width});
      for (std::int64_t level = 0; level < levels; ++level) {
        const std::int64_t kernel = window + 2 * level;
        t.add(block + "modulation.focal_layers." + std::to_string(level) + ".0.weight", {width, 1, kernel, kernel});
      }
      t.norm(block + "norm2", width);
      t.pair(block + "mlp.fc1", {hidden, width});
      t.pair(block + "mlp.fc2", {width, hidden});
    }
    if (stage < 3) {
      t.pair(layer + "downsample.proj", {2 * width, width, 3, 3});
      t.norm(layer + "downsample.norm", 2 * width);
    }
    t.norm("backbone.norm" + std::to_string(stage), width);
  }

  const std::int64_t d = size_in(decoder, "width", 512, 8192), mask = size_in(decoder, "mask_width", 512, 8192);
  const std::int64_t forward = size_in(decoder, "feed_forward", 2048, 65536), queries = size_in(decoder, "queries", 101, 4096);
  const std::string pixel = "sem_seg_head.pixel_decoder.";
  for (std::size_t i = 1; i <= 4; ++i) {
    if (i <= 3) {
      t.add(pixel + "adapter_" + std::to_string(i) + ".weight", {d, widths[i - 1], 1, 1});
      t.norm(pixel + "adapter_" + std::to_string(i) + ".norm", d);
    }
    t.add(pixel + "layer_" + std::to_string(i) + ".weight", {d, d, 3, 3});
    t.norm(pixel + "layer_" + std::to_string(i) + ".norm", d);
  }
  t.pair(pixel + "mask_features", {mask, d, 3, 3});
  t.pair(pixel + "input_proj", {d, widths[3], 1, 1});
  const std::int64_t encoder_layers = size_in(decoder, "encoder_layers", 6, 128);
  for (std::int64_t i = 0; i < encoder_layers; ++i) {
    const std::string layer = pixel + "transformer.encoder.layers." + std::to_string(i) + ".";
    t.attention(layer + "self_attn", d);
    t.pair(layer + "linear1", {forward, d});
    t.pair(layer + "linear2", {d, forward});
    t.norm(layer + "norm1", d);
    t.norm(layer + "norm2", d);
  }
  const std::string predictor = "sem_seg_head.predictor.";
  t.add(predictor + "class_embed", {d, d});
  const std::int64_t layers = size_in(decoder, "layers", 9, 128);
  for (std::int64_t i = 0; i < layers; ++i) {
    const std::string n = std::to_string(i);
    t.attention(predictor + "transformer_self_attention_layers." + n + ".self_attn", d);
    t.norm(predictor + "transformer_self_attention_layers." + n + ".norm", d);
    t.attention(predictor + "transformer_cross_attention_layers." + n + ".multihead_attn", d);
    t.norm(predictor + "transformer_cross_attention_layers." + n + ".norm", d);
    t.pair(predictor + "transformer_ffn_layers." + n + ".linear1", {forward, d});
    t.pair(predictor + "transformer_ffn_layers." + n + ".linear2", {d, forward});
    t.norm(predictor + "transformer_ffn_layers." + n + ".norm", d);
  }
  t.norm(predictor + "decoder_norm", d);
  t.add(predictor + "query_feat.weight", {queries, d});
  t.add(predictor + "query_embed.weight", {queries, d});
  t.add(predictor + "pn_indicator.weight", {2, d});
  t.add(predictor + "level_embed.weight", {3, d});
  t.add(predictor + "spatial_embed.weight", {32, d});
  t.add(predictor + "spatial_featured.weight", {32, d});
  for (int level = 0; level < 3; ++level) t.add(predictor + "mask_sptial_embed." + std::to_string(level), {d, d});
  t.pair(predictor + "mask_embed.layers.0", {d, d});
  t.pair(predictor + "mask_embed.layers.1", {d, d});
  t.pair(predictor + "mask_embed.layers.2", {mask, d});

  const std::int64_t words = size_in(text, "width", 512, 8192);
  const std::string language = predictor + "lang_encoder.";
  t.add(language + "lang_proj", {words, d});
  t.add(language + "logit_scale", {});
  t.add(language + "lang_encoder.positional_embedding", {size_in(text, "context", 77, 4096), words});
  t.add(language + "lang_encoder.token_embedding.weight", {size_in(text, "vocabulary", 49408), words});
  const std::int64_t blocks = size_in(text, "layers", 12, 128);
  for (std::int64_t i = 0; i < blocks; ++i) {
    const std::string block = language + "lang_encoder.resblocks." + std::to_string(i) + ".";
    t.attention(block + "attn", words);
    t.norm(block + "ln_1", words);
    t.pair(block + "mlp.c_fc", {4 * words, words});
    t.pair(block + "mlp.c_proj", {words, 4 * words});
    t.norm(block + "ln_2", words);
  }
  t.norm(language + "lang_encoder.ln_final", words);
  return t.table;
}

TensorTable wav2vec2_tensors(const json& config) {
  const auto list = [&](const char* key, Shape fallback) {
    if (!config.is_object() || !config.contains(key)) return fallback;
    const json& values = config.at(key);
    if (!values.is_array() || values.empty() || values.size() > 32) throw Error(std::string("configuration: /") + key + " is no short list");
    Shape out;
    for (const json& value : values) out.push_back(size_in(json{{key, value}}, key, 0));
    return out;
  };
  const Shape widths = list("conv_dim", Shape(7, 512)), kernels = list("conv_kernel", {10, 3, 3, 3, 3, 2, 2});
  if (widths.size() != kernels.size()) throw Error("configuration: /conv_dim and /conv_kernel differ in length");
  const std::string style = text_in(config, "feat_extract_norm", "group");
  if (style != "group" && style != "layer") throw Error("configuration: /feat_extract_norm is neither group nor layer");
  const std::int64_t h = size_in(config, "hidden_size", 768, 65536), f = size_in(config, "intermediate_size", 3072, 1 << 18);
  std::int64_t layers = size_in(config, "num_hidden_layers", 12, 1024);
  if (const std::int64_t keep = size_in(config, "keep_layers", 0, layers); keep > 0) layers = keep;
  const std::int64_t kernel = size_in(config, "num_conv_pos_embeddings", 128), groups = size_in(config, "num_conv_pos_embedding_groups", 16);
  if (groups < 1 || h % groups != 0) throw Error("configuration: /hidden_size is no multiple of /num_conv_pos_embedding_groups");
  TableBuilder t;
  for (std::size_t i = 0; i < widths.size(); ++i) {
    const std::string conv = "feature_extractor.conv_layers." + std::to_string(i);
    const Shape weight{widths[i], i == 0 ? 1 : widths[i - 1], kernels[i]};
    if (flag_in(config, "conv_bias", false)) t.pair(conv + ".conv", weight);
    else t.add(conv + ".conv.weight", weight);
    if (i == 0 || style == "layer") t.norm(conv + ".layer_norm", widths[i]);
  }
  t.norm("feature_projection.layer_norm", widths.back());
  t.pair("feature_projection.projection", {h, widths.back()});
  t.add("encoder.pos_conv_embed.conv.bias", {h});
  t.add("encoder.pos_conv_embed.conv.weight_g", {1, 1, kernel});
  t.add("encoder.pos_conv_embed.conv.weight_v", {h, h / groups, kernel});
  t.norm("encoder.layer_norm", h);  // also there where it is not used
  for (std::int64_t i = 0; i < layers; ++i) {
    const std::string layer = "encoder.layers." + std::to_string(i) + ".";
    for (const char* name : {"q_proj", "k_proj", "v_proj", "out_proj"}) t.pair(layer + "attention." + name, {h, h});
    t.norm(layer + "layer_norm", h);
    t.pair(layer + "feed_forward.intermediate_dense", {f, h});
    t.pair(layer + "feed_forward.output_dense", {h, f});
    t.norm(layer + "final_layer_norm", h);
  }
  if (const std::int64_t symbols = size_in(config, "vocab_size", 32); symbols > 0) t.pair("lm_head", {symbols, h});
  return t.table;
}

TensorTable frame_classifier_tensors(const json& config) {
  const std::int64_t d = size_in(config, "d_model", 1024, 65536), f = size_in(config, "dim_feedforward", 2048, 1 << 18);
  TableBuilder t;
  const std::int64_t layers = size_in(config, "layers", 1, 128);
  for (std::int64_t i = 0; i < layers; ++i) {
    const std::string layer = "transformer.layers." + std::to_string(i) + ".";
    t.attention(layer + "self_attn", d);
    t.pair(layer + "linear1", {f, d});
    t.pair(layer + "linear2", {d, f});
    t.norm(layer + "norm1", d);
    t.norm(layer + "norm2", d);
  }
  t.norm("layer_norm", d);
  t.pair("classification_layer", {1, d});
  return t.table;
}

}  // namespace reamo::convert
