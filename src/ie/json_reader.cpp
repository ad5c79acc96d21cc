#include "ie/json_reader.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>
#include <vector>

#include "ie/error.h"

namespace reamo::ie {
namespace {

using nlohmann::ordered_json;

[[noreturn]] void raise(JsonFault fault, const std::string& message) {
  if (fault == JsonFault::kUsage) throw UsageError(message);
  throw Error(message);
}

std::string escaped_step(std::string_view key) {
  std::string step;
  for (const char c : key) {
    if (c == '~') {
      step += "~0";
    } else if (c == '/') {
      step += "~1";
    } else {
      step += c;
    }
  }
  return step;
}

// Follows the parser, knows where it stands, and stops it at the first fault that JSON itself
// allows.
class Watcher {
 public:
  Watcher(std::string_view subject, JsonFault fault, const JsonLimits& limits)
      : subject_(subject), fault_(fault), limits_(limits) {}

  bool operator()(int depth, ordered_json::parse_event_t event, ordered_json& parsed) {
    using Event = ordered_json::parse_event_t;
    switch (event) {
      case Event::object_start:
      case Event::array_start:
        enter_element();
        if (depth >= limits_.depth)
          fail("nested deeper than " + std::to_string(limits_.depth) + " levels");
        frames_.push_back({event == Event::object_start, {}, {}, 0});
        break;
      case Event::object_end:
      case Event::array_end:
        frames_.pop_back();
        break;
      case Event::key: {
        Frame& frame = frames_.back();
        frame.key = parsed.get<std::string>();
        if (frame.key.size() > limits_.string_bytes) fail("a key is over the limit of length");
        if (!frame.seen.insert(frame.key).second) fail("this key is there twice");
        if (frame.seen.size() > limits_.keys)
          fail("more than " + std::to_string(limits_.keys) + " keys in one object");
        break;
      }
      case Event::value:
        enter_element();
        if (parsed.is_string() &&
            parsed.get_ref<const std::string&>().size() > limits_.string_bytes) {
          fail("the string is longer than the limit of " + std::to_string(limits_.string_bytes) +
               " bytes");
        }
        break;
    }
    return true;
  }

 private:
  struct Frame {
    bool is_object = false;
    std::unordered_set<std::string> seen;
    std::string key;
    std::size_t elements = 0;  // begun so far, of an array
  };

  void enter_element() {
    if (!frames_.empty() && !frames_.back().is_object) ++frames_.back().elements;
  }

  [[noreturn]] void fail(const std::string& reason) const {
    std::string pointer;
    for (const Frame& frame : frames_) {
      if (frame.is_object) {
        pointer += "/" + escaped_step(frame.key);
      } else if (frame.elements > 0) {
        pointer += "/" + std::to_string(frame.elements - 1);
      }
      if (pointer.size() > 500) break;
    }
    raise(fault_, std::string(subject_) + (pointer.empty() ? "" : " " + pointer) + ": " + reason);
  }

  std::string_view subject_;
  JsonFault fault_;
  const JsonLimits& limits_;
  std::vector<Frame> frames_;
};

}  // namespace

void JsonNode::fail(const std::string& reason) const {
  raise(fault_, std::string(subject_) + (pointer_.empty() ? "" : " " + pointer_) + ": " + reason);
}

void JsonNode::require(bool is_kind, const char* kind) const {
  if (!is_kind) fail(std::string("must be ") + kind + ", not " + value_->type_name());
}

std::string JsonNode::string() const {
  require(value_->is_string(), "a string");
  return value_->get<std::string>();
}

std::string JsonNode::non_empty_string() const {
  std::string text = string();
  if (text.empty()) fail("must not be empty");
  return text;
}

double JsonNode::number() const {
  require(value_->is_number(), "a number");
  const double value = value_->get<double>();
  if (!std::isfinite(value)) fail("must be a finite number");
  return value;
}

double JsonNode::number(double minimum, double maximum) const {
  const double value = number();
  if (value < minimum || value > maximum) {
    fail("must be between " + ordered_json(minimum).dump() + " and " +
         ordered_json(maximum).dump());
  }
  return value;
}

std::int64_t JsonNode::integer(std::int64_t minimum, std::int64_t maximum) const {
  require(value_->is_number_integer(), "an integer");
  const bool too_large =
      value_->is_number_unsigned() && value_->get<std::uint64_t>() > std::uint64_t{INT64_MAX};
  const std::int64_t value = too_large ? 0 : value_->get<std::int64_t>();
  if (too_large || value < minimum || value > maximum) {
    fail("must be between " + std::to_string(minimum) + " and " + std::to_string(maximum));
  }
  return value;
}

bool JsonNode::boolean() const {
  require(value_->is_boolean(), "true or false");
  return value_->get<bool>();
}

std::size_t JsonNode::size() const {
  require(value_->is_array(), "an array");
  return value_->size();
}

JsonNode JsonNode::at(std::size_t index) const {
  if (index >= size()) fail("must have at least " + std::to_string(index + 1) + " elements");
  return child((*value_)[index], std::to_string(index));
}

void JsonNode::each(const std::function<void(const JsonNode&)>& visit) const {
  const std::size_t count = size();
  for (std::size_t i = 0; i < count; ++i) visit(at(i));
}

void JsonNode::keys(std::initializer_list<std::string_view> required,
                    std::initializer_list<std::string_view> optional) const {
  require(value_->is_object(), "an object");
  for (const std::string_view key : required) {
    if (!has(key)) fail("the key \"" + std::string(key) + "\" is missing");
  }
  for (const auto& [key, value] : value_->items()) {
    const auto is_key = [&](std::string_view known) { return known == key; };
    if (std::none_of(required.begin(), required.end(), is_key) &&
        std::none_of(optional.begin(), optional.end(), is_key)) {
      child(value, key).fail("unknown key");
    }
  }
}

bool JsonNode::has(std::string_view key) const {
  require(value_->is_object(), "an object");
  return value_->find(std::string(key)) != value_->end();
}

JsonNode JsonNode::at(std::string_view key) const {
  require(value_->is_object(), "an object");
  const auto found = value_->find(std::string(key));
  if (found == value_->end()) fail("the key \"" + std::string(key) + "\" is missing");
  return child(*found, std::string(key));
}

void JsonNode::each_member(
    const std::function<void(const std::string&, const JsonNode&)>& visit) const {
  require(value_->is_object(), "an object");
  for (const auto& [key, value] : value_->items()) visit(key, child(value, key));
}

JsonNode JsonNode::child(const ordered_json& value, const std::string& step) const {
  JsonNode node(value, subject_, fault_);
  node.pointer_ = pointer_ + "/" + escaped_step(step);
  return node;
}

ordered_json parse_json(std::string_view text, std::string_view subject, JsonFault fault,
                        const JsonLimits& limits) {
  if (text.size() > limits.bytes) {
    raise(fault, std::string(subject) + ": JSON text of " + std::to_string(text.size()) +
                     " bytes is over the limit of " + std::to_string(limits.bytes));
  }
  Watcher watcher(subject, fault, limits);
  try {
    return ordered_json::parse(text.begin(), text.end(), std::ref(watcher));
  } catch (const ordered_json::parse_error& error) {
    raise(fault, std::string(subject) + ": not valid JSON at byte " + std::to_string(error.byte));
  } catch (const ordered_json::exception&) {
    raise(fault, std::string(subject) + ": JSON has a number that is out of range");
  }
}

}  // namespace reamo::ie
