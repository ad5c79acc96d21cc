// The reasoner: LLaMA, its adapter, its projector, its tokenizer.
#include <algorithm>
#include <cmath>
#include <set>

#include "convert/import.h"
#include "convert/table_builder.h"
#include "convert/tensor_convert.h"
#include "ie/error.h"
#include "reasoner/piece_model.h"

namespace reamo::convert {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const std::string kProjector = "model.mm_input_projector.";
constexpr std::size_t kMaxTokenizer = std::size_t(64) << 20;
// In the order in which REAMO adds them (LLM.md 5.4).
const std::vector<std::string> kReamoTokens = {"<concept>", "UIE", "<Module>", "</Module>", "<Instruction>", "</Instruction>"};

json model_config(const fs::path& path, const fs::path& folder) {
  const json given = read_json_file(path);
  if (!given.is_object()) throw Error(path.string() + ": not a JSON object");
  const std::string type = text_in(given, "model_type", "llama");
  if (type != "llama" && type != "Reamo_llama" && type != "reamo_llama") throw Error(path.string() + ": a model of type \"" + type + "\", not llama");
  json config;
  for (const char* key : {"vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads",
                          "max_position_embeddings", "rms_norm_eps", "rope_theta", "rope_scaling", "tie_word_embeddings", "attention_bias",
                          "mlp_bias", "hidden_act", "bos_token_id", "eos_token_id", "pad_token_id", "tokenizer_padding_side",
                          "tokenizer_model_max_length"}) {
    if (given.contains(key) && !given.at(key).is_null()) config[key] = given.at(key);
  }
  // Several end tokens, or none here but some there: the first counts.
  if (!config.contains("eos_token_id") && fs::exists(folder / "generation_config.json")) {
    const json generation = read_json_file(folder / "generation_config.json");
    if (generation.is_object() && generation.contains("eos_token_id")) config["eos_token_id"] = generation.at("eos_token_id");
  }
  for (const char* key : {"bos_token_id", "eos_token_id", "pad_token_id"}) {
    if (config.contains(key) && config.at(key).is_array() && !config.at(key).empty()) config[key] = json(config.at(key).front());
    if (config.contains(key) && (!config.at(key).is_number_integer() || config.at(key).get<std::int64_t>() < 0)) config.erase(key);
  }
  return config;
}

// Names of non_lora_trainables.bin and mm_projector.bin as the model has them.
void strip_peft(Checkpoint& checkpoint) {
  const auto without = [](const std::string& name, const std::string& prefix) { return name.rfind(prefix, 0) == 0 ? name.substr(prefix.size()) : name; };
  checkpoint.unwrap();
  checkpoint.rename([&](const std::string& name) { return without(name, "base_model."); });
  const bool doubled = std::any_of(checkpoint.tensors().begin(), checkpoint.tensors().end(), [](const auto& item) { return item.first.rfind("model.model.", 0) == 0; });
  if (doubled) checkpoint.rename([&](const std::string& name) { return without(name, "model."); });
  checkpoint.rename([&](const std::string& name) { return name == "model.lm_head.weight" ? std::string("lm_head.weight") : name; });
}

struct Adapter {
  Checkpoint tensors;
  double scale = 1;
};

Adapter read_adapter(const fs::path& folder, const json& config) {
  const fs::path path = folder / "adapter_config.json";
  const json given = read_json_file(path);
  const auto fail = [&](const std::string& what) -> Error { return Error(path.string() + ": " + what); };
  if (!given.is_object() || !given.contains("r") || !given.at("r").is_number_integer()) throw fail("/r, the rank, is missing");
  const std::int64_t rank = size_in(given, "r", 0, 65536);
  if (rank < 1) throw fail("/r is 0");
  if (text_in(given, "peft_type", "LORA") != "LORA") throw fail("/peft_type is not LORA");
  if (text_in(given, "bias", "none") != "none") throw fail("/bias is not none");
  for (const char* kind : {"use_dora", "use_rslora", "fan_in_fan_out"}) {
    if (flag_in(given, kind, false)) throw fail(std::string("/") + kind + " is set; such adapters are not known");
  }
  for (const char* pattern : {"rank_pattern", "alpha_pattern"}) {
    if (given.contains(pattern) && !given.at(pattern).empty()) throw fail(std::string("/") + pattern + ": adapters of several ranks are not known");
  }
  if (given.contains("modules_to_save") && !given.at("modules_to_save").empty()) throw fail("/modules_to_save is not known");
  if (given.contains("lora_alpha") && !given.at("lora_alpha").is_number()) throw fail("/lora_alpha is no number");
  Adapter adapter{Checkpoint::open(folder, "adapter_model"), 0};
  adapter.scale = given.value("lora_alpha", 8.0) / double(rank);
  if (!std::isfinite(adapter.scale)) throw fail("/lora_alpha is out of range");
  adapter.tensors.rename([](std::string name) {
    const std::size_t at = name.find(".default.weight");
    return at == std::string::npos ? name : name.erase(at, 8);
  });
  TensorTable table = lora_tensors(config, rank);
  if (given.contains("target_modules") && given.at("target_modules").is_array()) {
    std::set<std::string> targets;
    for (const json& target : given.at("target_modules")) targets.insert(target.is_string() ? target.get<std::string>() : "");
    std::erase_if(table, [&](const TensorSpec& spec) {
      const std::string layer = spec.name.substr(0, spec.name.find(".lora_"));
      return targets.count(layer.substr(layer.rfind('.') + 1)) == 0;
    });
  }
  check_tensors(adapter.tensors, table, folder.string(), false);
  return adapter;
}

// Which projector the tensors are, into `config`; false: none.
bool find_projector(const Checkpoint& checkpoint, json& config) {
  const auto& tensors = checkpoint.tensors();
  auto weight = tensors.find(kProjector + "layer.0.weight");
  const bool mlp = weight != tensors.end();
  if (!mlp) weight = tensors.find(kProjector + "weight");
  if (weight == tensors.end()) return false;
  if (weight->second.shape.size() != 2) throw Error(checkpoint.path().string() + ": tensor " + weight->first + " is no matrix");
  config["mm_input_projector_type"] = mlp ? "mlp" : "linear";
  config["mm_hidden_size"] = weight->second.shape[1];
  return true;
}

std::vector<std::string> added_tokens(const fs::path& folder, std::int64_t pieces, std::int64_t vocabulary, std::vector<std::string>& notes) {
  if (vocabulary < pieces) throw Error(folder.string() + ": the tokenizer has " + std::to_string(pieces) + " pieces, the model only " + std::to_string(vocabulary) + " tokens");
  const std::int64_t more = vocabulary - pieces;
  if (more == 0) return {};
  if (fs::exists(folder / "added_tokens.json")) {
    const json given = read_json_file(folder / "added_tokens.json");
    std::map<std::int64_t, std::string> by_id;
    if (given.is_object()) {
      for (const auto& [token, id] : given.items()) {
        if (id.is_number_integer() && id.get<std::int64_t>() >= pieces) by_id[id.get<std::int64_t>()] = token;
      }
    }
    std::vector<std::string> tokens;
    for (const auto& [id, token] : by_id) {
      if (id != pieces + std::int64_t(tokens.size())) throw Error((folder / "added_tokens.json").string() + ": the ids behind the vocabulary have a gap before " + std::to_string(id));
      tokens.push_back(token);
    }
    if (!tokens.empty()) return tokens;
  }
  if (more == std::int64_t(kReamoTokens.size())) {
    notes.push_back("the six tokens behind the vocabulary are taken to be REAMO's (<concept>, UIE, <Module>, ..)");
    return kReamoTokens;
  }
  notes.push_back(std::to_string(more) + " rows behind the vocabulary have no token");
  return {};
}

}  // namespace

std::vector<ModelPart> import_llama(const LlamaSources& sources, const ImportOptions& options) {
  const fs::path& folder = sources.base;
  if (!fs::is_directory(folder)) throw Error(folder.string() + ": not a folder (a Hugging Face folder with config.json and tokenizer.model is needed)");
  json config = model_config(options.config ? *options.config : folder / "config.json", folder);
  ModelPart part;
  part.component = "reasoner";
  const std::string tokenizer = store::read_file(folder / "tokenizer.model", kMaxTokenizer);
  const std::string kind = "version https://git-lfs";
  if (tokenizer.rfind(kind, 0) == 0) throw Error((folder / "tokenizer.model").string() + ": a Git LFS pointer, not the file itself (git lfs pull fetches it)");
  const auto pieces = std::int64_t(reasoner::PieceModel::parse(tokenizer, (folder / "tokenizer.model").string()).pieces().size());
  bool legacy = true;
  if (fs::exists(folder / "tokenizer_config.json")) legacy = flag_in(read_json_file(folder / "tokenizer_config.json"), "legacy", true);

  Checkpoint base = Checkpoint::open(folder);
  std::size_t tower = 0;
  base.rename([&](const std::string& name) -> std::string {
    tower += name.rfind("model.multimodal_tower.", 0) == 0;
    const bool rotary = name.size() > 8 && name.find(".rotary_emb.inv_freq") != std::string::npos;
    return rotary || name.rfind("model.multimodal_tower.", 0) == 0 ? "" : name;
  });
  if (tower > 0) part.notes.push_back("the encoder inside the checkpoint (" + std::to_string(tower) + " tensors) is a part of its own: reamo import imagebind with the same source");
  const bool tied = flag_in(config, "tie_word_embeddings", false);
  std::optional<std::int64_t> grow_head;
  if (sources.projector) {
    Checkpoint trained = Checkpoint::open(*sources.projector);
    strip_peft(trained);
    std::vector<std::string> unknown;
    for (const auto& [name, tensor] : trained.tensors()) {
      if (name.rfind(kProjector, 0) != 0 && name != "model.embed_tokens.weight" && name != "lm_head.weight") {
        unknown.push_back(name);
        continue;
      }
      base.add(name, tensor);
    }
    if (!unknown.empty()) throw Error(sources.projector->string() + ": has tensors that are no projector, embedding or head: " + unknown.front() + (unknown.size() > 1 ? ", .." : ""));
    base.keep(trained);
    const auto embedding = trained.tensors().find("model.embed_tokens.weight");
    if (embedding != trained.tensors().end() && embedding->second.shape.size() == 2) {
      const std::int64_t rows = embedding->second.shape[0];
      if (!trained.has("lm_head.weight") && !tied && rows != size_in(config, "vocab_size", 32000)) grow_head = rows;
      config["vocab_size"] = rows;
    }
  }
  json projector_config = config;
  const bool projects = find_projector(base, projector_config);
  if (projects) config = projector_config;

  TensorTable table = llama_tensors(config), expected = table;
  const TensorTable projector_table = projects ? projector_tensors(config) : TensorTable{};
  expected.insert(expected.end(), projector_table.begin(), projector_table.end());
  if (grow_head) {  // the head still has the rows of the base
    for (TensorSpec& spec : expected) {
      const auto head = base.tensors().find(spec.name);
      if (spec.name == "lm_head.weight" && head != base.tensors().end() && !head->second.shape.empty()) spec.shape[0] = std::min(spec.shape[0], head->second.shape[0]);
    }
    part.notes.push_back("the head of the base gets rows for the added tokens: the mean of its rows");
  }
  const std::vector<std::string> extra = check_tensors(base, expected, folder.string(), options.allow_extra);
  if (!extra.empty()) part.notes.push_back(std::to_string(extra.size()) + " tensors that the model does not have were left out");

  part.take(base, table);
  if (grow_head) {
    for (PartTensor& tensor : part.tensors) {
      if (tensor.name != "lm_head.weight") continue;
      const store::TorchTensor head = base.tensors().at("lm_head.weight");
      tensor.bytes = [head, rows = *grow_head](store::DType dtype) { return grown(head, rows, dtype, "lm_head.weight"); };
    }
  }
  if (sources.adapter) {
    const Adapter adapter = read_adapter(*sources.adapter, config);
    std::size_t count = 0;
    for (PartTensor& tensor : part.tensors) {
      const std::string name = "base_model.model." + tensor.name.substr(0, tensor.name.rfind(".weight"));
      if (!adapter.tensors.has(name + ".lora_A.weight")) continue;
      const store::TorchTensor weights = base.tensors().at(tensor.name), down = adapter.tensors.tensors().at(name + ".lora_A.weight"),
                               up = adapter.tensors.tensors().at(name + ".lora_B.weight");
      for (const store::TorchTensor* each : {&weights, &down, &up}) {
        if (!is_floating(each->dtype)) throw Error(sources.adapter->string() + ": " + tensor.name + " or its adapter holds whole numbers");
      }
      tensor.bytes = [weights, down, up, scale = adapter.scale, full = tensor.name](store::DType dtype) { return merged(weights, down, up, scale, dtype, full); };
      ++count;
    }
    part.sources.insert(part.sources.end(), adapter.tensors.files().begin(), adapter.tensors.files().end());
    part.notes.push_back("the adapter was folded into " + std::to_string(count) + " matrices");
  }

  const std::vector<std::string> added = added_tokens(folder, pieces, size_in(config, "vocab_size", 32000), part.notes);
  const std::int64_t positions = size_in(config, "max_position_embeddings", 2048, 1 << 24);
  const json whole = {{"model", config},
                      {"tokenizer", {{"legacy", legacy}, {"added_tokens", added}}},
                      {"prompt", {{"style", "published"}, {"max_tokens", std::min<std::int64_t>(2048, positions)}, {"description_words", 0}, {"think_step_by_step", false}}}};
  const std::string licence = options.licence.empty() ? "Llama 2 Community License (Vicuna 7B v1.5 and what is trained on it)" : options.licence;
  part.entry = {"Llama", whole, {}, licence};
  part.texts["tokenizer.model"] = tokenizer;
  std::vector<ModelPart> parts{std::move(part)};
  if (projects) {
    ModelPart projector;
    projector.component = "projector";
    projector.entry = {"Projector", {{"mm_input_projector_type", config.at("mm_input_projector_type")}, {"mm_hidden_size", config.at("mm_hidden_size")}, {"hidden_size", size_in(config, "hidden_size", 4096)}}, {}, licence};
    projector.take(base, projector_table);
    parts.push_back(std::move(projector));
  }
  return parts;
}

}  // namespace reamo::convert
