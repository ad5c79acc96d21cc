#include <cmath>
#include <limits>

#include "grounder/audio/ctc_align.h"
#include "grounder/audio/shas.h"
#include "grounder/audio/wav2vec2.h"
#include "ie/error.h"
#include "media/read.h"
#include "nn/torch_weights.h"
#include "nn/weights.h"
#include "parity/ops.h"

namespace reamo::parity {
namespace {

using nlohmann::json;

torch::Tensor bytes(const torch::Tensor& mask) { return mask.to(torch::kUInt8); }

// Sizes as far as a case states them, else as the tensors show; the small models of the cases have 4 heads.
grounder::Wav2Vec2Config encoder_config(json stated, const nn::Tensors& weights) {
  const auto at = [&](const std::string& name) { return weights.at("wav2vec2." + name); };
  const bool layer_norm = weights.count("wav2vec2.feature_extractor.conv_layers.1.layer_norm.weight") != 0;
  json config = {{"feat_extract_norm", layer_norm ? "layer" : "group"},
                 {"conv_bias", weights.count("wav2vec2.feature_extractor.conv_layers.0.conv.bias") != 0},
                 {"do_stable_layer_norm", layer_norm},
                 {"hidden_size", at("feature_projection.projection.weight").size(0)},
                 {"num_attention_heads", 4},
                 {"intermediate_size", at("encoder.layers.0.feed_forward.intermediate_dense.weight").size(0)},
                 {"vocab_size", 0}};
  int layers = 0;
  while (weights.count("wav2vec2.encoder.layers." + std::to_string(layers) + ".layer_norm.weight")) ++layers;
  config["num_hidden_layers"] = layers;
  std::vector<std::int64_t> widths, kernels;
  for (int i = 0; weights.count("wav2vec2.feature_extractor.conv_layers." + std::to_string(i) + ".conv.weight"); ++i) {
    const torch::Tensor kernel = at("feature_extractor.conv_layers." + std::to_string(i) + ".conv.weight");
    widths.push_back(kernel.size(0));
    kernels.push_back(kernel.size(2));
  }
  config["conv_dim"] = widths;
  config["conv_kernel"] = kernels;
  if (const auto position = weights.find("wav2vec2.encoder.pos_conv_embed.conv.weight_v"); position != weights.end()) {
    config["num_conv_pos_embeddings"] = position->second.size(2);
    config["num_conv_pos_embedding_groups"] = position->second.size(0) / position->second.size(1);
  }
  if (stated.is_object()) {
    for (const auto& [key, value] : stated.items()) {
      if (key != "model" && key != "config" && key != "key_prefix") config[key] = value;
    }
  }
  return grounder::wav2vec2_config(config);
}

grounder::FrameClassifier classifier(const json& stated, const nn::Tensors& weights, const std::string& where) {
  grounder::FrameClassifierConfig config;
  config.d_model = weights.at("classification_layer.weight").size(1);
  if (stated.is_object()) {
    config.heads = stated.value("nhead", config.heads);
    config.dim_feedforward = stated.value("dim_feedforward", config.dim_feedforward);
    config.layers = stated.value("layers", config.layers);
    config.layer_norm_eps = stated.value("layer_norm_eps", config.layer_norm_eps);
  }
  grounder::FrameClassifier model(config);
  nn::load(*model, weights, where);
  model->eval();
  return model;
}

nn::Tensors run_encoder(const nn::Case& reference) {
  const nn::Tensors weights = reference.weights(), inputs = reference.inputs();
  const grounder::Wav2Vec2Config config = encoder_config(reference.config(), weights);
  grounder::Wav2Vec2Ctc model(config);
  grounder::load_wav2vec2(*model, weights, reference.folder().string());
  model->eval();
  const auto mask = inputs.find("attention_mask");
  const grounder::Wav2Vec2Output out =
      model->wav2vec2->forward(inputs.at("input_values"), mask == inputs.end() ? torch::Tensor() : mask->second, true);
  nn::Tensors got = {{"conv_features", out.conv_features}, {"projected", out.projected}, {"last_hidden_state", out.last}};
  for (std::size_t i = 0; i < out.hidden_states.size(); ++i) got["hidden_states." + std::to_string(i)] = out.hidden_states[i];
  if (out.frame_mask.defined()) got["frame_mask"] = bytes(out.frame_mask);
  if (config.vocab_size > 0) got["logits"] = model->logits(out);
  return got;
}

nn::Tensors run_classifier(const nn::Case& reference) {
  const nn::Tensors inputs = reference.inputs();
  grounder::FrameClassifier model = classifier(reference.config(), reference.weights(), reference.folder().string());
  const torch::Tensor hidden = inputs.at("hidden");
  const auto given = inputs.find("out_mask");
  const torch::Tensor mask = given == inputs.end() ? torch::ones({hidden.size(0), hidden.size(1)}) : given->second.to(torch::kFloat32);
  const torch::Tensor logits = model->forward(hidden, mask);
  return {{"logits", logits * mask}, {"probs", torch::sigmoid(logits) * mask}};
}

nn::Tensors run_collate(const nn::Case& reference) {
  const nn::Tensors inputs = reference.inputs();
  std::vector<torch::Tensor> waves;
  for (int i = 0; inputs.count("wave" + std::to_string(i)); ++i) waves.push_back(inputs.at("wave" + std::to_string(i)));
  std::vector<grounder::FrameRange> spans;
  for (const auto& span : reference.config().at("out_spans")) spans.push_back({span[0], span[1]});
  const grounder::ShasBatch batch = grounder::shas_batch(waves, spans);
  return {{"audio", batch.audio}, {"in_mask", batch.in_mask}, {"out_mask", bytes(batch.out_mask)}, {"included", bytes(batch.included)}};
}

nn::Tensors run_stock_normalisation(const nn::Case& reference) {
  const nn::Tensors inputs = reference.inputs();
  std::vector<std::int64_t> lengths;
  std::int64_t longest = 0;
  for (int i = 0; inputs.count("wave" + std::to_string(i)); ++i) {
    lengths.push_back(inputs.at("wave" + std::to_string(i)).size(0));
    longest = std::max(longest, lengths.back());
  }
  torch::Tensor waves = torch::zeros({std::int64_t(lengths.size()), longest});
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    waves[std::int64_t(i)].slice(0, 0, lengths[i]).copy_(inputs.at("wave" + std::to_string(i)));
  }
  return {{"input_values", grounder::normalize_stock(waves, lengths, true)},
          {"no_mask_input_values", grounder::normalize_stock(waves, lengths, false)}};
}

// Borders of the windows, number of frames and segments, which a case holds as JSON.
void check_pipeline_numbers(const nn::Case& reference, std::int64_t samples, nn::CaseResult& result) {
  const json& config = reference.config();
  if (config.contains("windows_samples")) {
    const json& passes = config.at("windows_samples");
    for (std::size_t pass = 0; pass < passes.size(); ++pass) {
      const std::vector<grounder::SampleWindow> windows = grounder::shas_windows(samples, int(pass), int(passes.size()));
      json starts = json::array(), ends = json::array();
      for (const auto& window : windows) {
        starts.push_back(window.begin);
        ends.push_back(window.end);
      }
      if (passes[pass].at("starts").empty()) continue;  // under 2 s: published makes none, this program one
      if (starts != passes[pass].at("starts") || ends != passes[pass].at("ends")) {
        result.fail("windows of pass " + std::to_string(pass) + " are " + starts.dump() + " to " + ends.dump());
      }
    }
  }
  if (config.contains("n_out_frames") && grounder::shas_total_frames(samples) != config.at("n_out_frames").get<std::int64_t>()) {
    result.fail("frames: " + std::to_string(grounder::shas_total_frames(samples)) + ", expected " + config.at("n_out_frames").dump());
  }
  if (!config.contains("segments_offset_duration_by_max_length")) return;
  const torch::Tensor probs = reference.expected().at("probs").to(torch::kFloat64).contiguous();
  for (const auto& [longest, segments] : config.at("segments_offset_duration_by_max_length").items()) {
    grounder::ShasOptions options;
    options.max_seconds = std::stod(longest);
    options.min_seconds = config.value("min_segment", options.min_seconds);
    options.threshold = config.value("threshold", options.threshold);
    const std::vector<grounder::FrameRange> got =
        grounder::shas_segments({probs.data_ptr<double>(), std::size_t(probs.numel())}, options);
    bool same = got.size() == segments.size();
    for (std::size_t i = 0; same && i < got.size(); ++i) {
      same = std::abs(got[i].offset() - segments[i][0].get<double>()) < 1e-9 && std::abs(got[i].duration() - segments[i][1].get<double>()) < 1e-9;
    }
    if (!same) result.fail("segments of at most " + longest + " s differ: " + std::to_string(got.size()) + ", expected " + std::to_string(segments.size()));
  }
}

Outcome run_pipeline(const nn::Case& reference) {
  const json& config = reference.config();
  const nn::Tensors weights = reference.weights();
  const signal::Audio audio = media::read_audio(reference.path(config.at("audio").get<std::string>()));
  std::vector<float> samples(config.value("prepend_zero_samples", std::size_t(0)), 0.0f);
  const std::size_t taken = config.at("n_samples");
  if (audio.channels != 1 || audio.frames() < taken) throw Error(reference.folder().string() + ": the sound file is too short");
  samples.insert(samples.end(), audio.samples.begin(), audio.samples.begin() + std::ptrdiff_t(taken));

  nn::CaseResult result;
  check_pipeline_numbers(reference, std::int64_t(samples.size()), result);
  nn::Tensors got;
  if (samples.size() < 32000) {
    // Published: no window, so no probability at all. This program makes one window of such sound (shas.h).
    got["probs"] = torch::full({grounder::shas_total_frames(std::int64_t(samples.size()))}, std::numeric_limits<double>::quiet_NaN(), torch::kFloat64);
  } else {
    json stated = config.contains("wav2vec2") ? config.at("wav2vec2") : json::object();
    if (!stated.contains("keep_layers")) stated["keep_layers"] = 3;
    stated["final_layer_norm"] = false;
    stated["vocab_size"] = 0;
    grounder::Wav2Vec2 encoder(encoder_config(stated, weights));
    grounder::load_wav2vec2(*encoder, weights, reference.folder().string());
    encoder->eval();
    grounder::ShasOptions options;
    options.passes = config.at("inference_times");
    options.batch_size = config.at("batch_size");
    options.window_seconds = config.value("window_seconds", options.window_seconds);
    const grounder::Segmenter segmenter(encoder, classifier(config.value("sfc", json::object()), weights, reference.folder().string()), options);
    got["probs"] = torch::tensor(segmenter.probabilities(samples), torch::kFloat64);
  }
  nn::CaseResult compared = nn::compare(reference, got);
  for (const std::string& failure : result.failures) compared.fail(failure);
  return {compared, ""};
}

// Classifier weights in the published container, and the arguments beside them.
Outcome run_container(const nn::Case& reference) {
  const store::TorchFile file = store::TorchFile::open(reference.path(reference.config().at("file").get<std::string>()));
  nn::Tensors got;
  for (const auto& [name, view] : file.tensors_under("state_dict")) got[name] = nn::to_tensor(view);
  nn::CaseResult result = nn::compare(reference, got);
  const json& expected = reference.config().at("args");
  bool found = false;
  for (const auto& [key, value] : file.values().items()) {
    if (key != "state_dict" && value == expected) found = true;
  }
  if (!found) result.fail("the arguments are not as stated");
  return {result, ""};
}

Outcome run_alignment(const nn::Case& reference) {
  const nn::Tensors inputs = reference.inputs();
  const torch::Tensor table = inputs.at("log_probs").contiguous();
  const torch::Tensor ids = inputs.at("tokens").to(torch::kInt64).contiguous();
  grounder::LogProbs log_probs;
  log_probs.frames = int(table.size(0));
  log_probs.symbols = int(table.size(1));
  log_probs.values.assign(table.data_ptr<float>(), table.data_ptr<float>() + table.numel());
  const std::span<const std::int64_t> tokens(ids.data_ptr<std::int64_t>(), std::size_t(ids.numel()));
  const std::int64_t blank = reference.config().value("blank", 0);
  if (reference.has("error")) {
    nn::CaseResult result;
    try {
      grounder::ctc_align(log_probs, tokens, blank);
      result.fail("an alignment was found where there is none");
    } catch (const Error&) {
      result.compared = 1;
    }
    return {result, ""};
  }
  const grounder::CtcAlignment alignment = grounder::ctc_align(log_probs, tokens, blank);
  torch::Tensor spans = torch::zeros({std::int64_t(alignment.spans.size()), 2}, torch::kInt64);
  for (std::size_t i = 0; i < alignment.spans.size(); ++i) {
    spans[std::int64_t(i)][0] = alignment.spans[i].begin;
    spans[std::int64_t(i)][1] = alignment.spans[i].end;
  }
  return {nn::compare(reference, {{"score", torch::tensor(alignment.score, torch::kFloat64)},
                                  {"path_states", torch::tensor(alignment.states, torch::kInt32)},
                                  {"path_labels", torch::tensor(alignment.labels, torch::kInt64)},
                                  {"spans", spans},
                                  {"token_scores", torch::tensor(alignment.token_scores, torch::kFloat64)}}),
          ""};
}

}  // namespace

std::vector<std::string> speech_ops() {
  return {"ctc_align", "shas.checkpoint_container", "shas.classifier", "shas.normalise_collate", "shas.normalise_hf", "shas.pipeline", "shas.wav2vec2"};
}

Outcome run_speech(const nn::Case& reference, const Context&) {
  torch::NoGradGuard no_grad;
  const std::string& op = reference.op();
  if (op == "ctc_align") return run_alignment(reference);
  if (op == "shas.checkpoint_container") return run_container(reference);
  if (op == "shas.pipeline") return run_pipeline(reference);
  if (op == "shas.wav2vec2") return {nn::compare(reference, run_encoder(reference)), ""};
  if (op == "shas.classifier") return {nn::compare(reference, run_classifier(reference)), ""};
  if (op == "shas.normalise_collate") return {nn::compare(reference, run_collate(reference)), ""};
  return {nn::compare(reference, run_stock_normalisation(reference)), ""};
}

}  // namespace reamo::parity
