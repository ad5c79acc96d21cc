// reamo inspect, verify, embed: small commands over one library each.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "ie/error.h"
#include "media/read.h"
#include "parity/verify.h"
#include "pipeline/model.h"
#include "store/model_folder.h"
#include "store/tensor_file.h"

namespace reamo::cli {
namespace {

// -- inspect

const char* kind_name(media::Kind kind) {
  return kind == media::Kind::kImage ? "image" : kind == media::Kind::kAudio ? "audio" : "video";
}

nlohmann::ordered_json inspect_medium(const std::filesystem::path& path) {
  const media::Info info = media::inspect(path);
  nlohmann::ordered_json json;
  json["file"] = path.string();
  json["kind"] = kind_name(info.kind);
  json["format"] = info.format;
  if (info.has_video || info.kind == media::Kind::kImage) {
    json["width"] = info.width;
    json["height"] = info.height;
    if (!info.video_codec.empty()) json["video_codec"] = info.video_codec;
  }
  if (info.kind == media::Kind::kImage) {
    json["orientation"] = info.orientation;
  } else {
    if (info.has_video) {
      json["frames"] = std::int64_t(media::frame_times(path).size());
      json["frame_rate"] = info.frame_rate;
    }
    json["start"] = info.start;
    json["duration"] = info.duration;
    if (info.has_audio) {
      json["audio_codec"] = info.audio_codec;
      json["sample_rate"] = info.sample_rate;
      json["channels"] = info.channels;
    }
  }
  return json;
}

nlohmann::ordered_json inspect_tensors(const std::filesystem::path& path) {
  const store::TensorFile file = store::TensorFile::open_safetensors(path);
  nlohmann::ordered_json json;
  json["file"] = path.string();
  json["kind"] = "tensors";
  json["format"] = "safetensors";
  std::int64_t parameters = 0;
  nlohmann::ordered_json tensors = nlohmann::ordered_json::object();
  for (const auto& [name, view] : file.tensors()) {
    parameters += view.elements();
    tensors[name] = {{"dtype", store::name_of(view.dtype)}, {"shape", view.shape}};
  }
  json["parameters"] = parameters;
  json["tensors"] = tensors;
  return json;
}

nlohmann::ordered_json inspect_model(const std::filesystem::path& path) {
  const store::ModelFolder folder = store::open_model_folder(path, true);
  nlohmann::ordered_json json;
  json["file"] = path.string();
  json["kind"] = "model";
  json["name"] = folder.name;
  json["version"] = folder.version;
  json["sha256"] = folder.hash;
  for (const auto& [name, component] : folder.components) {
    json["components"][name] = {{"class", component.class_name}, {"files", component.files}, {"licence", component.licence}};
  }
  return json;
}

void print_facts(const nlohmann::ordered_json& json, bool as_json) {
  if (as_json) {
    std::printf("%s\n", json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
    return;
  }
  for (const auto& [key, value] : json.items()) {
    if (key == "tensors") {
      for (const auto& [name, facts] : value.items()) {
        std::printf("  %s %s %s\n", name.c_str(), facts["dtype"].get<std::string>().c_str(), facts["shape"].dump().c_str());
      }
    } else {
      std::printf("%s: %s\n", key.c_str(), value.is_string() ? value.get<std::string>().c_str() : value.dump().c_str());
    }
  }
}

int run_inspect(const std::vector<std::string>& files, bool as_json) {
  for (const std::string& file : files) {
    const std::filesystem::path path = file;
    nlohmann::ordered_json json;
    if (std::filesystem::is_directory(path)) json = inspect_model(path);
    else if (path.extension() == ".safetensors") json = inspect_tensors(path);
    else json = inspect_medium(path);
    print_facts(json, as_json);
  }
  return 0;
}

// -- embed

struct EmbedArguments {
  std::string model;
  std::vector<std::string> images, audios, texts;
  bool table = false;
};

struct Embedded {
  std::string name, kind;
  torch::Tensor vector;  // unit length
};

std::vector<Embedded> embed(const EmbedArguments& arguments, const std::string& device) {
  pipeline::Model model(find_model(arguments.model), device);
  const encoder::Encoder& encoder = model.encoder();
  std::vector<Embedded> list;
  for (const std::string& file : arguments.images) {
    list.push_back({file, "image", encoder::Encoder::pooled(encoder.encode_image(media::read_image(file)))});
  }
  for (const std::string& file : arguments.audios) {
    list.push_back({file, "audio", encoder::Encoder::pooled(encoder.encode_audio(media::read_audio(file)))});
  }
  if (!arguments.texts.empty()) {
    const torch::Tensor rows = encoder.encode_text(arguments.texts);
    for (std::size_t i = 0; i < arguments.texts.size(); ++i) {
      list.push_back({arguments.texts[i], "text", encoder::Encoder::pooled(rows[std::int64_t(i)].unsqueeze(0))});
    }
  }
  if (list.empty()) throw UsageError("nothing to embed: give --image, --audio or --text");
  return list;
}

int run_embed(const EmbedArguments& arguments, const CommonOptions& common) {
  const std::vector<Embedded> list = embed(arguments, common.device);
  for (const Embedded& one : list) {
    if (arguments.table) {
      for (const Embedded& other : list) std::printf("%7.4f ", torch::dot(one.vector, other.vector).item<double>());
      std::printf(" %s\n", one.name.c_str());
      continue;
    }
    const torch::Tensor row = one.vector.contiguous();
    const std::vector<float> values(row.data_ptr<float>(), row.data_ptr<float>() + row.numel());
    const nlohmann::ordered_json json = {{"input", one.name}, {"kind", one.kind}, {"embedding", values}};
    std::printf("%s\n", json.dump().c_str());
  }
  return 0;
}

}  // namespace

Command inspect_command(CLI::App& program) {
  struct Arguments {
    std::vector<std::string> files;
    bool json = false;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* app = program.add_subcommand("inspect", "what a medium, a tensor file or a model folder is");
  app->add_option("file", arguments->files, "files or model folders")->required();
  app->add_flag("--json", arguments->json, "one JSON object a line");
  return {app, [arguments](const CommonOptions&) { return run_inspect(arguments->files, arguments->json); }};
}

Command verify_command(CLI::App& program) {
  struct Arguments {
    std::string folder, vocabulary;
    parity::VerifyOptions options;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* app = program.add_subcommand("verify", "run reference cases and compare with their expected numbers");
  app->add_option("folder", arguments->folder, "a case, or a folder of cases")->required();
  app->add_option("--family", arguments->options.family, "only ops that begin with this, as llm or seem.text");
  app->add_option("--clip-vocabulary", arguments->vocabulary, "the published vocabulary, for the cases that need it");
  return {app, [arguments](const CommonOptions&) {
            if (!arguments->vocabulary.empty()) arguments->options.clip_vocabulary = arguments->vocabulary;
            return parity::verify(arguments->folder, arguments->options, std::cout) ? 0 : 1;
          }};
}

Command embed_command(CLI::App& program) {
  auto arguments = std::make_shared<EmbedArguments>();
  CLI::App* app = program.add_subcommand("embed", "vectors of pictures, sounds and texts");
  app->add_option("-m,--model", arguments->model, "model folder (default: $REAMO_MODEL, else the bundled one)");
  app->add_option("--image", arguments->images)->take_all();
  app->add_option("--audio", arguments->audios)->take_all();
  app->add_option("--text", arguments->texts)->take_all();
  app->add_flag("--table", arguments->table, "cosines of all pairs instead of vectors");
  return {app, [arguments](const CommonOptions& common) { return run_embed(*arguments, common); }};
}

}  // namespace reamo::cli
