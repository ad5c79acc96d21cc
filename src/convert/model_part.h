// A part of a model folder that is ready to be written, and how it is put into the folder.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "convert/checkpoint.h"
#include "store/model_folder.h"

namespace reamo::convert {

struct WriteOptions {
  std::string name = "reamo", version = "1";  // of a folder that is not there yet
  std::optional<store::DType> dtype;          // none: each tensor keeps its own
  bool replace = false;                       // parts that the folder has already
};

// How one tensor is made in a type; the source's own where none is asked for.
struct PartTensor {
  std::string name;
  Shape shape;
  store::DType dtype;  // of the source
  std::function<std::vector<std::byte>(store::DType)> bytes;
};

struct ModelPart {
  std::string component;               // "encoder", ..
  store::Component entry;              // without files
  std::vector<PartTensor> tensors;     // <component>.safetensors
  std::map<std::string, std::string> texts;  // further files by name: tokenizer.model, bpe.json
  std::vector<std::string> notes;      // what was left out or made up
  std::vector<std::shared_ptr<const void>> sources;  // mapped files

  // The tensors of the table that the checkpoint has, as they are.
  void take(const Checkpoint& checkpoint, const TensorTable& table);
  std::uint64_t bytes(const std::optional<store::DType>& dtype) const;
  std::uint64_t parameters() const;
};

// Adds parts to a folder, all or none: every file is written whole under a name of its own before reamo.json, which is renamed last, says
// that it is there. A folder that is not there is made. Error: the folder has the part already (without `replace`), another import is
// running, the disk is too full.
void write_parts(const std::filesystem::path& folder, const std::vector<ModelPart>& parts, const WriteOptions& options);

}  // namespace reamo::convert
