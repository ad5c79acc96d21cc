#include "pipeline/model.h"

#include "ie/error.h"
#include "nn/autocast.h"

namespace reamo::pipeline {
namespace {

// The file with this ending that the component names; Error naming the component when it has none.
std::filesystem::path file_of(const store::ModelFolder& folder, const std::string& component, const std::string& ending) {
  for (const std::string& file : folder.at(component).files) {
    if (file.size() >= ending.size() && file.compare(file.size() - ending.size(), ending.size(), ending) == 0) return folder.file(file);
  }
  throw Error(folder.path.string() + ": the " + component + " names no file *" + ending);
}

std::filesystem::path weights_of(const store::ModelFolder& folder, const std::string& component) {
  return file_of(folder, component, ".safetensors");
}

// Errors of a configuration say which part of which folder is wrong.
template <typename F>
auto configured(const store::ModelFolder& folder, const std::string& component, F&& load) {
  try {
    return load(folder.at(component).config);
  } catch (const nlohmann::json::exception& error) {
    throw Error(folder.path.string() + ": configuration of the " + component + ": " + error.what());
  }
}

}  // namespace

Model::Model(const std::filesystem::path& folder, const std::string& device)
    : folder_(store::open_model_folder(folder)), device_(device) {
  nn::choose_device(device);
}

const encoder::Encoder& Model::encoder() {
  if (!encoder_) {
    encoder_ = configured(folder_, "encoder", [&](const nlohmann::json& config) {
      std::optional<std::filesystem::path> vocabulary;
      for (const std::string& file : folder_.at("encoder").files) {
        if (file == "bpe.json") vocabulary = folder_.file(file);
      }
      return encoder::Encoder::open(config, weights_of(folder_, "encoder"), vocabulary, {.device = nn::choose_device(device_), .precision = torch::kFloat32});
    });
  }
  return *encoder_;
}

const reasoner::Reasoner& Model::reasoner() {
  if (!reasoner_) {
    reasoner_ = configured(folder_, "reasoner", [&](const nlohmann::json& config) {
      reasoner::ReasonerFiles files{file_of(folder_, "reasoner", "tokenizer.model"), weights_of(folder_, "reasoner"), {}};
      if (folder_.has("projector")) files.projector = weights_of(folder_, "projector");
      return reasoner::Reasoner::load(reasoner::reasoner_config(config), files);
    });
    reasoner_->to(nn::choose_device(device_));
  }
  return *reasoner_;
}

const grounder::VisualGrounder& Model::visual() {
  if (!visual_) {
    visual_ = configured(folder_, "visual", [&](const nlohmann::json& config) {
      return grounder::VisualGrounder::load(config, weights_of(folder_, "visual"), file_of(folder_, "visual", "bpe.json"), device_);
    });
  }
  return *visual_;
}

const grounder::Listener& Model::listener() {
  if (!listener_) {
    listener_ = configured(folder_, "listener", [&](const nlohmann::json& config) {
      return grounder::Listener::load(config, weights_of(folder_, "listener"));
    });
  }
  return *listener_;
}

const grounder::Segmenter& Model::segmenter() {
  if (!segmenter_) {
    segmenter_ = configured(folder_, "segmenter", [&](const nlohmann::json& config) {
      return grounder::Segmenter::load(config, weights_of(folder_, "segmenter"));
    });
  }
  return *segmenter_;
}

}  // namespace reamo::pipeline
