#include "grounder/visual/postprocess.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

namespace reamo::grounder {
namespace F = torch::nn::functional;

namespace {

torch::Tensor bilinear(const torch::Tensor& maps, std::int64_t height, std::int64_t width) {  // [n, h, w]
  return F::interpolate(maps.unsqueeze(0), F::InterpolateFuncOptions()
                                               .size(std::vector<std::int64_t>{height, width})
                                               .mode(torch::kBilinear)
                                               .align_corners(false))[0];
}

// Eight weights for a sample at fraction t between the taps 3 and 4.
std::array<double, 8> lanczos_weights(double t) {
  const auto sinc = [](double x) { return x == 0 ? 1.0 : std::sin(M_PI * x) / (M_PI * x); };
  std::array<double, 8> weights;
  double sum = 0;
  for (int i = 0; i < 8; ++i) {
    const double x = t - (i - 3);
    weights[i] = std::abs(x) < 4 ? sinc(x) * sinc(x / 4) : 0;
    sum += weights[i];
  }
  for (double& w : weights) w /= sum;
  return weights;
}

// A matrix [to, from] that resamples a line, border repeated.
torch::Tensor lanczos_matrix(int from, int to) {
  torch::Tensor matrix = torch::zeros({to, from}, torch::kFloat64);
  auto m = matrix.accessor<double, 2>();
  for (int i = 0; i < to; ++i) {
    const double x = (i + 0.5) * from / to - 0.5;
    const int base = int(std::floor(x));
    const std::array<double, 8> weights = lanczos_weights(x - base);
    for (int k = 0; k < 8; ++k) m[i][std::clamp(base + k - 3, 0, from - 1)] += weights[k];
  }
  return matrix;
}

}  // namespace

torch::Tensor picture_logits(const torch::Tensor& logits, int padded_height, int padded_width, int height, int width) {
  return bilinear(logits, padded_height, padded_width).slice(1, 0, height).slice(2, 0, width);
}

torch::Tensor scale_logits(const torch::Tensor& logits, int height, int width) {
  if (logits.size(1) == height && logits.size(2) == width) return logits;
  return bilinear(logits, height, width);
}

ie::Mask to_mask(const torch::Tensor& set) {
  const torch::Tensor bytes = set.to(torch::kUInt8).cpu().contiguous();
  return ie::encode({bytes.data_ptr<std::uint8_t>(), std::size_t(bytes.numel())}, int(bytes.size(0)), int(bytes.size(1)));
}

torch::Tensor from_mask(const ie::Mask& mask) {
  const std::vector<std::uint8_t> pixels = ie::decode(mask);
  torch::Tensor set = torch::empty({mask.height, mask.width}, torch::kUInt8);
  std::memcpy(set.data_ptr(), pixels.data(), pixels.size());
  return set.to(torch::kBool);
}

torch::Tensor published_resize(const torch::Tensor& mask, int height, int width) {
  if (mask.size(0) == height && mask.size(1) == width) return mask.to(torch::kUInt8);
  const torch::Tensor rows = lanczos_matrix(int(mask.size(0)), height), columns = lanczos_matrix(int(mask.size(1)), width);
  const torch::Tensor values = torch::matmul(torch::matmul(rows, mask.to(torch::kFloat64)), columns.t());
  return values.round().clamp(0, 255).to(torch::kUInt8);
}

std::array<double, 4> published_box(const torch::Tensor& mask) {
  const torch::Tensor bytes = (mask != 0).to(torch::kUInt8).contiguous();
  const int h = int(bytes.size(0)), w = int(bytes.size(1));
  const std::uint8_t* pixels = bytes.data_ptr<std::uint8_t>();
  const auto set = [&](int y, int x) { return y >= 0 && y < h && x >= 0 && x < w && pixels[y * w + x] != 0; };
  std::vector<char> seen(std::size_t(h) * w, 0);
  int left = w, top = h, right = -1, bottom = -1;
  std::vector<int> stack;
  for (int start = 0; start < h * w; ++start) {
    if (pixels[start] == 0 || seen[start]) continue;
    int x0 = w, y0 = h, x1 = -1, y1 = -1;
    bool area = false;  // three set pixels in some block of 2 x 2
    stack.assign(1, start);
    seen[start] = 1;
    while (!stack.empty()) {
      const int y = stack.back() / w, x = stack.back() % w;
      stack.pop_back();
      x0 = std::min(x0, x), x1 = std::max(x1, x), y0 = std::min(y0, y), y1 = std::max(y1, y);
      for (const int dy : {-1, 1}) {
        for (const int dx : {-1, 1}) area = area || set(y + dy, x) + set(y, x + dx) + set(y + dy, x + dx) >= 2;
      }
      for (int dy = -1; dy <= 1; ++dy) {
        for (int dx = -1; dx <= 1; ++dx) {
          if (set(y + dy, x + dx) && !seen[(y + dy) * w + x + dx]) {
            seen[(y + dy) * w + x + dx] = 1;
            stack.push_back((y + dy) * w + x + dx);
          }
        }
      }
    }
    if (!area) continue;
    left = std::min(left, x0), right = std::max(right, x1), top = std::min(top, y0), bottom = std::max(bottom, y1);
  }
  if (right < 0) return {0, 0, 0, 0};
  return {left + 1.0, top + 1.0, right + 1.0, bottom + 1.0};
}

}  // namespace reamo::grounder
