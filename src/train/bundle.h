// Trained weights gathered into a model folder.
#pragma once

#include <filesystem>
#include <string>

#include "store/model_folder.h"

namespace reamo::train {

// Files of a small model; empty: the model lacks that part.
struct BundleParts {
  std::filesystem::path tokenizer, reasoner;  // SentencePiece model; decoder (its projector stays inside)
  std::filesystem::path bpe, visual;          // phrase vocabulary; visual grounder
  std::filesystem::path encoder;              // of pictures, films and phrases; needs bpe
  std::filesystem::path listener;
  std::string listener_config;                // JSON
};
// Writes weights in bf16, vocabularies and reamo.json into `folder` (made if missing).
store::ModelFolder bundle(const BundleParts& parts, const std::string& name, const std::string& version, const std::filesystem::path& folder);

}  // namespace reamo::train
