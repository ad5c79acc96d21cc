// Runs the reference cases of the visual grounder (ops "seem.*", parity/SEEM.md section 9): computes, under the names that
// the case expects, everything it expects. nn::compare then judges.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "nn/case.h"
#include "nn/clip_tokenizer.h"
#include "signal/image.h"

namespace reamo::grounder {

struct ReferenceContext {
  // Reads a picture file. Without it, what would come from pictures is taken from the case's tensors where they hold it.
  std::function<signal::Image(const std::filesystem::path&)> read_image;
  // The published vocabulary. Without it token ids are taken from the case, and cases that need more are skipped.
  const nn::ClipTokenizer* tokenizer = nullptr;
};
struct ReferenceRun {
  nn::Tensors tensors;
  std::string skipped;  // why the case could not be run; empty if it was
};

bool is_seem_case(const nn::Case& reference);
ReferenceRun run_seem_case(const nn::Case& reference, const ReferenceContext& context = {});

}  // namespace reamo::grounder
