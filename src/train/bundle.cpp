#include "train/bundle.h"

#include "encoder/config.h"
#include "grounder/audio/listener_net.h"
#include "grounder/visual/seem_config.h"
#include "ie/error.h"
#include "nn/clip_tokenizer.h"
#include "nn/weights.h"
#include "reasoner/config.h"
#include "reasoner/tokenizer.h"
#include "store/json_limits.h"
#include "store/tensor_file.h"

namespace reamo::train {
namespace {

constexpr std::int64_t kFeatureWidth = 192;  // of the small encoder
constexpr char kLicence[] = "Apache-2.0; trained from nothing by this repository";

void write_bf16(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::map<std::string, torch::Tensor> tensors = nn::read_tensors(from);
  for (auto& [name, tensor] : tensors) {
    if (tensor.is_floating_point()) tensor = tensor.to(torch::kBFloat16);
  }
  nn::write_tensors(to, tensors);
}

}  // namespace

store::ModelFolder bundle(const BundleParts& parts, const std::string& name, const std::string& version, const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  store::ModelFolder model{folder, name, version, {}, {}, {}};
  if (!parts.reasoner.empty()) {
    const auto tokenizer = reasoner::Tokenizer::load(parts.tokenizer, {true, reasoner::compact_tokens()});
    store::write_file_whole(folder / "tokenizer.model", store::read_file(parts.tokenizer));
    write_bf16(parts.reasoner, folder / "reasoner.safetensors");
    model.components["reasoner"] = {"Llama", reasoner::to_json(reasoner::mini_config(tokenizer.size(), kFeatureWidth)),
                                    {"reasoner.safetensors", "tokenizer.model"}, kLicence};
  }
  if (!parts.visual.empty()) {
    const auto tokenizer = nn::ClipTokenizer::open(parts.bpe);
    store::write_file_whole(folder / "bpe.json", store::read_file(parts.bpe));
    write_bf16(parts.visual, folder / "visual.safetensors");
    model.components["visual"] = {"Seem", grounder::to_json(grounder::mini_seem_config(tokenizer.vocab_size())),
                                  {"visual.safetensors", "bpe.json"}, kLicence};
  }
  if (!parts.encoder.empty()) {
    const auto tokenizer = nn::ClipTokenizer::open(parts.bpe);
    store::write_file_whole(folder / "bpe.json", store::read_file(parts.bpe));
    write_bf16(parts.encoder, folder / "encoder.safetensors");
    model.components["encoder"] = {"ImageBind", encoder::encoder_mini_config(tokenizer.vocab_size()),
                                   {"encoder.safetensors", "bpe.json"}, kLicence};
  }
  if (!parts.listener.empty()) {
    write_bf16(parts.listener, folder / "listener.safetensors");
    const auto config = grounder::listener_config(store::parse_json(parts.listener_config, "listener configuration"));
    model.components["listener"] = {"Listener", grounder::to_json(config), {"listener.safetensors"}, kLicence};
  }
  if (model.components.empty()) throw UsageError("nothing to bundle");
  store::write_model_folder(model);
  return model;
}

}  // namespace reamo::train
