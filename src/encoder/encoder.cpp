#include "encoder/encoder.h"

#include "encoder/preprocess.h"
#include "ie/error.h"
#include "nn/autocast.h"
#include "nn/functional.h"
#include "nn/weights.h"

namespace reamo::encoder {

Encoder Encoder::from_json(const nlohmann::json& config, const EncoderOptions& options) {
  ImageBind module(read_config(config));
  module->to(options.device);
  return Encoder(module, options);
}

Encoder Encoder::open(const nlohmann::json& config, const std::filesystem::path& weights,
                      const std::optional<std::filesystem::path>& vocabulary, const EncoderOptions& options) {
  ImageBind module(read_config(config), /*initialize=*/false);
  nn::LoadOptions load;
  load.optional = {"modality_preprocessors.text.mask"};
  nn::load(*module, store::TensorFile::open_safetensors(weights), load);
  module->to(options.device);
  module->eval();
  Encoder encoder(module, options);
  if (vocabulary) {
    auto tokenizer = std::make_shared<nn::ClipTokenizer>(nn::ClipTokenizer::open(*vocabulary));
    if (encoder.has(Modality::kText) && tokenizer->vocab_size() != encoder.config().tower(Modality::kText).vocab_size) {
      throw Error(vocabulary->string() + " has " + std::to_string(tokenizer->vocab_size()) + " tokens, but the text tower " +
                  std::to_string(encoder.config().tower(Modality::kText).vocab_size));
    }
    encoder.set_tokenizer(std::move(tokenizer));
  }
  return encoder;
}

torch::Tensor Encoder::run(Modality modality, const torch::Tensor& batch) const {
  torch::NoGradGuard no_grad;
  ImageBind module = module_;
  const bool was_training = module->is_training();
  if (was_training) module->eval();
  torch::Tensor out;
  {
    nn::AutocastGuard autocast(options_.device.type(), options_.precision == torch::kBFloat16);
    out = module->forward(modality, batch.to(options_.device));
  }
  if (was_training) module->train();
  return out.to(torch::kCPU, torch::kFloat32);
}

torch::Tensor Encoder::image_input(const signal::Image& image) const {
  const TowerConfig& tower = config().tower(Modality::kVision);
  return image_tensor(fit_image(image, tower.height, tower.columns, config().fit).image);
}

torch::Tensor Encoder::video_input(const std::vector<std::vector<signal::Image>>& clips) const {
  return video_tensor(clips, config().tower(Modality::kVision).height, config().video.views, config().fit);
}

torch::Tensor Encoder::audio_input(const signal::Audio& audio) const {
  const TowerConfig& tower = config().tower(Modality::kAudio);
  return audio_tensor(audio, config().audio, tower.height, tower.columns, config().spacing);
}

namespace {

// [batch, width] or [batch, tokens, width] of a batch of one to [tokens, width].
torch::Tensor rows_of(const torch::Tensor& out) { return out.dim() == 2 ? out : out[0]; }

}  // namespace

torch::Tensor Encoder::encode_image(const signal::Image& image) const { return encode_images({image})[0]; }

torch::Tensor Encoder::encode_images(const std::vector<signal::Image>& images) const {
  if (images.empty()) throw Error("no pictures to encode");
  std::vector<torch::Tensor> inputs;
  for (const signal::Image& image : images) inputs.push_back(image_input(image));
  const torch::Tensor out = run(Modality::kVision, torch::stack(inputs));
  return out.dim() == 2 ? out.unsqueeze(1) : out;
}

torch::Tensor Encoder::encode_video(const std::vector<std::vector<signal::Image>>& clips) const {
  return rows_of(run(Modality::kVision, video_input(clips).unsqueeze(0)));
}

torch::Tensor Encoder::encode_video(const std::vector<signal::Frame>& frames) const {
  if (frames.empty()) throw Error("a film without frames cannot be encoded");
  // The average rate: that of equally spaced frames with the same first and last time.
  double rate = 25;
  if (frames.size() > 1 && frames.back().time > frames.front().time) {
    rate = double(frames.size() - 1) / (frames.back().time - frames.front().time);
  }
  std::vector<std::vector<signal::Image>> clips;
  for (const std::vector<std::int64_t>& picked : video_frames(std::int64_t(frames.size()), rate)) {
    std::vector<signal::Image> clip;
    for (std::int64_t index : picked) clip.push_back(frames[std::size_t(index)].image);
    clips.push_back(std::move(clip));
  }
  return encode_video(clips);
}

std::vector<std::vector<std::int64_t>> Encoder::video_frames(std::int64_t count, double frame_rate) const {
  std::vector<std::vector<std::int64_t>> picked;
  for (ClipFrames& clip : video_clip_frames(count, frame_rate, config().video, config().spacing)) picked.push_back(std::move(clip.picked));
  return picked;
}

torch::Tensor Encoder::encode_audio(const signal::Audio& audio) const {
  return rows_of(run(Modality::kAudio, audio_input(audio).unsqueeze(0)));
}

torch::Tensor Encoder::encode_text(const std::vector<std::string>& texts) const {
  const TowerConfig& tower = config().tower(Modality::kText);
  if (tokenizer_ == nullptr) throw Error("the encoder has no vocabulary for its text tower");
  if (texts.empty()) throw Error("no texts to encode");
  nn::ClipTokenizeOptions options;
  options.context_length = tower.columns;
  options.older_truncation = config().variant == Variant::kReamo;
  const torch::Tensor out = run(Modality::kText, tokenizer_->encode(texts, options));
  return out.dim() == 3 ? out.squeeze(1) : out;
}

torch::Tensor Encoder::pooled(const torch::Tensor& tokens) { return nn::l2_normalize(tokens.mean(0)); }

}  // namespace reamo::encoder
