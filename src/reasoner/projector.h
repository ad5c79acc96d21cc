// From encoder features to the decoder's width (LLM.md 9).
#pragma once

#include <torch/torch.h>

#include <cstdint>

#include "reasoner/config.h"

namespace reamo::reasoner {

// linear: weight, bias. mlp: layer.0, exact GELU, layer.2. identity: nothing.
class ProjectorImpl : public torch::nn::Module {
 public:
  ProjectorImpl(ProjectorKind kind, std::int64_t in, std::int64_t out);
  torch::Tensor forward(const torch::Tensor& features);  // [.., in] -> [.., out]

 private:
  ProjectorKind kind_;
  torch::Tensor weight_, bias_;
  torch::nn::Sequential layer_{nullptr};
};
TORCH_MODULE(Projector);

}  // namespace reamo::reasoner
