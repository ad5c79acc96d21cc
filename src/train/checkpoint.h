// The state of a training run on disk: resumed, it goes on bit-equal on the same machine.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace reamo::train {

struct Checkpoint {
  std::int64_t step = 0;                          // updates done
  std::map<std::string, torch::Tensor> tensors;   // parameters and buffers by name, fp32
  std::string optimizer;                          // as LibTorch serialises it
  nlohmann::json facts = nlohmann::json::object();  // anything small that the run wants back
};

// A folder `checkpoint-<step>` in `run`: checkpoint.json and safetensors parts of at most 16 MB each (larger tensors are
// cut along their bytes), so that checkpoints travel anywhere. Appears whole or not at all; the `keep` newest stay.
void save_checkpoint(const std::filesystem::path& run, const Checkpoint& checkpoint, int keep = 2);
// The newest whole checkpoint of the run, if any. Error when one is there but broken.
std::optional<Checkpoint> load_checkpoint(const std::filesystem::path& run);

}  // namespace reamo::train
