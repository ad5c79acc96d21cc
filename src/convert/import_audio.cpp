// SHAS and wav2vec 2.0.
#include <algorithm>

#include "convert/import.h"
#include "convert/table_builder.h"
#include "ie/error.h"

namespace reamo::convert {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

json xls_r_300m() {
  return {{"feat_extract_norm", "layer"},       {"conv_bias", true},          {"do_stable_layer_norm", true},
          {"hidden_size", 1024},                {"num_hidden_layers", 24},    {"num_attention_heads", 16},
          {"intermediate_size", 4096},          {"conv_dim", Shape(7, 512)},  {"conv_kernel", {10, 3, 3, 3, 3, 2, 2}},
          {"conv_stride", {5, 2, 2, 2, 2, 2, 2}}, {"num_conv_pos_embeddings", 128}, {"num_conv_pos_embedding_groups", 16},
          {"layer_norm_eps", 1e-5},             {"vocab_size", 0}};
}

json base_960h() {
  json config = xls_r_300m();
  config.update({{"feat_extract_norm", "group"}, {"conv_bias", false}, {"do_stable_layer_norm", false}, {"hidden_size", 768},
                 {"num_hidden_layers", 12}, {"num_attention_heads", 12}, {"intermediate_size", 3072}, {"vocab_size", 32}});
  return config;
}

// The keys of a published config.json that shape the model, over `defaults`.
json wav2vec2_config(const fs::path& source, const ImportOptions& options, const json& defaults) {
  const fs::path beside = fs::is_directory(source) ? source / "config.json" : source.parent_path() / "config.json";
  json config = defaults;
  if (!options.config && !fs::exists(beside)) return config;
  const fs::path path = options.config ? *options.config : beside;
  const json given = read_json_file(path);
  if (!given.is_object()) throw Error(path.string() + ": not a JSON object");
  const std::string type = text_in(given, "model_type", "wav2vec2");
  if (type != "wav2vec2") throw Error(path.string() + ": a model of type \"" + type + "\", not wav2vec2");
  if (flag_in(given, "add_adapter", false)) throw Error(path.string() + ": wav2vec2 models with adapter layers are not known");
  for (const auto& [key, value] : defaults.items()) {
    if (given.contains(key) && !given.at(key).is_null()) config[key] = given.at(key);
  }
  return config;
}

bool is_own(const std::string& name) { return name.rfind("feature_", 0) == 0 || name.rfind("encoder.", 0) == 0; }

// Names without `wav2vec2.`, old names of the positional weights, nothing that only training uses.
void tidy(Checkpoint& checkpoint, bool head) {
  checkpoint.unwrap();
  checkpoint.rename([&](const std::string& full) -> std::string {
    std::string name = full.rfind("wav2vec2.", 0) == 0 ? full.substr(9) : full;
    for (const char* training : {"masked_spec_embed", "quantizer.", "project_hid.", "project_q."}) {
      if (name.rfind(training, 0) == 0) return "";
    }
    if (!head && name.rfind("lm_head.", 0) == 0) return "";
    const std::string newer = "parametrizations.weight.original";
    if (const std::size_t at = name.find(newer); at != std::string::npos) {
      name = name.substr(0, at) + (name.back() == '0' ? "weight_g" : "weight_v");
    }
    return name;
  });
}

}  // namespace

ModelPart import_shas(const fs::path& source, const fs::path& encoder, const ImportOptions& options) {
  Checkpoint classifier = Checkpoint::open(source);
  const json args = part_of(classifier.values(), "args");
  classifier.unwrap();
  json parts = {{"layers", size_in(args, "classifier_n_transformer_layers", 1, 128)}, {"heads", 8}};
  const auto side = [&](const std::string& name, std::size_t axis, std::int64_t fallback) {
    const auto found = classifier.tensors().find(name);
    return found != classifier.tensors().end() && found->second.shape.size() > axis ? found->second.shape[axis] : fallback;
  };
  parts["d_model"] = side("classification_layer.weight", 1, 1024);
  parts["dim_feedforward"] = side("transformer.layers.0.linear1.weight", 0, 2048);
  const TensorTable classifier_table = frame_classifier_tensors(parts);
  const std::vector<std::string> extra = check_tensors(classifier, classifier_table, source.string(), options.allow_extra);

  json config = wav2vec2_config(encoder, options, xls_r_300m());
  const std::int64_t keep = size_in(args, "wav2vec_keep_layers", 15, 1024);
  config["vocab_size"] = 0;
  config["keep_layers"] = std::min(keep, size_in(config, "num_hidden_layers", 24));
  config["final_layer_norm"] = false;
  if (config.at("hidden_size") != parts.at("d_model")) {
    throw Error(source.string() + ": made for an encoder of width " + parts.at("d_model").dump() + ", but " + encoder.string() + " is " + config.at("hidden_size").dump() + " wide");
  }
  Checkpoint speech = Checkpoint::open(encoder);
  tidy(speech, false);
  const auto kept = std::size_t(config.at("keep_layers").get<std::int64_t>());
  std::size_t dropped = 0;
  speech.rename([&](const std::string& name) -> std::string {
    const std::string layer = "encoder.layers.";
    if (name.rfind(layer, 0) != 0) return name;
    const std::string number = name.substr(layer.size(), name.find('.', layer.size()) - layer.size());
    const bool digits = !number.empty() && number.size() < 6 && number.find_first_not_of("0123456789") == std::string::npos;
    if (!digits || kept == 0 || std::stoul(number) < kept) return name;
    ++dropped;
    return "";
  });
  const TensorTable speech_table = wav2vec2_tensors(config);
  const std::vector<std::string> speech_extra = check_tensors(speech, speech_table, encoder.string(), options.allow_extra);

  ModelPart part;
  part.component = "segmenter";
  part.entry = {"Shas", {{"wav2vec2", config}, {"classifier", parts}}, {},
                options.licence.empty() ? "SHAS code MIT, its training corpus MuST-C CC BY-NC-ND 4.0; XLS-R 300M Apache-2.0" : options.licence};
  part.take(speech, speech_table);
  part.take(classifier, classifier_table);
  if (!extra.empty() || !speech_extra.empty()) part.notes.push_back(std::to_string(extra.size() + speech_extra.size()) + " tensors that the model does not have were left out");
  if (dropped > 0) part.notes.push_back("the encoder is cut to its first " + std::to_string(kept) + " layers, as the checkpoint says");
  if (args.empty()) part.notes.push_back("the checkpoint has no settings: 15 layers of the encoder are kept");
  return part;
}

ModelPart import_wav2vec2(const fs::path& source, const ImportOptions& options) {
  json config = wav2vec2_config(source, options, base_960h());
  Checkpoint checkpoint = Checkpoint::open(source);
  tidy(checkpoint, true);
  if (!checkpoint.has("lm_head.weight")) {
    throw Error(source.string() + ": has no lm_head, so it hears no letters (a pretrained encoder; take a fine-tuned one such as wav2vec2-base-960h)");
  }
  const fs::path vocabulary = (fs::is_directory(source) ? source : source.parent_path()) / "vocab.json";
  json listener = {{"front_end", "conv"}, {"blank", 0}, {"word_break", "|"}};
  if (fs::exists(vocabulary)) {
    const json ids = read_json_file(vocabulary);
    if (!ids.is_object() || ids.size() > 10000) throw Error(vocabulary.string() + ": not an object of symbol to id");
    std::vector<std::string> symbols(ids.size());
    for (const auto& [symbol, id] : ids.items()) {
      if (!id.is_number_unsigned() || id.get<std::size_t>() >= symbols.size() || !symbols[id.get<std::size_t>()].empty() || symbol.empty()) {
        throw Error(vocabulary.string() + ": the id of '" + symbol + "' is no free number below " + std::to_string(ids.size()));
      }
      symbols[id.get<std::size_t>()] = symbol;
      if (symbol == "<pad>" || symbol == "[PAD]") listener["blank"] = id;
    }
    listener["symbols"] = symbols;
    config["vocab_size"] = symbols.size();
  }
  const TensorTable table = wav2vec2_tensors(config);
  const std::vector<std::string> extra = check_tensors(checkpoint, table, source.string(), options.allow_extra);
  listener["conv"] = config;
  ModelPart part;
  part.component = "listener";
  part.entry = {"Listener", listener, {}, options.licence.empty() ? "Apache-2.0 (wav2vec 2.0 base-960h)" : options.licence};
  part.take(checkpoint, table);
  for (PartTensor& tensor : part.tensors) {
    if (is_own(tensor.name)) tensor.name = "wav2vec2." + tensor.name;
  }
  if (!extra.empty()) part.notes.push_back(std::to_string(extra.size()) + " tensors that the model does not have were left out");
  if (!listener.contains("symbols")) part.notes.push_back("no vocab.json beside the weights: the 32 symbols of base-960h are taken");
  return part;
}

}  // namespace reamo::convert
