#include "pipeline/perceive.h"

#include <algorithm>

#include "ie/align.h"
#include "ie/error.h"
#include "ie/medium_name.h"

namespace reamo::pipeline {
namespace {

constexpr double kSpeechConfidence = 0.5;  // under this a transcript is doubted

class Perceiver {
 public:
  Perceiver(const ie::Document& document, Model& model, const PerceiveOptions& options)
      : document_(document), model_(model), options_(options), sees_(options.features && model.has("encoder")) {}

  Perceived run() {
    if (document_.text) perceived_.media.push_back({"text", ie::TextMedium{ie::count_code_points(*document_.text)}});
    for (std::size_t i = 0; i < document_.images.size(); ++i) image(ie::medium_name(ie::MediumKind::kImage, i), document_.images[i]);
    for (std::size_t i = 0; i < document_.audios.size(); ++i) {
      media::Warnings warnings;
      const std::string name = ie::medium_name(ie::MediumKind::kAudio, i);
      audio(name, media::read_audio(document_.audios[i], options_.limits, &warnings));
      note(warnings, name);
    }
    for (std::size_t i = 0; i < document_.videos.size(); ++i) video(ie::medium_name(ie::MediumKind::kVideo, i), document_.videos[i]);
    if (options_.features && !model_.has("encoder") && (!document_.images.empty() || !document_.videos.empty())) {
      perceived_.warnings.push_back({"no_encoder", "the model has no encoder; pictures and films were not seen by the reasoner", "model"});
    }
    for (const auto& [name, transcript] : options_.given) {
      if (perceived_.transcripts.count(name) == 0) throw UsageError("a transcript is given for " + name + ", which the document does not have");
    }
    return std::move(perceived_);
  }

 private:
  void note(const media::Warnings& warnings, const std::string& where) {
    for (const std::string& warning : warnings) perceived_.warnings.push_back({"media", warning, where});
  }

  void image(const std::string& name, const std::filesystem::path& path) {
    media::Warnings warnings;
    signal::Image picture = media::read_image(path, options_.limits, {}, &warnings);
    note(warnings, name);
    perceived_.media.push_back({name, ie::ImageMedium{picture.width, picture.height}});
    torch::Tensor features;  // the reasoner hears of every medium, also of one that the encoder does not see
    if (sees_ && model_.encoder().has(encoder::Modality::kVision)) features = model_.encoder().encode_image(picture);
    perceived_.features.push_back({name, reasoner::MediumKind::kImage, features});
    perceived_.images.emplace(name, std::move(picture));
  }

  void audio(const std::string& name, const signal::Audio& sound) {
    perceived_.media.push_back({name, ie::AudioMedium{sound.start, sound.end()}});
    torch::Tensor features;
    if (sees_ && model_.encoder().has(encoder::Modality::kAudio)) features = model_.encoder().encode_audio(sound);
    perceived_.features.push_back({name, reasoner::MediumKind::kAudio, features});
    const auto given = options_.given.find(name);
    if (given != options_.given.end()) {
      perceived_.transcripts[name] = given->second.words.empty() ? align(given->second.text, sound, name) : given->second;
      return;
    }
    if (!model_.has("listener")) {
      std::string what = "the model has no listener; speech was not transcribed and no mention has a time";
      if (model_.has("segmenter")) {
        perceived_.speech[name] = model_.segmenter().segment(sound);
        what += " of its own: what is looked for gets the utterances";
      }
      perceived_.warnings.push_back({"no_listener", what, name});
      return;
    }
    ie::Transcript transcript = model_.listener().transcribe(sound);
    if (transcript.words.empty()) {
      perceived_.warnings.push_back({"no_speech", "no speech was heard", name});
    } else if (model_.listener().confidence(transcript) < kSpeechConfidence) {
      perceived_.warnings.push_back({"unsure_speech", "the transcript is doubtful: the sound is unlike the speech that the model was trained on", name});
    }
    perceived_.transcripts[name] = std::move(transcript);
  }

  ie::Transcript align(const std::string& text, const signal::Audio& sound, const std::string& name) {
    if (!model_.has("listener")) throw Error("the transcript of " + name + " has no times, and the model has no listener to align it");
    return model_.listener().align(text, sound);
  }

  void video(const std::string& name, const std::filesystem::path& path) {
    media::Warnings warnings;
    const std::vector<double> times = media::frame_times(path, options_.limits);
    signal::FrameSource source = media::open_video(path, options_.limits, &warnings);
    perceived_.media.push_back({name, ie::VideoMedium{source.width, source.height, times}});
    torch::Tensor features;
    if (sees_ && model_.encoder().has(encoder::Modality::kVision)) features = watch(source, times);
    perceived_.features.push_back({name, reasoner::MediumKind::kVideo, features});
    note(warnings, name);
    perceived_.videos.emplace(name, path);
    if (!options_.soundtrack) return;
    media::Warnings sound_warnings;
    if (const auto sound = media::read_soundtrack(path, options_.limits, &sound_warnings)) audio(name + "/audio", *sound);
    note(sound_warnings, name + "/audio");
  }

  // Keeps only the frames that the encoder asks for.
  torch::Tensor watch(signal::FrameSource& source, const std::vector<double>& times) {
    const auto clips = model_.encoder().video_frames(std::int64_t(times.size()), source.frame_rate);
    std::map<std::int64_t, signal::Image> kept;
    for (const auto& clip : clips) {
      for (const std::int64_t index : clip) kept[index];
    }
    signal::Image last;
    for (std::int64_t index = 0; index <= kept.rbegin()->first; ++index) {
      std::optional<signal::Frame> frame = source.next();
      if (!frame) break;
      if (const auto wanted = kept.find(index); wanted != kept.end()) wanted->second = frame->image;
      last = std::move(frame->image);
    }
    std::vector<std::vector<signal::Image>> pictures;
    for (const auto& clip : clips) {
      pictures.emplace_back();
      for (const std::int64_t index : clip) pictures.back().push_back(kept[index].empty() ? last : kept[index]);
    }
    return model_.encoder().encode_video(pictures);
  }

  const ie::Document& document_;
  Model& model_;
  const PerceiveOptions& options_;
  bool sees_;
  Perceived perceived_;
};

}  // namespace

Perceived perceive(const ie::Document& document, Model& model, const PerceiveOptions& options) {
  return Perceiver(document, model, options).run();
}

}  // namespace reamo::pipeline
