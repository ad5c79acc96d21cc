#include "parity/train_case.h"

#include "nn/schedule.h"
#include "nn/weights.h"
#include "reasoner/llama.h"
#include "reasoner/lora.h"
#include "reasoner/splice.h"
#include "reasoner/target.h"

namespace reamo::parity {
namespace {

using nlohmann::json;

bool contains(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }
bool ends_with(const std::string& text, const char* part) { return text.ends_with(part); }

struct Group {
  std::vector<torch::Tensor> parameters;
  double rate, decay;
};

// Whole model: decayed, then norms and biases. With LoRA: adapters, embeddings and head; projector weights; projector
// biases; the rest frozen.
std::vector<Group> make_groups(reasoner::Llama& model, const json& train, bool lora) {
  const double rate = train.at("learning_rate"), decay = train.at("weight_decay");
  const double projector = train.value("mm_input_projector_lr", rate);
  std::vector<Group> groups = lora ? std::vector<Group>{{{}, rate, decay}, {{}, projector, decay}, {{}, projector, 0}}
                                   : std::vector<Group>{{{}, rate, decay}, {{}, rate, 0}};
  for (auto& item : model->named_parameters()) {
    const std::string& name = item.key();
    torch::Tensor parameter = item.value();
    const bool bias = ends_with(name, "bias");
    if (!lora) {
      groups[bias || contains(name, "norm") ? 1 : 0].parameters.push_back(parameter);
    } else if (contains(name, "mm_input_projector")) {
      groups[bias ? 2 : 1].parameters.push_back(parameter);
    } else if (contains(name, "lora_") || contains(name, "embed_tokens") || contains(name, "lm_head")) {
      groups[0].parameters.push_back(parameter);
    } else {
      parameter.set_requires_grad(false);
    }
  }
  return groups;
}

torch::Tensor batch_loss(reasoner::Llama& model, const nn::Tensors& inputs, int batch) {
  const std::string prefix = "batch" + std::to_string(batch) + ".";
  const auto rows = [&](const std::string& name) {
    const auto found = inputs.find(prefix + name);
    return found == inputs.end() ? std::vector<torch::Tensor>() : found->second.unbind(0);
  };
  reasoner::SpliceInput input;
  input.ids = inputs.at(prefix + "input_ids");
  input.attention_mask = inputs.at(prefix + "attention_mask");
  input.labels = inputs.at(prefix + "labels");
  input.images = rows("images");
  input.videos = rows("videos");
  input.audios = rows("audios");
  const reasoner::Spliced spliced = reasoner::splice(*model, input);
  reasoner::ForwardOptions options;
  options.mask = spliced.attention_mask;
  options.positions = spliced.positions;
  return reasoner::published_loss(model->logits(model->forward(spliced.embeddings, options)), spliced.labels);
}

}  // namespace

nn::Tensors run_training(const nn::Case& reference) {
  const json& config = reference.config();
  const json& train = config.at("train");
  const bool lora = config.contains("lora");
  nn::Tensors weights = reference.weights(), adapters;
  for (const auto& [name, tensor] : weights) {
    if (name.rfind("base_model.", 0) == 0) adapters[name] = tensor;
  }
  reasoner::Llama model(reasoner::llama_config(config.at("model")));
  nn::load(*model, weights, reference.folder().string());
  if (lora) {
    const json& options = config.at("lora");
    reasoner::attach_lora(*model, {options.at("r").get<std::int64_t>(), options.at("lora_alpha").get<double>(), options.at("lora_dropout").get<double>()});
    reasoner::load_lora(*model, adapters, reference.folder().string());
  }
  model->train();

  std::vector<Group> groups = make_groups(model, train, lora);
  std::vector<torch::optim::OptimizerParamGroup> optimizer_groups;
  std::vector<torch::Tensor> all;
  for (const Group& group : groups) {
    auto options = std::make_unique<torch::optim::AdamWOptions>(0.0);
    options->betas({train.at("betas")[0].get<double>(), train.at("betas")[1].get<double>()});
    options->eps(train.at("eps")).weight_decay(group.decay);
    optimizer_groups.emplace_back(group.parameters, std::move(options));
    all.insert(all.end(), group.parameters.begin(), group.parameters.end());
  }
  torch::optim::AdamW optimizer(optimizer_groups, torch::optim::AdamWOptions(0.0));

  const std::string prefix = lora ? "base_model.model." : "";
  const nn::Tensors inputs = reference.inputs();
  std::vector<double> losses, norms;
  std::vector<double> rates;
  nn::Tensors got;
  int steps = 0;
  for (; inputs.count("batch" + std::to_string(steps) + ".input_ids"); ++steps) {
    optimizer.zero_grad();
    const torch::Tensor loss = batch_loss(model, inputs, steps);
    loss.backward();
    if (steps == 0) {
      for (const auto& item : model->named_parameters()) {
        if (item.value().grad().defined()) got["grad." + prefix + item.key()] = item.value().grad().clone();
      }
    }
    losses.push_back(loss.item<double>());
    norms.push_back(torch::nn::utils::clip_grad_norm_(all, train.at("max_grad_norm").get<double>()));
    for (std::size_t g = 0; g < groups.size(); ++g) {
      const double rate = nn::cosine_rate(groups[g].rate, steps, train.at("warmup_steps"), train.at("total_steps"));
      static_cast<torch::optim::AdamWOptions&>(optimizer.param_groups()[g].options()).lr(rate);
      rates.push_back(rate);
    }
    optimizer.step();
    for (const auto& item : model->named_parameters()) {
      got["step" + std::to_string(steps + 1) + "." + prefix + item.key()] = item.value().detach().clone();
    }
  }
  got["loss"] = torch::tensor(losses, torch::kFloat64);
  got["grad_norm"] = torch::tensor(norms, torch::kFloat64);
  got["lr"] = torch::tensor(rates, torch::kFloat64).reshape({steps, -1});
  return got;
}

}  // namespace reamo::parity
