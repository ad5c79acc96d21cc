#include "data/speech_shards.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

#include "data/voices.h"
#include "ie/error.h"
#include "signal/mel.h"
#include "store/json_limits.h"
#include "store/tensor_file.h"
#include "synth/random.h"

namespace reamo::data {
namespace {

// IEEE half precision, rounded to nearest even; beyond its range infinite.
std::uint16_t half_bits(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = (bits >> 16) & 0x8000u;
  const std::uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude >= 0x47800000u) return std::uint16_t(sign | (magnitude > 0x7f800000u ? 0x7e00u : 0x7c00u));
  if (magnitude < 0x38800000u) {  // subnormal: in units of 2^-24
    return std::uint16_t(sign | std::uint32_t(std::nearbyint(std::bit_cast<float>(magnitude) * 16777216.0f)));
  }
  const std::uint32_t rounded = magnitude + 0xfffu + ((magnitude >> 13) & 1u);
  return std::uint16_t(sign | ((rounded - 0x38000000u) >> 13));
}

// A room: the direct sound and sparse echoes of either sign that die away.
void add_room(signal::Audio& audio, synth::Random& random) {
  const double decay = random.uniform(0.12, 0.5);   // seconds to -60 dB
  const double level = random.uniform(0.15, 0.6);   // of the first echoes
  const int echoes = random.between(40, 120);
  const std::vector<float> dry = audio.samples;
  for (int i = 0; i < echoes; ++i) {
    const double time = 0.002 + random.uniform() * decay;
    const float gain = float((random.chance(0.5) ? 1 : -1) * level * std::pow(10.0, -3 * time / decay) * random.uniform(0.3, 1) /
                             std::sqrt(echoes / 40.0));
    const std::size_t delay = std::size_t(time * audio.sample_rate);
    for (std::size_t n = delay; n < dry.size(); ++n) audio.samples[n] += gain * dry[n - delay];
  }
}

struct Shard {
  std::vector<std::uint16_t> mel;
  std::vector<std::int32_t> frames, text_bytes, words;
  std::string text;
  std::vector<float> starts, ends;
};

void add_utterance(Shard& shard, const SpeechShardOptions& options, const std::string& text, std::uint64_t index) {
  synth::Random random = synth::Random(options.seed).stream("utterance", index);
  synth::Utterance utterance;
  utterance.text = text;
  utterance.voice = voice_name(random.next());
  utterance.rate = random.between(130, 190);
  utterance.pitch = random.between(25, 75);
  synth::Speech speech = speak(utterance);
  if (speech.audio.duration() > options.max_seconds || speech.transcript.words.empty()) return;
  if (random.chance(options.reverberant)) add_room(speech.audio, random);
  const signal::Features mel = signal::log_mel(speech.audio, {.mels = options.mels});
  if (mel.frames == 0) return;
  shard.mel.reserve(shard.mel.size() + mel.values.size());
  for (const float value : mel.values) shard.mel.push_back(half_bits(value));
  shard.frames.push_back(mel.frames);
  shard.text += text;
  shard.text_bytes.push_back(std::int32_t(text.size()));
  const std::vector<ie::Word>& words = speech.transcript.words;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool shared = i > 0 && words[i].start == words[i - 1].start;
    shard.starts.push_back(shared ? -1.0f : float(words[i].start));
    shard.ends.push_back(float(words[i].end));
  }
  shard.words.push_back(std::int32_t(words.size()));
}

template <typename T>
store::TensorSource source(const std::string& name, store::DType dtype, const std::vector<T>& values,
                           std::vector<std::int64_t> shape = {}) {
  if (shape.empty()) shape = {std::int64_t(values.size())};
  return {name, dtype, std::move(shape), [&values] {
            const auto bytes = std::as_bytes(std::span(values));
            return std::vector<std::byte>(bytes.begin(), bytes.end());
          }};
}

void write_shard(const std::filesystem::path& path, const Shard& shard, int mels) {
  const std::vector<char> text(shard.text.begin(), shard.text.end());
  store::write_safetensors(path, {source("mel", store::DType::kF16, shard.mel, {std::int64_t(shard.mel.size()) / mels, mels}),
                                  source("frames", store::DType::kI32, shard.frames),
                                  source("text", store::DType::kU8, text),
                                  source("text_bytes", store::DType::kI32, shard.text_bytes),
                                  source("starts", store::DType::kF32, shard.starts),
                                  source("ends", store::DType::kF32, shard.ends),
                                  source("words", store::DType::kI32, shard.words)});
}

nlohmann::json describe(const SpeechShardOptions& options) {
  return {{"format", "reamo-speech"}, {"version", 1},        {"seed", options.seed},
          {"mels", options.mels},     {"a_shard", options.a_shard}, {"max_seconds", options.max_seconds},
          {"reverberant", options.reverberant}};
}

}  // namespace

void prepare_speech(const std::filesystem::path& folder, const SpeechShardOptions& options, const SpeechText& text) {
  if (options.count == 0 || options.a_shard == 0 || options.mels <= 0) {
    throw UsageError("speech shards need a positive number of utterances, utterances in a file, and mel bins");
  }
  std::filesystem::create_directories(folder);
  const std::filesystem::path index_path = folder / "index.json";
  nlohmann::json index = describe(options);
  index["shards"] = nlohmann::json::array();
  if (std::filesystem::exists(index_path)) {
    nlohmann::json old = store::parse_json(store::read_file(index_path), index_path.string());
    nlohmann::json facts = old;
    facts.erase("shards");
    if (facts != describe(options)) {
      throw Error(index_path.string() + ": shards of other options are there; choose another folder or remove them");
    }
    index = std::move(old);
  }
  while (index["shards"].size() * options.a_shard < options.count) {
    const std::size_t number = index["shards"].size();
    const std::size_t first = number * options.a_shard, last = std::min(options.count, first + options.a_shard);
    Shard shard;
    for (std::size_t i = first; i < last; ++i) add_utterance(shard, options, text(i), i);
    char name[40];
    std::snprintf(name, sizeof name, "speech-%05zu.safetensors", number);
    write_shard(folder / name, shard, options.mels);
    index["shards"].push_back({{"file", name}, {"utterances", shard.frames.size()}});
    store::write_file_whole(index_path, index.dump(1) + "\n");
  }
}

}  // namespace reamo::data
