#include "nn/autocast.h"

#include <ATen/autocast_mode.h>

#include "ie/error.h"

namespace reamo::nn {
namespace {

bool get_enabled(torch::DeviceType device) {
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
  return at::autocast::is_autocast_enabled(device);
#else
  return device == torch::kCPU ? at::autocast::is_cpu_enabled() : at::autocast::is_enabled();
#endif
}

void set_enabled(torch::DeviceType device, bool enabled) {
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
  at::autocast::set_autocast_enabled(device, enabled);
  if (enabled) at::autocast::set_autocast_dtype(device, torch::kBFloat16);
#else
  if (device == torch::kCPU) {
    at::autocast::set_cpu_enabled(enabled);
    if (enabled) at::autocast::set_autocast_cpu_dtype(torch::kBFloat16);
  } else {
    at::autocast::set_enabled(enabled);
    if (enabled) at::autocast::set_autocast_gpu_dtype(torch::kBFloat16);
  }
#endif
}

}  // namespace

AutocastGuard::AutocastGuard(torch::DeviceType device, bool enabled) : device_(device), enabled_(enabled) {
  if (!enabled_) return;
  was_enabled_ = get_enabled(device_);
  set_enabled(device_, true);
  at::autocast::increment_nesting();
}

AutocastGuard::~AutocastGuard() {
  if (!enabled_) return;
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  set_enabled(device_, was_enabled_);
}

torch::Device choose_device(const std::string& name) {
  if (name == "auto") return torch::cuda::is_available() ? torch::Device(torch::kCUDA) : torch::Device(torch::kCPU);
  if (name == "cpu") return torch::Device(torch::kCPU);
  const bool plain = name == "cuda";
  const bool indexed = name.size() > 5 && name.size() <= 8 && name.compare(0, 5, "cuda:") == 0 &&
                       name.find_first_not_of("0123456789", 5) == std::string::npos;
  if (!plain && !indexed) throw UsageError("device '" + name + "' is unknown; give cpu, cuda, cuda:N or auto");
  const int index = plain ? 0 : std::stoi(name.substr(5));
  if (index >= int(torch::cuda::device_count())) {
    throw Error("device '" + name + "' is not available: this machine and build have " +
                std::to_string(int(torch::cuda::device_count())) + " CUDA devices");
  }
  return torch::Device(torch::kCUDA, index);
}

torch::ScalarType choose_dtype(const std::string& name) {
  if (name == "fp32") return torch::kFloat32;
  if (name == "bf16") return torch::kBFloat16;
  if (name == "fp16") return torch::kFloat16;
  throw UsageError("precision '" + name + "' is unknown; give fp32, bf16 or fp16");
}

}  // namespace reamo::nn
