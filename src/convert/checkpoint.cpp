#include "convert/checkpoint.h"

#include <algorithm>
#include <fstream>
#include <set>

#include "ie/error.h"
#include "store/file_kind.h"
#include "store/json_limits.h"

namespace reamo::convert {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kMaxShards = 4096;

std::string first_bytes(const fs::path& path) {
  std::string start(512, '\0');
  std::ifstream in(path, std::ios::binary);
  in.read(start.data(), std::streamsize(start.size()));
  start.resize(std::size_t(std::max<std::streamsize>(0, in.gcount())));
  return start;
}

std::string kind_of(const std::string& start) { return store::foreign_kind(std::as_bytes(std::span(start.data(), start.size()))); }

store::TorchTensor whole(const store::TensorView& view) {
  store::TorchTensor tensor{view.dtype, view.shape, Shape(view.shape.size(), 1), 0, view.bytes};
  for (std::size_t i = view.shape.size(); i-- > 1;) {
    std::int64_t stride = 0;
    if (!__builtin_mul_overflow(tensor.strides[i], std::max<std::int64_t>(1, view.shape[i]), &stride)) tensor.strides[i - 1] = stride;
  }
  return tensor;
}

std::string listing(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 20;
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < kShown; ++i) text += (i ? ", " : "") + names[i];
  if (names.size() > kShown) text += ", and " + std::to_string(names.size() - kShown) + " more";
  return text;
}

// The shards that an index names, each once.
std::set<std::string> shards_of(const nlohmann::json& index, const fs::path& path) {
  if (!index.is_object() || !index.contains("weight_map") || !index.at("weight_map").is_object()) throw Error(path.string() + ": /weight_map is missing");
  std::set<std::string> files;
  for (const auto& [name, file] : index.at("weight_map").items()) {
    const std::string text = file.is_string() ? file.get<std::string>() : "";
    if (text.empty() || text[0] == '.' || text.find('/') != std::string::npos) throw Error(path.string() + ": the shard of " + name + " is no name of a file beside it");
    files.insert(text);
    if (files.size() > kMaxShards) throw Error(path.string() + ": more than 4096 shards");
  }
  return files;
}

}  // namespace

nlohmann::json read_json_file(const fs::path& path) {
  const std::string text = store::read_file(path, std::size_t(64) << 20);
  const std::string kind = store::foreign_kind(std::as_bytes(std::span(text)));
  if (!kind.empty() && kind != "a JSON text") throw Error(path.string() + ": " + kind + ", not JSON");
  return store::parse_json(text, path.string());
}

void Checkpoint::same_name(const std::string& name) const { throw Error(path_.string() + ": two tensors are named " + name); }

void Checkpoint::add_file(const fs::path& file) {
  if (!fs::exists(file)) throw Error(file.string() + ": no such file");
  if (fs::is_regular_file(file) && fs::file_size(file) == 0) throw Error(file.string() + ": an empty file");
  const std::string start = first_bytes(file), kind = kind_of(start);
  const bool safetensors = kind.empty() && start.size() > 8 && start[8] == '{';
  if (safetensors || (kind.empty() && file.extension() == ".safetensors")) {
    auto opened = std::make_shared<const store::TensorFile>(store::TensorFile::open_safetensors(file));
    for (const auto& [name, view] : opened->tensors()) {
      if (!tensors_.emplace(name, whole(view)).second) same_name(name);
    }
    files_.push_back(opened);
    return;
  }
  if (!kind.empty() && kind != store::kZipKind && kind != "a pickle") throw Error(file.string() + ": " + kind + ", not a checkpoint");
  auto opened = std::make_shared<const store::TorchFile>(store::TorchFile::open(file));
  for (const auto& [name, tensor] : opened->tensors()) {
    if (!tensors_.emplace(name, tensor).second) same_name(name);
  }
  values_ = opened->values();
  files_.push_back(opened);
}

Checkpoint Checkpoint::open(const fs::path& path, const std::string& stem) {
  Checkpoint checkpoint;
  checkpoint.path_ = path;
  if (!fs::exists(path)) throw Error(path.string() + ": no such file or folder");
  if (!fs::is_directory(path)) {
    checkpoint.add_file(path);
    return checkpoint;
  }
  std::vector<std::string> names{stem};
  if (stem.empty()) names = {"model.safetensors", "pytorch_model.bin", "adapter_model.safetensors", "adapter_model.bin"};
  else names = {stem + ".safetensors", stem + ".bin"};
  for (const std::string& name : names) {
    const fs::path index = path / (name + ".index.json");
    if (fs::exists(index)) {
      const nlohmann::json json = read_json_file(index);
      for (const std::string& shard : shards_of(json, index)) checkpoint.add_file(path / shard);
      std::vector<std::string> missing;
      for (const auto& [tensor, file] : json.at("weight_map").items()) {
        if (!checkpoint.has(tensor)) missing.push_back(tensor);
      }
      if (!missing.empty()) throw Error(path.string() + ": the shards lack tensors of the index: " + listing(missing));
      return checkpoint;
    }
    if (fs::exists(path / name)) {
      checkpoint.add_file(path / name);
      return checkpoint;
    }
  }
  throw Error(path.string() + ": no weights in this folder (" + names.front() + " or " + names.back() + ")");
}

void Checkpoint::unwrap() {
  for (const std::string container : {"state_dict/", "model/", "module/"}) {
    const bool all = !tensors_.empty() && std::all_of(tensors_.begin(), tensors_.end(), [&](const auto& item) { return item.first.rfind(container, 0) == 0; });
    if (all) rename([&](const std::string& name) { return name.substr(container.size()); });
  }
}

std::vector<std::string> check_tensors(const Checkpoint& checkpoint, const TensorTable& table, const std::string& where, bool allow_extra) {
  std::vector<std::string> missing, wrong, extra;
  std::set<std::string> expected;
  for (const TensorSpec& spec : table) {
    expected.insert(spec.name);
    const auto found = checkpoint.tensors().find(spec.name);
    if (found == checkpoint.tensors().end()) {
      if (!spec.optional) missing.push_back(spec.name);
    } else if (found->second.shape != spec.shape) {
      wrong.push_back(spec.name + " is " + shape_text(found->second.shape) + ", expected " + shape_text(spec.shape));
    }
  }
  for (const auto& [name, tensor] : checkpoint.tensors()) {
    if (expected.count(name) == 0) extra.push_back(name);
  }
  if (missing.empty() && wrong.empty() && (extra.empty() || allow_extra)) return extra;
  std::string message = where + " does not fit the model:";
  if (!missing.empty()) message += " " + std::to_string(missing.size()) + " missing: " + listing(missing) + ";";
  if (!wrong.empty()) message += " " + std::to_string(wrong.size()) + " of another shape: " + listing(wrong) + ";";
  if (!extra.empty() && !allow_extra) message += " " + std::to_string(extra.size()) + " not expected: " + listing(extra) + ";";
  message.pop_back();
  throw Error(message);
}

}  // namespace reamo::convert
