#include "grounder/visual/reference.h"

#include <cmath>
#include <map>

#include "grounder/visual/class_list.h"
#include "grounder/visual/mask_decoder.h"
#include "grounder/visual/panoptic.h"
#include "grounder/visual/postprocess.h"
#include "grounder/visual/preprocess.h"
#include "grounder/visual/reference_internal.h"
#include "grounder/visual/text_encoder.h"
#include "ie/error.h"
#include "nn/functional.h"
#include "nn/weights.h"

namespace reamo::grounder {
namespace reference {

torch::Tensor encode_texts(const nn::ClipTokenizer& tokenizer, const std::vector<std::string>& texts, int context) {
  nn::ClipTokenizeOptions options;
  options.context_length = context;
  options.pad_id = nn::ClipTokenizeOptions::kPadWithEnd;
  options.unescape_html = false;
  return tokenizer.encode(texts, options);
}

namespace {

const nn::ClipTokenizer& vocabulary(const ReferenceContext& context) {
  if (context.tokenizer == nullptr) throw Skip{"needs the published CLIP vocabulary"};
  return *context.tokenizer;
}

// The numbers behind a key of the configuration.
std::vector<int> numbers(const nn::Case& reference, const char* key) {
  return reference.json().at("config").at(key).get<std::vector<int>>();
}

torch::Tensor picture_bytes(const signal::Image& image) {
  return torch::from_blob(const_cast<std::uint8_t*>(image.rgb.data()), {image.height, image.width, 3}, torch::kUInt8)
      .clone();
}

// 1 up to the first end id, then 0.
torch::Tensor attention_mask(const torch::Tensor& ids, std::int64_t end) {
  const torch::Tensor ends = (ids == end).to(torch::kInt64).cumsum(1);
  return ((ends == 0) | ((ends == 1) & (ids == end))).to(torch::kInt64);
}

nn::Tensors run_tokenize(const nn::Case& reference, const ReferenceContext& context) {
  const auto texts = reference.has("inputs") && reference.json().at("inputs").is_string()
                         ? reference.data("inputs")
                         : nlohmann::json::parse(store::read_file(reference.path("texts.json")));
  const nn::ClipTokenizer& tokenizer = vocabulary(context);
  const int length = reference.json().at("config").value("context_length", 77);
  const torch::Tensor ids = encode_texts(tokenizer, texts.get<std::vector<std::string>>(), length);
  return {{"input_ids", ids}, {"attention_mask", attention_mask(ids, tokenizer.end_id())}};
}

nn::Tensors run_preprocess(const nn::Case& reference, const ReferenceContext& context) {
  if (!context.read_image) throw Skip{"needs a reader of picture files"};
  const nlohmann::json& config = reference.json().at("config");
  InputConfig input{config.at("min_size"), 0, config.value("size_divisibility", 32)};
  const signal::Image resized = resize_for_model(context.read_image(reference.path("image.png")), input);
  const ModelImage model_image = normalise(resized, input);
  const torch::Tensor bytes = picture_bytes(resized);
  nn::Tensors out = {{"resized_u8", bytes},
                     {"pixel_values", model_image.pixels},
                     {"channel_mean_u8", bytes.to(torch::kFloat64).mean(at::IntArrayRef({0, 1}))},
                     {"padded_abs_sum", model_image.pixels.to(torch::kFloat64).abs().sum().view({1})}};
  const nn::Tensors expected = reference.expected();
  if (const auto it = expected.find("sample_yx"); it != expected.end()) {
    const torch::Tensor y = it->second.select(1, 0), x = it->second.select(1, 1);
    out["sample_yx"] = it->second;
    out["sample_u8"] = bytes.index({y, x});
    out["sample_norm"] = model_image.pixels.permute({1, 2, 0}).index({y, x});
  }
  return out;
}

nn::Tensors run_stroke_resize(const nn::Case& reference, const ReferenceContext& context) {
  if (!context.read_image) throw Skip{"needs a reader of picture files"};
  const std::vector<int> resized = numbers(reference, "resized_size_wh"), padded = numbers(reference, "padded_size_hw");
  const torch::Tensor red = picture_bytes(context.read_image(reference.path("stroke.png"))).select(2, 0);
  const torch::Tensor mask = resize_stroke(red, resized[0], resized[1]);
  const torch::Tensor size = torch::tensor({float(padded[0]), float(padded[1])});
  return {{"mask", mask.to(torch::kUInt8)}, {"points_yx_norm", mask.nonzero().to(torch::kFloat32) / size}};
}

nn::Tensors run_postprocess(const nn::Case& reference) {
  const std::vector<int> padded = numbers(reference, "padded_size_hw"), resized = numbers(reference, "resized_size_wh"),
                         original = numbers(reference, "original_size_wh");
  const torch::Tensor low = reference.inputs().at("query_mask_lowres");
  const torch::Tensor logits = picture_logits(low, padded[0], padded[1], resized[1], resized[0])[0];
  const torch::Tensor mask = (logits > 0).to(torch::kUInt8);
  const torch::Tensor published = published_resize(mask, original[1], original[0]);
  const std::array<double, 4> box = published_box(published);
  return {{"final_logits", logits},
          {"final_mask", mask},
          {"reamo_mask", published},
          {"reamo_bbox", torch::tensor({box[0], box[1], box[2], box[3]}, torch::kFloat64)}};
}

nn::Tensors run_logit_scale(const nn::Case& reference) {
  Seem model = small_model(reference);
  const nn::Tensors inputs = reference.inputs();
  torch::Tensor similarity;
  std::vector<torch::Tensor> columns;
  const torch::Tensor& t = inputs.at("t");
  for (std::int64_t i = 0; i < t.size(0); ++i) columns.push_back(model->phrase_similarity(inputs.at("v"), t[i]));
  return {{"class_logits", model->class_logits(inputs.at("v"), t / (t.norm(2, -1, true) + 1e-7))},
          {"phrase_similarity", torch::stack(columns, 1)}};
}

nn::Tensors run_backbone(const nn::Case& reference) {
  Seem model = small_model(reference);
  const auto maps = model->backbone_features(reference.inputs().at("pixel_values").unsqueeze(0));
  nn::Tensors out;
  for (std::size_t i = 0; i < maps.size(); ++i) out["res" + std::to_string(i + 2)] = maps[i][0];
  return out;
}

nn::Tensors run_text_encoder(const nn::Case& reference) {
  Seem model = small_model(reference);
  const torch::Tensor ids = reference.inputs().at("input_ids");
  const LanguageEncoderImpl::Encoded encoded = model->language().forward(ids);
  nn::Tensors out = {{"class_emb", encoded.vectors},
                     {"class_emb_normalised", encoded.vectors / (encoded.vectors.norm(2, -1, true) + 1e-7)}};
  std::vector<torch::Tensor> blocks;
  for (std::int64_t i = 0; i < ids.size(0); ++i) {
    const std::int64_t length = encoded.ends[i].item<std::int64_t>() + 1;
    const std::string n = std::to_string(i);
    out["hidden." + n] = model->language().transformer().forward(ids.slice(0, i, i + 1).slice(1, 0, length),
                                                                 i == 0 ? &blocks : nullptr)[0];
    out["token_emb." + n] = encoded.tokens[i].slice(0, 0, length);
  }
  for (std::size_t b = 0; b < blocks.size(); ++b) out["block." + std::to_string(b)] = blocks[b][0];
  return out;
}

nn::Tensors run_class_embeddings(const nn::Case& reference, const ReferenceContext& context) {
  const nn::ClipTokenizer& tokenizer = vocabulary(context);
  Seem model = small_model(reference);
  const int length = model->config().text.context;
  const EncodeIds encode = [&](const std::vector<std::string>& texts) { return encode_texts(tokenizer, texts, length); };
  const nlohmann::json& listed = reference.json().at("config").at("class_names");
  std::vector<std::string> names;
  if (listed.is_array()) names = listed.get<std::vector<std::string>>();
  else for (const SeemClass& c : coco_classes()) names.push_back(c.name);
  nn::Tensors out = {{"embeddings", class_embeddings(model, names, encode)}};
  if (listed.is_array()) {
    const torch::Tensor ids = encode(class_prompts(names.at(0)));
    out[class_prompt_name(names[0]) + "_per_template"] = prompt_vectors(model, ids);
  }
  return out;
}

nn::Tensors run_simple(const nn::Case& reference, const ReferenceContext& context) {
  const std::string& op = reference.op();
  if (op == "seem.tokenize") return run_tokenize(reference, context);
  if (op == "seem.preprocess") return run_preprocess(reference, context);
  if (op == "seem.stroke_resize") return run_stroke_resize(reference, context);
  if (op == "seem.postprocess") return run_postprocess(reference);
  if (op == "seem.logit_scale") return run_logit_scale(reference);
  if (op == "seem.backbone") return run_backbone(reference);
  if (op == "seem.text_encoder") return run_text_encoder(reference);
  if (op == "seem.class_embeddings" || op == "seem.class_embeddings_coco") return run_class_embeddings(reference, context);
  if (op == "seem.full_size") return run_full_size(reference, context);
  if (op == "seem.position_embedding") {
    const nlohmann::json& config = reference.json().at("config");
    return {{"pos", nn::sine_position_embedding(config.at("channels"), config.at("height"), config.at("width"))}};
  }
  if (op == "seem.point_sample") {
    const nn::Tensors inputs = reference.inputs();
    return {{"samples", sample_points(inputs.at("features"), inputs.at("points_yx"))}};
  }
  throw Error(reference.folder().string() + ": there is no operation " + op);
}

}  // namespace

Seem small_model(const nn::Case& reference) {
  const auto config_path = reference.path(reference.json().at("config").at("model").get<std::string>());
  Seem model(seem_config_from_published(nlohmann::json::parse(store::read_file(config_path))));
  const nn::Tensors weights = reference.weights();
  // The test model's vocabulary may be smaller or larger than the published one.
  for (const auto& [name, tensor] : weights) {
    if (name.size() > 23 && name.compare(name.size() - 22, 22, "token_embedding.weight") == 0 &&
        tensor.size(0) != model->config().text.vocabulary) {
      SeemConfig config = model->config();
      config.text.vocabulary = int(tensor.size(0));
      model = Seem(config);
    }
  }
  nn::load(*model, weights, reference.folder().string(), {"", true, {"dilation_kernel"}});
  model->eval();
  return model;
}

}  // namespace reference

bool is_seem_case(const nn::Case& reference) { return reference.op().rfind("seem.", 0) == 0; }

ReferenceRun run_seem_case(const nn::Case& reference, const ReferenceContext& context) {
  using namespace reference;
  torch::NoGradGuard no_grad;
  ReferenceRun run;
  try {
    const std::string& op = reference.op();
    const bool prompted = op == "seem.text" || op == "seem.stroke" || op == "seem.example";
    if (!prompted && op != "seem.panoptic" && op != "seem.panoptic_merge" && op != "seem.video") {
      run.tensors = run_simple(reference, context);
      return run;
    }
    ModelCase c{reference, context, Seem(nullptr), reference.inputs(), reference.expected(), {}};
    if (reference.has("weights")) c.model = small_model(reference);
    if (prompted) run_prompt(c);
    else if (op == "seem.video") run_video(c);
    else run_panoptic(c);
    run.tensors = std::move(c.out);
  } catch (const Skip& skip) {
    run.skipped = skip.why;
  } catch (const nlohmann::json::exception& error) {
    throw Error(reference.folder().string() + ": " + error.what());
  } catch (const std::out_of_range&) {
    throw Error(reference.folder().string() + ": a tensor that the operation needs is missing");
  }
  return run;
}

}  // namespace reamo::grounder
