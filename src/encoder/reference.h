// Runs the reference cases of the encoder (ops "imagebind.*", parity/IMAGEBIND.md section 8): computes, under the names that
// the case expects, everything it expects. nn::compare then judges.
#pragma once

#include <filesystem>
#include <functional>

#include "nn/case.h"
#include "signal/audio.h"
#include "signal/image.h"

namespace reamo::encoder {

// Readers of picture and sound files, as the published preprocessing reads them; cases that start from files need them.
struct ReferenceContext {
  std::function<signal::Image(const std::filesystem::path&)> read_image;
  std::function<signal::Audio(const std::filesystem::path&)> read_audio;
};

bool is_imagebind_case(const nn::Case& reference);
// Error where the op is unknown or a reader that the case needs is missing.
nn::Tensors run_imagebind_case(const nn::Case& reference, const ReferenceContext& context = {});

// The model cases with weights of the caller's choice.
nn::Tensors run_imagebind_model(const nn::Case& reference, const nn::Tensors& weights);

}  // namespace reamo::encoder
