#include "store/tensor_file.h"

#include <algorithm>
#include <limits>

#include "ie/error.h"
#include "store/file_kind.h"
#include "store/json_limits.h"
#include "store/mapped_file.h"
#include "store/whole_file.h"

namespace reamo::store {
namespace {

constexpr std::uint64_t kMaxHeader = 100u << 20;
constexpr std::size_t kMaxTensors = 100000;
constexpr std::size_t kMaxDimensions = 16;

struct TypeName {
  DType dtype;
  std::string_view name;
  std::size_t size;
};
constexpr TypeName kTypes[] = {{DType::kF64, "F64", 8}, {DType::kF32, "F32", 4},   {DType::kF16, "F16", 2},
                               {DType::kBF16, "BF16", 2}, {DType::kI64, "I64", 8}, {DType::kI32, "I32", 4},
                               {DType::kI16, "I16", 2}, {DType::kI8, "I8", 1},     {DType::kU8, "U8", 1},
                               {DType::kBool, "BOOL", 1}};

const TypeName& type_entry(DType dtype) {
  return *std::find_if(std::begin(kTypes), std::end(kTypes), [&](const TypeName& t) { return t.dtype == dtype; });
}

std::uint64_t read_u64(std::span<const std::byte> bytes) {
  std::uint64_t value = 0;
  for (int i = 7; i >= 0; --i) value = (value << 8) | std::to_integer<std::uint64_t>(bytes[i]);
  return value;
}

TensorView parse_tensor(const nlohmann::json& entry, const std::string& name, std::span<const std::byte> data) {
  const auto fail = [&](const std::string& what) -> Error { return Error("tensor " + name + ": " + what); };
  if (!entry.is_object() || entry.size() != 3 || !entry.contains("dtype") || !entry.contains("shape") ||
      !entry.contains("data_offsets")) {
    throw fail("its entry must hold dtype, shape and data_offsets");
  }
  const auto& dtype = entry["dtype"];
  const auto* type = std::find_if(std::begin(kTypes), std::end(kTypes), [&](const TypeName& t) {
    return dtype.is_string() && dtype.get_ref<const std::string&>() == t.name;
  });
  if (type == std::end(kTypes)) throw fail("unknown dtype " + dtype.dump());
  TensorView view{type->dtype, {}, {}};
  if (!entry["shape"].is_array() || entry["shape"].size() > kMaxDimensions) throw fail("its shape is not a short list");
  std::uint64_t bytes = type->size;
  bool zero = false;
  for (const auto& extent : entry["shape"]) {
    if (!extent.is_number_unsigned()) throw fail("its shape holds something that is not a count");
    const std::uint64_t n = extent.get<std::uint64_t>();
    if (n > std::uint64_t(std::numeric_limits<std::int64_t>::max())) throw fail("its shape is too large");
    zero = zero || n == 0;
    if (!zero && bytes > std::numeric_limits<std::uint64_t>::max() / n) throw fail("the product of its shape overflows");
    if (!zero) bytes *= n;
    view.shape.push_back(std::int64_t(n));
  }
  if (zero) bytes = 0;
  const auto& offsets = entry["data_offsets"];
  if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() || !offsets[1].is_number_unsigned()) {
    throw fail("its data_offsets are not two counts");
  }
  const std::uint64_t begin = offsets[0].get<std::uint64_t>(), end = offsets[1].get<std::uint64_t>();
  if (begin > end || end > data.size()) throw fail("its data lie outside the file");
  if (end - begin != bytes) throw fail("its data_offsets do not agree with its shape and dtype");
  view.bytes = data.subspan(begin, end - begin);
  return view;
}

}  // namespace

std::size_t size_of(DType dtype) { return type_entry(dtype).size; }
std::string_view name_of(DType dtype) { return type_entry(dtype).name; }

std::int64_t TensorView::elements() const {
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return 0;  // the others' product may overflow
  std::int64_t n = 1;
  for (const std::int64_t extent : shape) n *= extent;
  return n;
}

TensorFile TensorFile::open_safetensors(const std::filesystem::path& path) {
  const auto memory = std::make_shared<const MappedFile>(path);
  const std::span<const std::byte> bytes = memory->bytes();
  const auto fail = [&](const std::string& what) -> Error { return Error(path.string() + ": " + what); };
  if (bytes.empty()) throw fail("an empty file");
  if (bytes.size() < 8) throw fail("too short for a safetensors file");
  const std::uint64_t header_size = read_u64(bytes);
  if (header_size > bytes.size() - 8) {
    const std::string kind = foreign_kind(bytes);
    throw fail(kind.empty() ? "the header is longer than the file (truncated, or not safetensors)" : kind + ", not a safetensors file");
  }
  if (header_size > kMaxHeader) throw fail("the header is over 100 MiB");
  const std::string_view header(reinterpret_cast<const char*>(bytes.data()) + 8, header_size);
  const nlohmann::json json = parse_json(header, path.string() + ": header", {.max_depth = 4});
  if (!json.is_object()) throw fail("the header is not a JSON object");
  if (json.size() > kMaxTensors + 1) throw fail("more than 100000 tensors");

  TensorFile file;
  file.path_ = path;
  file.memory_ = memory;
  const std::span<const std::byte> data = bytes.subspan(8 + header_size);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
  try {
    for (const auto& [name, entry] : json.items()) {
      if (name == "__metadata__") {
        if (!entry.is_object()) throw Error("__metadata__ is not an object");
        for (const auto& [key, value] : entry.items()) {
          if (!value.is_string()) throw Error("__metadata__ holds something that is not a string");
          file.metadata_[key] = value.get<std::string>();
        }
        continue;
      }
      const TensorView view = parse_tensor(entry, name, data);
      if (!view.bytes.empty()) {
        const std::uint64_t begin = view.bytes.data() - data.data();
        ranges.emplace_back(begin, begin + view.bytes.size());
      }
      file.tensors_.emplace(name, view);
    }
  } catch (const Error& error) {
    throw fail(error.what());
  }
  std::sort(ranges.begin(), ranges.end());
  std::uint64_t at = 0;
  for (const auto& [begin, end] : ranges) {
    if (begin < at) throw fail("two tensors overlap");
    if (begin > at) throw fail("bytes between tensors belong to none");
    at = end;
  }
  if (at != data.size()) throw fail("the data are longer than the tensors");
  return file;
}

const TensorView& TensorFile::at(const std::string& name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) throw Error(path_.string() + ": no tensor named " + name);
  return found->second;
}

void write_safetensors(const std::filesystem::path& path, const std::vector<TensorSource>& tensors,
                       const std::map<std::string, std::string>& metadata) {
  nlohmann::ordered_json header;
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::uint64_t offset = 0;
  for (const TensorSource& tensor : tensors) {
    std::uint64_t bytes = size_of(tensor.dtype);
    for (const std::int64_t extent : tensor.shape) bytes *= std::uint64_t(extent);
    if (header.contains(tensor.name)) throw Error(path.string() + ": two tensors named " + tensor.name);
    header[tensor.name] = {{"dtype", name_of(tensor.dtype)}, {"shape", tensor.shape}, {"data_offsets", {offset, offset + bytes}}};
    offset += bytes;
  }
  std::string text = header.empty() ? "{}" : header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');

  WholeFile file(path);
  std::string length(8, '\0');
  for (int i = 0; i < 8; ++i) length[i] = char((text.size() >> (8 * i)) & 0xff);
  file.write(length);
  file.write(text);
  for (const TensorSource& tensor : tensors) {
    const std::vector<std::byte> bytes = tensor.bytes();
    const auto& range = header[tensor.name]["data_offsets"];
    if (bytes.size() != range[1].get<std::uint64_t>() - range[0].get<std::uint64_t>()) {
      throw Error(path.string() + ": tensor " + tensor.name + " has another size than its shape says");
    }
    file.write({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  file.commit();
}

}  // namespace reamo::store
