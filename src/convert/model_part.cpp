#include "convert/model_part.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <functional>
#include <set>

#include "convert/tensor_convert.h"
#include "ie/error.h"

namespace reamo::convert {
namespace {

namespace fs = std::filesystem;

store::DType written_type(const PartTensor& tensor, const std::optional<store::DType>& dtype) {
  return dtype && is_floating(tensor.dtype) ? *dtype : tensor.dtype;
}

// Holds a folder for one import at a time.
class FolderLock {
 public:
  explicit FolderLock(const fs::path& folder) : fd_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (fd_ < 0) throw Error(folder.string() + ": cannot be opened");
    if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
      ::close(fd_);
      throw Error(folder.string() + ": another import writes to this folder");
    }
  }
  ~FolderLock() { ::close(fd_); }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int fd_;
};

// Files written so far; removed again unless kept.
struct Written {
  fs::path folder;
  bool made = false, kept = false;
  std::set<std::string> files;
  ~Written() {
    if (kept) return;
    std::error_code ignored;
    for (const std::string& file : files) fs::remove(folder / file, ignored);
    if (made) fs::remove(folder, ignored);  // only when empty
  }
};

void check_space(const fs::path& folder, std::uint64_t needed) {
  std::error_code code;
  const fs::space_info space = fs::space(folder, code);
  if (!code && space.available < needed) {
    throw Error(folder.string() + ": " + std::to_string(needed >> 20) + " MiB are needed, " + std::to_string(space.available >> 20) + " MiB are free");
  }
}

// "encoder.safetensors", or "encoder-2.safetensors", ..: a name that no file of the folder has.
std::string free_name(const fs::path& folder, const std::string& stem, const std::string& ending) {
  std::string name = stem + ending;
  for (int i = 2; fs::exists(folder / name); ++i) name = stem + "-" + std::to_string(i) + ending;
  return name;
}

bool is_used(const store::ModelFolder& model, const std::string& file) {
  for (const auto& [name, component] : model.components) {
    for (const std::string& used : component.files) {
      if (used == file) return true;
    }
  }
  return false;
}

}  // namespace

void ModelPart::take(const Checkpoint& checkpoint, const TensorTable& table) {
  for (const TensorSpec& spec : table) {
    const auto found = checkpoint.tensors().find(spec.name);
    if (found == checkpoint.tensors().end()) continue;
    const store::TorchTensor tensor = found->second;
    tensors.push_back({spec.name, spec.shape, tensor.dtype,
                       [tensor, name = spec.name](store::DType dtype) { return converted(tensor, dtype, name); }});
  }
  sources.insert(sources.end(), checkpoint.files().begin(), checkpoint.files().end());
}

std::uint64_t ModelPart::parameters() const {
  std::uint64_t sum = 0;
  for (const PartTensor& tensor : tensors) {
    std::uint64_t count = 1;
    for (const std::int64_t side : tensor.shape) count *= std::uint64_t(side);
    sum += count;
  }
  return sum;
}

std::uint64_t ModelPart::bytes(const std::optional<store::DType>& dtype) const {
  std::uint64_t sum = 0;
  for (const PartTensor& tensor : tensors) {
    std::uint64_t count = store::size_of(written_type(tensor, dtype));
    for (const std::int64_t side : tensor.shape) count *= std::uint64_t(side);
    sum += count;
  }
  for (const auto& [name, text] : texts) sum += text.size();
  return sum;
}

void write_parts(const fs::path& folder, const std::vector<ModelPart>& parts, const WriteOptions& options) {
  Written written;
  written.folder = folder;
  written.made = fs::create_directories(folder);
  const FolderLock lock(folder);
  store::ModelFolder model;
  if (fs::exists(folder / "reamo.json")) {
    model = store::open_model_folder(folder);
  } else {
    model.path = folder;
    model.name = options.name;
    model.version = options.version;
  }
  std::uint64_t needed = 0;
  std::set<std::string> old_files;
  for (const ModelPart& part : parts) {
    needed += part.bytes(options.dtype);
    if (!model.has(part.component)) continue;
    if (!options.replace) throw Error(folder.string() + ": the model has a " + part.component + " already (--replace puts the new one in its place)");
    old_files.insert(model.at(part.component).files.begin(), model.at(part.component).files.end());
    model.components.erase(part.component);
  }
  check_space(folder, needed);

  std::map<std::string, std::string> texts;  // files that programs look for by name
  for (const ModelPart& part : parts) {
    store::Component entry = part.entry;
    const std::string weights = free_name(folder, part.component, ".safetensors");
    std::vector<store::TensorSource> sources;
    for (const PartTensor& tensor : part.tensors) {
      const store::DType dtype = written_type(tensor, options.dtype);
      sources.push_back({tensor.name, dtype, tensor.shape, [&tensor, dtype] { return tensor.bytes(dtype); }});
    }
    written.files.insert(weights);
    store::write_safetensors(folder / weights, sources, {{"format", "pt"}});
    entry.files = {weights};
    for (const auto& [name, text] : part.texts) {
      entry.files.push_back(name);
      const auto known = texts.emplace(name, text);
      const bool other = !known.second && known.first->second != text;
      const bool taken = is_used(model, name) && store::read_file(folder / name) != text;
      if (other || taken) throw Error(folder.string() + ": another part of the model has a different " + name);
    }
    model.components[part.component] = entry;
  }
  std::set<std::string> changed = written.files;
  for (const auto& [name, text] : texts) {
    changed.insert(name);
    if (fs::exists(folder / name) && store::read_file(folder / name) == text) continue;
    if (!fs::exists(folder / name)) written.files.insert(name);
    store::write_file_whole(folder / name, text);
  }
  store::update_model_folder(model, changed);
  written.kept = true;
  for (const std::string& file : old_files) {
    std::error_code ignored;
    if (!is_used(model, file)) fs::remove(folder / file, ignored);
  }
}

}  // namespace reamo::convert
