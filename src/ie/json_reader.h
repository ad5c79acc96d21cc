// Strict reading of JSON records: every error says where (JSON pointer) and why.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace reamo::ie {

struct JsonLimits {
  std::size_t bytes = std::size_t{256} << 20;         // of the whole text
  std::size_t string_bytes = std::size_t{64} << 20;   // of one string
  std::size_t keys = 10'000;                          // of one object
  int depth = 64;
};

// What kind of error a fault is: foreign data (Error) or something given as an option (UsageError).
enum class JsonFault { kData, kUsage };

// A value and where it stands. Cheap to copy; the document must outlive it.
class JsonNode {
 public:
  JsonNode(const nlohmann::ordered_json& value, std::string_view subject, JsonFault fault)
      : value_(&value), subject_(subject), fault_(fault) {}

  // Throws the error "SUBJECT POINTER: reason".
  [[noreturn]] void fail(const std::string& reason) const;

  bool is_object() const { return value_->is_object(); }
  bool is_array() const { return value_->is_array(); }
  bool is_string() const { return value_->is_string(); }

  // Each of these fails when the value is of another kind.
  std::string string() const;
  std::string non_empty_string() const;
  double number() const;                                      // finite
  double number(double minimum, double maximum) const;        // both included
  std::int64_t integer(std::int64_t minimum, std::int64_t maximum) const;
  bool boolean() const;

  // Arrays.
  std::size_t size() const;
  JsonNode at(std::size_t index) const;
  void each(const std::function<void(const JsonNode&)>& visit) const;

  // Objects. `keys` fails on a required key that is missing and on a key that is neither required nor optional.
  void keys(std::initializer_list<std::string_view> required, std::initializer_list<std::string_view> optional = {}) const;
  bool has(std::string_view key) const;
  JsonNode at(std::string_view key) const;
  void each_member(const std::function<void(const std::string& key, const JsonNode&)>& visit) const;

 private:
  JsonNode child(const nlohmann::ordered_json& value, const std::string& step) const;
  void require(bool is_kind, const char* kind) const;

  const nlohmann::ordered_json* value_;
  std::string_view subject_;
  JsonFault fault_;
  std::string pointer_;
};

// Parses one JSON value; refuses duplicate keys and what is over the limits. `subject` begins the error messages.
nlohmann::ordered_json parse_json(std::string_view text, std::string_view subject, JsonFault fault,
                                  const JsonLimits& limits = {});

}  // namespace reamo::ie
