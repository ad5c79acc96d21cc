// Published weights as they are downloaded: one view of tensors for every kind of file.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "convert/tensor_table.h"
#include "store/torch_file.h"

namespace reamo::convert {

// Tensors by name, in mapped files: nothing is read before it is asked for.
class Checkpoint {
 public:
  // A file (PyTorch, zip or older; safetensors), or a folder: an index of shards (model.safetensors.index.json,
  // pytorch_model.bin.index.json), else the one file of weights that it holds. `stem` names that file where it has an unusual name
  // ("adapter_model"). Error naming the file and what it is: a Git LFS pointer, an HTML page, GGUF, truncated, compressed.
  static Checkpoint open(const std::filesystem::path& path, const std::string& stem = "");

  const std::map<std::string, store::TorchTensor>& tensors() const { return tensors_; }
  bool has(const std::string& name) const { return tensors_.count(name) != 0; }
  const nlohmann::json& values() const { return values_; }  // what stands beside the tensors of a PyTorch file
  const std::filesystem::path& path() const { return path_; }

  // Every name through `rename`; an empty result drops the tensor. Error when two get the same name.
  template <typename F>
  void rename(F rename) {
    std::map<std::string, store::TorchTensor> renamed;
    for (auto& [name, tensor] : tensors_) {
      const std::string to = rename(name);
      if (!to.empty() && !renamed.emplace(to, std::move(tensor)).second) same_name(to);
    }
    tensors_ = std::move(renamed);
  }
  // Takes the names out of a container that holds all of them ("state_dict/", "model/").
  void unwrap();
  void add(const std::string& name, store::TorchTensor tensor) { tensors_[name] = std::move(tensor); }
  void keep(const Checkpoint& other) { files_.insert(files_.end(), other.files_.begin(), other.files_.end()); }
  // What keeps the tensors' memory mapped.
  const std::vector<std::shared_ptr<const void>>& files() const { return files_; }

 private:
  void add_file(const std::filesystem::path& file);
  [[noreturn]] void same_name(const std::string& name) const;

  std::filesystem::path path_;
  std::map<std::string, store::TorchTensor> tensors_;
  nlohmann::json values_;
  std::vector<std::shared_ptr<const void>> files_;
};

// Compares with the table. Missing, mis-shaped and (unless `allow_extra`) surplus tensors come all in one Error with `where`. Returns the
// names of the surplus tensors.
std::vector<std::string> check_tensors(const Checkpoint& checkpoint, const TensorTable& table, const std::string& where, bool allow_extra);

// A JSON file of at most 64 MiB; an Error that says what it is where it is something else.
nlohmann::json read_json_file(const std::filesystem::path& path);

}  // namespace reamo::convert
