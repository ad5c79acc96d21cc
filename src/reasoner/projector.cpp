#include "reasoner/projector.h"

#include <cmath>

#include "ie/error.h"
#include "nn/functional.h"

namespace reamo::reasoner {

ProjectorImpl::ProjectorImpl(ProjectorKind kind, std::int64_t in, std::int64_t out) : kind_(kind) {
  switch (kind) {
    case ProjectorKind::kLinear: {
      const double bound = 1.0 / std::sqrt(static_cast<double>(in));
      weight_ = register_parameter("weight", torch::empty({out, in}).uniform_(-bound, bound));
      bias_ = register_parameter("bias", torch::zeros({out}));
      break;
    }
    case ProjectorKind::kMlp:
      layer_ = torch::nn::Sequential();
      layer_->push_back("0", torch::nn::Linear(in, out));
      layer_->push_back("2", torch::nn::Linear(out, out));
      register_module("layer", layer_);
      break;
    case ProjectorKind::kIdentity:
      if (in != out) throw Error("an identity projector needs features as wide as the decoder");
      break;
  }
}

torch::Tensor ProjectorImpl::forward(const torch::Tensor& features) {
  switch (kind_) {
    case ProjectorKind::kLinear:
      return torch::nn::functional::linear(features, weight_, bias_);
    case ProjectorKind::kMlp:
      return layer_[1]->as<torch::nn::Linear>()->forward(
          nn::gelu(layer_[0]->as<torch::nn::Linear>()->forward(features)));
    case ProjectorKind::kIdentity:
      break;
  }
  return features;
}

}  // namespace reamo::reasoner
