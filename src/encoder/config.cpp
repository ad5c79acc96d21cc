#include "encoder/config.h"

#include <cmath>
#include <functional>

#include "ie/error.h"

namespace reamo::encoder {
namespace {

using nlohmann::json;

[[noreturn]] void fail(const std::string& what) { throw Error("encoder configuration: " + what); }

// Reads the members of one JSON object, each by its reader; a key without a reader is an error.
void read_object(const json& object, const std::string& where, const std::map<std::string, std::function<void(const json&)>>& readers) {
  if (!object.is_object()) fail(where + " must be an object");
  for (const auto& [key, value] : object.items()) {
    const auto reader = readers.find(key);
    if (reader == readers.end()) fail("unknown key " + where + "/" + key);
    try {
      reader->second(value);
    } catch (const json::exception&) {
      fail(where + "/" + key + " has the wrong type");
    }
  }
}

std::function<void(const json&)> into(int& target, int least, int most, const std::string& name) {
  return [&target, least, most, name](const json& value) {
    if (!value.is_number_integer() || value.get<std::int64_t>() < least || value.get<std::int64_t>() > most) {
      fail(name + " must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    }
    target = value.get<int>();
  };
}

std::function<void(const json&)> into(double& target, double least, double most, const std::string& name) {
  return [&target, least, most, name](const json& value) {
    const double number = value.get<double>();
    if (!(number >= least && number <= most)) fail(name + " is out of range");
    target = number;
  };
}

template <typename T>
std::function<void(const json&)> choice(T& target, std::map<std::string, T> choices, const std::string& name) {
  return [&target, choices = std::move(choices), name](const json& value) {
    const auto found = choices.find(value.get<std::string>());
    if (found == choices.end()) {
      std::string names;
      for (const auto& [text, unused] : choices) names += (names.empty() ? "" : ", ") + text;
      fail(name + " must be one of " + names);
    }
    target = found->second;
  };
}

const std::map<std::string, Stem> kStems = {{"patch", Stem::kPatch}, {"conv", Stem::kConv}};
const std::map<std::string, Fit> kFits = {{"crop", Fit::kCrop}, {"pad", Fit::kPad}, {"stretch", Fit::kStretch}};
const std::map<std::string, Spacing> kSpacings = {{"inclusive", Spacing::kInclusive}, {"exclusive", Spacing::kExclusive}};
const std::map<std::string, Variant> kVariants = {{"published", Variant::kPublished}, {"reamo", Variant::kReamo}};

template <typename T>
std::string key_of(const std::map<std::string, T>& names, T value) {
  for (const auto& [name, candidate] : names) {
    if (candidate == value) return name;
  }
  return "";
}

void read_square(const json& value, TowerConfig& tower) {
  const json rows = value.is_array() ? value.at(0) : value, columns = value.is_array() ? value.at(1) : value;
  into(tower.height, 1, 8192, "image")(rows);
  into(tower.columns, 1, 8192, "image")(columns);
}

void read_tower(const json& object, Modality modality, TowerConfig& tower) {
  const std::string name = name_of(modality);
  const auto number = [&](int& target, const std::string& key, int most) { return into(target, 1, most, name + "/" + key); };
  std::map<std::string, std::function<void(const json&)>> readers = {
      {"embed_dim", number(tower.width, "embed_dim", 16384)},
      {"blocks", into(tower.blocks, 0, 512, name + "/blocks")},
      {"heads", number(tower.heads, "heads", 512)},
      {"mlp_ratio", number(tower.mlp_ratio, "mlp_ratio", 16)},
  };
  const auto add_variants = [&] {
    readers["stem"] = choice(tower.stem, kStems, name + "/stem");
    readers["resnet"] = [&](const json& value) {
      json own = value;
      own["topdown_width"] = 0;
      tower.resnet = nn::resnet_config(own);
    };
    readers["tokens"] = into(tower.tokens, 0, 4096, name + "/tokens");
  };
  switch (modality) {
    case Modality::kVision:
      readers["image"] = [&](const json& value) { read_square(value, tower); };
      readers["kernel"] = [&](const json& value) {
        if (!value.is_array() || value.size() != 3 || value.at(1) != value.at(2)) fail("vision/kernel must be [frames, n, n]");
        into(tower.kernel_frames, 1, 16, "vision/kernel")(value.at(0));
        into(tower.kernel, 1, 1024, "vision/kernel")(value.at(1));
        tower.stride = tower.kernel;
      };
      add_variants();
      break;
    case Modality::kText:
      readers["vocab_size"] = number(tower.vocab_size, "vocab_size", 10000000);
      readers["context_length"] = number(tower.columns, "context_length", 65536);
      // Known from the vocabulary itself.
      readers["start_id"] = readers["end_id"] = [](const json&) {};
      break;
    case Modality::kAudio:
      readers["mel_bins"] = number(tower.height, "mel_bins", 4096);
      readers["target_len"] = number(tower.columns, "target_len", 65536);
      readers["kernel"] = number(tower.kernel, "kernel", 1024);
      readers["stride"] = number(tower.stride, "stride", 1024);
      add_variants();
      break;
    case Modality::kDepth:
    case Modality::kThermal:
      readers["image"] = [&](const json& value) { read_square(value, tower); };
      readers["kernel"] = [&](const json& value) {
        into(tower.kernel, 1, 1024, name + "/kernel")(value);
        tower.stride = tower.kernel;
      };
      break;
    case Modality::kImu:
      readers["channels"] = number(tower.channels, "channels", 1024);
      readers["length"] = number(tower.columns, "length", 1 << 24);
      readers["kernel"] = [&](const json& value) {
        into(tower.kernel, 1, 1024, "imu/kernel")(value);
        tower.stride = tower.kernel;
      };
      break;
  }
  read_object(object, name, readers);
}

bool is_square(int n) { return int(std::lround(std::sqrt(double(n)))) * int(std::lround(std::sqrt(double(n)))) == n; }

void check(const EncoderConfig& config) {
  for (const auto& [modality, tower] : config.towers) {
    const std::string name = name_of(modality);
    if (tower.width % tower.heads != 0) fail(name + ": embed_dim must be a multiple of heads");
    if (tower.stem == Stem::kPatch && modality != Modality::kText && tower.columns < tower.kernel) fail(name + ": the input is smaller than a patch");
    if (tower.stem == Stem::kPatch && modality != Modality::kText && modality != Modality::kImu && tower.height < tower.kernel) fail(name + ": the input is smaller than a patch");
    if (modality == Modality::kVision && tower.tokens > 0) {
      if (!is_square(tower.tokens)) fail("vision/tokens must be a square number");
      if (config.video.tokens > 0 && !is_square(config.video.tokens)) fail("video_sampling/tokens must be a square number");
    }
  }
  if (config.fit != Fit::kStretch && config.has(Modality::kVision) &&
      config.tower(Modality::kVision).height != config.tower(Modality::kVision).columns) {
    fail("fit crop and pad need a square vision/image");
  }
  if (config.video.views != 1 && config.video.views != 3) fail("video_sampling/views must be 1 or 3");
}

}  // namespace

std::string name_of(Modality modality) {
  switch (modality) {
    case Modality::kVision: return "vision";
    case Modality::kText: return "text";
    case Modality::kAudio: return "audio";
    case Modality::kDepth: return "depth";
    case Modality::kThermal: return "thermal";
    case Modality::kImu: return "imu";
  }
  return "";
}

const TowerConfig& EncoderConfig::tower(Modality modality) const {
  const auto found = towers.find(modality);
  if (found == towers.end()) throw Error("the encoder of this model has no " + name_of(modality) + " tower");
  return found->second;
}

int EncoderConfig::image_tokens() const { return std::max(1, tower(Modality::kVision).tokens); }

int EncoderConfig::video_tokens() const {
  const int tokens = tower(Modality::kVision).tokens;
  return tokens == 0 ? 1 : video.clips * (video.tokens > 0 ? video.tokens : tokens);
}

int EncoderConfig::audio_tokens() const {
  const int tokens = tower(Modality::kAudio).tokens;
  return tokens == 0 ? 1 : audio.clips * tokens;
}

EncoderConfig huge_config() {
  EncoderConfig config;
  for (Modality modality : kModalities) {
    TowerConfig tower;
    tower.channels = 1;
    tower.key_value_bias = true;
    switch (modality) {
      case Modality::kVision:
        tower = {.width = 1280, .blocks = 32, .heads = 16, .key_value_bias = false, .pre_norm = true, .channels = 3, .height = 224, .columns = 224,
                 .kernel = 14, .stride = 14, .kernel_frames = 2, .vocab_size = 0, .stem = Stem::kPatch, .resnet = {}, .tokens = 0};
        break;
      case Modality::kText:
        tower.width = 1024, tower.blocks = 24, tower.heads = 16;
        tower.key_value_bias = false;
        tower.columns = 77, tower.vocab_size = 49408;
        break;
      case Modality::kAudio:
        tower.width = 768, tower.blocks = 12, tower.heads = 12;
        tower.height = 128, tower.columns = 204, tower.kernel = 16, tower.stride = 10;
        break;
      case Modality::kDepth:
        tower.width = 384, tower.blocks = 12, tower.heads = 8;
        tower.height = tower.columns = 224, tower.kernel = tower.stride = 16;
        break;
      case Modality::kThermal:
        tower.width = 768, tower.blocks = 12, tower.heads = 12;
        tower.height = tower.columns = 224, tower.kernel = tower.stride = 16;
        break;
      case Modality::kImu:
        tower.width = 512, tower.blocks = 6, tower.heads = 8;
        tower.channels = 6, tower.columns = 2000, tower.kernel = tower.stride = 8;
        break;
    }
    tower.resnet.in_channels = tower.channels;
    tower.resnet.topdown_width = 0;
    config.towers.emplace(modality, tower);
  }
  return config;
}

EncoderConfig read_config(const json& object) {
  EncoderConfig config = huge_config();
  if (object.is_object() && object.contains("towers")) {
    std::map<Modality, TowerConfig> chosen;
    if (!object.at("towers").is_array()) fail("towers must be a list");
    for (const auto& name : object.at("towers")) {
      bool found = false;
      for (Modality modality : kModalities) {
        if (name.is_string() && name.get<std::string>() == name_of(modality)) {
          chosen.emplace(modality, config.towers.at(modality));
          found = true;
        }
      }
      if (!found) fail("towers names an unknown tower " + name.dump());
    }
    config.towers = std::move(chosen);
  }
  int all_mlp_ratio = 0, video_frames = 0;
  std::map<std::string, std::function<void(const json&)>> readers = {
      {"towers", [](const json&) {}},
      {"out_embed_dim", into(config.output_width, 1, 65536, "out_embed_dim")},
      {"variant", choice(config.variant, kVariants, "variant")},
      {"fit", choice(config.fit, kFits, "fit")},
      {"spacing", choice(config.spacing, kSpacings, "spacing")},
      {"mlp_ratio", into(all_mlp_ratio, 1, 16, "mlp_ratio")},
      {"video_frames", into(video_frames, 1, 16, "video_frames")},
      {"max_logit_scale", into(config.max_logit_scale, 1e-6, 1e6, "max_logit_scale")},
      {"layer_norm_eps",
       [&](const json& value) {
         read_object(value, "layer_norm_eps",
                     {{"blocks", into(config.block_epsilon, 1e-12, 1, "layer_norm_eps/blocks")},
                      {"vision_pre_transformer", into(config.block_epsilon, 1e-12, 1, "layer_norm_eps/vision_pre_transformer")},
                      {"heads", into(config.head_epsilon, 1e-12, 1, "layer_norm_eps/heads")},
                      {"stem_norm", into(config.stem_epsilon, 1e-12, 1, "layer_norm_eps/stem_norm")}});
       }},
      {"video_sampling",
       [&](const json& value) {
         read_object(value, "video_sampling",
                     {{"clips", into(config.video.clips, 1, 256, "video_sampling/clips")},
                      {"frames", into(config.video.frames, 1, 16, "video_sampling/frames")},
                      {"views", into(config.video.views, 1, 3, "video_sampling/views")},
                      {"clip_seconds", into(config.video.clip_seconds, 1e-3, 3600, "video_sampling/clip_seconds")},
                      {"tokens", into(config.video.tokens, 0, 4096, "video_sampling/tokens")}});
       }},
      {"audio_sampling",
       [&](const json& value) {
         read_object(value, "audio_sampling",
                     {{"clips", into(config.audio.clips, 1, 256, "audio_sampling/clips")},
                      {"clip_seconds", into(config.audio.clip_seconds, 0.025, 3600, "audio_sampling/clip_seconds")},
                      {"sample_rate", into(config.audio.sample_rate, 16000, 16000, "audio_sampling/sample_rate")},
                      {"mean", into(config.audio.mean, -1e6, 1e6, "audio_sampling/mean")},
                      {"std", into(config.audio.deviation, 1e-6, 1e6, "audio_sampling/std")}});
       }},
  };
  for (auto& [modality, tower] : config.towers) {
    readers[name_of(modality)] = [modality = modality, &tower = tower](const json& value) { read_tower(value, modality, tower); };
  }
  read_object(object, "", readers);
  for (auto& [modality, tower] : config.towers) {
    if (all_mlp_ratio > 0) tower.mlp_ratio = all_mlp_ratio;
    tower.resnet.in_channels = tower.channels;
    if (tower.stem == Stem::kConv && tower.tokens > 0) tower.pre_norm = false;
  }
  if (video_frames > 0 && config.has(Modality::kVision)) config.towers.at(Modality::kVision).kernel_frames = video_frames;
  check(config);
  return config;
}

json to_json(const EncoderConfig& config) {
  json out = {{"towers", json::array()},
              {"out_embed_dim", config.output_width},
              {"variant", key_of(kVariants, config.variant)},
              {"fit", key_of(kFits, config.fit)},
              {"spacing", key_of(kSpacings, config.spacing)},
              {"max_logit_scale", config.max_logit_scale},
              {"layer_norm_eps", {{"blocks", config.block_epsilon}, {"stem_norm", config.stem_epsilon}, {"heads", config.head_epsilon}}},
              {"video_sampling",
               {{"clips", config.video.clips},
                {"frames", config.video.frames},
                {"views", config.video.views},
                {"clip_seconds", config.video.clip_seconds},
                {"tokens", config.video.tokens}}},
              {"audio_sampling",
               {{"clips", config.audio.clips},
                {"clip_seconds", config.audio.clip_seconds},
                {"sample_rate", config.audio.sample_rate},
                {"mean", config.audio.mean},
                {"std", config.audio.deviation}}}};
  for (const auto& [modality, tower] : config.towers) {
    json part = {{"embed_dim", tower.width}, {"blocks", tower.blocks}, {"heads", tower.heads}, {"mlp_ratio", tower.mlp_ratio}};
    switch (modality) {
      case Modality::kVision:
        part["image"] = {tower.height, tower.columns};
        part["kernel"] = {tower.kernel_frames, tower.kernel, tower.kernel};
        break;
      case Modality::kText:
        part["vocab_size"] = tower.vocab_size;
        part["context_length"] = tower.columns;
        break;
      case Modality::kAudio:
        part["mel_bins"] = tower.height;
        part["target_len"] = tower.columns;
        part["kernel"] = tower.kernel;
        part["stride"] = tower.stride;
        break;
      case Modality::kDepth:
      case Modality::kThermal:
        part["image"] = {tower.height, tower.columns};
        part["kernel"] = tower.kernel;
        break;
      case Modality::kImu:
        part["channels"] = tower.channels;
        part["length"] = tower.columns;
        part["kernel"] = tower.kernel;
        break;
    }
    if (modality == Modality::kVision || modality == Modality::kAudio) {
      part["stem"] = key_of(kStems, tower.stem);
      part["tokens"] = tower.tokens;
      if (tower.stem == Stem::kConv) part["resnet"] = nn::to_json(tower.resnet);
    }
    out["towers"].push_back(name_of(modality));
    out[name_of(modality)] = part;
  }
  return out;
}

json encoder_mini_config(std::int64_t vocab_size) {
  const json resnet = {{"stem_width", 24}, {"widths", {48, 96, 192}}, {"blocks", {2, 2, 3}}};
  return {{"towers", {"vision", "text"}},
          {"out_embed_dim", 192},
          {"fit", "stretch"},
          {"vision",
           {{"embed_dim", 192}, {"blocks", 3}, {"heads", 6}, {"image", 160}, {"stem", "conv"}, {"resnet", resnet}, {"tokens", 36}}},
          {"text", {{"embed_dim", 128}, {"blocks", 2}, {"heads", 4}, {"vocab_size", vocab_size}, {"context_length", 24}}},
          {"video_sampling", {{"clips", 6}, {"frames", 1}, {"views", 1}, {"clip_seconds", 0.25}, {"tokens", 9}}}};
}

}  // namespace reamo::encoder
