// Configuration of the reasoner: the decoder, its tokenizer and its prompt.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace reamo::reasoner {

enum class RopeScaling { kNone, kLinear, kDynamic, kLlama3 };
enum class ProjectorKind { kLinear, kMlp, kIdentity };

// Names and defaults of a Hugging Face LLaMA config.json; then the variants of the same class, all off as published.
struct LlamaConfig {
  std::int64_t vocab_size = 32000, hidden_size = 4096, intermediate_size = 11008;
  std::int64_t num_hidden_layers = 32, num_attention_heads = 32, num_key_value_heads = 0;  // 0: as many as heads
  std::int64_t max_position_embeddings = 2048;
  double rms_norm_eps = 1e-6, rope_theta = 10000.0;
  RopeScaling rope_scaling = RopeScaling::kNone;
  double rope_factor = 1, rope_low_frequency = 1, rope_high_frequency = 4;
  std::int64_t rope_original_positions = 8192;
  bool tie_word_embeddings = false, attention_bias = false, mlp_bias = false;
  std::int64_t bos_token_id = 1, eos_token_id = 2, pad_token_id = 0;
  bool has_projector = false;
  ProjectorKind projector = ProjectorKind::kLinear;
  std::int64_t mm_hidden_size = 1024;
  std::int64_t tokenizer_model_max_length = 0;  // spliced rows are cut to it; 0: not
  bool pad_left = false;                        // tokenizer_padding_side of spliced batches

  bool copy_head = false;             // a pointer over copyable prompt tokens, mixed with the vocabulary
  bool smeared_keys = false;          // each key takes a learned share of the key before it
  bool bidirectional_prompt = false;  // the schema sees all of itself, the document all of the prompt
  bool tag_head = false;              // names the schema label of every source token; used in training only

  std::int64_t kv_heads() const { return num_key_value_heads ? num_key_value_heads : num_attention_heads; }
  std::int64_t head_size() const { return hidden_size / num_attention_heads; }
};

enum class PromptStyle { kPublished, kCompact };

struct PromptOptions {
  PromptStyle style = PromptStyle::kPublished;
  std::int64_t max_tokens = 2048;  // of the prompt, media rows included
  int description_words = 0;       // compact: words of a label's description that are shown; published: all if > 0
  bool think_step_by_step = false; // published
};

struct ReasonerConfig {
  LlamaConfig model;
  bool tokenizer_legacy = true;
  std::vector<std::string> added_tokens;
  PromptOptions prompt;
};

// Throws Error naming the field that is missing, unknown in value, or out of range.
LlamaConfig llama_config(const nlohmann::json& json);
nlohmann::json to_json(const LlamaConfig& config);
ReasonerConfig reasoner_config(const nlohmann::json& json);
nlohmann::json to_json(const ReasonerConfig& config);

// The small bundled model: 192 wide, 6 layers, with copy head, smeared keys and bidirectional prompt.
// `vocab_size` counts the added tokens; `feature_width` is that of the encoder's vectors.
ReasonerConfig mini_config(std::int64_t vocab_size, std::int64_t feature_width);

}  // namespace reamo::reasoner
