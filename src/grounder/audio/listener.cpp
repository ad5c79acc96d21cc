#include "grounder/audio/listener.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>

#include "grounder/audio/listener_net.h"
#include "grounder/audio/speech_text.h"
#include "grounder/audio/word_times.h"
#include "ie/error.h"
#include "nn/weights.h"

namespace reamo::grounder {
namespace {

constexpr std::size_t kFrameSamples = 320;  // 20 ms at 16 kHz

signal::Audio heard(const signal::Audio& audio) {
  if (audio.sample_rate <= 0 || audio.channels <= 0) throw Error("sound without a sampling rate or channels cannot be heard");
  return signal::resample(signal::mono(audio), 16000);
}

// Output of the whole recording: windows that overlap, each giving the frames nearer to its middle.
ListenerFrames listen(ListenerNetImpl& net, std::span<const float> samples, const ListenOptions& options) {
  const torch::NoGradGuard no_grad;
  const std::size_t window = std::size_t(std::max(1.0, options.window_seconds) * 50) * kFrameSamples;
  const std::size_t overlap = std::min(std::size_t(std::max(0.0, options.overlap_seconds) * 50) * kFrameSamples, window / 2);
  if (samples.size() <= window) return listener_frames(net.listen(samples));

  ListenerFrames all;
  std::size_t start = 0;
  while (true) {
    const std::size_t end = std::min(samples.size(), start + window);
    const ListenerFrames part = listener_frames(net.listen(samples.subspan(start, end - start)));
    const std::size_t first_frame = start / kFrameSamples;
    // From the middle of the overlap with the window before.
    const std::size_t from = start == 0 ? 0 : first_frame + overlap / kFrameSamples / 2;
    const std::size_t symbols = std::size_t(part.log_probs.symbols);
    all.log_probs.symbols = part.log_probs.symbols;
    all.log_probs.values.resize(std::min(all.log_probs.values.size(), from * symbols));
    all.log_probs.values.insert(all.log_probs.values.end(), part.log_probs.values.begin() + std::ptrdiff_t((from - first_frame) * symbols),
                                part.log_probs.values.end());
    const auto join = [&](std::vector<float>& whole, const std::vector<float>& piece) {
      if (piece.empty()) return;
      whole.resize(std::min(whole.size(), from));
      whole.insert(whole.end(), piece.begin() + std::ptrdiff_t(from - first_frame), piece.end());
    };
    join(all.starts, part.starts);
    join(all.inside, part.inside);
    if (end == samples.size()) break;
    start += window - overlap;
    if (start + window > samples.size()) {  // the last window is as long as the others
      start = (samples.size() - window + kFrameSamples - 1) / kFrameSamples * kFrameSamples;
    }
  }
  all.log_probs.frames = int(all.log_probs.values.size() / std::size_t(all.log_probs.symbols));
  return all;
}

void shift(std::vector<ie::Word>& words, const signal::Audio& audio) {
  for (ie::Word& word : words) {
    word.start = std::min(word.start, audio.duration()) + audio.start;
    word.end = std::min(word.end, audio.duration()) + audio.start;
  }
}

// The spoken words' times given back to the written ones.
std::vector<ie::Word> written_times(const std::vector<SpokenWord>& written, const std::vector<ie::Word>& spoken) {
  std::vector<ie::Word> words;
  std::size_t at = 0;
  double last_end = 0;
  for (const SpokenWord& word : written) {
    ie::Word timed{word.written, last_end, last_end, 1.0};
    if (!word.spoken.empty()) {
      timed.start = spoken[at].start;
      timed.end = spoken[at + word.spoken.size() - 1].end;
      timed.score = 0;
      for (std::size_t i = 0; i < word.spoken.size(); ++i, ++at) timed.score += spoken[at].score / double(word.spoken.size());
    }
    last_end = timed.end;
    words.push_back(std::move(timed));
  }
  return words;
}

}  // namespace

Listener::Listener(std::shared_ptr<ListenerNetImpl> net, ListenOptions options) : net_(std::move(net)), options_(options) {
  net_->eval();
}

Listener Listener::load(const nlohmann::json& config, const std::filesystem::path& safetensors) {
  const store::TensorFile file = store::TensorFile::open_safetensors(safetensors);
  auto net = std::make_shared<ListenerNetImpl>(listener_config(config));
  if (net->config().front_end == "conv") {
    load_wav2vec2(*net, file);
  } else {
    nn::load(*net, file);
  }
  ListenOptions options;
  if (config.contains("min_word_score")) options.min_word_score = config.at("min_word_score").get<double>();
  return Listener(std::move(net), options);
}

ie::Transcript Listener::transcribe(const signal::Audio& audio) const {
  ie::Transcript transcript;
  const signal::Audio sound = heard(audio);
  if (sound.samples.empty()) return transcript;
  transcript.words = decode_words(listen(*net_, sound.samples, options_), net_->config());
  std::erase_if(transcript.words, [&](const ie::Word& word) { return word.score < options_.min_word_score; });
  shift(transcript.words, audio);
  for (const ie::Word& word : transcript.words) transcript.text += (transcript.text.empty() ? "" : " ") + word.word;
  return transcript;
}

double Listener::confidence(const ie::Transcript& transcript) const {
  double sum = 0, weight = 0;
  for (const ie::Word& word : transcript.words) {
    sum += word.score * double(word.word.size());
    weight += double(word.word.size());
  }
  return weight > 0 ? sum / weight : 0;
}

ie::Transcript Listener::align(const std::string& text, const signal::Audio& audio) const {
  ie::Transcript transcript;
  transcript.text = text;
  const signal::Audio sound = heard(audio);
  std::vector<SpokenWord> written = spoken_words(text);
  if (sound.samples.empty()) {
    if (written.empty()) return transcript;
    throw Error("no alignment: the sound is empty, the text is not");
  }
  const ListenerFrames frames = listen(*net_, sound.samples, options_);
  std::vector<std::string> said_before;
  double best = -INFINITY;
  for (const YearStyle style : {YearStyle::kPairs, YearStyle::kCardinal, YearStyle::kHundreds}) {
    const std::vector<SpokenWord> words = spoken_words(text, style);
    std::vector<std::string> said;
    for (const SpokenWord& word : words) said.insert(said.end(), word.spoken.begin(), word.spoken.end());
    if (style != YearStyle::kPairs && said == said_before) continue;  // no years
    double score = 0;
    const std::vector<ie::Word> timed = align_words(frames, net_->config(), said, &score);
    if (score > best || transcript.words.empty()) {
      best = score;
      transcript.words = written_times(words, timed);
    }
    if (style == YearStyle::kPairs) said_before = said;
  }
  shift(transcript.words, audio);
  return transcript;
}

}  // namespace reamo::grounder
