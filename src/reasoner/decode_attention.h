// Attention of one new token per row over what is cached, in fp32 on the CPU: a step of decoding. Matrix products of one row
// would copy all keys and values first, which costs more than the product.
#pragma once

#include <torch/torch.h>

namespace reamo::reasoner {

// query [batch, heads, 1, size] (scaled), keys and values [batch, kv heads, tokens, size] (rows of tokens may be views of longer
// buffers), mask [batch, tokens] bool; shared keys and values [1, kv heads, shared, size], seen by every row, or undefined.
// Gives [batch, heads, 1, size].
torch::Tensor attend_one(const torch::Tensor& query, const torch::Tensor& keys, const torch::Tensor& values, const torch::Tensor& mask,
                         const torch::Tensor& shared_keys, const torch::Tensor& shared_values);

}  // namespace reamo::reasoner
