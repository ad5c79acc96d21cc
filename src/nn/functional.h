// Operations shared by the models, safe under bf16 autocast on CPUs and in the backward pass.
#pragma once

#include <torch/torch.h>

namespace reamo::nn {

// Exact (erf) GELU. Written out while gradients are recorded: LibTorch 1.13's oneDNN gelu backward is wrong for a
// non-contiguous incoming gradient.
torch::Tensor gelu(const torch::Tensor& x);
// z * sigmoid(1.702 z), as in CLIP's text towers.
torch::Tensor quick_gelu(const torch::Tensor& x);
// Layer norm computed in fp32 whatever the input (1.13 refuses bf16 input with fp32 weights), result in x's dtype.
torch::Tensor layer_norm(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias, double eps);
// x / max(||x||, eps) over the last dimension.
torch::Tensor l2_normalize(const torch::Tensor& x, double eps = 1e-12);
// softmax(q k^T / sqrt(width) + mask) v; q [.., queries, width], k and v [.., keys, width]; mask is added (may be
// undefined). Softmax in fp32.
torch::Tensor attention(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                        const torch::Tensor& mask = {});
// DETR-style sine position embedding (parity/SEEM.md 1.4): [channels, height, width].
torch::Tensor sine_position_embedding(int channels, int height, int width);

// Sets the thread pools of LibTorch and of the BLAS behind it to the same number.
void set_threads(int threads);
// GFLOP/s of one fp32 matrix product as training uses it: under 20 means that no optimised BLAS is installed.
double measure_gflops();

}  // namespace reamo::nn
