// ImageBind: one transformer tower per modality into one space (parity/IMAGEBIND.md). Registered names are those of the
// published checkpoint, so that imagebind_huge.pth loads one to one.
#pragma once

#include <torch/torch.h>

#include <map>
#include <string>

#include "encoder/config.h"
#include "encoder/tower.h"

namespace reamo::encoder {

class ImageBindImpl : public torch::nn::Module {
 public:
  // With `initialize` false the parameters hold whatever the memory held: for loading a checkpoint over them.
  explicit ImageBindImpl(const EncoderConfig& config, bool initialize = true);

  // Inputs:
  //   vision   [batch, 3, height, width], clips of stills [batch, clips, 3, height, width] or film
  //            [batch, clips, 3, frames, height, width]
  //   audio    [batch, 1, mels, frames] or [batch, clips, 1, mels, frames];  depth, thermal: as vision's first two, 1 channel
  //   text     int64 [batch, context];  IMU [batch, channels, samples]
  // Output [batch, width] (published), [batch, 1, width] (REAMO), or [batch, tokens, width] where the tower has tokens.
  // Error where a shape does not fit.
  torch::Tensor forward(Modality modality, const torch::Tensor& input, Trace* trace = nullptr);

  // The head's output for every place of the picture or spectrogram, before pooling: [batch, rows, columns, width]. What
  // dense supervision looks at. Input without clips, as above.
  torch::Tensor grid(Modality modality, const torch::Tensor& input);

  const EncoderConfig& config() const { return config_; }
  // The conv stem of a tower (to carry its weights into the visual grounder); null where the stem is a patch.
  nn::ResNet conv_stem(Modality modality);

 private:
  struct Parts {
    Preprocessor preprocessor{nullptr};
    Trunk trunk{nullptr};
    Head head{nullptr};
    LogitScale scale{nullptr};          // null for vision
    TimeEmbedding time{nullptr};        // of towers with tokens
  };
  // Flat [rows, ..] to the head's output of all patches [rows, height * width, output_width].
  torch::Tensor patches(Modality modality, const torch::Tensor& flat, Trace* trace, std::int64_t& rows,
                        std::int64_t& columns);
  torch::Tensor forward_vector(Modality modality, const torch::Tensor& input, Trace* trace);
  torch::Tensor forward_tokens(Modality modality, const torch::Tensor& input, Trace* trace);

  EncoderConfig config_;
  std::map<Modality, Parts> parts_;
};
TORCH_MODULE(ImageBind);

}  // namespace reamo::encoder
