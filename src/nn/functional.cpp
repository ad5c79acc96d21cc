#include "nn/functional.h"

#include <chrono>
#include <cmath>
#include <cstdlib>

namespace reamo::nn {

torch::Tensor gelu(const torch::Tensor& x) {
  if (!torch::GradMode::is_enabled() || !x.requires_grad()) return torch::gelu(x);
  return x * 0.5 * (1.0 + torch::erf(x * M_SQRT1_2));
}

torch::Tensor quick_gelu(const torch::Tensor& x) { return x * torch::sigmoid(1.702 * x); }

torch::Tensor layer_norm(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias, double eps) {
  const torch::Tensor y =
      torch::layer_norm(x.to(torch::kFloat32), {x.size(-1)}, weight.to(torch::kFloat32), bias.to(torch::kFloat32), eps);
  return y.to(x.scalar_type());
}

torch::Tensor l2_normalize(const torch::Tensor& x, double eps) {
  return x / x.norm(2, -1, true).clamp_min(eps);
}

torch::Tensor attention(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                        const torch::Tensor& mask) {
  torch::Tensor logits = torch::matmul(q * (1.0 / std::sqrt(double(q.size(-1)))), k.transpose(-2, -1)).to(torch::kFloat32);
  if (mask.defined()) logits = logits + mask;
  return torch::matmul(torch::softmax(logits, -1).to(v.scalar_type()), v);
}

torch::Tensor sine_position_embedding(int channels, int height, int width) {
  const int n = channels / 2;
  const auto options = torch::TensorOptions().dtype(torch::kFloat32);
  const torch::Tensor y = (torch::arange(1, height + 1, options) / (height + 1e-6)) * (2 * M_PI);
  const torch::Tensor x = (torch::arange(1, width + 1, options) / (width + 1e-6)) * (2 * M_PI);
  torch::Tensor k = torch::arange(0, n, options);
  const torch::Tensor divisor = torch::pow(10000.0, 2 * torch::floor(k / 2) / n);
  const auto waves = [&](const torch::Tensor& position) {  // [positions, n]
    const torch::Tensor angle = position.unsqueeze(1) / divisor.unsqueeze(0);
    const torch::Tensor even = (torch::arange(0, n) % 2 == 0).unsqueeze(0);
    return torch::where(even, torch::sin(angle), torch::cos(angle));
  };
  const torch::Tensor rows = waves(y).t().unsqueeze(2).expand({n, height, width});
  const torch::Tensor columns = waves(x).t().unsqueeze(1).expand({n, height, width});
  return torch::cat({rows, columns}, 0).contiguous();
}

extern "C" void openblas_set_num_threads(int) __attribute__((weak));

void set_threads(int threads) {
  torch::set_num_threads(threads);
  if (openblas_set_num_threads != nullptr) openblas_set_num_threads(threads);
}

double measure_gflops() {
  torch::NoGradGuard no_grad;
  const torch::Tensor a = torch::randn({2048, 256}), b = torch::randn({256, 1024});
  torch::matmul(a, b);
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 3; ++i) torch::matmul(a, b);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return 3 * 2.0 * 2048 * 256 * 1024 / seconds / 1e9;
}

}  // namespace reamo::nn
