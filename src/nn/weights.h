// Between files of named tensors and modules with the same names.
#pragma once

#include <torch/torch.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "store/tensor_file.h"

namespace reamo::nn {

torch::ScalarType torch_dtype(store::DType dtype);
store::DType store_dtype(torch::ScalarType dtype);

// A tensor that owns a copy of the file's bytes, in the file's dtype.
torch::Tensor to_tensor(const store::TensorView& view);
// All tensors of a file, copied.
std::map<std::string, torch::Tensor> read_tensors(const std::filesystem::path& safetensors);
void write_tensors(const std::filesystem::path& path, const std::map<std::string, torch::Tensor>& tensors,
                   const std::map<std::string, std::string>& metadata = {});

struct LoadOptions {
  std::string prefix;                 // put before every name of the module
  bool allow_extra = true;            // tensors of the file (under the prefix) that the module lacks
  std::vector<std::string> optional;  // names (without prefix; '*' at the end is a wildcard) that the file may lack
};
// Copies every parameter and persistent buffer of `module` from `file`, converting to the module's dtype. Missing and
// mis-shaped tensors (and extra ones where not allowed) come all in one Error that names the file.
void load(torch::nn::Module& module, const store::TensorFile& file, const LoadOptions& options = {});
// The same from tensors in memory; `where` names their origin in the error.
void load(torch::nn::Module& module, const std::map<std::string, torch::Tensor>& tensors, const std::string& where,
          const LoadOptions& options = {});
// Every parameter and buffer of `module`, named with `prefix`, in `dtype` where floating.
std::map<std::string, torch::Tensor> state_dict(const torch::nn::Module& module, const std::string& prefix = "",
                                                torch::ScalarType dtype = torch::kFloat32);

}  // namespace reamo::nn
