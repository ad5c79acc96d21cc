// The part of Python's pickle format that PyTorch checkpoints use, read as plain values: no code is ever run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace reamo::store {

struct PickleValue;
using PickleRef = const PickleValue*;  // into the document that holds it

struct PickleList {  // list or tuple
  std::vector<PickleRef> items;
};
struct PickleDict {  // in the order of the file
  std::vector<std::pair<PickleRef, PickleRef>> items;
};
struct PickleGlobal {  // a name of a class or function: "torch FloatStorage"
  std::string name;
};
struct PicklePersistent {  // what lies outside of the pickle: PyTorch's ("storage", class, key, device, elements)
  PickleRef id = nullptr;
};
struct PickleCall {  // a call, or an object of a class with arguments and state
  std::string function;
  PickleRef arguments = nullptr, state = nullptr;  // state: null where there is none
};

struct PickleValue {
  std::variant<std::monostate, bool, std::int64_t, double, std::string, PickleList, PickleDict, PickleGlobal, PicklePersistent, PickleCall> data;

  template <typename T>
  const T* as() const {
    return std::get_if<T>(&data);
  }
  bool is_none() const { return std::holds_alternative<std::monostate>(data); }
};

// All values of a pickle. They may share and even contain each other.
struct PickleDocument {
  std::deque<PickleValue> values;
  PickleRef root = nullptr;
};

// `where` names the file in errors. Error on opcodes outside of the part read here, on a damaged stack, and over a limit
// of 5 million values. collections.OrderedDict becomes a PickleDict. `used`, if given, gets the bytes that the pickle takes: others may
// follow it.
PickleDocument parse_pickle(std::span<const std::byte> bytes, const std::string& where, std::size_t* used = nullptr);

}  // namespace reamo::store
