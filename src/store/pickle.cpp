#include "store/pickle.h"

#include <bit>
#include <cstring>
#include <string_view>
#include <unordered_map>

#include "ie/error.h"

namespace reamo::store {
namespace {

constexpr std::size_t kMaxValues = 5000000;
// Longest reduction that becomes an integer: more bytes do not fit 64 bits.
constexpr std::size_t kLongBytes = 8;

class Reader {
 public:
  Reader(std::span<const std::byte> bytes, const std::string& where) : bytes_(bytes), where_(where) {}

  std::size_t used() const { return at_; }

  PickleDocument run() {
    for (;;) {
      const auto op = std::uint8_t(take(1)[0]);
      if (op == '.') {
        document_.root = pop();
        return std::move(document_);
      }
      step(op);
      if (++steps_ > kMaxValues) fail("more than 5 million values");
    }
  }

 private:
  using Mutable = PickleValue*;

  [[noreturn]] void fail(const std::string& what) const { throw Error(where_ + ": the pickle cannot be read: " + what); }

  std::string_view take(std::size_t count) {
    if (count > bytes_.size() - at_) fail("it ends in the middle");
    const char* data = reinterpret_cast<const char*>(bytes_.data()) + at_;
    at_ += count;
    return {data, count};
  }
  std::uint64_t number(std::size_t count) {
    const std::string_view raw = take(count);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i) value |= std::uint64_t(std::uint8_t(raw[i])) << (8 * i);
    return value;
  }
  std::string line() {
    std::string text;
    for (char c; (c = take(1)[0]) != '\n';) text += c;
    return text;
  }

  void push(Mutable value) { stack_.push_back(value); }
  template <typename T>
  void push_data(T data) {
    document_.values.emplace_back().data = std::move(data);
    push(&document_.values.back());
  }
  Mutable pop() {
    if (stack_.empty() || (!marks_.empty() && stack_.size() <= marks_.back())) fail("a value is missing on the stack");
    const Mutable value = stack_.back();
    stack_.pop_back();
    return value;
  }
  Mutable top() const {
    if (stack_.empty()) fail("a value is missing on the stack");
    return stack_.back();
  }
  // The values above the last mark.
  std::vector<PickleRef> pop_marked() {
    if (marks_.empty() || marks_.back() > stack_.size()) fail("a mark is missing");
    std::vector<PickleRef> items(stack_.begin() + std::ptrdiff_t(marks_.back()), stack_.end());
    stack_.resize(marks_.back());
    marks_.pop_back();
    return items;
  }
  void push_tuple(std::size_t count) {
    PickleList list;
    for (std::size_t i = 0; i < count; ++i) list.items.insert(list.items.begin(), pop());
    push_data(std::move(list));
  }
  void append(const std::vector<PickleRef>& items) {
    auto* list = std::get_if<PickleList>(&top()->data);
    if (list == nullptr) fail("a value is appended to what is no list");
    list->items.insert(list->items.end(), items.begin(), items.end());
  }
  void set_items(const std::vector<PickleRef>& items) {
    auto* dict = std::get_if<PickleDict>(&top()->data);
    if (dict == nullptr || items.size() % 2 != 0) fail("a key is set on what is no dictionary");
    for (std::size_t i = 0; i < items.size(); i += 2) dict->items.emplace_back(items[i], items[i + 1]);
  }
  void remember(std::uint64_t index) { memo_[index] = top(); }
  void recall(std::uint64_t index) {
    const auto found = memo_.find(index);
    if (found == memo_.end()) fail("it refers to a value that was not remembered");
    push(found->second);
  }
  void call() {
    const Mutable arguments = pop(), function = pop();
    const auto* global = std::get_if<PickleGlobal>(&function->data);
    if (global == nullptr) fail("it calls what is no name");
    if (global->name == "collections OrderedDict") {
      push_data(PickleDict{});
    } else {
      push_data(PickleCall{global->name, arguments, nullptr});
    }
  }
  void build() {
    const Mutable state = pop();
    // Attributes of a dictionary (PyTorch's `_metadata`) are of no use here.
    if (auto* object = std::get_if<PickleCall>(&top()->data)) object->state = state;
  }
  void push_long(std::size_t count) {
    if (count > kLongBytes) fail("a whole number over 64 bits");
    std::uint64_t value = number(count);
    if (count > 0 && count < 8 && (value >> (8 * count - 1)) != 0) value |= ~std::uint64_t(0) << (8 * count);
    push_data(std::int64_t(value));
  }
  void push_text(std::size_t count) { push_data(std::string(take(count))); }

  void step(std::uint8_t op) {
    switch (op) {
      case 0x80: number(1); break;                                                     // PROTO
      case 0x95: number(8); break;                                                     // FRAME
      case '(': marks_.push_back(stack_.size()); break;                                // MARK
      case '0': pop(); break;                                                          // POP
      case 'N': push_data(std::monostate{}); break;                                    // NONE
      case 0x88: push_data(true); break;                                               // NEWTRUE
      case 0x89: push_data(false); break;                                              // NEWFALSE
      case 'K': push_data(std::int64_t(number(1))); break;                             // BININT1
      case 'M': push_data(std::int64_t(number(2))); break;                             // BININT2
      case 'J': push_data(std::int64_t(std::int32_t(std::uint32_t(number(4))))); break;  // BININT
      case 0x8A: push_long(number(1)); break;                                          // LONG1
      case 'G': {                                                                      // BINFLOAT: big-endian
        std::uint64_t bits = 0;
        for (char c : take(8)) bits = bits << 8 | std::uint8_t(c);
        push_data(std::bit_cast<double>(bits));
        break;
      }
      case 'X': push_text(number(4)); break;       // BINUNICODE
      case 0x8C: push_text(number(1)); break;      // SHORT_BINUNICODE
      case 0x8D: push_text(number(8)); break;      // BINUNICODE8
      case 'U': push_text(number(1)); break;       // SHORT_BINSTRING
      case 'T': push_text(number(4)); break;       // BINSTRING
      case 'C': push_text(number(1)); break;       // SHORT_BINBYTES
      case 'B': push_text(number(4)); break;       // BINBYTES
      case ')': push_data(PickleList{}); break;    // EMPTY_TUPLE
      case ']': push_data(PickleList{}); break;    // EMPTY_LIST
      case '}': push_data(PickleDict{}); break;    // EMPTY_DICT
      case 0x8F: push_data(PickleList{}); break;   // EMPTY_SET
      case 0x85: push_tuple(1); break;             // TUPLE1
      case 0x86: push_tuple(2); break;             // TUPLE2
      case 0x87: push_tuple(3); break;             // TUPLE3
      case 't': push_data(PickleList{pop_marked()}); break;  // TUPLE
      case 'l': push_data(PickleList{pop_marked()}); break;  // LIST
      case 'd': {                                            // DICT
        const std::vector<PickleRef> items = pop_marked();
        push_data(PickleDict{});
        set_items(items);
        break;
      }
      case 'a': {  // APPEND
        const Mutable value = pop();
        append({value});
        break;
      }
      case 'e': append(pop_marked()); break;     // APPENDS
      case 0x90: append(pop_marked()); break;    // ADDITEMS
      case 's': {                                // SETITEM
        const Mutable value = pop(), key = pop();
        set_items({key, value});
        break;
      }
      case 'u': set_items(pop_marked()); break;  // SETITEMS
      case 'q': remember(number(1)); break;      // BINPUT
      case 'r': remember(number(4)); break;      // LONG_BINPUT
      case 0x94: remember(memo_.size()); break;  // MEMOIZE
      case 'h': recall(number(1)); break;        // BINGET
      case 'j': recall(number(4)); break;        // LONG_BINGET
      case 'c': {                                // GLOBAL
        const std::string module = line();
        push_data(PickleGlobal{module + ' ' + line()});
        break;
      }
      case 0x93: {  // STACK_GLOBAL
        const Mutable name = pop(), module = pop();
        const auto *a = std::get_if<std::string>(&module->data), *b = std::get_if<std::string>(&name->data);
        if (a == nullptr || b == nullptr) fail("a name is no text");
        push_data(PickleGlobal{*a + ' ' + *b});
        break;
      }
      case 'R':   // REDUCE
      case 0x81:  // NEWOBJ
        call();
        break;
      case 'b': build(); break;  // BUILD
      case 'Q': {                // BINPERSID
        const Mutable id = pop();
        push_data(PicklePersistent{id});
        break;
      }
      default: fail("opcode " + std::to_string(int(op)) + " is not one that checkpoints of tensors use");
    }
  }

  std::span<const std::byte> bytes_;
  const std::string& where_;
  std::size_t at_ = 0, steps_ = 0;
  PickleDocument document_;
  std::vector<Mutable> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::uint64_t, Mutable> memo_;
};

}  // namespace

PickleDocument parse_pickle(std::span<const std::byte> bytes, const std::string& where, std::size_t* used) {
  Reader reader(bytes, where);
  PickleDocument document = reader.run();
  if (used != nullptr) *used = reader.used();
  return document;
}

}  // namespace reamo::store
