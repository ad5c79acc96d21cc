#include "nn/torch_weights.h"

#include <cstring>

#include "nn/weights.h"

namespace reamo::nn {

torch::Tensor to_tensor(const store::TorchTensor& view) {
  torch::Tensor tensor = torch::empty(view.shape, torch_dtype(view.dtype));
  const std::vector<std::byte> bytes = view.bytes();
  if (!bytes.empty()) std::memcpy(tensor.data_ptr(), bytes.data(), bytes.size());
  return tensor;
}

std::map<std::string, torch::Tensor> read_torch_tensors(const std::filesystem::path& checkpoint) {
  const store::TorchFile file = store::TorchFile::open(checkpoint);
  std::map<std::string, torch::Tensor> tensors;
  for (const auto& [name, view] : file.tensors()) tensors.emplace(name, to_tensor(view));
  return tensors;
}

}  // namespace reamo::nn
