// The LLaMA decoder with the published parameter names, and the variants that let a small one learn from nothing.
// Source: parity/LLM.md 2 and 3; copy head, smeared keys and tag head: RECIPES a.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "reasoner/config.h"
#include "reasoner/lora.h"
#include "reasoner/projector.h"

namespace reamo::reasoner {

// RMS norm, eps inside the root, the mean in fp32.
torch::Tensor rms_norm(const torch::Tensor& x, const torch::Tensor& weight, double eps);
// cos and sin [batch, positions, head size] (fp32) of rotary positions [batch, positions].
std::pair<torch::Tensor, torch::Tensor> rotary(const LlamaConfig& config, const torch::Tensor& positions);

// Keys (rotated) and values of the tokens seen, by layer: [batch, kv heads, tokens, head size].
struct KvCache {
  std::vector<torch::Tensor> keys, values;
  std::vector<torch::Tensor> last_key;  // before rotation and smearing: [batch, kv heads, 1, head size]
  torch::Tensor mask;                   // [batch, tokens] bool
  // Of a prefix that every row begins with, by layer: [1, kv heads, prefix, size]. Not counted in length().
  std::vector<torch::Tensor> shared_keys, shared_values;
  std::int64_t length() const { return mask.defined() ? mask.size(1) : 0; }
  // Keeps the given rows, in this order.
  void select(const torch::Tensor& rows);
};

struct ForwardOptions {
  torch::Tensor mask;       // [batch, tokens] of the new tokens, 1 = real; undefined: all
  torch::Tensor positions;  // [batch, tokens]; undefined: 0.. after the cache's length
  std::int64_t prompt = 0;  // tokens at the start that see each other both ways (bidirectional_prompt)
  KvCache* cache = nullptr; // read and extended
  std::vector<torch::Tensor>* hidden_states = nullptr;  // embeddings, inputs of layers 1.., after the final norm
};

// y = x W^T + b with an optional low-rank adapter. Parameters: weight [out, in], bias, lora_A.weight, lora_B.weight.
class ProjectionImpl : public torch::nn::Module {
 public:
  ProjectionImpl(std::int64_t in, std::int64_t out, bool bias);
  // Matrix products in `dtype`, the result in `dtype`.
  torch::Tensor forward(const torch::Tensor& x, torch::ScalarType dtype);
  void attach(const LoraConfig& config);
  void merge();  // adds the adapter to the weight and removes it

  torch::Tensor weight, bias, lora_a, lora_b;

 private:
  double scale_ = 0, dropout_ = 0;
};
TORCH_MODULE(Projection);

class AttentionImpl : public torch::nn::Module {
 public:
  explicit AttentionImpl(const LlamaConfig& config);
  Projection q_proj{nullptr}, k_proj{nullptr}, v_proj{nullptr}, o_proj{nullptr};
  torch::Tensor key_smear;  // [kv heads], before the sigmoid; smeared_keys only
};
TORCH_MODULE(Attention);

class MlpImpl : public torch::nn::Module {
 public:
  explicit MlpImpl(const LlamaConfig& config);
  Projection gate_proj{nullptr}, up_proj{nullptr}, down_proj{nullptr};
};
TORCH_MODULE(Mlp);

class NormImpl : public torch::nn::Module {
 public:
  explicit NormImpl(std::int64_t width);
  torch::Tensor weight;
};
TORCH_MODULE(Norm);

class LayerImpl : public torch::nn::Module {
 public:
  explicit LayerImpl(const LlamaConfig& config);
  Attention self_attn{nullptr};
  Mlp mlp{nullptr};
  Norm input_layernorm{nullptr}, post_attention_layernorm{nullptr};
};
TORCH_MODULE(Layer);

// Everything under `model.`.
class LlamaBodyImpl : public torch::nn::Module {
 public:
  explicit LlamaBodyImpl(const LlamaConfig& config);
  torch::nn::Embedding embed_tokens{nullptr};
  std::vector<Layer> layers;
  Norm norm{nullptr};
  Projector mm_input_projector{nullptr};  // has_projector only
};
TORCH_MODULE(LlamaBody);

// The pointer over prompt tokens. P(token) = (1 - g) softmax(head(h + C c)) + g sum over positions holding the token of
// a, where a = softmax(q . k) over copyable positions, c = sum a h_source, g = sigmoid(gate . h).
class CopyHeadImpl : public torch::nn::Module {
 public:
  explicit CopyHeadImpl(std::int64_t width);
  Projection query{nullptr}, key{nullptr}, context{nullptr}, gate{nullptr};
};
TORCH_MODULE(CopyHead);

// Scores of "no label", and of beginning and continuing a mention of each schema label, for source tokens: a product of
// the token's state and the state of the label's last token in the prompt, so that any schema fits.
class TagHeadImpl : public torch::nn::Module {
 public:
  explicit TagHeadImpl(std::int64_t width);
  // source [batch, tokens, width], labels [batch, labels, width] -> [batch, tokens, 1 + 2 labels], fp32
  torch::Tensor forward(const torch::Tensor& source, const torch::Tensor& labels, torch::ScalarType dtype);
  // Scores of mentions [mentions, width] against labels [batch, labels, width] of their rows [mentions] -> [mentions, labels], fp32
  torch::Tensor link(const torch::Tensor& mentions, const torch::Tensor& rows, const torch::Tensor& labels, Projection& query,
                     Projection& key, torch::ScalarType dtype);
  Projection begin{nullptr}, inside{nullptr}, label{nullptr}, none{nullptr};
  // Head and tail of a relation, argument of a role.
  Projection head{nullptr}, tail{nullptr}, argument{nullptr}, relation{nullptr}, role{nullptr};
};
TORCH_MODULE(TagHead);

class LlamaImpl : public torch::nn::Module {
 public:
  explicit LlamaImpl(LlamaConfig config);

  // [batch, tokens] -> [batch, tokens, hidden]; ids below 0 give the row of the padding token.
  torch::Tensor embed(const torch::Tensor& ids);
  // Embeddings [batch, tokens, hidden] -> states after the final norm.
  torch::Tensor forward(const torch::Tensor& embeddings, const ForwardOptions& options = {});
  // Scores over the vocabulary, fp32.
  torch::Tensor logits(const torch::Tensor& states);
  // Embeddings of ids with `features` [rows, mm_hidden] projected into the positions of negative ids, in row order.
  torch::Tensor embed_with_features(const torch::Tensor& ids, const torch::Tensor& features);

  // Rows for new tokens: the mean of the old ones, separately for embedding and head (LLM.md 5.4).
  void resize_vocabulary(std::int64_t size);
  // New weights: N(0, 0.02), residual outputs scaled by 1 / sqrt(2 layers).
  void initialize(std::uint64_t seed);
  // Every linear layer of the blocks, with its name ("model.layers.0.self_attn.q_proj").
  std::vector<std::pair<std::string, Projection>> block_projections();
  // The dtype of matrix products (kBFloat16 in training on machines that have it); parameters stay as they are.
  void set_compute_dtype(torch::ScalarType dtype) { compute_ = dtype; }
  torch::ScalarType compute_dtype() const { return compute_; }
  const LlamaConfig& config() const { return config_; }

  LlamaBody model{nullptr};
  Projection lm_head{nullptr};   // empty when tied
  CopyHead copy_head{nullptr};   // variant
  TagHead tag_head{nullptr};     // variant

 private:
  torch::Tensor layer_forward(std::size_t index, const torch::Tensor& x, const torch::Tensor& cos,
                              const torch::Tensor& sin, const torch::Tensor& bias, const torch::Tensor& previous,
                              KvCache* cache);

  LlamaConfig config_;
  torch::ScalarType compute_ = torch::kFloat32;
};
TORCH_MODULE(Llama);

// What the copy head makes of states that predict the next token.
struct CopyAttention {
  torch::Tensor weights;  // [batch, targets, prompt], fp32, zero where not copyable
  torch::Tensor fed;      // [batch, targets, hidden]: the states with the context added, for the vocabulary head
  torch::Tensor gate;     // [batch, targets], before the sigmoid, fp32
};
// at_targets [batch, targets, hidden], source [batch, prompt, hidden] and keys = copy_keys(source), copyable [batch, prompt] bool.
torch::Tensor copy_keys(LlamaImpl& model, const torch::Tensor& source);
CopyAttention copy_attention(LlamaImpl& model, const torch::Tensor& at_targets, const torch::Tensor& source,
                             const torch::Tensor& keys, const torch::Tensor& copyable);

}  // namespace reamo::reasoner
