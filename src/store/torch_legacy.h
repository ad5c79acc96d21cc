// The format of torch.save before 1.6: three small pickles (magic number, version, system), the pickle of the value, the pickle of the
// list of storage keys, then each storage: its count of elements (8 bytes) and its data.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "store/pickle.h"
#include "store/tensor_file.h"

namespace reamo::store {

// "torch FloatStorage" is kF32; none: not a storage of tensors of a known type.
std::optional<DType> torch_storage_type(const std::string& global);

bool is_legacy_torch(std::span<const std::byte> file);

struct LegacyTorch {
  PickleDocument document;                                     // the value
  std::map<std::string, std::span<const std::byte>> members;  // "data/<key>": a storage, in the file
};
// Error with `where`: truncated, written on a big-endian machine, storages that are views of others or of unknown type.
LegacyTorch read_legacy_torch(std::span<const std::byte> file, const std::string& where);

}  // namespace reamo::store
