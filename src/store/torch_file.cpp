#include "store/torch_file.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <optional>
#include <string_view>

#include "ie/error.h"
#include "store/file_kind.h"
#include "store/mapped_file.h"
#include "store/pickle.h"
#include "store/torch_legacy.h"

namespace reamo::store {
namespace {

constexpr std::size_t kMaxMembers = 1000000, kMaxPickle = std::size_t(512) << 20, kMaxNodes = 5000000, kMaxText = std::size_t(256) << 20, kMaxName = 4096;
constexpr int kMaxDepth = 64;

using Bytes = std::span<const std::byte>;

struct Fault {
  std::filesystem::path path;
  [[noreturn]] void operator()(const std::string& what) const { throw Error(path.string() + ": " + what); }
};

std::uint64_t read_number(Bytes bytes, std::size_t at, std::size_t count, const Fault& fail) {
  if (at > bytes.size() || count > bytes.size() - at) fail("the archive is cut short");
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value |= std::uint64_t(bytes[at + i]) << (8 * i);
  return value;
}

// Where the central directory starts and how many members it lists.
std::pair<std::uint64_t, std::uint64_t> find_directory(Bytes file, const Fault& fail) {
  constexpr std::size_t kEndSize = 22;
  if (file.empty()) fail("an empty file");
  if (file.size() < kEndSize) fail("too short for a PyTorch file");
  const std::size_t last = file.size() - kEndSize, first = last > 65535 ? last - 65535 : 0;
  for (std::size_t at = last + 1; at-- > first;) {
    if (read_number(file, at, 4, fail) != 0x06054b50) continue;
    const std::uint64_t count = read_number(file, at + 10, 2, fail), start = read_number(file, at + 16, 4, fail);
    if (count != 0xFFFF && start != 0xFFFFFFFF) return {start, count};
    if (at < 20 || read_number(file, at - 20, 4, fail) != 0x07064b50) return {start, count};
    const std::uint64_t record = read_number(file, at - 12, 8, fail);
    if (record > file.size() || read_number(file, record, 4, fail) != 0x06064b50) fail("the archive's end is damaged");
    return {read_number(file, record + 48, 8, fail), read_number(file, record + 32, 8, fail)};
  }
  const std::string kind = foreign_kind(file);
  if (kind == kZipKind) fail("a zip archive that is cut short (truncated download?)");
  fail(kind.empty() ? "not a PyTorch file (no zip archive)" : kind + ", not a PyTorch file");
}

// Members by their name behind the archive's own folder ("archive/data/0" is "data/0").
std::map<std::string, Bytes> read_members(Bytes file, const Fault& fail) {
  auto [at, count] = find_directory(file, fail);
  if (count > kMaxMembers) fail("more than a million members");
  std::map<std::string, Bytes> members;
  for (std::uint64_t i = 0; i < count; ++i) {
    if (read_number(file, at, 4, fail) != 0x02014b50) fail("the archive's directory is damaged");
    const std::uint64_t method = read_number(file, at + 10, 2, fail);
    std::uint64_t packed = read_number(file, at + 20, 4, fail), size = read_number(file, at + 24, 4, fail);
    const std::uint64_t name_size = read_number(file, at + 28, 2, fail), extra_size = read_number(file, at + 30, 2, fail);
    const std::uint64_t comment_size = read_number(file, at + 32, 2, fail);
    std::uint64_t header = read_number(file, at + 42, 4, fail);
    read_number(file, at + 46 + name_size + extra_size, 0, fail);
    const std::string name(reinterpret_cast<const char*>(file.data()) + at + 46, name_size);
    // Sizes over 4 GiB stand in the extra field, in this order where the short ones are full.
    for (std::uint64_t extra = at + 46 + name_size, end = extra + extra_size; extra + 4 <= end;) {
      const std::uint64_t kind = read_number(file, extra, 2, fail), length = read_number(file, extra + 2, 2, fail);
      if (kind == 1) {
        std::uint64_t field = extra + 4;
        for (std::uint64_t* value : {&size, &packed, &header}) {
          if (*value != 0xFFFFFFFF) continue;
          *value = read_number(file, field, 8, fail);
          field += 8;
        }
      }
      extra += 4 + length;
    }
    at += 46 + name_size + extra_size + comment_size;
    if (method != 0 || packed != size) fail("member " + name + " is compressed; PyTorch does not write such files");
    if (header > file.size() || read_number(file, header, 4, fail) != 0x04034b50) fail("member " + name + " is damaged");
    const std::uint64_t data = header + 30 + read_number(file, header + 26, 2, fail) + read_number(file, header + 28, 2, fail);
    if (data > file.size() || size > file.size() - data) fail("member " + name + " reaches behind the end of the file (truncated?)");
    const std::size_t slash = name.find('/');
    if (!members.emplace(slash == std::string::npos ? name : name.substr(slash + 1), file.subspan(data, size)).second) {
      fail("two members are named " + name);
    }
  }
  return members;
}

// Walks the pickled value: tensors by path, everything else as JSON.
class Walker {
 public:
  Walker(const std::map<std::string, Bytes>& members, const Fault& fail, std::map<std::string, TorchTensor>& tensors)
      : members_(members), fail_(fail), tensors_(tensors) {}

  nlohmann::json walk(const PickleValue& value, const std::string& path, int depth) {
    if (depth > kMaxDepth) fail_("values nested deeper than 64 levels");
    if (++nodes_ > kMaxNodes) fail_("more than 5 million values");
    if (const auto* flag = value.as<bool>()) return *flag;
    if (const auto* number = value.as<std::int64_t>()) return *number;
    if (const auto* number = value.as<double>()) return *number;
    if (const auto* text = value.as<std::string>()) {
      charge(text->size());
      return *text;
    }
    if (const auto* list = value.as<PickleList>()) {
      nlohmann::json out = nlohmann::json::array();
      for (std::size_t i = 0; i < list->items.size(); ++i) out.push_back(walk(*list->items[i], join(path, std::to_string(i)), depth + 1));
      return out;
    }
    if (const auto* dict = value.as<PickleDict>()) return walk_dict(*dict, path, depth);
    if (const auto* call = value.as<PickleCall>()) {
      if (call->function == "torch._utils _rebuild_tensor_v2" || call->function == "torch._utils _rebuild_parameter") {
        charge(path.size());
        if (!tensors_.emplace(path, tensor(*call, path)).second) fail_("two tensors are named " + path);
        return nullptr;
      }
      if (call->state != nullptr) return walk(*call->state, path, depth + 1);
    }
    return nullptr;
  }

 private:
  std::string join(const std::string& path, const std::string& key) const {
    if (path.size() + key.size() > kMaxName) fail_("a name over 4096 bytes");
    return path.empty() ? key : path + "/" + key;
  }
  // Values may be shared: what they unfold to is limited, not only what the file holds.
  void charge(std::size_t bytes) {
    text_ += bytes;
    if (text_ > kMaxText) fail_("more than 256 MiB of text");
  }

  nlohmann::json walk_dict(const PickleDict& dict, const std::string& path, int depth) {
    nlohmann::json out = nlohmann::json::object();
    for (const auto& [key, item] : dict.items) {
      std::string name;
      if (const auto* text = key->as<std::string>()) name = *text;
      else if (const auto* number = key->as<std::int64_t>()) name = std::to_string(*number);
      else continue;
      charge(name.size());
      out[name] = walk(*item, join(path, name), depth + 1);
    }
    return out;
  }

  const PickleList& arguments_of(const PickleCall& call, std::size_t least, const std::string& path) const {
    const auto* list = call.arguments->as<PickleList>();
    if (list == nullptr || list->items.size() < least) fail_("tensor " + path + " is stored in an unknown way");
    return *list;
  }

  std::vector<std::int64_t> sizes(const PickleValue& value, const std::string& path) const {
    const auto* list = value.as<PickleList>();
    if (list == nullptr || list->items.size() > 16) fail_("tensor " + path + " has no shape");
    std::vector<std::int64_t> out;
    for (const PickleRef& item : list->items) {
      const auto* number = item->as<std::int64_t>();
      if (number == nullptr || *number < 0) fail_("tensor " + path + " has a negative size or stride");
      out.push_back(*number);
    }
    return out;
  }

  TorchTensor tensor(const PickleCall& call, const std::string& path) const {
    const PickleList& arguments = arguments_of(call, 1, path);
    if (call.function == "torch._utils _rebuild_parameter") {
      const auto* inner = arguments.items[0]->as<PickleCall>();
      if (inner == nullptr || inner->function != "torch._utils _rebuild_tensor_v2") fail_("parameter " + path + " is no plain tensor");
      return tensor(*inner, path);
    }
    arguments_of(call, 4, path);
    const auto* persistent = arguments.items[0]->as<PicklePersistent>();
    const auto* id = persistent == nullptr ? nullptr : persistent->id->as<PickleList>();
    if (id == nullptr || id->items.size() < 5) fail_("tensor " + path + " has no storage");
    const auto* type = id->items[1]->as<PickleGlobal>();
    const auto* key = id->items[2]->as<std::string>();
    const auto* offset = arguments.items[1]->as<std::int64_t>();
    const std::optional<DType> dtype = type == nullptr ? std::nullopt : torch_storage_type(type->name);
    if (!dtype) fail_("tensor " + path + " has elements of an unknown type" + (type == nullptr ? "" : " (" + type->name + ")"));
    if (key == nullptr || offset == nullptr || *offset < 0) fail_("tensor " + path + " is stored in an unknown way");
    const auto member = members_.find("data/" + *key);
    if (member == members_.end()) fail_("the data of tensor " + path + " are missing");
    TorchTensor result;
    result.dtype = *dtype;
    result.storage = member->second;
    result.offset = *offset;
    result.shape = sizes(*arguments.items[2], path);
    result.strides = sizes(*arguments.items[3], path);
    check_bounds(result, path);
    return result;
  }

  void check_bounds(const TorchTensor& t, const std::string& path) const {
    if (t.shape.size() != t.strides.size()) fail_("tensor " + path + " has not as many strides as sizes");
    const auto available = std::int64_t(t.storage.size() / size_of(t.dtype));
    std::int64_t last = t.offset, count = 1;
    for (std::size_t i = 0; i < t.shape.size(); ++i) {
      if (__builtin_mul_overflow(count, t.shape[i], &count)) fail_("tensor " + path + " is too large");
      std::int64_t reach = 0;
      if (__builtin_mul_overflow(std::max<std::int64_t>(0, t.shape[i] - 1), t.strides[i], &reach) || __builtin_add_overflow(last, reach, &last)) {
        fail_("tensor " + path + " is too large");
      }
    }
    // A stride of 0 repeats elements; more than the storage holds a thousand times is no tensor of a model.
    if (count > 0 && (last >= available || count / 1024 > available)) fail_("tensor " + path + " reaches behind its storage");
  }

  const std::map<std::string, Bytes>& members_;
  const Fault& fail_;
  std::map<std::string, TorchTensor>& tensors_;
  std::size_t nodes_ = 0, text_ = 0;
};

}  // namespace

std::int64_t TorchTensor::elements() const {
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return 0;  // the others' product may overflow
  std::int64_t count = 1;
  for (std::int64_t size : shape) count *= size;
  return count;
}

bool TorchTensor::is_contiguous() const {
  std::int64_t expected = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    if (shape[i] != 1 && strides[i] != expected) return false;
    expected *= shape[i];
  }
  return true;
}

std::vector<std::byte> TorchTensor::bytes() const {
  const std::size_t size = size_of(dtype);
  std::vector<std::byte> out(std::size_t(elements()) * size);
  if (out.empty()) return out;
  if (is_contiguous()) {
    std::memcpy(out.data(), storage.data() + std::size_t(offset) * size, out.size());
    return out;
  }
  std::vector<std::int64_t> index(shape.size(), 0);
  std::int64_t at = offset;
  for (std::size_t element = 0; element * size < out.size(); ++element) {
    std::memcpy(out.data() + element * size, storage.data() + std::size_t(at) * size, size);
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      at += strides[axis];
      if (++index[axis] < shape[axis]) break;
      at -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return out;
}

TorchFile TorchFile::open(const std::filesystem::path& path) {
  const Fault fail{path};
  const auto memory = std::make_shared<const MappedFile>(path);
  TorchFile file;
  file.path_ = path;
  file.memory_ = memory;
  if (is_legacy_torch(memory->bytes())) {
    const LegacyTorch legacy = read_legacy_torch(memory->bytes(), path.string());
    file.values_ = Walker(legacy.members, fail, file.tensors_).walk(*legacy.document.root, "", 0);
    return file;
  }
  const std::map<std::string, Bytes> members = read_members(memory->bytes(), fail);
  const auto pickle = members.find("data.pkl");
  if (pickle == members.end()) fail("a zip archive, but not of PyTorch (no data.pkl)");
  if (pickle->second.size() > kMaxPickle) fail("its pickle is over 512 MiB");
  if (const auto order = members.find("byteorder"); order != members.end()) {
    const std::string_view text(reinterpret_cast<const char*>(order->second.data()), order->second.size());
    if (text.substr(0, 6) != "little") fail("written on a big-endian machine");
  }
  const PickleDocument document = parse_pickle(pickle->second, path.string());
  file.values_ = Walker(members, fail, file.tensors_).walk(*document.root, "", 0);
  return file;
}

std::map<std::string, TorchTensor> TorchFile::tensors_under(const std::string& key) const {
  std::map<std::string, TorchTensor> out;
  for (const auto& [name, tensor] : tensors_) {
    if (name.rfind(key + "/", 0) == 0) out.emplace(name.substr(key.size() + 1), tensor);
  }
  return out;
}

}  // namespace reamo::store
