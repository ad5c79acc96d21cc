// Parts of the reference runner that its two files share.
#pragma once

#include <memory>

#include "grounder/visual/reference.h"
#include "grounder/visual/seem.h"

namespace reamo::grounder::reference {

// Thrown where a case needs something that the context lacks; becomes ReferenceRun::skipped.
struct Skip {
  std::string why;
};

// Everything the model cases share: the case, its model and what it expects.
struct ModelCase {
  const nn::Case& reference;
  const ReferenceContext& context;
  Seem model{nullptr};
  nn::Tensors inputs, expected;
  nn::Tensors out;
};

// The picture that a model case starts from, resized: inputs[tensor], else `file` beside the case.
signal::Image resized_picture(const ModelCase& c, const std::string& tensor, const std::string& file);
// Token ids [1, 77] of a phrase.
torch::Tensor phrase_ids(const ModelCase& c, const std::string& phrase);
// [classes, width] from the case, the case beside it, or the vocabulary.
torch::Tensor class_table(ModelCase& c);
torch::Tensor encode_texts(const nn::ClipTokenizer& tokenizer, const std::vector<std::string>& texts, int context);
Seem small_model(const nn::Case& reference);

void run_prompt(ModelCase& c);      // seem.text, seem.stroke, seem.example
void run_panoptic(ModelCase& c);
void run_video(ModelCase& c);
nn::Tensors run_full_size(const nn::Case& reference, const ReferenceContext& context);

}  // namespace reamo::grounder::reference
