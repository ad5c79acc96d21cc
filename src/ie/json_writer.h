// Canonical JSON: keys as written, one space after ':' and ',', shortest numbers that read back equal, no newline.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace reamo::ie {

class JsonWriter {
 public:
  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name);
  // Throws Error on text that is not UTF-8.
  JsonWriter& string(std::string_view text);
  // Throws Error on infinities and NaN.
  JsonWriter& number(double value);
  JsonWriter& integer(std::int64_t value);
  JsonWriter& boolean(bool value);
  JsonWriter& null();
  // Seconds, rounded to 1 ms.
  JsonWriter& time(double seconds);

  const std::string& text() const& { return text_; }
  std::string text() && { return std::move(text_); }

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  void separate();  // before a value or key
  void append_string(std::string_view text);

  std::string text_;
  bool first_ = true;       // nothing stands in the open bracket yet
  bool after_key_ = false;
};

// Seconds on the millisecond.
double round_to_millisecond(double seconds);

}  // namespace reamo::ie
