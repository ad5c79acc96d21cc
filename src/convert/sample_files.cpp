#include "convert/sample_files.h"

#include <cmath>
#include <cstdio>
#include <fstream>

#include "convert/tensor_convert.h"
#include "ie/error.h"

namespace reamo::convert::sample {
namespace {

namespace fs = std::filesystem;

std::string little(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += char(value >> (8 * i));
  return out;
}

std::uint64_t elements_of(const Shape& shape) {
  std::uint64_t count = 1;
  for (const std::int64_t side : shape) count *= std::uint64_t(side);
  return count;
}

std::uint64_t hash_of(const std::string& text) {
  std::uint64_t hash = 14695981039346656037u;
  for (const char c : text) hash = (hash ^ std::uint8_t(c)) * 1099511628211u;
  return hash;
}

std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

// [-1, 1)
float unit(std::uint64_t hash, std::uint64_t place) { return float(std::int64_t(mixed(hash + place) >> 40) - (1 << 23)) / float(1 << 23); }

void write_elements(std::ofstream& out, const std::string& name, const Shape& shape, const Values& values, store::DType dtype) {
  const std::uint64_t count = elements_of(shape);
  if (!values) {
    out.seekp(std::streamoff(count * store::size_of(dtype)), std::ios::cur);
    return;
  }
  constexpr std::uint64_t kBlock = 1 << 18;
  std::vector<float> block;
  for (std::uint64_t at = 0; at < count; at += kBlock) {
    block.resize(std::size_t(std::min(kBlock, count - at)));
    values(name, shape, at, block);
    const std::vector<std::byte> bytes = floats_as(block, dtype, name);
    out.write(reinterpret_cast<const char*>(bytes.data()), std::streamsize(bytes.size()));
  }
}

// A zip archive of stored members, 64-byte aligned, with 64-bit offsets where they are needed.
class Archive {
 public:
  explicit Archive(const fs::path& path) : path_(path), out_(path, std::ios::binary) {}

  std::ofstream& begin(const std::string& name, std::uint64_t size) {
    const auto at = std::uint64_t(out_.tellp());
    const std::uint64_t plain = at + 30 + name.size() + 4, padding = (64 - plain % 64) % 64;
    out_ << "PK\x03\x04" << tail(20, size, name) << little(4 + padding, 2) << name << "FB" << little(padding, 2) << std::string(padding, 'Z');
    const bool far = at >= 0xFFFFFFFF;
    directory_ += "PK\x01\x02" + little(0, 2) + tail(20, size, name) + little(far ? 12 : 0, 2) + little(0, 10) + little(far ? 0xFFFFFFFF : at, 4) + name;
    if (far) directory_ += little(1, 2) + little(8, 2) + little(at, 8);
    ++count_;
    return out_;
  }
  void member(const std::string& name, const std::string& data) { begin(name, data.size()) << data; }
  void end() {
    const auto at = std::uint64_t(out_.tellp());
    const std::uint64_t record = at + directory_.size();
    out_ << directory_ << "PK\x06\x06" << little(44, 8) << little(45, 2) << little(45, 2) << little(0, 8) << little(count_, 8) << little(count_, 8)
         << little(directory_.size(), 8) << little(at, 8) << "PK\x06\x07" << little(0, 4) << little(record, 8) << little(1, 4) << "PK\x05\x06" << little(0, 4)
         << little(0xFFFF, 2) << little(0xFFFF, 2) << little(directory_.size(), 4) << little(0xFFFFFFFF, 4) << little(0, 2);
    out_.close();
    if (!out_) throw Error(path_.string() + ": cannot be written");
  }

 private:
  // Version, flags, method, time, checksum (not kept), sizes, length of the name.
  static std::string tail(int version, std::uint64_t size, const std::string& name) {
    return little(std::uint64_t(version), 2) + little(0, 4) + little(0, 8) + little(size, 4) + little(size, 4) + little(name.size(), 2);
  }

  fs::path path_;
  std::ofstream out_;
  std::string directory_;
  std::uint64_t count_ = 0;
};

std::string pickled(std::uint64_t value) {
  if (value < 256) return "K" + little(value, 1);
  if (value < 65536) return "M" + little(value, 2);
  if (value < 0x7FFFFFFF) return "J" + little(value, 4);
  return "\x8A\x08" + little(value, 8);
}

std::string pickled(const std::string& text) { return "X" + little(text.size(), 4) + text; }

std::string pickled(const nlohmann::json& value) {
  if (value.is_boolean()) return value.get<bool>() ? "\x88" : "\x89";
  if (value.is_number_integer()) return pickled(value.get<std::uint64_t>());
  if (value.is_string()) return pickled(value.get<std::string>());
  throw Error("settings are numbers, texts and flags");
}

std::string pickled(const Shape& shape) {
  std::string out = "(";
  for (const std::int64_t side : shape) out += pickled(std::uint64_t(side));
  return out + "t";
}

const char* storage_of(store::DType dtype) {
  switch (dtype) {
    case store::DType::kF32: return "FloatStorage";
    case store::DType::kF16: return "HalfStorage";
    case store::DType::kBF16: return "BFloat16Storage";
    default: throw Error("samples are fp32, fp16 or bf16");
  }
}

constexpr const char* kOrderedDict = "ccollections\nOrderedDict\n)R";

}  // namespace

Shapes shapes_of(const TensorTable& table) {
  Shapes shapes;
  for (const TensorSpec& spec : table) {
    if (!shapes.emplace(spec.name, spec.shape).second) throw Error("two tensors are named " + spec.name);
  }
  return shapes;
}

float numbered(const std::string& name, std::uint64_t place) { return 0.1f * unit(hash_of(name), place); }

Values numbered_values() {
  return [](const std::string& name, const Shape&, std::uint64_t first, std::span<float> out) {
    const std::uint64_t hash = hash_of(name);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = 0.1f * unit(hash, first + i);
  };
}

Values random_weights() {
  return [](const std::string& name, const Shape& shape, std::uint64_t first, std::span<float> out) {
    const std::uint64_t hash = hash_of(name);
    const bool bias = name.size() >= 4 && name.compare(name.size() - 4, 4, "bias") == 0;
    if (shape.size() < 2 || name.find("weight_g") != std::string::npos) {
      std::fill(out.begin(), out.end(), bias ? 0.0f : 1.0f);
      return;
    }
    const double inputs = double(elements_of(shape)) / double(std::max<std::int64_t>(1, shape[0]));
    const auto scale = float(std::min(0.05, std::sqrt(1.0 / std::max(1.0, inputs))));
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = scale * unit(hash, first + i);
  };
}

void write_safetensors(const fs::path& path, const Shapes& shapes, const Values& values, store::DType dtype) {
  nlohmann::json header = {{"__metadata__", {{"format", "pt"}}}};
  std::uint64_t at = 0;
  for (const auto& [name, shape] : shapes) {
    const std::uint64_t bytes = elements_of(shape) * store::size_of(dtype);
    header[name] = {{"dtype", store::name_of(dtype)}, {"shape", shape}, {"data_offsets", {at, at + bytes}}};
    at += bytes;
  }
  const std::string text = header.dump();
  std::ofstream out(path, std::ios::binary);
  out << little(text.size(), 8) << text;
  for (const auto& [name, shape] : shapes) write_elements(out, name, shape, values, dtype);
  out.close();
  if (!out) throw Error(path.string() + ": cannot be written");
  if (!values) fs::resize_file(path, 8 + text.size() + at);
}

void write_torch(const fs::path& path, const Shapes& shapes, const Values& values, store::DType dtype, const TorchLayout& layout) {
  std::string dict = std::string(kOrderedDict) + "(";
  std::size_t key = 0;
  for (const auto& [name, shape] : shapes) {
    Shape strides(shape.size(), 1);
    for (std::size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
    dict += pickled(name) + "ctorch._utils\n_rebuild_tensor_v2\n((" + pickled(std::string("storage")) + "ctorch\n" + storage_of(dtype) + "\n" +
            pickled(std::to_string(key++)) + pickled(std::string("cpu")) + pickled(elements_of(shape)) + "tQK" + std::string(1, '\0') + pickled(shape) +
            pickled(strides) + "\x89" + kOrderedDict + "tR";
  }
  dict += "u";
  if (!layout.container.empty()) {
    dict = "}(" + pickled(layout.container) + dict;
    if (!layout.settings.is_null()) {
      dict += pickled(std::string("args")) + "cargparse\nNamespace\n)\x81}(";
      for (const auto& [name, value] : layout.settings.items()) dict += pickled(name) + pickled(value);
      dict += "ub";
    }
    dict += "u";
  }
  const std::string folder = path.stem().string() + "/";
  Archive archive(path);
  archive.member(folder + "data.pkl", "\x80\x02" + dict + ".");
  key = 0;
  for (const auto& [name, shape] : shapes) {
    write_elements(archive.begin(folder + "data/" + std::to_string(key++), elements_of(shape) * store::size_of(dtype)), name, shape, values, dtype);
  }
  archive.member(folder + "version", "3\n");
  archive.end();
}

void write_shards(const fs::path& folder, const Shapes& shapes, int count, bool torch, const Values& values, store::DType dtype) {
  fs::create_directories(folder);
  std::vector<Shapes> shards(std::size_t(count), Shapes{});
  nlohmann::json map = nlohmann::json::object();
  std::uint64_t total = 0;
  std::size_t at = 0;
  const std::string stem = torch ? "pytorch_model" : "model", ending = torch ? ".bin" : ".safetensors";
  const auto file_of = [&](std::size_t shard) {
    char number[40];
    std::snprintf(number, sizeof number, "-%05zu-of-%05d", shard + 1, count);
    return stem + number + ending;
  };
  for (const auto& [name, shape] : shapes) {
    const std::size_t shard = at++ * std::size_t(count) / shapes.size();
    shards[shard][name] = shape;
    map[name] = file_of(shard);
    total += elements_of(shape) * store::size_of(dtype);
  }
  for (std::size_t shard = 0; shard < shards.size(); ++shard) {
    if (torch) write_torch(folder / file_of(shard), shards[shard], values, dtype);
    else write_safetensors(folder / file_of(shard), shards[shard], values, dtype);
  }
  write_text(folder / (stem + ending + ".index.json"), nlohmann::json{{"metadata", {{"total_size", total}}}, {"weight_map", map}}.dump(1));
}

void write_text(const fs::path& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (!out) throw Error(path.string() + ": cannot be written");
}

}  // namespace reamo::convert::sample
