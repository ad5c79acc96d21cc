// Precision and device: bf16 autocast on CPU or CUDA as a scope, and the choice of a device by name.
#pragma once

#include <torch/torch.h>

#include <string>

namespace reamo::nn {

// Within this scope matrix products and convolutions on `device` run in bf16, weights stay fp32. Does nothing where
// `enabled` is false. Clears LibTorch's cache of cast weights at its end, so call it once per training step.
class AutocastGuard {
 public:
  explicit AutocastGuard(torch::DeviceType device = torch::kCPU, bool enabled = true);
  ~AutocastGuard();
  AutocastGuard(const AutocastGuard&) = delete;
  AutocastGuard& operator=(const AutocastGuard&) = delete;

 private:
  torch::DeviceType device_;
  bool enabled_, was_enabled_ = false;
};

// "cpu", "cuda", "cuda:1", or "auto" (CUDA where there is one). UsageError for other names, Error where the device is
// not there.
torch::Device choose_device(const std::string& name);
// "fp32", "bf16", "fp16". UsageError for other names.
torch::ScalarType choose_dtype(const std::string& name);

}  // namespace reamo::nn
