#include "encoder/reference.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <tuple>

#include "encoder/imagebind.h"
#include "encoder/preprocess.h"
#include "ie/error.h"
#include "nn/clip_tokenizer.h"
#include "nn/weights.h"
#include "signal/mel.h"

namespace reamo::encoder {
namespace {

torch::Tensor numbers(const std::vector<std::int64_t>& values) { return torch::tensor(values, torch::kInt64); }

torch::Tensor matrix(const signal::Features& features) {
  return torch::from_blob(const_cast<float*>(features.values.data()), {features.frames, features.bins}).clone();
}

std::vector<signal::Image> frames_of(const torch::Tensor& thwc) {  // uint8 [frames, height, width, 3]
  std::vector<signal::Image> frames;
  for (std::int64_t i = 0; i < thwc.size(0); ++i) {
    signal::Image image(int(thwc.size(2)), int(thwc.size(1)));
    std::memcpy(image.rgb.data(), thwc[i].contiguous().data_ptr(), image.rgb.size());
    frames.push_back(std::move(image));
  }
  return frames;
}

torch::Tensor bytes_of(const signal::Image& image) {  // uint8 [height, width, 3]
  return torch::from_blob(const_cast<std::uint8_t*>(image.rgb.data()), {image.height, image.width, 3}, torch::kUInt8).clone();
}

nn::Tensors run_model(const nn::Case& reference) { return run_imagebind_model(reference, reference.weights()); }

nn::Tensors run_image(const nn::Case& reference, const ReferenceContext& context) {
  if (!context.read_image) throw Error(reference.folder().string() + " needs a reader of pictures");
  const signal::Image picture = context.read_image(reference.file("inputs"));
  const int size = reference.config().at("size");
  const Fit fit = reference.config().value("pad_to_square", false) ? Fit::kPad : Fit::kCrop;
  const FittedImage fitted = fit_image(picture, size, size, fit);
  const torch::Tensor crop = bytes_of(fitted.image).permute({2, 0, 1});
  return {{"decoded_u8", bytes_of(picture)},
          {"padded_hw", numbers({fitted.padded_height, fitted.padded_width})},
          {"resized_hw", numbers({fitted.resized_height, fitted.resized_width})},
          {"crop_top_left", numbers({fitted.top, fitted.left})},
          {"crop_u8", crop},
          {"crop_u8_stride4", crop.slice(1, 0, size, 4).slice(2, 0, size, 4)},
          {"normalized_stride16", image_tensor(fitted.image).slice(1, 0, size, 16).slice(2, 0, size, 16)}};
}

nn::Tensors run_filter_bank(const torch::Tensor& wave) {
  const signal::LogMelOptions options = signal::imagebind_mel_options();
  const torch::Tensor flat = wave.contiguous();
  const std::span<const float> samples(flat.data_ptr<float>(), std::size_t(flat.numel()));
  const signal::Features windowed = signal::windowed_frames(samples, options);
  const torch::Tensor filters = matrix(signal::mel_filters(options));
  return {{"windowed_padded", matrix(windowed)},
          {"power_spectrum", matrix(signal::power_spectrum(windowed))},
          {"mel_filters", filters},
          {"log_mel", matrix(signal::log_mel(samples, options))},
          {"empty_filters", (filters.abs().sum(1) == 0).nonzero().flatten()}};
}

nn::Tensors run_sound(const nn::Case& reference, const ReferenceContext& context) {
  const std::filesystem::path file = reference.file("inputs");
  if (file.extension() == ".safetensors") return run_filter_bank(reference.inputs().at("waveform"));
  if (!context.read_audio) throw Error(reference.folder().string() + " needs a reader of sound");
  const signal::Audio audio = context.read_audio(file);
  const nlohmann::json& json = reference.config();
  AudioConfig config;
  config.clips = json.at("clips");
  config.clip_seconds = json.at("clip_duration");
  config.sample_rate = json.at("sample_rate");
  config.mean = json.at("mean");
  config.deviation = json.at("std");
  const int mels = json.at("num_mel_bins"), frames = json.at("target_length");
  const signal::Audio resampled = audio.sample_rate == config.sample_rate ? audio : signal::resample(audio, config.sample_rate);
  const auto samples = std::int64_t(resampled.frames());
  const auto clip_samples = [&](Spacing spacing) {
    std::vector<std::int64_t> flat;
    for (const auto& [first, last] : audio_clip_ranges(samples, config.sample_rate, config.clips, config.clip_seconds, spacing)) {
      flat.push_back(first);
      flat.push_back(std::min(last, samples));
    }
    return numbers(flat).reshape({-1, 2});
  };
  const torch::Tensor wave = torch::from_blob(const_cast<float*>(resampled.samples.data()), {resampled.channels, samples});
  const torch::Tensor mel = audio_tensor(audio, config, mels, frames, Spacing::kInclusive);
  const torch::Tensor exclusive = audio_tensor(audio, config, mels, frames, Spacing::kExclusive);
  nn::Tensors got = {{"mel", mel},
                     {"mel_spacing_exclusive", exclusive},
                     {"mel_spacing_exclusive_stride4", exclusive.slice(3, 0, frames, 4)},
                     {"clip_samples", clip_samples(Spacing::kInclusive)},
                     {"clip_samples_spacing_exclusive", clip_samples(Spacing::kExclusive)},
                     {"waveform_16k_head", wave.slice(1, 0, 2000).clone()},
                     {"waveform_16k_tail", wave.slice(1, std::max<std::int64_t>(0, samples - 500)).clone()},
                     {"waveform_16k_length", numbers({samples})}};
  // Some cases hold only these columns.
  const nn::Tensors expected = reference.expected();
  if (const auto columns = expected.find("mel_frame_index"); columns != expected.end()) {
    got["mel_frame_index"] = columns->second;
    got["mel"] = mel.index_select(3, columns->second);
  }
  return got;
}

nn::Tensors run_film(const nn::Case& reference) {
  const std::vector<signal::Image> frames = frames_of(reference.inputs().at("frames_thwc_u8"));
  const nlohmann::json& json = reference.config();
  const int size = json.at("size");
  nn::Tensors got;
  if (!json.contains("fps")) {
    got["scaled"] = scale_frames(frames, size);
    got["crops"] = crop_views(got["scaled"], size, 3);
    return got;
  }
  VideoConfig config;
  config.clips = json.at("clips");
  config.frames = json.at("frames_per_clip");
  config.clip_seconds = json.at("clip_duration");
  for (Spacing spacing : {Spacing::kInclusive, Spacing::kExclusive}) {
    std::vector<std::vector<signal::Image>> clips;
    for (const ClipFrames& clip : video_clip_frames(std::int64_t(frames.size()), json.at("fps"), config, spacing)) {
      clips.emplace_back();
      for (std::int64_t index : clip.picked) clips.back().push_back(frames[std::size_t(index)]);
    }
    const torch::Tensor views = video_tensor(clips, size, 3, Fit::kCrop);
    const std::string name = spacing == Spacing::kInclusive ? "views" : "views_spacing_exclusive";
    got[name + "_stride32"] = views.slice(3, 0, size, 32).slice(4, 0, size, 32);
    got[name + "_mean"] = views.mean({3, 4});
  }
  return got;
}

nn::Tensors run_tokenizer(const nn::Case& reference) {
  const nlohmann::json& json = reference.config();
  const nn::ClipTokenizer tokenizer =
      nn::ClipTokenizer::from_gzip_merges(reference.path(json.at("merges_file").get<std::string>()), json.at("vocab_size"));
  nn::ClipTokenizeOptions options, older;
  options.context_length = older.context_length = json.at("context_length");
  options.pad_id = older.pad_id = json.at("pad_id");
  older.older_truncation = true;
  std::vector<std::string> texts;
  const nlohmann::json data = reference.data("inputs");
  for (const auto& entry : data.at("entries")) texts.push_back(entry.at("text"));
  return {{"tokens", tokenizer.encode(texts, options)}, {"tokens_older_truncation", tokenizer.encode(texts, older)}};
}

}  // namespace

bool is_imagebind_case(const nn::Case& reference) { return reference.op().rfind("imagebind.", 0) == 0; }

nn::Tensors run_imagebind_model(const nn::Case& reference, const nn::Tensors& weights) {
  EncoderConfig config = read_config(reference.config());
  if (reference.text("variant") == "reamo") config.variant = Variant::kReamo;
  ImageBind model(config, /*initialize=*/false);
  nn::load(*model, weights, reference.folder().string(), {.prefix = "", .allow_extra = false, .optional = {}});
  model->eval();
  torch::NoGradGuard no_grad;
  Trace trace;
  for (const auto& [name, tensor] : reference.inputs()) {
    bool known = false;
    for (Modality modality : kModalities) {
      if (name != name_of(modality)) continue;
      model->forward(modality, tensor, &trace);
      known = true;
    }
    if (!known) throw Error(reference.folder().string() + ": unknown input " + name);
  }
  return trace;
}

nn::Tensors run_imagebind_case(const nn::Case& reference, const ReferenceContext& context) {
  const std::string& op = reference.op();
  if (op == "imagebind.model") return run_model(reference);
  if (op == "imagebind.image_to_tensor") return run_image(reference, context);
  if (op == "imagebind.sound_to_mel") return run_sound(reference, context);
  if (op == "imagebind.frames_to_clips") return run_film(reference);
  if (op == "imagebind.tokenize") return run_tokenizer(reference);
  throw Error(reference.folder().string() + ": unknown op " + op);
}

}  // namespace reamo::encoder
