// Carries out every instruction of a meta-response in every medium that it names.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ie/meta_response.h"
#include "ie/result.h"
#include "pipeline/model.h"
#include "pipeline/perceive.h"

namespace reamo::pipeline {

// Where one item stands outside the text.
struct Places {
  std::vector<ie::Grounding> groundings;
  std::vector<std::string> absent;  // media where it was looked for and is not
};

// By index into response.items. Pictures and films are searched for the phrases of the instructions; recordings for the
// phrases, and for the mention of every entity and trigger, since a transcript says where each word is.
struct Located {
  std::map<std::size_t, Places> items;
  std::vector<ie::Warning> warnings;
};
Located locate(const ie::MetaResponse& response, const Perceived& perceived, Model& model,
               std::optional<double> threshold, const media::Limits& limits);

}  // namespace reamo::pipeline
