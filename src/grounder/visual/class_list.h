// The classes that SEEM's labels come from (parity/SEEM.md section 3.3): the 133 COCO panoptic classes and "background",
// each averaged over 81 prompts.
#pragma once

#include <torch/torch.h>

#include <functional>
#include <string>
#include <vector>

#include "grounder/visual/seem.h"

namespace reamo::grounder {

struct SeemClass {
  std::string name;         // as in COCO: "water-other"
  std::string prompt_name;  // what goes into the prompts: "water"
  std::string display;      // what users see: without "-other" and "-merged"; background is "others"
  bool thing;               // else stuff
};
const std::vector<SeemClass>& coco_classes();  // 134, background last

std::string class_prompt_name(const std::string& name);
std::vector<std::string> class_prompts(const std::string& name);  // 81

// Phrases -> token ids [phrases, context], padded with the end id.
using EncodeIds = std::function<torch::Tensor(const std::vector<std::string>&)>;
// Unit vectors of prompts: [prompts, width].
torch::Tensor prompt_vectors(Seem& model, const torch::Tensor& ids);
// One unit row a class: [names, width].
torch::Tensor class_embeddings(Seem& model, const std::vector<std::string>& names, const EncodeIds& encode);

}  // namespace reamo::grounder
