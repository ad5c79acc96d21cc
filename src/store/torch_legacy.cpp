#include "store/torch_legacy.h"

#include <algorithm>
#include <string_view>

#include "ie/error.h"

namespace reamo::store {
namespace {

using Bytes = std::span<const std::byte>;

// The pickle of the number 0x1950a86a20f9469cfc6c, which no 64 bits hold.
constexpr std::string_view kMagic("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 15);

std::string text_of(const PickleValue& value) {
  if (const auto* text = value.as<std::string>()) return *text;
  if (const auto* number = value.as<std::int64_t>()) return std::to_string(*number);
  return "";
}

}  // namespace

std::optional<DType> torch_storage_type(const std::string& global) {
  static const std::map<std::string, DType> types = {
      {"torch DoubleStorage", DType::kF64}, {"torch FloatStorage", DType::kF32},    {"torch HalfStorage", DType::kF16},
      {"torch BFloat16Storage", DType::kBF16}, {"torch LongStorage", DType::kI64},  {"torch IntStorage", DType::kI32},
      {"torch ShortStorage", DType::kI16},  {"torch CharStorage", DType::kI8},      {"torch ByteStorage", DType::kU8},
      {"torch BoolStorage", DType::kBool}};
  const auto found = types.find(global);
  if (found == types.end()) return std::nullopt;
  return found->second;
}

bool is_legacy_torch(Bytes file) {
  return file.size() >= kMagic.size() &&
         std::equal(kMagic.begin(), kMagic.end(), file.begin(), [](char a, std::byte b) { return std::byte(a) == b; });
}

LegacyTorch read_legacy_torch(Bytes file, const std::string& where) {
  const auto fail = [&](const std::string& what) -> Error { return Error(where + ": " + what); };
  std::size_t at = kMagic.size();
  const auto next = [&] {
    std::size_t used = 0;
    PickleDocument document = parse_pickle(file.subspan(at), where, &used);
    at += used;
    return document;
  };
  const PickleDocument version = next();
  const auto* number = version.root->as<std::int64_t>();
  if (number == nullptr || *number != 1001) throw fail("a PyTorch file of an unknown old format (its version is not 1001)");
  const PickleDocument system = next();
  if (const auto* dict = system.root->as<PickleDict>()) {
    for (const auto& [key, value] : dict->items) {
      const auto* little = value->as<bool>();
      if (text_of(*key) == "little_endian" && little != nullptr && !*little) throw fail("written on a big-endian machine");
    }
  }
  LegacyTorch out;
  out.document = next();
  std::map<std::string, DType> types;
  for (const PickleValue& value : out.document.values) {
    const auto* persistent = value.as<PicklePersistent>();
    const auto* id = persistent == nullptr ? nullptr : persistent->id->as<PickleList>();
    if (id == nullptr || id->items.size() < 5 || text_of(*id->items[0]) != "storage") continue;
    const auto* global = id->items[1]->as<PickleGlobal>();
    const std::optional<DType> type = global == nullptr ? std::nullopt : torch_storage_type(global->name);
    if (!type) throw fail("a storage of an unknown type" + (global == nullptr ? "" : " (" + global->name + ")"));
    if (id->items.size() > 5 && !id->items[5]->is_none()) throw fail("storages that are parts of others are not read; save the file again with a newer PyTorch");
    types.emplace(text_of(*id->items[2]), *type);
  }
  const PickleDocument keys = next();
  const auto* list = keys.root->as<PickleList>();
  if (list == nullptr) throw fail("the list of its storages is damaged");
  for (const PickleRef& item : list->items) {
    const std::string key = text_of(*item);
    const auto type = types.find(key);
    if (type == types.end()) throw fail("its list of storages names one that no tensor has");
    if (file.size() - at < 8) throw fail("cut short (truncated?)");
    std::uint64_t count = 0;
    for (int i = 7; i >= 0; --i) count = count << 8 | std::to_integer<std::uint64_t>(file[at + std::size_t(i)]);
    at += 8;
    const std::size_t size = size_of(type->second);
    if (count > (file.size() - at) / size) throw fail("cut short: the data of storage " + key + " reach behind the end of the file (truncated?)");
    if (!out.members.emplace("data/" + key, file.subspan(at, std::size_t(count) * size)).second) {
      throw fail("two storages are named " + key);
    }
    at += std::size_t(count) * size;
  }
  return out;
}

}  // namespace reamo::store
