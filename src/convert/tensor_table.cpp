#include "convert/tensor_table.h"

#include "convert/table_builder.h"
#include "ie/error.h"

namespace reamo::convert {
namespace {

using nlohmann::json;
constexpr std::int64_t kMaxLayers = 1024;

// image: 224, [224, 224] or [3, 2, 224, 224]; the last two sides.
std::pair<std::int64_t, std::int64_t> sides(const json& tower, const char* key, std::int64_t fallback) {
  if (!tower.contains(key)) return {fallback, fallback};
  const json& value = tower.at(key);
  if (value.is_array() && value.size() >= 2) {
    const json last = {{"a", value.at(value.size() - 2)}, {"b", value.back()}};
    return {size_in(last, "a", 0), size_in(last, "b", 0)};
  }
  const std::int64_t side = size_in(tower, key, fallback);
  return {side, side};
}

struct TowerDefaults {
  const char* name;
  std::int64_t width, blocks;
  bool key_value_bias;
};

}  // namespace

std::int64_t size_in(const json& config, const char* key, std::int64_t fallback, std::int64_t limit) {
  if (!config.is_object() || !config.contains(key) || config.at(key).is_null()) return fallback;
  const json& value = config.at(key);
  if (!value.is_number_integer() || value.get<double>() < 0 || value.get<double>() > double(limit)) {
    throw Error(std::string("configuration: /") + key + " is " + value.dump().substr(0, 40) + ", allowed are 0 to " + std::to_string(limit));
  }
  return value.get<std::int64_t>();
}

const json& part_of(const json& config, const char* key) {
  static const json empty = json::object();
  return config.is_object() && config.contains(key) && config.at(key).is_object() ? config.at(key) : empty;
}

bool flag_in(const json& config, const char* key, bool fallback) {
  return config.is_object() && config.contains(key) && config.at(key).is_boolean() ? config.at(key).get<bool>() : fallback;
}

std::string text_in(const json& config, const char* key, const std::string& fallback) {
  return config.is_object() && config.contains(key) && config.at(key).is_string() ? config.at(key).get<std::string>() : fallback;
}

std::string shape_text(const Shape& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

TensorTable imagebind_tensors(const json& config) {
  TableBuilder t;
  const std::int64_t out = size_in(config, "out_embed_dim", 1024);
  const TowerDefaults towers[] = {{"vision", 1280, 32, false}, {"text", 1024, 24, false},  {"audio", 768, 12, true},
                                  {"depth", 384, 12, true},    {"thermal", 768, 12, true}, {"imu", 512, 6, true}};
  const auto chosen = [&](const std::string& name) {
    if (!config.is_object() || !config.contains("towers")) return true;
    for (const json& tower : config.at("towers")) {
      if (tower == name) return true;
    }
    return false;
  };
  for (const auto& [tower, width_default, blocks_default, key_value_bias] : towers) {
    const std::string name = tower;
    if (!chosen(name)) continue;
    const json& part = part_of(config, tower);
    if (text_in(part, "stem", "patch") != "patch" || size_in(part, "tokens", 0) != 0) {
      throw Error("configuration: the " + name + " tower is not a published one (stem or tokens)");
    }
    const std::int64_t d = size_in(part, "embed_dim", width_default), blocks = size_in(part, "blocks", blocks_default, kMaxLayers);
    const std::int64_t hidden = d * size_in(part, "mlp_ratio", size_in(config, "mlp_ratio", 4, 64), 64);
    const std::string pre = "modality_preprocessors." + name + ".";
    std::int64_t head = 2;
    if (name == "vision") {
      const auto [rows, columns] = sides(part, "image", 224);
      std::int64_t frames = size_in(config, "video_frames", 2, 64), kernel = 14;
      if (part.contains("kernel") && part.at("kernel").is_array() && part.at("kernel").size() == 3) {
        frames = part.at("kernel").at(0).get<std::int64_t>();
        kernel = sides(part, "kernel", 14).second;
      }
      if (kernel < 1) throw Error("configuration: /vision/kernel is 0");
      t.add(pre + "cls_token", {1, 1, d});
      t.add(pre + "rgbt_stem.proj.1.weight", {d, 3, frames, kernel, kernel});
      t.add(pre + "pos_embedding_helper.pos_embed", {1, 1 + (rows / kernel) * (columns / kernel), d});
    } else if (name == "text") {
      const std::int64_t context = size_in(part, "context_length", 77, 65536);
      t.add(pre + "pos_embed", {1, context, d});
      t.add(pre + "mask", {context, context}, true);
      t.add(pre + "token_embedding.weight", {size_in(part, "vocab_size", 49408), d});
    } else if (name == "imu") {
      const std::int64_t kernel = std::max<std::int64_t>(1, size_in(part, "kernel", 8, 1024));
      t.add(pre + "pos_embed", {1, 1 + size_in(part, "length", 2000) / kernel, d});
      t.add(pre + "cls_token", {1, 1, d});
      t.add(pre + "imu_stem.proj.weight", {d, size_in(part, "channels", 6, 1024) * kernel});
      t.norm(pre + "imu_stem.norm_layer", d);
      head = 3;  // a dropout stands before the linear layer
    } else {
      const std::int64_t kernel = std::max<std::int64_t>(1, size_in(part, "kernel", 16, 1024));
      const std::int64_t stride = name == "audio" ? std::max<std::int64_t>(1, size_in(part, "stride", 10, 1024)) : kernel;
      auto [rows, columns] = sides(part, "image", 224);
      if (name == "audio") rows = size_in(part, "mel_bins", 128, 4096), columns = size_in(part, "target_len", 204, 65536);
      if (rows < kernel || columns < kernel) throw Error("configuration: the input of the " + name + " tower is smaller than a patch");
      const std::string stem = pre + (name == "depth" ? "depth_stem" : "rgbt_stem");
      t.add(pre + "cls_token", {1, 1, d});
      t.add(stem + ".proj.weight", {d, 1, kernel, kernel});
      t.norm(stem + ".norm_layer", d);
      t.add(pre + "pos_embedding_helper.pos_embed", {1, 1 + ((rows - kernel) / stride + 1) * ((columns - kernel) / stride + 1), d});
    }
    const std::string trunk = "modality_trunks." + name + ".";
    if (name == "vision") t.norm(trunk + "pre_transformer_layer.0", d);
    for (std::int64_t i = 0; i < blocks; ++i) {
      const std::string block = trunk + "blocks." + std::to_string(i) + ".";
      t.attention(block + "attn", d);
      if (key_value_bias) {
        t.add(block + "attn.bias_k", {1, 1, d});
        t.add(block + "attn.bias_v", {1, 1, d});
      }
      t.norm(block + "norm_1", d);
      t.pair(block + "mlp.fc1", {hidden, d});
      t.pair(block + "mlp.fc2", {d, hidden});
      t.norm(block + "norm_2", d);
    }
    const std::string heads = "modality_heads." + name + (name == "text" ? ".proj." : ".");
    t.norm(heads + "0", d);
    t.add(heads + std::to_string(name == "text" ? 1 : head) + ".weight", {out, d});
    if (name != "vision") t.add("modality_postprocessors." + name + ".1.log_logit_scale", {});
  }
  return t.table;
}

namespace {

struct LlamaSizes {
  std::int64_t vocabulary, hidden, intermediate, layers, keys;
  explicit LlamaSizes(const json& c)
      : vocabulary(size_in(c, "vocab_size", 32000)), hidden(size_in(c, "hidden_size", 4096, 65536)),
        intermediate(size_in(c, "intermediate_size", 11008, 1 << 18)), layers(size_in(c, "num_hidden_layers", 32, kMaxLayers)) {
    const std::int64_t heads = size_in(c, "num_attention_heads", 32, 1024);
    std::int64_t kv = size_in(c, "num_key_value_heads", 0, 1024);
    if (kv == 0) kv = heads;
    if (heads == 0 || hidden % heads != 0 || heads % kv != 0) throw Error("configuration: /hidden_size, /num_attention_heads and /num_key_value_heads do not divide each other");
    keys = hidden / heads * kv;
  }
  // Linear layers of a block: name, outputs, inputs.
  std::vector<std::pair<std::string, Shape>> linear() const {
    return {{"self_attn.q_proj", {hidden, hidden}},       {"self_attn.k_proj", {keys, hidden}},
            {"self_attn.v_proj", {keys, hidden}},         {"self_attn.o_proj", {hidden, hidden}},
            {"mlp.gate_proj", {intermediate, hidden}},    {"mlp.up_proj", {intermediate, hidden}},
            {"mlp.down_proj", {hidden, intermediate}}};
  }
};

}  // namespace

TensorTable llama_tensors(const json& config) {
  const LlamaSizes s(config);
  TableBuilder t;
  t.add("model.embed_tokens.weight", {s.vocabulary, s.hidden});
  for (std::int64_t i = 0; i < s.layers; ++i) {
    const std::string layer = "model.layers." + std::to_string(i) + ".";
    for (const auto& [name, shape] : s.linear()) {
      t.add(layer + name + ".weight", shape);
      if (flag_in(config, name[0] == 's' ? "attention_bias" : "mlp_bias", false)) t.add(layer + name + ".bias", {shape[0]});
    }
    t.add(layer + "input_layernorm.weight", {s.hidden});
    t.add(layer + "post_attention_layernorm.weight", {s.hidden});
  }
  t.add("model.norm.weight", {s.hidden});
  if (!flag_in(config, "tie_word_embeddings", false)) t.add("lm_head.weight", {s.vocabulary, s.hidden});
  return t.table;
}

TensorTable projector_tensors(const json& config) {
  const std::string kind = text_in(config, "mm_input_projector_type", "linear"), name = "model.mm_input_projector";
  const std::int64_t in = size_in(config, "mm_hidden_size", 1024, 65536), out = size_in(config, "hidden_size", 4096, 65536);
  TableBuilder t;
  if (kind == "linear") {
    t.pair(name, {out, in});
  } else if (kind == "mlp") {
    t.pair(name + ".layer.0", {out, in});
    t.pair(name + ".layer.2", {out, out});
  } else if (kind != "identity") {
    throw Error("configuration: /mm_input_projector_type is \"" + kind + "\", known are linear, mlp, identity");
  }
  return t.table;
}

TensorTable lora_tensors(const json& llama_config, std::int64_t rank) {
  const LlamaSizes s(llama_config);
  TableBuilder t;
  for (std::int64_t i = 0; i < s.layers; ++i) {
    for (const auto& [name, shape] : s.linear()) {
      const std::string full = "base_model.model.model.layers." + std::to_string(i) + "." + name;
      t.add(full + ".lora_A.weight", {rank, shape[1]});
      t.add(full + ".lora_B.weight", {shape[0], rank});
    }
  }
  return t.table;
}

}  // namespace reamo::convert
