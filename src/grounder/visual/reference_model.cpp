// Reference cases that run the whole model.
#include <cmath>

#include "grounder/visual/class_list.h"
#include "grounder/visual/panoptic.h"
#include "grounder/visual/postprocess.h"
#include "grounder/visual/preprocess.h"
#include "grounder/visual/reference_internal.h"
#include "ie/error.h"
#include "nn/weights.h"

namespace reamo::grounder::reference {
namespace {

constexpr std::int64_t kShownTokens = 24;  // rows of region tokens that the cases hold

signal::Image picture_of(const torch::Tensor& bytes) {  // uint8 [h, w, 3]
  signal::Image image(int(bytes.size(1)), int(bytes.size(0)));
  const torch::Tensor flat = bytes.contiguous();
  std::copy_n(flat.data_ptr<std::uint8_t>(), image.rgb.size(), image.rgb.begin());
  return image;
}

InputConfig input_of(const ModelCase& c) {
  const nlohmann::json& config = c.reference.json().at("config");
  return {config.at("min_size"), 0, config.value("size_divisibility", 32)};
}

// A drawing beside the case at the size of the resized picture; from the expected tensors where no reader is given.
torch::Tensor drawing(const ModelCase& c, const std::string& file, const std::string& tensor, const ModelImage& image) {
  if (c.context.read_image) {
    const signal::Image picture = c.context.read_image(c.reference.path(file));
    torch::Tensor red = torch::empty({picture.height, picture.width});
    float* values = red.data_ptr<float>();
    for (std::size_t i = 0; i < picture.rgb.size() / 3; ++i) values[i] = picture.rgb[3 * i];
    return resize_stroke(red, image.width, image.height);
  }
  const auto it = c.expected.find(tensor);
  if (it == c.expected.end()) throw Skip{"needs a reader of picture files"};
  return it->second != 0;
}

torch::Tensor padded(const torch::Tensor& mask, const ModelImage& image) {
  torch::Tensor full = torch::zeros({image.pixels.size(1), image.pixels.size(2)}, torch::kBool);
  full.slice(0, 0, image.height).slice(1, 0, image.width).copy_(mask);
  return full;
}

void show_region(ModelCase& c, const std::string& kind, const RegionPrompt& prompt) {
  c.out[kind + "_query_pos"] = prompt.mean.unsqueeze(0);
  c.out[kind + "_query_neg"] = torch::zeros_like(prompt.mean).unsqueeze(0);
  for (std::size_t level = 0; level < prompt.tokens.size(); ++level) {
    const torch::Tensor& tokens = prompt.tokens[level];
    const std::string n = std::to_string(level);
    c.out[kind + "_tokens." + n] = tokens.slice(0, 0, kShownTokens);
    c.out[kind + "_tokens_mean." + n] = tokens.size(0) > 0 ? tokens.mean(0) : torch::zeros({tokens.size(1)});
  }
}

// What follows from the chosen query, under names with `prefix`.
void show_match(ModelCase& c, const std::string& prefix, const DecoderOutput& output, const torch::Tensor& logits,
                const torch::Tensor& similarity, const ModelImage& image) {
  const std::int64_t query = similarity.argmax().item<std::int64_t>();
  const torch::Tensor low = output.masks.slice(0, query, query + 1);
  const torch::Tensor final_logits = picture_logits(low, int(image.pixels.size(1)), int(image.pixels.size(2)),
                                                    image.height, image.width)[0];
  const torch::Tensor mask = (final_logits > 0).to(torch::kUInt8);
  c.out[prefix + "similarity"] = similarity;
  c.out[prefix + "matched_query"] = torch::tensor({query});
  c.out[prefix + "query_mask_lowres"] = low[0];
  c.out[prefix + "final_logits"] = final_logits;
  c.out[prefix + "final_mask"] = mask;
  c.out[prefix + "pred_class"] = logits[query].argmax().view({1});
  const nlohmann::json& config = c.reference.json().at("config");
  if (!config.contains("original_size_wh")) return;
  const std::vector<int> size = config.at("original_size_wh").get<std::vector<int>>();
  const torch::Tensor published = published_resize(mask, size.at(1), size.at(0));
  const std::array<double, 4> box = published_box(published);
  c.out[prefix + "reamo_mask"] = published;
  c.out[prefix + "reamo_bbox"] = torch::tensor({box[0], box[1], box[2], box[3]}, torch::kFloat64);
}

PointChoice recorded_choice(const ModelCase& c) {
  PointChoice choice;
  const auto mean = c.inputs.find("sample_index.mean");
  if (mean == c.inputs.end()) return choice;
  choice.mean = mean->second;
  for (const char* name : {"sample_index.level.0", "sample_index.level.1", "sample_index.level.2"}) {
    choice.levels.push_back(c.inputs.at(name));
  }
  return choice;
}

void show_features(ModelCase& c, const ModelImage& image, const PixelFeatures& features) {
  c.out["pixel_values"] = image.pixels;
  for (std::size_t i = 0; i < features.backbone.size(); ++i) c.out["res" + std::to_string(i + 2)] = features.backbone[i][0];
  for (std::size_t i = 0; i < features.multi_scale.size(); ++i) {
    c.out["multi_scale_" + std::to_string(i)] = features.multi_scale[i][0];
  }
  c.out["mask_features"] = features.mask_features[0];
  c.out["transformer_encoder_features"] = features.encoder[0];
}

RegionPrompt reference_prompt(ModelCase& c) {
  const ModelImage image = normalise(resized_picture(c, "ref_image_u8", "ref.png"), input_of(c));
  const torch::Tensor mask = drawing(c, "ref_mask.png", "ref_mask", image);
  const RegionPrompt prompt =
      c.model->region_prompt(c.model->encode(image.pixels.unsqueeze(0)), padded(mask, image), recorded_choice(c));
  show_region(c, "visual", prompt);
  return prompt;
}

// The rule that makes the full-size weights (case.json): element i of the tensor called `name`.
torch::Tensor formula_tensor(const std::string& name, at::IntArrayRef shape, double a, double b) {
  std::uint64_t hash = 14695981039346656037ull;
  for (const unsigned char ch : name) hash = (hash ^ ch) * 1099511628211ull;
  torch::Tensor tensor = torch::empty(shape);
  float* values = tensor.data_ptr<float>();
  const float scale = float(a), offset = float(b);
  for (std::int64_t i = 0; i < tensor.numel(); ++i) {
    std::uint64_t z = hash + std::uint64_t(i + 1) * 0x9E3779B97F4A7C15ull;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    z ^= z >> 31;
    values[i] = offset + scale * (float(z >> 40) * 0x1.0p-23f - 1.0f);
  }
  return tensor;
}

// Scale and offset by the name and shape of a tensor, first match of the rule.
std::pair<double, double> formula_range(const std::string& name, at::IntArrayRef shape) {
  const auto has = [&](const char* piece) { return name.find(piece) != std::string::npos; };
  const std::string last = name.substr(name.rfind('.') + 1);
  if (name == "dilation_kernel") return {0, 1};
  if (last == "logit_scale") return {0, 3};
  if (last.rfind("gamma_", 0) == 0) return {0.2, 0.6};
  if (last == "weight" && (has("norm") || has(".ln_"))) return {0.2, 1};
  if (shape.size() == 1) return {0.1, 0};
  if (shape.size() == 4) return {std::sqrt(3.0 / double(shape[1] * shape[2] * shape[3])), 0};
  if (has("token_embedding") || has("query_feat") || has("query_embed") || has("spatial_")) return {1, 0};
  if (has("level_embed") || has("pn_indicator") || has("positional_embedding")) return {0.3, 0};
  if (has("predictor.transformer_") && has("out_proj")) return {0.3 * std::sqrt(3.0 / double(shape[1])), 0};
  return {std::sqrt(3.0 / double(shape.back())), 0};
}

}  // namespace

signal::Image resized_picture(const ModelCase& c, const std::string& tensor, const std::string& file) {
  if (const auto it = c.inputs.find(tensor); it != c.inputs.end()) return picture_of(it->second);
  if (!c.context.read_image) throw Skip{"needs a reader of picture files"};
  return resize_for_model(c.context.read_image(c.reference.path(file)), input_of(c));
}

torch::Tensor phrase_ids(const ModelCase& c, const std::string& phrase) {
  if (c.context.tokenizer != nullptr) return encode_texts(*c.context.tokenizer, {phrase}, c.model->config().text.context);
  const auto it = c.expected.find("input_ids");
  if (it == c.expected.end()) throw Skip{"needs the published CLIP vocabulary"};
  return it->second.view({1, -1});
}

torch::Tensor class_table(ModelCase& c) {
  if (const auto it = c.inputs.find("text_embeddings"); it != c.inputs.end()) return it->second;
  const auto beside = c.reference.folder().parent_path() / "class_embeddings_coco" / "expected.safetensors";
  if (std::filesystem::exists(beside)) return nn::read_tensors(beside).at("embeddings");
  if (c.context.tokenizer == nullptr) throw Skip{"needs the class embeddings or the published CLIP vocabulary"};
  std::vector<std::string> names;
  for (const SeemClass& item : coco_classes()) names.push_back(item.name);
  return class_embeddings(c.model, names, [&](const std::vector<std::string>& texts) {
    return encode_texts(*c.context.tokenizer, texts, c.model->config().text.context);
  });
}

void run_prompt(ModelCase& c) {
  const ModelImage image = normalise(resized_picture(c, "image_u8", "image.png"), input_of(c));
  const PixelFeatures features = c.model->encode(image.pixels.unsqueeze(0));
  const std::string phrase = c.reference.json().at("config").value("phrase", "");
  Prompts prompts;
  Phrase encoded;
  if (!phrase.empty()) {
    const torch::Tensor ids = phrase_ids(c, phrase);
    encoded = c.model->encode_phrase(ids[0]);
    prompts.text = encoded.tokens;
    c.out["input_ids"] = ids[0];
    const torch::Tensor positions = torch::arange(ids.size(1));
    c.out["attention_mask"] = (positions < encoded.tokens.size(0)).to(torch::kInt64);
    c.out["grounding_tokens"] = encoded.tokens;
    c.out["grounding_class"] = encoded.vector.unsqueeze(0);
  }
  if (c.reference.op() == "seem.stroke") {
    const torch::Tensor mask = drawing(c, "stroke.png", "stroke_mask", image);
    c.out["stroke_mask"] = mask.to(torch::kUInt8);
    prompts.stroke = c.model->region_prompt(features, padded(mask, image), recorded_choice(c));
    show_region(c, "spatial", *prompts.stroke);
  }
  if (c.reference.op() == "seem.example") prompts.reference = reference_prompt(c);

  Trace trace;
  const DecoderOutput output = c.model->decode(features, prompts, &trace);
  const torch::Tensor logits = c.model->class_logits(output.captions, class_table(c));
  show_features(c, image, features);
  for (const auto& [name, value] : trace) {
    c.out[name] = value.scalar_type() == torch::kBool ? value.to(torch::kUInt8) : value;
    // Cases without tokens in the name's rows hold the queries only.
    const auto it = c.expected.find(name);
    if (it != c.expected.end() && it->second.size(0) < value.size(0)) {
      c.out[name] = c.out[name].slice(0, 0, it->second.size(0));
    }
  }
  c.out["pred_masks"] = output.masks;
  c.out["pred_logits"] = logits;
  c.out["pred_captions"] = output.captions;
  c.out["pred_maskembs"] = output.mask_embeddings;
  torch::Tensor similarity;
  if (prompts.stroke) similarity = torch::matmul(output.mask_embeddings, prompts.stroke->mean);
  else if (prompts.reference) similarity = torch::matmul(output.mask_embeddings, prompts.reference->mean);
  else similarity = c.model->phrase_similarity(output.captions, encoded.vector);
  show_match(c, "", output, logits, similarity, image);
}

void run_video(ModelCase& c) {
  const RegionPrompt prompt = reference_prompt(c);
  const torch::Tensor table = class_table(c);
  for (int frame = 0;; ++frame) {
    const std::string name = "frame" + std::to_string(frame), file = name + ".png";
    if (!c.inputs.count(name + "_u8") && !std::filesystem::exists(c.reference.path(file))) break;
    const ModelImage image = normalise(resized_picture(c, name + "_u8", file), input_of(c));
    Prompts prompts;
    prompts.reference = prompt;
    const DecoderOutput output = c.model->decode(c.model->encode(image.pixels.unsqueeze(0)), prompts);
    show_match(c, name + ".", output, c.model->class_logits(output.captions, table),
               torch::matmul(output.mask_embeddings, prompt.mean), image);
  }
}

void run_panoptic(ModelCase& c) {
  const nlohmann::json& config = c.reference.json().at("config");
  torch::Tensor logits, masks;
  if (const auto it = c.inputs.find("class_logits"); it != c.inputs.end()) {
    logits = it->second;
    masks = c.inputs.at("mask_logits");
  } else {
    const ModelImage image = normalise(resized_picture(c, "image_u8", "image.png"), input_of(c));
    const DecoderOutput output = c.model->decode(c.model->encode(image.pixels.unsqueeze(0)), {});
    logits = c.model->class_logits(output.captions, class_table(c));
    masks = picture_logits(output.masks, int(image.pixels.size(1)), int(image.pixels.size(2)), image.height, image.width);
    c.out["pred_logits"] = logits;
    c.out["pred_masks"] = output.masks;
  }
  PanopticOptions options;
  options.classes = config.value("num_classes", options.classes);
  options.score = config.value("object_mask_threshold", options.score);
  options.overlap = config.value("overlap_threshold", options.overlap);
  const Panoptic result = panoptic(logits, masks, options);
  torch::Tensor segments = torch::zeros({std::int64_t(result.segments.size()), 3}, torch::kInt64);
  for (std::size_t i = 0; i < result.segments.size(); ++i) {
    const PanopticSegment& s = result.segments[i];
    segments[std::int64_t(i)] = torch::tensor({std::int64_t(s.id), std::int64_t(s.category), std::int64_t(s.thing)});
  }
  c.out["panoptic_seg"] = result.map;
  c.out["segments"] = segments;
  c.out["query_score"] = result.scores;
  c.out["query_label"] = result.labels;
  if (!c.expected.count("instance_scores")) return;
  const Instances found = instances(logits, masks, options);
  const std::int64_t shown = c.expected.at("instance_scores").size(0);
  c.out["instance_scores"] = found.scores.slice(0, 0, shown);
  c.out["instance_classes"] = found.classes.slice(0, 0, shown);
  c.out["instance_areas"] = found.areas.slice(0, 0, shown);
  const torch::Tensor map = semantic(logits, masks);
  c.out["sem_seg_argmax"] = map.argmax(0).to(torch::kUInt8);
  c.out["sem_seg_colsum"] = map.flatten(1).sum(1);
  c.out["ambiguous"] = c.expected.at("ambiguous");  // a property of the reference run, not a result
}

nn::Tensors run_full_size(const nn::Case& reference, const ReferenceContext& context) {
  Seem model{SeemConfig()};
  model->eval();
  ModelCase c{reference, context, model, reference.inputs(), reference.expected(), {}};
  nn::Tensors out;
  const auto fill = [&](const std::string& name, torch::Tensor target) {
    const auto [a, b] = formula_range(name, target.sizes());
    target.copy_(formula_tensor(name, target.sizes(), a, b));
    const std::string first = "weight_first4." + name;
    if (c.expected.count(first)) out[first] = target.flatten().slice(0, 0, 4).clone();
  };
  for (const auto& item : model->named_parameters()) fill(item.key(), item.value());
  for (const auto& item : model->named_buffers()) fill(item.key(), item.value());
  torch::Tensor table = formula_tensor("text_embeddings", {134, model->config().decoder.width}, 1, 0);
  table = table / table.norm(2, -1, true);
  c.inputs["text_embeddings"] = table;
  run_prompt(c);
  out["text_embeddings_first4"] = table.flatten().slice(0, 0, 4);
  for (const auto& [name, tensor] : c.out) {
    out[name] = tensor;
    const auto index = c.inputs.find("index." + name);
    if (index == c.inputs.end()) continue;
    const torch::Tensor flat = tensor.flatten().to(torch::kFloat64);
    out["sample." + name] = tensor.flatten().index_select(0, index->second);
    out["stats." + name] = torch::stack({flat.mean(), flat.square().mean().sqrt()});
  }
  return out;
}

}  // namespace reamo::grounder::reference
