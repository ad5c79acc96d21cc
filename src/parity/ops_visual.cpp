#include "grounder/visual/reference.h"
#include "media/read.h"
#include "parity/ops.h"

namespace reamo::parity {

std::vector<std::string> seem_ops() {
  std::vector<std::string> ops;
  for (const char* name :
       {"backbone", "class_embeddings", "class_embeddings_coco", "example", "full_size", "logit_scale", "panoptic", "panoptic_merge",
        "point_sample", "position_embedding", "postprocess", "preprocess", "stroke", "stroke_resize", "text", "text_encoder",
        "tokenize", "video"}) {
    ops.push_back(std::string("seem.") + name);
  }
  return ops;
}

Outcome run_seem(const nn::Case& reference, const Context& context) {
  grounder::ReferenceContext needs;
  needs.read_image = [](const std::filesystem::path& path) {
    return media::read_image(path, {}, media::published_image_options());
  };
  needs.tokenizer = context.clip_tokenizer ? &*context.clip_tokenizer : nullptr;
  const grounder::ReferenceRun run = grounder::run_seem_case(reference, needs);
  if (!run.skipped.empty()) return {{}, run.skipped};
  return {nn::compare(reference, run.tensors), ""};
}

}  // namespace reamo::parity
