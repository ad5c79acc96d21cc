// ImageBind and SEEM.
#include <algorithm>

#include "convert/import.h"
#include "convert/table_builder.h"
#include "convert/tensor_convert.h"
#include "convert/vocabulary.h"
#include "ie/error.h"

namespace reamo::convert {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kInReamo = "model.multimodal_tower.multimodal_tower.";

json published_imagebind() {
  return {{"out_embed_dim", 1024},
          {"vision", {{"embed_dim", 1280}, {"blocks", 32}, {"heads", 16}, {"image", {224, 224}}, {"kernel", {2, 14, 14}}}},
          {"text", {{"embed_dim", 1024}, {"blocks", 24}, {"heads", 16}, {"vocab_size", 49408}, {"context_length", 77}}},
          {"audio", {{"embed_dim", 768}, {"blocks", 12}, {"heads", 12}, {"mel_bins", 128}, {"target_len", 204}, {"kernel", 16}, {"stride", 10}}},
          {"depth", {{"embed_dim", 384}, {"blocks", 12}, {"heads", 8}, {"image", {224, 224}}, {"kernel", 16}}},
          {"thermal", {{"embed_dim", 768}, {"blocks", 12}, {"heads", 12}, {"image", {224, 224}}, {"kernel", 16}}},
          {"imu", {{"embed_dim", 512}, {"blocks", 6}, {"heads", 8}, {"channels", 6}, {"length", 2000}, {"kernel", 8}}}};
}

const std::vector<std::string> kTowers = {"vision", "text", "audio", "depth", "thermal", "imu"};

json published_seem() {
  return {{"backbone", "focalnet"},
          {"head", "decoder"},
          {"focalnet", {{"width", 192}, {"depths", {2, 2, 18, 2}}, {"focal_levels", 4}, {"focal_window", 3}, {"mlp_ratio", 4.0}}},
          {"decoder",
           {{"width", 512}, {"mask_width", 512}, {"heads", 8}, {"feed_forward", 2048}, {"encoder_layers", 6}, {"layers", 9}, {"queries", 101}, {"max_stroke_points", 512}}},
          {"text", {{"vocabulary", 49408}, {"context", 77}, {"width", 512}, {"heads", 8}, {"layers", 12}}},
          {"input", {{"short_side", 512}, {"long_side", 0}, {"multiple", 32}}}};
}

// The published configuration file (as JSON) in our words.
json seem_from_published(const json& from, const std::string& where) {
  json out = published_seem();
  try {
    const json &model = from.at("MODEL"), &focal = model.at("BACKBONE").at("FOCAL"), &encoder = model.at("ENCODER"), &decoder = model.at("DECODER");
    const json& text = model.at("TEXT");
    out["focalnet"] = {{"width", focal.at("EMBED_DIM")}, {"depths", focal.at("DEPTHS")}, {"focal_levels", focal.at("FOCAL_LEVELS").at(0)},
                       {"focal_window", focal.at("FOCAL_WINDOWS").at(0)}, {"mlp_ratio", focal.at("MLP_RATIO")}};
    out["decoder"] = {{"width", decoder.at("HIDDEN_DIM")}, {"mask_width", encoder.at("MASK_DIM")}, {"heads", decoder.at("NHEADS")},
                      {"feed_forward", decoder.at("DIM_FEEDFORWARD")}, {"encoder_layers", encoder.at("TRANSFORMER_ENC_LAYERS")},
                      {"layers", decoder.at("DEC_LAYERS").get<int>() - 1}, {"queries", decoder.at("NUM_OBJECT_QUERIES")},
                      {"max_stroke_points", decoder.at("MAX_SPATIAL_LEN").at(0)}};
    out["text"] = {{"vocabulary", 49408}, {"context", text.at("CONTEXT_LENGTH")}, {"width", text.at("WIDTH")}, {"heads", text.at("HEADS")}, {"layers", text.at("LAYERS")}};
  } catch (const json::exception& error) {
    throw Error(where + ": not a configuration file of SEEM: " + error.what());
  }
  return out;
}

std::string left_out_note(const std::vector<std::string>& extra) {
  return std::to_string(extra.size()) + " tensors that the model does not have were left out (" + extra.front() + (extra.size() > 1 ? ", .." : "") + ")";
}

}  // namespace

ModelPart import_imagebind(const fs::path& source, const ImportOptions& options) {
  const bool in_folder = fs::is_directory(source) && fs::exists(source / "imagebind_huge.pth");
  Checkpoint checkpoint = Checkpoint::open(in_folder ? source / "imagebind_huge.pth" : source);
  checkpoint.unwrap();
  const bool in_reamo = std::any_of(checkpoint.tensors().begin(), checkpoint.tensors().end(), [](const auto& item) { return item.first.rfind(kInReamo, 0) == 0; });
  if (in_reamo) {
    checkpoint.rename([](const std::string& name) { return name.rfind(kInReamo, 0) == 0 ? name.substr(std::string(kInReamo).size()) : std::string(); });
  }
  json config = published_imagebind();
  if (options.config) {
    config = read_json_file(*options.config);
    if (!config.is_object()) throw Error(options.config->string() + ": not a JSON object");
  }
  std::vector<std::string> towers = options.towers.empty() ? kTowers : options.towers;
  for (const std::string& tower : towers) {
    if (std::find(kTowers.begin(), kTowers.end(), tower) == kTowers.end()) throw UsageError("ImageBind has no tower \"" + tower + "\" (vision, text, audio, depth, thermal, imu)");
  }
  for (const std::string& tower : kTowers) {
    if (std::find(towers.begin(), towers.end(), tower) == towers.end()) config.erase(tower);
  }
  config["towers"] = towers;
  config["variant"] = options.reamo_variant ? "reamo" : "published";
  const TensorTable table = imagebind_tensors(config);
  // Towers that were not asked for are no surprise.
  checkpoint.rename([&](const std::string& name) {
    for (const std::string& tower : kTowers) {
      const std::size_t dot = name.find('.');
      const bool of_tower = dot != std::string::npos && name.compare(dot + 1, tower.size() + 1, tower + ".") == 0;
      if (of_tower && std::find(towers.begin(), towers.end(), tower) == towers.end()) return std::string();
    }
    return name;
  });
  const std::vector<std::string> extra = check_tensors(checkpoint, table, checkpoint.path().string(), options.allow_extra);
  ModelPart part;
  part.component = "encoder";
  part.entry = {"ImageBind", config, {}, options.licence.empty() ? "CC BY-NC-SA 4.0 (ImageBind, Meta; non-commercial)" : options.licence};
  part.take(checkpoint, table);
  if (!extra.empty()) part.notes.push_back(left_out_note(extra));
  if (options.vocabulary && std::find(towers.begin(), towers.end(), "text") != towers.end()) {
    part.texts["bpe.json"] = clip_vocabulary(*options.vocabulary, size_in(part_of(config, "text"), "vocab_size", 49408));
  } else if (std::find(towers.begin(), towers.end(), "text") != towers.end()) {
    part.notes.push_back("without --vocab the text tower has no vocabulary and cannot be used");
  }
  return part;
}

ModelPart import_seem(const fs::path& source, const ImportOptions& options) {
  Checkpoint checkpoint = Checkpoint::open(source);
  checkpoint.unwrap();
  json config = published_seem();
  if (options.config) {
    const json given = read_json_file(*options.config);
    config = given.is_object() && given.contains("MODEL") ? seem_from_published(given, options.config->string()) : given;
    const auto words = checkpoint.tensors().find("sem_seg_head.predictor.lang_encoder.lang_encoder.token_embedding.weight");
    const bool published = given.is_object() && given.contains("MODEL");
    if (published && words != checkpoint.tensors().end() && !words->second.shape.empty()) config["text"]["vocabulary"] = words->second.shape[0];
  }
  const TensorTable table = seem_tensors(config);
  checkpoint.rename([](const std::string& name) { return name == "criterion.empty_weight" ? std::string() : name; });
  const std::vector<std::string> extra = check_tensors(checkpoint, table, source.string(), options.allow_extra);
  ModelPart part;
  part.component = "visual";
  part.entry = {"Seem", config, {}, options.licence.empty() ? "Apache-2.0 (SEEM, as its repository says)" : options.licence};
  part.take(checkpoint, table);
  if (!extra.empty()) part.notes.push_back(left_out_note(extra));
  if (!checkpoint.has("dilation_kernel")) {
    part.tensors.push_back({"dilation_kernel", {1, 1, 3, 3}, store::DType::kF32, [](store::DType dtype) {
                              return floats_as(std::vector<float>(9, 1.0f), dtype, "dilation_kernel");
                            }});
    part.notes.push_back("dilation_kernel, an unused constant, was added");
  }
  if (!options.vocabulary) throw UsageError("SEEM needs CLIP's vocabulary (--vocab bpe_simple_vocab_16e6.txt.gz, or a folder with vocab.json and merges.txt)");
  part.texts["bpe.json"] = clip_vocabulary(*options.vocabulary, size_in(part_of(config, "text"), "vocabulary", 49408));
  return part;
}

}  // namespace reamo::convert
