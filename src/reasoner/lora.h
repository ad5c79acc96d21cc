// Low-rank adapters on the linear layers of the decoder's blocks (LLM.md 10): y = W x + (alpha / rank) B A drop(x).
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace reamo::reasoner {

class LlamaImpl;

struct LoraConfig {
  std::int64_t rank = 128;
  double alpha = 256, dropout = 0.05;
};
// The fields of adapter_config.json; throws Error for adapters of another kind.
LoraConfig read_lora_config(const std::filesystem::path& adapter_config);

// Adds adapters (A uniform in +-1/sqrt(in), B zero) to every linear layer of the blocks.
void attach_lora(LlamaImpl& model, const LoraConfig& config);
// Folds the adapters into the weights and removes them.
void merge_lora(LlamaImpl& model);
// Names as PEFT saves them: base_model.model.model.layers.N.self_attn.q_proj.lora_A.weight.
std::map<std::string, torch::Tensor> lora_state(LlamaImpl& model);
// Copies adapters from tensors of such names; `where` names their origin in the error.
void load_lora(LlamaImpl& model, const std::map<std::string, torch::Tensor>& tensors, const std::string& where);
// Tensors of `non_lora_trainables.bin` under the names of the model: strips "base_model." and a doubled "model.".
std::map<std::string, torch::Tensor> strip_peft_names(const std::map<std::string, torch::Tensor>& tensors);

}  // namespace reamo::reasoner
