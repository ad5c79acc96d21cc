#include "encoder/reference.h"
#include "media/read.h"
#include "parity/ops.h"

namespace reamo::parity {

std::vector<std::string> imagebind_ops() {
  return {"imagebind.model", "imagebind.image_to_tensor", "imagebind.sound_to_mel", "imagebind.frames_to_clips", "imagebind.tokenize"};
}

Outcome run_imagebind(const nn::Case& reference, const Context&) {
  encoder::ReferenceContext readers;
  readers.read_image = [](const std::filesystem::path& path) {
    return media::read_image(path, {}, media::published_image_options());
  };
  readers.read_audio = [](const std::filesystem::path& path) { return media::read_audio(path); };
  return {nn::compare(reference, encoder::run_imagebind_case(reference, readers)), ""};
}

}  // namespace reamo::parity
