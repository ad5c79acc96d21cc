#include "train/checkpoint.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "ie/error.h"
#include "nn/weights.h"
#include "store/json_limits.h"
#include "store/tensor_file.h"

namespace reamo::train {
namespace {

constexpr std::size_t kPartBytes = 15u << 20;
constexpr char kOptimizer[] = "optimizer";

std::vector<std::byte> bytes_of(const torch::Tensor& tensor) {
  const torch::Tensor flat = tensor.detach().cpu().contiguous();
  std::vector<std::byte> bytes(std::size_t(flat.numel()) * flat.element_size());
  if (!bytes.empty()) std::memcpy(bytes.data(), flat.data_ptr(), bytes.size());
  return bytes;
}

// Splits byte strings over parts; a piece is stored as a U8 tensor named "<name>|<piece>".
class PartWriter {
 public:
  explicit PartWriter(std::filesystem::path folder) : folder_(std::move(folder)) {}

  void add(const std::string& name, const std::vector<std::byte>& bytes) {
    std::size_t piece = 0, at = 0;
    do {
      const std::size_t room = kPartBytes - used_;
      const std::size_t size = std::min(room, bytes.size() - at);
      std::vector<std::byte> slice(bytes.begin() + at, bytes.begin() + at + size);
      sources_.push_back({name + "|" + std::to_string(piece++), store::DType::kU8, {std::int64_t(size)},
                          [slice = std::move(slice)] { return slice; }});
      used_ += size;
      at += size;
      if (used_ >= kPartBytes) flush();
    } while (at < bytes.size());
  }
  void flush() {
    if (sources_.empty()) return;
    char name[32];
    std::snprintf(name, sizeof name, "part-%03d.safetensors", parts_++);
    store::write_safetensors(folder_ / name, sources_);
    sources_.clear();
    used_ = 0;
  }
  int parts() const { return parts_; }

 private:
  std::filesystem::path folder_;
  std::vector<store::TensorSource> sources_;
  std::size_t used_ = 0;
  int parts_ = 0;
};

std::vector<std::pair<std::int64_t, std::filesystem::path>> list_checkpoints(const std::filesystem::path& run) {
  std::vector<std::pair<std::int64_t, std::filesystem::path>> found;
  if (!std::filesystem::is_directory(run)) return found;
  for (const auto& entry : std::filesystem::directory_iterator(run)) {
    const std::string name = entry.path().filename().string();
    if (name.rfind("checkpoint-", 0) != 0 || name.find_first_not_of("0123456789", 11) != std::string::npos) continue;
    if (!std::filesystem::exists(entry.path() / "checkpoint.json")) continue;
    found.emplace_back(std::stoll(name.substr(11)), entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

void save_checkpoint(const std::filesystem::path& run, const Checkpoint& checkpoint, int keep) {
  std::filesystem::create_directories(run);
  const std::filesystem::path folder = run / ("checkpoint-" + std::to_string(checkpoint.step));
  const std::filesystem::path beside = run / ("writing-" + std::to_string(checkpoint.step));
  std::filesystem::remove_all(beside);
  std::filesystem::create_directories(beside);
  nlohmann::json index;
  index["step"] = checkpoint.step;
  index["facts"] = checkpoint.facts;
  PartWriter writer(beside);
  for (const auto& [name, tensor] : checkpoint.tensors) {
    index["tensors"][name] = {{"shape", tensor.sizes().vec()}, {"dtype", store::name_of(nn::store_dtype(tensor.scalar_type()))}};
    writer.add(name, bytes_of(tensor));
  }
  const auto* optimizer = reinterpret_cast<const std::byte*>(checkpoint.optimizer.data());
  writer.add(kOptimizer, {optimizer, optimizer + checkpoint.optimizer.size()});
  writer.flush();
  index["parts"] = writer.parts();
  store::write_file_whole(beside / "checkpoint.json", index.dump(1) + "\n");
  std::filesystem::remove_all(folder);
  std::filesystem::rename(beside, folder);
  auto all = list_checkpoints(run);
  for (std::size_t i = 0; i + keep < all.size(); ++i) std::filesystem::remove_all(all[i].second);
}

std::optional<Checkpoint> load_checkpoint(const std::filesystem::path& run) {
  const auto all = list_checkpoints(run);
  if (all.empty()) return std::nullopt;
  const std::filesystem::path folder = all.back().second;
  const std::string where = (folder / "checkpoint.json").string();
  const nlohmann::json index = store::parse_json(store::read_file(folder / "checkpoint.json"), where);
  std::map<std::string, std::string> bytes;
  std::map<std::string, std::map<int, std::string>> pieces;
  const int parts = index.at("parts").get<int>();
  for (int part = 0; part < parts; ++part) {
    char name[32];
    std::snprintf(name, sizeof name, "part-%03d.safetensors", part);
    const store::TensorFile file = store::TensorFile::open_safetensors(folder / name);
    for (const auto& [key, view] : file.tensors()) {
      const std::size_t bar = key.rfind('|');
      pieces[key.substr(0, bar)][std::stoi(key.substr(bar + 1))] =
          std::string(reinterpret_cast<const char*>(view.bytes.data()), view.bytes.size());
    }
  }
  for (const auto& [name, list] : pieces) {
    for (const auto& [number, piece] : list) bytes[name] += piece;
  }
  Checkpoint checkpoint;
  checkpoint.step = index.at("step").get<std::int64_t>();
  checkpoint.facts = index.at("facts");
  for (const auto& [name, facts] : index.at("tensors").items()) {
    const std::string dtype = facts.at("dtype").get<std::string>();
    torch::ScalarType type = torch::kFloat32;
    for (const auto candidate : {torch::kFloat32, torch::kInt64, torch::kBFloat16, torch::kFloat64, torch::kBool}) {
      if (store::name_of(nn::store_dtype(candidate)) == dtype) type = candidate;
    }
    torch::Tensor tensor = torch::empty(facts.at("shape").get<std::vector<std::int64_t>>(), type);
    const std::string& content = bytes[name];
    if (content.size() != std::size_t(tensor.numel()) * tensor.element_size()) throw Error(where + ": tensor " + name + " is incomplete");
    if (!content.empty()) std::memcpy(tensor.data_ptr(), content.data(), content.size());
    checkpoint.tensors.emplace(name, tensor);
  }
  checkpoint.optimizer = bytes[kOptimizer];
  return checkpoint;
}

}  // namespace reamo::train
