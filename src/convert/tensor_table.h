// Which tensors a component of a model folder has, by its configuration: names as published, shapes.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace reamo::convert {

using Shape = std::vector<std::int64_t>;

struct TensorSpec {
  std::string name;
  Shape shape;
  bool optional = false;  // a file may lack it
};
using TensorTable = std::vector<TensorSpec>;

// `config` as the component's class reads it (encoder/config.h, reasoner/config.h "model", grounder/visual/seem_config.h,
// grounder/audio/wav2vec2.h and shas.h "classifier"); what is missing has the published default. Only the published variants of a class
// have a table. Error naming a size that is impossible or over its limit.
TensorTable imagebind_tensors(const nlohmann::json& config);
TensorTable llama_tensors(const nlohmann::json& config);      // the decoder, without projector
TensorTable projector_tensors(const nlohmann::json& config);  // model.mm_input_projector.*, by /mm_input_projector_type
TensorTable seem_tensors(const nlohmann::json& config);
TensorTable wav2vec2_tensors(const nlohmann::json& config);   // without `wav2vec2.`; lm_head.* where there is a vocabulary
TensorTable frame_classifier_tensors(const nlohmann::json& config);
// Adapters on every linear layer of the blocks, named as PEFT saves them.
TensorTable lora_tensors(const nlohmann::json& llama_config, std::int64_t rank);

// "[3, 4]"
std::string shape_text(const Shape& shape);

}  // namespace reamo::convert
