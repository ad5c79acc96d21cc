#include "grounder/audio/listener_net.h"

#include <algorithm>

#include "ie/error.h"

namespace reamo::grounder {
namespace {

template <typename T>
void read(const nlohmann::json& json, const char* key, T& value) {
  if (!json.contains(key)) return;
  try {
    value = json.at(key).get<T>();
  } catch (const nlohmann::json::exception&) {
    throw Error(std::string("listener configuration: /") + key + " has the wrong type");
  }
}

LogMelConfig log_mel_config(const nlohmann::json& json) {
  LogMelConfig config;
  read(json, "mels", config.mels);
  read(json, "stem", config.stem);
  read(json, "width", config.width);
  read(json, "layers", config.layers);
  read(json, "heads", config.heads);
  read(json, "feed_forward", config.feed_forward);
  read(json, "kernel", config.kernel);
  read(json, "dropout", config.dropout);
  for (const std::int64_t value :
       {config.mels, config.stem, config.width, config.layers, config.heads, config.feed_forward, config.kernel}) {
    if (value < 1 || value > 100000) throw Error("listener configuration: /log_mel has a size that is not between 1 and 100000");
  }
  if (config.width % config.heads != 0) throw Error("listener configuration: /log_mel/width is not a multiple of heads");
  if (config.kernel % 2 == 0) throw Error("listener configuration: /log_mel/kernel is even");
  return config;
}

}  // namespace

std::vector<std::string> log_mel_symbols() {
  std::vector<std::string> symbols{"<blank>", "|", "'"};
  for (char c = 'a'; c <= 'z'; ++c) symbols.push_back(std::string(1, c));
  return symbols;
}

std::vector<std::string> base_960h_symbols() {
  std::vector<std::string> symbols{"<pad>", "<s>", "</s>", "<unk>", "|"};
  for (const char c : std::string_view("ETAONIHSRDLUMWCFGYPBVK'XJQZ")) symbols.push_back(std::string(1, c));
  return symbols;
}

ListenerConfig listener_config(const nlohmann::json& json) {
  ListenerConfig config;
  read(json, "front_end", config.front_end);
  if (config.front_end != "conv" && config.front_end != "log_mel") {
    throw Error("listener configuration: /front_end is \"" + config.front_end + "\"; conv and log_mel are known");
  }
  const bool conv = config.front_end == "conv";
  config.symbols = conv ? base_960h_symbols() : log_mel_symbols();
  read(json, "symbols", config.symbols);
  read(json, "blank", config.blank);
  read(json, "word_break", config.word_break);
  if (config.symbols.empty() || config.symbols.size() > 10000) throw Error("listener configuration: /symbols is empty or too long");
  if (config.blank < 0 || config.blank >= std::int64_t(config.symbols.size())) {
    throw Error("listener configuration: /blank is no symbol");
  }
  if (std::find(config.symbols.begin(), config.symbols.end(), config.word_break) == config.symbols.end()) {
    throw Error("listener configuration: /word_break is no symbol");
  }
  if (json.contains("conv")) config.conv = wav2vec2_config(json.at("conv"));
  config.conv.vocab_size = std::int64_t(config.symbols.size());
  if (json.contains("log_mel")) config.log_mel = log_mel_config(json.at("log_mel"));
  return config;
}

nlohmann::json to_json(const ListenerConfig& config) {
  nlohmann::json json{{"front_end", config.front_end},
                      {"symbols", config.symbols},
                      {"blank", config.blank},
                      {"word_break", config.word_break}};
  if (config.front_end == "conv") {
    json["conv"] = to_json(config.conv);
  } else {
    const LogMelConfig& mel = config.log_mel;
    json["log_mel"] = {{"mels", mel.mels},   {"stem", mel.stem},     {"width", mel.width},
                       {"layers", mel.layers}, {"heads", mel.heads}, {"feed_forward", mel.feed_forward},
                       {"kernel", mel.kernel}, {"dropout", mel.dropout}};
  }
  return json;
}

std::vector<std::int64_t> symbol_ids(const ListenerConfig& config, const std::string& spoken) {
  const auto find = [&](const std::string& symbol) {
    const auto it = std::find(config.symbols.begin(), config.symbols.end(), symbol);
    return it == config.symbols.end() ? std::int64_t(-1) : std::int64_t(it - config.symbols.begin());
  };
  std::vector<std::int64_t> ids;
  for (const char c : spoken) {
    std::int64_t id = find(c == ' ' ? config.word_break : std::string(1, c));
    if (id < 0 && c >= 'a' && c <= 'z') id = find(std::string(1, char(c - 'a' + 'A')));
    if (id < 0) throw Error(std::string("the listener has no symbol for '") + c + "'");
    ids.push_back(id);
  }
  return ids;
}

ListenerNetImpl::ListenerNetImpl(const ListenerConfig& config) : config_(config) {
  if (config.front_end == "conv") {
    conv = Wav2Vec2Ctc(config.conv);
    register_module("wav2vec2", conv->wav2vec2);
    register_module("lm_head", conv->lm_head);
  } else {
    log_mel = register_module("log_mel", LogMelNet(config.log_mel, std::int64_t(config.symbols.size())));
  }
}

ListenerOutput ListenerNetImpl::listen(std::span<const float> samples) {
  if (config_.front_end == "log_mel") {
    const torch::Tensor mel = listener_mel(samples, config_.log_mel.mels).unsqueeze(0);
    return log_mel->forward(mel, {mel.size(1)});
  }
  std::vector<float> padded(samples.begin(), samples.end());
  while (frame_count(config_.conv, std::int64_t(padded.size())) < 1) padded.resize(padded.size() + 400, 0.0f);
  const torch::Tensor wave = torch::from_blob(padded.data(), {1, std::int64_t(padded.size())}, torch::kFloat32);
  const Wav2Vec2Output heard = conv->wav2vec2->forward(normalize_stock(wave, {wave.size(1)}, false));
  ListenerOutput output;
  output.log_probs = torch::log_softmax(conv->logits(heard).to(torch::kFloat32), -1);
  return output;
}

}  // namespace reamo::grounder
