#include "grounder/audio/shas.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ie/error.h"
#include "nn/functional.h"
#include "nn/weights.h"

namespace reamo::grounder {
namespace {

using torch::nn::LayerNorm;
using torch::nn::Linear;
using torch::nn::Module;

LayerNorm layer_norm(std::int64_t width, double eps) { return LayerNorm(torch::nn::LayerNormOptions({width}).eps(eps)); }
torch::Tensor apply_norm(LayerNorm& norm, const torch::Tensor& x) {
  return nn::layer_norm(x, norm->weight, norm->bias, norm->options.eps());
}

class SelfAttentionImpl : public Module {
 public:
  SelfAttentionImpl(std::int64_t width, std::int64_t heads) : heads_(heads) {
    weight_ = register_parameter("in_proj_weight", torch::randn({3 * width, width}) / std::sqrt(double(width)));
    bias_ = register_parameter("in_proj_bias", torch::zeros({3 * width}));
    out_ = register_module("out_proj", Linear(width, width));
  }
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& bias) {
    const std::int64_t batch = x.size(0), frames = x.size(1), width = x.size(2);
    const torch::Tensor parts =
        torch::linear(x, weight_, bias_).view({batch, frames, 3, heads_, width / heads_}).permute({2, 0, 3, 1, 4});
    return out_(nn::attention(parts[0], parts[1], parts[2], bias).transpose(1, 2).reshape({batch, frames, width}));
  }

 private:
  std::int64_t heads_;
  torch::Tensor weight_, bias_;
  Linear out_{nullptr};
};
TORCH_MODULE(SelfAttention);

class ClassifierLayerImpl : public Module {
 public:
  explicit ClassifierLayerImpl(const FrameClassifierConfig& config) {
    self_attn_ = register_module("self_attn", SelfAttention(config.d_model, config.heads));
    linear1_ = register_module("linear1", Linear(config.d_model, config.dim_feedforward));
    linear2_ = register_module("linear2", Linear(config.dim_feedforward, config.d_model));
    norm1_ = register_module("norm1", layer_norm(config.d_model, config.layer_norm_eps));
    norm2_ = register_module("norm2", layer_norm(config.d_model, config.layer_norm_eps));
  }
  torch::Tensor forward(torch::Tensor x, const torch::Tensor& bias) {
    x = x + self_attn_(apply_norm(norm1_, x), bias);
    return x + linear2_(nn::gelu(linear1_(apply_norm(norm2_, x))));
  }

 private:
  SelfAttention self_attn_{nullptr};
  Linear linear1_{nullptr}, linear2_{nullptr};
  LayerNorm norm1_{nullptr}, norm2_{nullptr};
};
TORCH_MODULE(ClassifierLayer);

template <typename T>
void read(const nlohmann::json& json, const char* key, T& value) {
  if (!json.contains(key)) return;
  try {
    value = json.at(key).get<T>();
  } catch (const nlohmann::json::exception&) {
    throw Error(std::string("segmenter configuration: /") + key + " has the wrong type");
  }
}

ShasOptions shas_options(const nlohmann::json& json) {
  ShasOptions options;
  read(json, "passes", options.passes);
  read(json, "batch_size", options.batch_size);
  read(json, "window_seconds", options.window_seconds);
  read(json, "max_seconds", options.max_seconds);
  read(json, "min_seconds", options.min_seconds);
  read(json, "threshold", options.threshold);
  read(json, "strict", options.strict);
  if (options.passes < 1 || options.batch_size < 1 || !(options.window_seconds >= 2)) {
    throw Error("segmenter configuration: /options needs passes and batch_size of 1 or more and windows of 2 s or more");
  }
  return options;
}

// A frame without a prediction takes the mean of the known ones among the five around it, 0 where there are none.
void fill_gaps(std::vector<double>& probabilities) {
  const std::int64_t n = std::int64_t(probabilities.size());
  for (std::int64_t i = 0; i < n; ++i) {
    if (!std::isnan(probabilities[std::size_t(i)])) continue;
    double sum = 0;
    int known = 0;
    for (std::int64_t j = std::max<std::int64_t>(0, i - 2); j < std::min(n, i + 3); ++j) {
      if (std::isnan(probabilities[std::size_t(j)])) continue;
      sum += probabilities[std::size_t(j)];
      ++known;
    }
    probabilities[std::size_t(i)] = known > 0 ? sum / known : 0;
  }
}

// Probabilities of one batch of windows, with the published corrections where encoder and frame numbers disagree by one.
std::vector<std::vector<double>> classify(Wav2Vec2 encoder, FrameClassifier classifier, const std::vector<torch::Tensor>& waves,
                                          std::vector<FrameRange>& spans) {
  ShasBatch batch = shas_batch(waves, spans);
  torch::Tensor hidden = encoder->forward(batch.audio, batch.in_mask).last;
  const std::int64_t got = hidden.size(1), wanted = batch.out_mask.size(1);
  if (got < wanted) {
    batch.out_mask = batch.out_mask.narrow(1, 0, got);
    for (FrameRange& span : spans) span.end = std::max(span.begin, span.end - (wanted - got));
  } else if (got > wanted) {
    hidden = hidden.narrow(1, 0, wanted);
  }
  const torch::Tensor probabilities = torch::sigmoid(classifier->forward(hidden, batch.out_mask)).to(torch::kFloat64).contiguous();
  std::vector<std::vector<double>> result;
  for (std::size_t row = 0; row < spans.size(); ++row) {
    const std::int64_t frames = std::min(spans[row].end - spans[row].begin, probabilities.size(1));
    const double* values = probabilities[std::int64_t(row)].data_ptr<double>();
    result.emplace_back(values, values + frames);
    if (!batch.included[std::int64_t(row)].item<bool>()) std::fill(result.back().begin(), result.back().end(), 0.0);
  }
  return result;
}

}  // namespace

FrameClassifierConfig frame_classifier_config(const nlohmann::json& json) {
  FrameClassifierConfig config;
  read(json, "d_model", config.d_model);
  read(json, "heads", config.heads);
  read(json, "dim_feedforward", config.dim_feedforward);
  read(json, "layers", config.layers);
  read(json, "layer_norm_eps", config.layer_norm_eps);
  if (config.d_model < 1 || config.heads < 1 || config.d_model % config.heads != 0 || config.dim_feedforward < 1 ||
      config.layers < 0 || config.layers > 100) {
    throw Error("segmenter configuration: /classifier has an impossible size");
  }
  return config;
}

nlohmann::json to_json(const FrameClassifierConfig& config) {
  return {{"d_model", config.d_model},
          {"heads", config.heads},
          {"dim_feedforward", config.dim_feedforward},
          {"layers", config.layers},
          {"layer_norm_eps", config.layer_norm_eps}};
}

FrameClassifierImpl::FrameClassifierImpl(const FrameClassifierConfig& config) : config_(config) {
  layers_ = torch::nn::ModuleList();
  for (std::int64_t i = 0; i < config.layers; ++i) layers_->push_back(ClassifierLayer(config));
  if (config.layers > 0) register_module("transformer", torch::nn::ModuleDict())->register_module("layers", layers_);
  layer_norm_ = register_module("layer_norm", layer_norm(config.d_model, config.layer_norm_eps));
  classification_layer_ = register_module("classification_layer", Linear(config.d_model, 1));
}

torch::Tensor FrameClassifierImpl::forward(const torch::Tensor& hidden, const torch::Tensor& mask) {
  const torch::Tensor bias = torch::zeros({hidden.size(0), 1, 1, hidden.size(1)}, hidden.options().dtype(torch::kFloat32))
                                 .masked_fill(mask.to(torch::kBool).logical_not().unsqueeze(1).unsqueeze(1),
                                              std::numeric_limits<float>::lowest());
  torch::Tensor x = hidden;
  for (const auto& layer : *layers_) x = layer->as<ClassifierLayer>()->forward(x, bias);
  return classification_layer_(apply_norm(layer_norm_, x)).squeeze(-1);
}

ShasBatch shas_batch(const std::vector<torch::Tensor>& waves, const std::vector<FrameRange>& out_spans) {
  std::int64_t samples = 0, frames = 0;
  for (const torch::Tensor& wave : waves) samples = std::max(samples, wave.size(0));
  for (const FrameRange& span : out_spans) frames = std::max(frames, span.end - span.begin);
  const std::int64_t rows = std::int64_t(waves.size());
  ShasBatch batch;
  batch.audio = torch::zeros({rows, samples});
  batch.in_mask = torch::zeros({rows, samples}, torch::kInt64);
  batch.out_mask = torch::zeros({rows, frames}, torch::kBool);
  batch.included = torch::ones({rows}, torch::kBool);
  for (std::int64_t row = 0; row < rows; ++row) {
    const torch::Tensor& wave = waves[std::size_t(row)];
    batch.audio[row].narrow(0, 0, wave.size(0)).copy_(wave);
    batch.in_mask[row].narrow(0, 0, wave.size(0)).fill_(1);
    const FrameRange& span = out_spans.at(std::size_t(row));
    batch.out_mask[row].narrow(0, 0, span.end - span.begin).fill_(true);
    if (wave.sum().item<double>() == 0) {
      batch.included[row] = false;
    } else if (samples > 1) {
      const torch::Tensor padded = batch.audio[row].clone();
      batch.audio[row].copy_((padded - padded.mean()) / padded.std());
    }
  }
  return batch;
}

Segmenter::Segmenter(Wav2Vec2 encoder, FrameClassifier classifier, ShasOptions options)
    : encoder_(std::move(encoder)), classifier_(std::move(classifier)), options_(options) {
  encoder_->eval();
  classifier_->eval();
}

Segmenter Segmenter::load(const nlohmann::json& config, const std::filesystem::path& safetensors) {
  const auto part = [&](const char* key) { return config.contains(key) ? config.at(key) : nlohmann::json::object(); };
  nlohmann::json encoder_json = part("wav2vec2");
  encoder_json["vocab_size"] = 0;
  const store::TensorFile file = store::TensorFile::open_safetensors(safetensors);
  Wav2Vec2 encoder(wav2vec2_config(encoder_json));
  load_wav2vec2(*encoder, file);
  FrameClassifier classifier(frame_classifier_config(part("classifier")));
  nn::load(*classifier, file);
  return Segmenter(std::move(encoder), std::move(classifier), shas_options(part("options")));
}

std::vector<double> Segmenter::probabilities(std::span<const float> samples) const {
  const torch::NoGradGuard no_grad;
  const std::int64_t total_samples = std::int64_t(samples.size()), total = shas_total_frames(total_samples);
  if (frame_count(encoder_->config(), total_samples) < 1) return std::vector<double>(std::size_t(total), 0.0);
  std::vector<double> sums(std::size_t(total), 0.0), counts(std::size_t(total), 0.0);
  const std::int64_t window = std::llrint(options_.window_seconds * 16000);
  for (int pass = 0; pass < options_.passes; ++pass) {
    const std::vector<SampleWindow> windows = shas_windows(total_samples, pass, options_.passes, window);
    for (std::size_t first = 0; first < windows.size(); first += std::size_t(options_.batch_size)) {
      std::vector<torch::Tensor> waves;
      std::vector<FrameRange> spans;
      for (std::size_t i = first; i < std::min(windows.size(), first + std::size_t(options_.batch_size)); ++i) {
        const auto& [begin, end] = windows[i];
        waves.push_back(torch::from_blob(const_cast<float*>(samples.data()) + begin, {end - begin}, torch::kFloat32));
        spans.push_back({shas_border_frame(begin), shas_border_frame(end)});
      }
      const auto found = classify(encoder_, classifier_, waves, spans);
      for (std::size_t row = 0; row < found.size(); ++row) {
        for (std::size_t k = 0; k < found[row].size(); ++k) {
          const std::size_t frame = std::size_t(spans[row].begin) + k;
          if (frame >= sums.size()) break;  // the last border is rounded up where the total is rounded down
          sums[frame] += found[row][k];
          counts[frame] += 1;
        }
      }
    }
  }
  for (std::size_t i = 0; i < sums.size(); ++i) {
    sums[i] = counts[i] > 0 ? sums[i] / counts[i] : std::numeric_limits<double>::quiet_NaN();
  }
  fill_gaps(sums);
  return sums;
}

std::vector<ie::Segment> Segmenter::segment(const signal::Audio& audio) const {
  const signal::Audio heard = signal::resample(signal::mono(audio), 16000);
  const std::vector<double> speech = probabilities(heard.samples);
  std::vector<ie::Segment> segments;
  for (const FrameRange& range : shas_segments(speech, options_)) {
    if (range.begin == range.end) continue;
    segments.push_back({audio.start + double(range.begin) / kShasFramesPerSecond,
                        std::min(audio.end(), audio.start + double(range.end) / kShasFramesPerSecond)});
  }
  return segments;
}

}  // namespace reamo::grounder
