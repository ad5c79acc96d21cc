#include "reasoner/decode_attention.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace reamo::reasoner {
namespace {

// Compiled for several processors, chosen when the program starts.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define REAMO_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default"), optimize("O3", "fast-math")))
#else
#define REAMO_CLONES
#endif

// scores[i] = query . keys[i]
REAMO_CLONES void dot_rows(const float* query, const float* keys, std::int64_t rows, std::int64_t size, std::int64_t stride, float* scores) {
  for (std::int64_t i = 0; i < rows; ++i) {
    const float* key = keys + i * stride;
    float sum = 0;
    for (std::int64_t d = 0; d < size; ++d) sum += query[d] * key[d];
    scores[i] = sum;
  }
}

// out += sum of weights[i] values[i]
REAMO_CLONES void add_rows(const float* weights, const float* values, std::int64_t rows, std::int64_t size, std::int64_t stride, float* out) {
  for (std::int64_t i = 0; i < rows; ++i) {
    const float weight = weights[i];
    const float* value = values + i * stride;
    for (std::int64_t d = 0; d < size; ++d) out[d] += weight * value[d];
  }
}

}  // namespace

torch::Tensor attend_one(const torch::Tensor& query, const torch::Tensor& keys, const torch::Tensor& values, const torch::Tensor& mask,
                         const torch::Tensor& shared_keys, const torch::Tensor& shared_values) {
  const std::int64_t batch = query.size(0), heads = query.size(1), size = query.size(3), tokens = keys.size(2);
  const std::int64_t group = heads / keys.size(1), shared = shared_keys.defined() ? shared_keys.size(2) : 0;
  const torch::Tensor q = query.contiguous(), seen = mask.contiguous();
  torch::Tensor out = torch::zeros({batch, heads, 1, size}, query.options());
  const float* q_data = q.data_ptr<float>();
  const bool* seen_data = seen.data_ptr<bool>();
  float* out_data = out.data_ptr<float>();
  at::parallel_for(0, heads * batch, 8, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> scores(std::size_t(shared + tokens));
    for (std::int64_t index = begin; index < end; ++index) {
      const std::int64_t head = index / batch, row = index % batch, kv = head / group;  // rows of a head share its shared keys
      const float* own = q_data + (row * heads + head) * size;
      if (shared > 0) dot_rows(own, shared_keys.data_ptr<float>() + kv * shared_keys.stride(1), shared, size, shared_keys.stride(2), scores.data());
      dot_rows(own, keys.data_ptr<float>() + row * keys.stride(0) + kv * keys.stride(1), tokens, size, keys.stride(2), scores.data() + shared);
      for (std::int64_t i = 0; i < tokens; ++i) {
        if (!seen_data[row * tokens + i]) scores[std::size_t(shared + i)] = -std::numeric_limits<float>::max();
      }
      const float most = *std::max_element(scores.begin(), scores.end());
      float sum = 0;
      for (float& score : scores) sum += score = std::exp(score - most);
      for (float& score : scores) score /= sum;
      float* result = out_data + (row * heads + head) * size;
      if (shared > 0) add_rows(scores.data(), shared_values.data_ptr<float>() + kv * shared_values.stride(1), shared, size, shared_values.stride(2), result);
      add_rows(scores.data() + shared, values.data_ptr<float>() + row * values.stride(0) + kv * values.stride(1), tokens, size, values.stride(2), result);
    }
  });
  return out;
}

}  // namespace reamo::reasoner
