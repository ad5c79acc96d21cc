// Tensors of PyTorch checkpoints.
#pragma once

#include <torch/torch.h>

#include <filesystem>
#include <map>
#include <string>

#include "store/torch_file.h"

namespace reamo::nn {

// A contiguous copy, in the file's dtype.
torch::Tensor to_tensor(const store::TorchTensor& view);
// All tensors of a checkpoint, copied, by the names of store::TorchFile.
std::map<std::string, torch::Tensor> read_torch_tensors(const std::filesystem::path& checkpoint);

}  // namespace reamo::nn
