#include <algorithm>
#include <cstdlib>

#include "ie/error.h"
#include "nn/schedule.h"
#include "nn/torch_weights.h"
#include "nn/weights.h"
#include "parity/ops.h"
#include "parity/ops_llm.h"
#include "parity/train_case.h"
#include "reasoner/decode.h"
#include "reasoner/llama.h"
#include "reasoner/lora.h"
#include "reasoner/projector.h"
#include "reasoner/sampling.h"
#include "reasoner/splice.h"
#include "reasoner/target.h"
#include "reasoner/tokenizer.h"

namespace reamo::parity {
namespace {

using nlohmann::json;

// `weights`, or the shards that `weights_index` lists.
nn::Tensors weights_of(const nn::Case& reference) {
  if (!reference.has("weights_index")) return reference.weights();
  nn::Tensors all;
  const std::filesystem::path folder = reference.file("weights_index").parent_path();
  std::map<std::string, nn::Tensors> shards;
  const json index = reference.data("weights_index");
  for (const auto& [name, file] : index.at("weight_map").items()) {
    const std::string shard = file.get<std::string>();
    if (!shards.count(shard)) shards[shard] = nn::read_tensors(folder / shard);
    all[name] = shards[shard].at(name);
  }
  return all;
}

reasoner::Llama load_model(const nn::Case& reference, const nn::Tensors& weights) {
  reasoner::Llama model(reasoner::llama_config(reference.config()));
  nn::load(*model, weights, reference.folder().string());
  model->eval();
  return model;
}

reasoner::Llama load_model(const nn::Case& reference) { return load_model(reference, weights_of(reference)); }

torch::Tensor logits_of(reasoner::Llama& model, const torch::Tensor& ids) { return model->logits(model->forward(model->embed(ids))); }

nn::Tensors run_forward(const nn::Case& reference) {
  reasoner::Llama model = load_model(reference);
  const nn::Tensors inputs = reference.inputs();
  std::vector<torch::Tensor> states;
  reasoner::ForwardOptions options;
  options.hidden_states = &states;
  torch::Tensor logits = model->logits(model->forward(model->embed(inputs.at("input_ids")), options));
  if (inputs.count("positions")) logits = logits.index_select(1, inputs.at("positions"));
  nn::Tensors got = {{"logits", logits}};
  for (std::size_t i = 0; i < states.size(); ++i) got["hidden_states." + std::to_string(i)] = states[i];
  return got;
}

nn::Tensors run_forward_padded(const nn::Case& reference) {
  reasoner::Llama model = load_model(reference);
  const nn::Tensors inputs = reference.inputs();
  reasoner::ForwardOptions options;
  options.mask = inputs.at("attention_mask") != 0;
  nn::Tensors got;
  got["logits_default_positions"] = model->logits(model->forward(model->embed(inputs.at("input_ids")), options));
  options.positions = inputs.at("position_ids_from_mask");
  got["logits_mask_positions"] = model->logits(model->forward(model->embed(inputs.at("input_ids")), options));
  return got;
}

Outcome run_greedy(const nn::Case& reference) {
  reasoner::Llama model = load_model(reference);
  const nn::Tensors inputs = reference.inputs(), expected = reference.expected();
  const torch::Tensor ids = inputs.at("input_ids");
  const torch::Tensor mask = inputs.count("attention_mask") ? inputs.at("attention_mask") != 0 : torch::ones_like(ids, torch::kBool);
  const std::int64_t most = expected.at("sequences").size(1) - ids.size(1);
  const std::int64_t eos = reference.config().at("eos_token_id"), pad = reference.config().value("pad_token_id", std::int64_t(0));
  const auto generate = [&](const torch::Tensor& embeddings, bool cache, std::vector<torch::Tensor>* logits) {
    return reasoner::greedy(model, embeddings, mask, most, eos, pad, cache, logits);
  };
  std::vector<torch::Tensor> logits;
  const torch::Tensor fresh = generate(model->embed(ids), true, &logits);
  nn::Tensors got = {{"sequences", torch::cat({ids, fresh}, 1)}, {"new_tokens", fresh}};
  if (ids.size(0) == 1 && !logits.empty()) {
    for (torch::Tensor& row : logits) row = row.reshape({1, -1});
    got["step_logits"] = torch::cat(logits);
  }
  nn::CaseResult result = nn::compare(reference, got);
  if (!torch::equal(generate(model->embed(ids), false, nullptr), fresh)) result.fail("without a cache other tokens come out");
  if (inputs.count("inputs_embeds") && !torch::equal(generate(inputs.at("inputs_embeds"), true, nullptr), fresh)) {
    result.fail("from embeddings other tokens come out");
  }
  return {result, ""};
}

nn::Tensors run_projector(const nn::Case& reference) {
  const std::string type = reference.config().at("mm_input_projector_type");
  const reasoner::ProjectorKind kind = type == "mlp"        ? reasoner::ProjectorKind::kMlp
                                       : type == "identity" ? reasoner::ProjectorKind::kIdentity
                                                            : reasoner::ProjectorKind::kLinear;
  const std::int64_t in = reference.config().at("mm_hidden_size");
  const std::int64_t out = kind == reasoner::ProjectorKind::kIdentity ? in : reference.config().at("hidden_size").get<std::int64_t>();
  reasoner::Projector projector(kind, in, out);
  nn::load(*projector, reference.weights(), reference.folder().string(), {.prefix = "model.mm_input_projector.", .allow_extra = true, .optional = {}});
  return {{"output", projector->forward(reference.inputs().at("features"))}};
}

std::vector<torch::Tensor> items(const nn::Tensors& inputs, const std::string& name) {
  const auto found = inputs.find(name);
  if (found == inputs.end()) return {};
  return found->second.unbind(0);
}

nn::Tensors spliced_forward(reasoner::Llama& model, const nn::Tensors& inputs) {
  reasoner::SpliceInput input;
  input.ids = inputs.at("input_ids");
  if (inputs.count("attention_mask")) input.attention_mask = inputs.at("attention_mask");
  if (inputs.count("labels")) input.labels = inputs.at("labels");
  input.images = items(inputs, "image_features");
  input.videos = items(inputs, "video_features");
  input.audios = items(inputs, "audio_features");
  const reasoner::Spliced spliced = reasoner::splice(*model, input);
  reasoner::ForwardOptions options;
  options.mask = spliced.attention_mask;
  options.positions = spliced.positions;
  const torch::Tensor logits = model->logits(model->forward(spliced.embeddings, options));
  nn::Tensors got = {{"inputs_embeds", spliced.embeddings},
                     {"attention_mask", spliced.attention_mask},
                     {"position_ids", spliced.positions},
                     {"logits", logits * spliced.attention_mask.unsqueeze(-1)}};
  if (input.labels.defined()) {
    got["labels"] = spliced.labels;
    got["loss"] = reasoner::published_loss(logits, spliced.labels);
  }
  return got;
}

nn::Tensors run_splice(const nn::Case& reference) {
  reasoner::Llama model = load_model(reference);
  return spliced_forward(model, reference.inputs());
}

// A folder of a second training stage: its whole tensors over the base, then the adapter, merged.
nn::Tensors run_lora_folder(const nn::Case& reference) {
  nn::Tensors weights = reference.weights();
  for (const auto& [name, tensor] : reasoner::strip_peft_names(nn::read_torch_tensors(reference.file("non_lora_trainables")))) weights[name] = tensor;
  reasoner::Llama model = load_model(reference, weights);
  reasoner::attach_lora(*model, reasoner::read_lora_config(reference.file("adapter_config")));
  reasoner::load_lora(*model, nn::read_tensors(reference.file("adapter")), reference.file("adapter").string());
  reasoner::merge_lora(*model);
  return spliced_forward(model, reference.inputs());
}

Outcome run_torch_files(const nn::Case& reference) {
  nn::CaseResult result;
  for (const auto& name : reference.config().at("files")) {
    const nn::CaseResult one = nn::compare(reference, nn::read_torch_tensors(reference.path(name.get<std::string>())));
    result.compared += one.compared;
    for (const std::string& failure : one.failures) result.fail(name.get<std::string>() + ": " + failure);
  }
  return {result, ""};
}

// "rep1.2_t0.7_k10_p0.8", "temperature_0.2", "predict_t0.2_k1_p1" to the options that they name.
reasoner::SamplingOptions sampling_options(const std::string& name) {
  reasoner::SamplingOptions options;
  const auto number = [](const std::string& text) { return std::strtod(text.c_str(), nullptr); };
  const auto behind = [&](const std::string& key) { return number(name.substr(key.size())); };
  if (name.rfind("temperature_", 0) == 0) {
    options.temperature = behind("temperature_");
  } else if (name.rfind("top_k_", 0) == 0) {
    options.top_k = std::int64_t(behind("top_k_"));
  } else if (name.rfind("top_p_", 0) == 0) {
    options.top_p = behind("top_p_");
  } else if (name.rfind("rep_", 0) == 0) {
    options.repetition_penalty = behind("rep_");
  } else {
    std::size_t from = 0;
    while (from <= name.size()) {
      const std::size_t end = std::min(name.find('_', from), name.size());
      const std::string part = name.substr(from, end - from);
      if (part.rfind("rep", 0) == 0) options.repetition_penalty = number(part.substr(3));
      else if (part[0] == 't') options.temperature = number(part.substr(1));
      else if (part[0] == 'k') options.top_k = std::int64_t(number(part.substr(1)));
      else if (part[0] == 'p' && part != "predict") options.top_p = number(part.substr(1));
      from = end + 1;
    }
  }
  return options;
}

nn::Tensors run_sampling(const nn::Case& reference) {
  const nn::Tensors inputs = reference.inputs();
  nn::Tensors got;
  for (const auto& [name, unused] : reference.expected()) {  // "probs.X", "kept.X", "scores.X"
    const std::size_t dot = name.find('.');
    const torch::Tensor filtered =
        reasoner::filter_logits(inputs.at("logits").clone(), inputs.at("history_ids"), sampling_options(name.substr(dot + 1)));
    const std::string kind = name.substr(0, dot);
    got[name] = kind == "probs" ? torch::softmax(filtered, -1) : kind == "kept" ? torch::isfinite(filtered) : filtered;
  }
  return got;
}

nn::Tensors run_resize(const nn::Case& reference) {
  const nn::Tensors inputs = reference.inputs();
  reasoner::LlamaConfig config;
  config.vocab_size = inputs.at("embed_tokens").size(0);
  config.hidden_size = inputs.at("embed_tokens").size(1);
  config.num_hidden_layers = 1;
  config.num_attention_heads = 1;
  config.intermediate_size = 8;
  reasoner::Llama model(config);
  model->model->embed_tokens->weight.set_data(inputs.at("embed_tokens").clone());
  model->lm_head->weight.set_data(inputs.at("lm_head").clone());
  model->resize_vocabulary(config.vocab_size + reference.config().at("new_tokens").get<std::int64_t>());
  return {{"embed_tokens", model->model->embed_tokens->weight}, {"lm_head", model->lm_head->weight}};
}

nn::Tensors run_lora(const nn::Case& reference) {
  reasoner::Llama model = load_model(reference);
  const torch::Tensor ids = reference.inputs().at("input_ids");
  nn::Tensors got = {{"logits_base_only", logits_of(model, ids)}};
  reasoner::attach_lora(*model, reasoner::read_lora_config(reference.file("adapter_config")));
  reasoner::load_lora(*model, nn::read_tensors(reference.file("adapter")), reference.file("adapter").string());
  got["logits"] = logits_of(model, ids);
  reasoner::merge_lora(*model);
  for (const auto& item : model->named_parameters()) got["merged." + item.key()] = item.value();
  return got;
}

nn::Tensors run_schedule(const nn::Case& reference) {
  const double base = reference.config().at("learning_rate");
  nn::Tensors got;
  for (const auto& [name, expected] : reference.expected()) {
    const std::size_t ratio = name.find("_ratio");
    if (name.rfind("total", 0) != 0 || ratio == std::string::npos) throw Error(reference.folder().string() + ": unknown output " + name);
    const std::int64_t total = std::atoll(name.c_str() + 5);
    const std::int64_t warmup = nn::warmup_steps(total, std::strtod(name.c_str() + ratio + 6, nullptr));
    std::vector<double> rates;
    for (std::int64_t step = 0; step < expected.numel(); ++step) rates.push_back(nn::cosine_rate(base, step, warmup, total));
    got[name] = torch::tensor(rates, torch::kFloat64);
  }
  return got;
}

Outcome run_end_to_end(const nn::Case& reference) {
  reasoner::Llama model = load_model(reference);
  const auto tokenizer = reasoner::Tokenizer::load(
      reference.file("tokenizer"), {false, {"<concept>", "UIE", "<Module>", "</Module>", "<Instruction>", "</Instruction>"}});
  const nn::Tensors inputs = reference.inputs();
  nn::Tensors got;
  std::vector<std::string> failures;
  for (const json& entry : reference.data("data")) {
    const std::string n = std::to_string(entry.at("n").get<int>());
    const reasoner::Ids ids = tokenizer.encode_placeholders(entry.at("prompt").get<std::string>());
    const torch::Tensor row = torch::tensor(ids, torch::kInt64).unsqueeze(0);
    if (!torch::equal(row, inputs.at(n + ".input_ids"))) failures.push_back(n + ": the prompt has other tokens");
    const torch::Tensor features = inputs.at(n + ".features");
    const torch::Tensor embeddings = model->embed_with_features(row, features.reshape({-1, features.size(-1)}));
    std::vector<torch::Tensor> logits;
    const torch::Tensor fresh = reasoner::greedy(model, embeddings, torch::ones({1, embeddings.size(1)}, torch::kBool), 100,
                                                 reference.config().at("eos_token_id"), reference.config().at("pad_token_id"), true, &logits);
    got[n + ".new_tokens"] = fresh;
    got[n + ".first_logits"] = logits.front().reshape({1, -1});
    const torch::Tensor flat = fresh.contiguous();
    const std::string text = tokenizer.decode(std::span<const std::int64_t>(flat.data_ptr<std::int64_t>(), std::size_t(flat.numel())));
    const std::string expected = entry.at("decoded_by_the_published_tokenizer");
    if (text != expected) failures.push_back(n + ": the text is '" + text + "', expected '" + expected + "'");
  }
  nn::CaseResult result = nn::compare(reference, got);
  for (const std::string& failure : failures) result.fail(failure);
  return {result, ""};
}

using Run = nn::Tensors (*)(const nn::Case&);
const std::map<std::string, Run>& tensor_ops() {
  static const std::map<std::string, Run> ops = {
      {"llm.forward", run_forward},   {"llm.forward_padded", run_forward_padded}, {"llm.projector", run_projector},
      {"llm.splice", run_splice},     {"llm.sampling", run_sampling},             {"llm.embedding_resize", run_resize},
      {"llm.lora", run_lora},         {"llm.lr_schedule", run_schedule},
      {"llm.reamo_lora_folder", run_lora_folder},
  };
  return ops;
}

}  // namespace

std::vector<std::string> llm_model_ops() {
  std::vector<std::string> names = {"llm.greedy", "llm.end_to_end", "llm.train", "llm.torch_bin"};
  for (const auto& [name, run] : tensor_ops()) names.push_back(name);
  return names;
}

Outcome run_llm_model(const nn::Case& reference) {
  if (reference.op() == "llm.train") return {nn::compare(reference, run_training(reference)), ""};
  torch::NoGradGuard no_grad;
  if (reference.op() == "llm.torch_bin") return run_torch_files(reference);
  if (reference.op() == "llm.greedy") return run_greedy(reference);
  if (reference.op() == "llm.end_to_end") return run_end_to_end(reference);
  return {nn::compare(reference, tensor_ops().at(reference.op())(reference)), ""};
}

std::vector<std::string> llm_ops() {
  std::vector<std::string> all = llm_text_ops();
  for (std::string& op : llm_model_ops()) all.push_back(std::move(op));
  return all;
}

Outcome run_llm(const nn::Case& reference, const Context&) {
  const std::vector<std::string> text = llm_text_ops();
  if (std::find(text.begin(), text.end(), reference.op()) != text.end()) return run_llm_text(reference);
  return run_llm_model(reference);
}

}  // namespace reamo::parity
