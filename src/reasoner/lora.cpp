#include "reasoner/lora.h"

#include <nlohmann/json.hpp>

#include "ie/error.h"
#include "reasoner/llama.h"
#include "store/json_limits.h"
#include "store/tensor_file.h"

namespace reamo::reasoner {
namespace {
constexpr const char* kPeftPrefix = "base_model.model.";
}

LoraConfig read_lora_config(const std::filesystem::path& adapter_config) {
  const nlohmann::json json = store::parse_json(store::read_file(adapter_config, 1 << 20), adapter_config.string());
  const auto fail = [&](const std::string& what) { throw Error(adapter_config.string() + ": " + what); };
  if (!json.is_object() || !json.contains("r") || !json["r"].is_number_integer()) fail("/r, the rank, is missing");
  if (json.value("peft_type", "LORA") != "LORA") fail("/peft_type is not LORA");
  if (json.value("bias", "none") != "none") fail("/bias is not none");
  if (json.value("use_dora", false) || json.value("use_rslora", false)) fail("DoRA and rsLoRA adapters are not known");
  LoraConfig config;
  config.rank = json["r"].get<std::int64_t>();
  config.alpha = json.value("lora_alpha", 8.0);
  config.dropout = json.value("lora_dropout", 0.0);
  if (config.rank < 1 || config.rank > 65536) fail("/r is out of range");
  if (config.dropout < 0 || config.dropout >= 1) fail("/lora_dropout is out of range");
  return config;
}

void attach_lora(LlamaImpl& model, const LoraConfig& config) {
  for (auto& [name, projection] : model.block_projections()) projection->attach(config);
}

void merge_lora(LlamaImpl& model) {
  for (auto& [name, projection] : model.block_projections()) projection->merge();
}

std::map<std::string, torch::Tensor> lora_state(LlamaImpl& model) {
  std::map<std::string, torch::Tensor> state;
  for (auto& [name, projection] : model.block_projections()) {
    if (!projection->lora_a.defined()) continue;
    state[kPeftPrefix + name + ".lora_A.weight"] = projection->lora_a;
    state[kPeftPrefix + name + ".lora_B.weight"] = projection->lora_b;
  }
  return state;
}

void load_lora(LlamaImpl& model, const std::map<std::string, torch::Tensor>& tensors, const std::string& where) {
  torch::NoGradGuard no_grad;
  std::size_t used = 0;
  std::map<std::string, torch::Tensor> state = lora_state(model);
  for (auto& [name, parameter] : state) {
    const auto found = tensors.find(name);
    if (found == tensors.end()) throw Error(where + ": the adapter tensor " + name + " is missing");
    if (found->second.sizes() != parameter.sizes()) throw Error(where + ": the adapter tensor " + name + " has another shape");
    parameter.copy_(found->second);
    ++used;
  }
  std::size_t given = 0;
  for (const auto& [name, tensor] : tensors) given += name.find(".lora_") != std::string::npos;
  if (given != used) {
    throw Error(where + ": " + std::to_string(given) + " adapter tensors, " + std::to_string(used) + " fit the model");
  }
}

std::map<std::string, torch::Tensor> strip_peft_names(const std::map<std::string, torch::Tensor>& tensors) {
  constexpr std::string_view kBase = "base_model.", kTwice = "model.model.", kOnce = "model.";
  std::map<std::string, torch::Tensor> out;
  for (const auto& [name, tensor] : tensors) {
    std::string_view short_name = name;
    if (short_name.starts_with(kBase)) {
      short_name.remove_prefix(kBase.size());
      if (short_name.starts_with(kOnce)) short_name.remove_prefix(kOnce.size());
    } else if (short_name.starts_with(kTwice)) {
      short_name.remove_prefix(kOnce.size());
    }
    out.emplace(short_name, tensor);
  }
  return out;
}

}  // namespace reamo::reasoner
