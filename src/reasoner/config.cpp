#include "reasoner/config.h"

#include <nlohmann/json.hpp>

#include "ie/error.h"
#include "reasoner/tokenizer.h"

namespace reamo::reasoner {
namespace {

using nlohmann::json;

template <typename T>
void read(const json& from, const char* name, T& value) {
  const auto found = from.find(name);
  if (found == from.end() || found->is_null()) return;
  const bool fits = std::is_same_v<T, bool>          ? found->is_boolean()
                    : std::is_floating_point_v<T>    ? found->is_number()
                    : std::is_integral_v<T>          ? found->is_number_integer()
                                                     : found->is_string();
  if (!fits) throw Error(std::string("reasoner configuration: /") + name + " has the wrong type");
  value = found->get<T>();
}

void in_range(const char* name, std::int64_t value, std::int64_t low, std::int64_t high) {
  if (value < low || value > high) {
    throw Error(std::string("reasoner configuration: /") + name + " is " + std::to_string(value) + ", allowed are " +
                std::to_string(low) + " to " + std::to_string(high));
  }
}

void read_rope_scaling(const json& from, LlamaConfig& config) {
  const auto found = from.find("rope_scaling");
  if (found == from.end() || found->is_null()) return;
  std::string type;
  read(*found, "type", type);
  read(*found, "rope_type", type);
  if (type == "linear") {
    config.rope_scaling = RopeScaling::kLinear;
  } else if (type == "dynamic") {
    config.rope_scaling = RopeScaling::kDynamic;
  } else if (type == "llama3") {
    config.rope_scaling = RopeScaling::kLlama3;
  } else if (type != "default") {
    throw Error("reasoner configuration: /rope_scaling/type is \"" + type + "\", known are linear, dynamic, llama3");
  }
  read(*found, "factor", config.rope_factor);
  read(*found, "low_freq_factor", config.rope_low_frequency);
  read(*found, "high_freq_factor", config.rope_high_frequency);
  read(*found, "original_max_position_embeddings", config.rope_original_positions);
  if (!(config.rope_factor > 0)) throw Error("reasoner configuration: /rope_scaling/factor must be above 0");
}

}  // namespace

LlamaConfig llama_config(const json& from) {
  if (!from.is_object()) throw Error("reasoner configuration: not a JSON object");
  LlamaConfig c;
  read(from, "vocab_size", c.vocab_size);
  read(from, "hidden_size", c.hidden_size);
  read(from, "intermediate_size", c.intermediate_size);
  read(from, "num_hidden_layers", c.num_hidden_layers);
  read(from, "num_attention_heads", c.num_attention_heads);
  read(from, "num_key_value_heads", c.num_key_value_heads);
  read(from, "max_position_embeddings", c.max_position_embeddings);
  read(from, "rms_norm_eps", c.rms_norm_eps);
  read(from, "rope_theta", c.rope_theta);
  read_rope_scaling(from, c);
  read(from, "tie_word_embeddings", c.tie_word_embeddings);
  read(from, "attention_bias", c.attention_bias);
  read(from, "mlp_bias", c.mlp_bias);
  read(from, "bos_token_id", c.bos_token_id);
  read(from, "eos_token_id", c.eos_token_id);
  read(from, "pad_token_id", c.pad_token_id);
  std::string activation = "silu", projector, side = "right";
  read(from, "hidden_act", activation);
  if (activation != "silu") throw Error("reasoner configuration: /hidden_act is \"" + activation + "\", known is silu");
  read(from, "mm_input_projector_type", projector);
  if (!projector.empty()) {
    c.has_projector = true;
    if (projector == "linear") c.projector = ProjectorKind::kLinear;
    else if (projector == "mlp") c.projector = ProjectorKind::kMlp;
    else if (projector == "identity") c.projector = ProjectorKind::kIdentity;
    else throw Error("reasoner configuration: /mm_input_projector_type is \"" + projector + "\", known are linear, mlp, identity");
  }
  read(from, "mm_hidden_size", c.mm_hidden_size);
  read(from, "tokenizer_model_max_length", c.tokenizer_model_max_length);
  read(from, "tokenizer_padding_side", side);
  if (side != "left" && side != "right") throw Error("reasoner configuration: /tokenizer_padding_side is neither left nor right");
  c.pad_left = side == "left";
  read(from, "copy_head", c.copy_head);
  read(from, "smeared_keys", c.smeared_keys);
  read(from, "bidirectional_prompt", c.bidirectional_prompt);
  read(from, "tag_head", c.tag_head);

  in_range("vocab_size", c.vocab_size, 3, 1 << 22);
  in_range("hidden_size", c.hidden_size, 2, 1 << 16);
  in_range("intermediate_size", c.intermediate_size, 1, 1 << 18);
  in_range("num_hidden_layers", c.num_hidden_layers, 1, 1024);
  in_range("num_attention_heads", c.num_attention_heads, 1, 1024);
  in_range("num_key_value_heads", c.kv_heads(), 1, c.num_attention_heads);
  in_range("mm_hidden_size", c.mm_hidden_size, 1, 1 << 16);
  in_range("max_position_embeddings", c.max_position_embeddings, 1, 1 << 24);
  in_range("tokenizer_model_max_length", c.tokenizer_model_max_length, 0, 1 << 24);
  if (c.hidden_size % (2 * c.num_attention_heads) != 0) {
    throw Error("reasoner configuration: /hidden_size must be a multiple of twice the number of heads");
  }
  if (c.num_attention_heads % c.kv_heads() != 0) {
    throw Error("reasoner configuration: /num_attention_heads must be a multiple of /num_key_value_heads");
  }
  return c;
}

json to_json(const LlamaConfig& c) {
  json out{{"vocab_size", c.vocab_size},
           {"hidden_size", c.hidden_size},
           {"intermediate_size", c.intermediate_size},
           {"num_hidden_layers", c.num_hidden_layers},
           {"num_attention_heads", c.num_attention_heads},
           {"num_key_value_heads", c.kv_heads()},
           {"max_position_embeddings", c.max_position_embeddings},
           {"rms_norm_eps", c.rms_norm_eps},
           {"rope_theta", c.rope_theta},
           {"hidden_act", "silu"},
           {"tie_word_embeddings", c.tie_word_embeddings},
           {"attention_bias", c.attention_bias},
           {"mlp_bias", c.mlp_bias},
           {"bos_token_id", c.bos_token_id},
           {"eos_token_id", c.eos_token_id},
           {"pad_token_id", c.pad_token_id},
           {"tokenizer_padding_side", c.pad_left ? "left" : "right"}};
  switch (c.rope_scaling) {
    case RopeScaling::kNone:
      break;
    case RopeScaling::kLinear:
      out["rope_scaling"] = {{"type", "linear"}, {"factor", c.rope_factor}};
      break;
    case RopeScaling::kDynamic:
      out["rope_scaling"] = {{"type", "dynamic"}, {"factor", c.rope_factor}};
      break;
    case RopeScaling::kLlama3:
      out["rope_scaling"] = {{"rope_type", "llama3"},
                             {"factor", c.rope_factor},
                             {"low_freq_factor", c.rope_low_frequency},
                             {"high_freq_factor", c.rope_high_frequency},
                             {"original_max_position_embeddings", c.rope_original_positions}};
      break;
  }
  if (c.has_projector) {
    out["mm_input_projector_type"] = c.projector == ProjectorKind::kLinear ? "linear"
                                     : c.projector == ProjectorKind::kMlp  ? "mlp"
                                                                           : "identity";
    out["mm_hidden_size"] = c.mm_hidden_size;
  }
  if (c.tokenizer_model_max_length) out["tokenizer_model_max_length"] = c.tokenizer_model_max_length;
  out["copy_head"] = c.copy_head;
  out["smeared_keys"] = c.smeared_keys;
  out["bidirectional_prompt"] = c.bidirectional_prompt;
  out["tag_head"] = c.tag_head;
  return out;
}

ReasonerConfig reasoner_config(const json& from) {
  if (!from.is_object() || !from.contains("model")) throw Error("reasoner configuration: /model is missing");
  ReasonerConfig c;
  c.model = llama_config(from.at("model"));
  if (const auto t = from.find("tokenizer"); t != from.end()) {
    read(*t, "legacy", c.tokenizer_legacy);
    if (t->contains("added_tokens")) {
      for (const json& token : t->at("added_tokens")) {
        if (!token.is_string()) throw Error("reasoner configuration: /tokenizer/added_tokens holds something else than text");
        c.added_tokens.push_back(token.get<std::string>());
      }
    }
  }
  if (const auto p = from.find("prompt"); p != from.end()) {
    std::string style = "published";
    read(*p, "style", style);
    if (style != "published" && style != "compact") {
      throw Error("reasoner configuration: /prompt/style is \"" + style + "\", known are published, compact");
    }
    c.prompt.style = style == "compact" ? PromptStyle::kCompact : PromptStyle::kPublished;
    read(*p, "max_tokens", c.prompt.max_tokens);
    read(*p, "description_words", c.prompt.description_words);
    read(*p, "think_step_by_step", c.prompt.think_step_by_step);
    in_range("prompt/max_tokens", c.prompt.max_tokens, 16, c.model.max_position_embeddings);
    in_range("prompt/description_words", c.prompt.description_words, 0, 1000);
  }
  return c;
}

json to_json(const ReasonerConfig& c) {
  return {{"model", to_json(c.model)},
          {"tokenizer", {{"legacy", c.tokenizer_legacy}, {"added_tokens", c.added_tokens}}},
          {"prompt",
           {{"style", c.prompt.style == PromptStyle::kCompact ? "compact" : "published"},
            {"max_tokens", c.prompt.max_tokens},
            {"description_words", c.prompt.description_words},
            {"think_step_by_step", c.prompt.think_step_by_step}}}};
}

ReasonerConfig mini_config(std::int64_t vocab_size, std::int64_t feature_width) {
  ReasonerConfig c;
  c.model.vocab_size = vocab_size;
  c.model.hidden_size = 192;
  c.model.intermediate_size = 512;
  c.model.num_hidden_layers = 6;
  c.model.num_attention_heads = 6;
  c.model.rms_norm_eps = 1e-5;
  c.model.has_projector = true;
  c.model.projector = ProjectorKind::kMlp;
  c.model.mm_hidden_size = feature_width;
  c.model.copy_head = c.model.smeared_keys = c.model.bidirectional_prompt = c.model.tag_head = true;
  c.added_tokens = compact_tokens();
  c.prompt.style = PromptStyle::kCompact;
  c.prompt.max_tokens = 1400;
  return c;
}

}  // namespace reamo::reasoner
