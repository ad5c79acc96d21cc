#include "train/initial_weights.h"

#include <map>
#include <string>
#include <vector>

#include "nn/weights.h"

namespace reamo::train {
namespace {

using Tensors = std::map<std::string, torch::Tensor>;
constexpr char kTrunk[] = "trunk.", kStem[] = "modality_preprocessors.vision.conv_stem.";

// The tensors under `prefix`, without it.
Tensors under(const Tensors& tensors, const std::string& prefix) {
  Tensors out;
  for (const auto& [name, tensor] : tensors) {
    if (name.starts_with(prefix)) out[name.substr(prefix.size())] = tensor;
  }
  return out;
}

}  // namespace

void start_from(encoder::ImageBind& encoder, const std::filesystem::path& file) {
  const Tensors given = nn::read_tensors(file);
  const Tensors trunk = under(given, kTrunk);
  if (trunk.empty()) return nn::load(*encoder, given, file.string());
  nn::load(*encoder->conv_stem(encoder::Modality::kVision), trunk, file.string(), {.prefix = "", .allow_extra = true, .optional = {"topdown.*"}});
}

void start_from(grounder::Seem& grounder, const std::filesystem::path& file) {
  const Tensors given = nn::read_tensors(file);
  const Tensors trunk = under(given, kTrunk), stem = under(given, kStem);
  if (trunk.empty() && stem.empty()) return nn::load(*grounder, given, file.string());
  std::vector<std::string> anew = {"sem_seg_head.*", "dilation_kernel"};
  if (trunk.empty()) anew.push_back("backbone.topdown.*");
  Tensors backbone;
  for (const auto& [name, tensor] : trunk.empty() ? stem : trunk) backbone["backbone." + name] = tensor;
  nn::load(*grounder, backbone, file.string(), {.prefix = "", .allow_extra = true, .optional = anew});
}

}  // namespace reamo::train
