#include "nn/weights.h"

#include <cstring>
#include <sstream>

#include "ie/error.h"

namespace reamo::nn {
namespace {

bool is_optional(const std::string& name, const std::vector<std::string>& patterns) {
  for (const std::string& pattern : patterns) {
    if (!pattern.empty() && pattern.back() == '*') {
      if (name.compare(0, pattern.size() - 1, pattern, 0, pattern.size() - 1) == 0) return true;
    } else if (name == pattern) {
      return true;
    }
  }
  return false;
}

std::string shape_text(at::IntArrayRef shape) {
  std::ostringstream out;
  out << "[";
  for (std::size_t i = 0; i < shape.size(); ++i) out << (i ? ", " : "") << shape[i];
  out << "]";
  return out.str();
}

std::vector<std::pair<std::string, torch::Tensor>> named_state(const torch::nn::Module& module) {
  std::vector<std::pair<std::string, torch::Tensor>> state;
  for (const auto& item : module.named_parameters()) state.emplace_back(item.key(), item.value());
  for (const auto& item : module.named_buffers()) state.emplace_back(item.key(), item.value());
  return state;
}

// Up to eight names, then how many more.
std::string listing(const std::vector<std::string>& names) {
  std::ostringstream out;
  for (std::size_t i = 0; i < names.size() && i < 8; ++i) out << (i ? ", " : "") << names[i];
  if (names.size() > 8) out << ", and " << names.size() - 8 << " more";
  return out.str();
}

template <typename Has, typename Get, typename Names>
void load_from(torch::nn::Module& module, const std::string& where, const LoadOptions& options, Has has, Get get,
               Names names) {
  torch::NoGradGuard no_grad;
  std::vector<std::string> missing, wrong, extra;
  std::map<std::string, bool> used;
  for (auto& [name, target] : named_state(module)) {
    const std::string full = options.prefix + name;
    if (!has(full)) {
      if (!is_optional(name, options.optional)) missing.push_back(full);
      continue;
    }
    used[full] = true;
    torch::Tensor source = get(full);
    if (source.sizes() != target.sizes()) {
      wrong.push_back(full + " is " + shape_text(source.sizes()) + ", expected " + shape_text(target.sizes()));
      continue;
    }
    target.copy_(source);
  }
  if (!options.allow_extra) {
    for (const std::string& name : names()) {
      if (name.compare(0, options.prefix.size(), options.prefix) == 0 && !used.count(name)) extra.push_back(name);
    }
  }
  if (missing.empty() && wrong.empty() && extra.empty()) return;
  std::string message = where + " does not fit the model:";
  if (!missing.empty()) message += " missing " + listing(missing) + ";";
  if (!wrong.empty()) message += " wrong shape: " + listing(wrong) + ";";
  if (!extra.empty()) message += " not expected " + listing(extra) + ";";
  message.pop_back();
  throw Error(message);
}

}  // namespace

torch::ScalarType torch_dtype(store::DType dtype) {
  switch (dtype) {
    case store::DType::kF64: return torch::kFloat64;
    case store::DType::kF32: return torch::kFloat32;
    case store::DType::kF16: return torch::kFloat16;
    case store::DType::kBF16: return torch::kBFloat16;
    case store::DType::kI64: return torch::kInt64;
    case store::DType::kI32: return torch::kInt32;
    case store::DType::kI16: return torch::kInt16;
    case store::DType::kI8: return torch::kInt8;
    case store::DType::kU8: return torch::kUInt8;
    case store::DType::kBool: return torch::kBool;
  }
  throw Error("unknown tensor type");
}

store::DType store_dtype(torch::ScalarType dtype) {
  switch (dtype) {
    case torch::kFloat64: return store::DType::kF64;
    case torch::kFloat32: return store::DType::kF32;
    case torch::kFloat16: return store::DType::kF16;
    case torch::kBFloat16: return store::DType::kBF16;
    case torch::kInt64: return store::DType::kI64;
    case torch::kInt32: return store::DType::kI32;
    case torch::kInt16: return store::DType::kI16;
    case torch::kInt8: return store::DType::kI8;
    case torch::kUInt8: return store::DType::kU8;
    case torch::kBool: return store::DType::kBool;
    default: throw Error(std::string("tensors of type ") + toString(dtype) + " cannot be stored");
  }
}

torch::Tensor to_tensor(const store::TensorView& view) {
  torch::Tensor tensor = torch::empty(view.shape, torch_dtype(view.dtype));
  if (!view.bytes.empty()) std::memcpy(tensor.data_ptr(), view.bytes.data(), view.bytes.size());
  return tensor;
}

std::map<std::string, torch::Tensor> read_tensors(const std::filesystem::path& safetensors) {
  const store::TensorFile file = store::TensorFile::open_safetensors(safetensors);
  std::map<std::string, torch::Tensor> tensors;
  for (const auto& [name, view] : file.tensors()) tensors.emplace(name, to_tensor(view));
  return tensors;
}

void write_tensors(const std::filesystem::path& path, const std::map<std::string, torch::Tensor>& tensors,
                   const std::map<std::string, std::string>& metadata) {
  std::vector<store::TensorSource> sources;
  for (const auto& [name, tensor] : tensors) {
    sources.push_back({name, store_dtype(tensor.scalar_type()), tensor.sizes().vec(), [tensor = tensor] {
                         const torch::Tensor flat = tensor.detach().cpu().contiguous();
                         std::vector<std::byte> bytes(flat.numel() * flat.element_size());
                         if (!bytes.empty()) std::memcpy(bytes.data(), flat.data_ptr(), bytes.size());
                         return bytes;
                       }});
  }
  store::write_safetensors(path, sources, metadata);
}

void load(torch::nn::Module& module, const store::TensorFile& file, const LoadOptions& options) {
  load_from(
      module, file.path().string(), options, [&](const std::string& name) { return file.has(name); },
      [&](const std::string& name) { return to_tensor(file.at(name)); },
      [&] {
        std::vector<std::string> names;
        for (const auto& [name, view] : file.tensors()) names.push_back(name);
        return names;
      });
}

void load(torch::nn::Module& module, const std::map<std::string, torch::Tensor>& tensors, const std::string& where,
          const LoadOptions& options) {
  load_from(
      module, where, options, [&](const std::string& name) { return tensors.count(name) != 0; },
      [&](const std::string& name) { return tensors.at(name); },
      [&] {
        std::vector<std::string> names;
        for (const auto& [name, tensor] : tensors) names.push_back(name);
        return names;
      });
}

std::map<std::string, torch::Tensor> state_dict(const torch::nn::Module& module, const std::string& prefix,
                                                torch::ScalarType dtype) {
  std::map<std::string, torch::Tensor> state;
  for (auto& [name, tensor] : named_state(module)) {
    torch::Tensor value = tensor.detach();
    if (value.is_floating_point()) value = value.to(dtype);
    state.emplace(prefix + name, value.contiguous());
  }
  return state;
}

}  // namespace reamo::nn
