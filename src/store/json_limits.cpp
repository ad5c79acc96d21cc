#include "store/json_limits.h"

#include <set>
#include <vector>

#include "ie/error.h"

namespace reamo::store {
namespace {

using nlohmann::json;

// Looks at the events of a text and keeps nothing but the keys of the objects that are open. (The library's own parser with a callback
// takes time with the square of the number of objects in an object.)
class Watch : public nlohmann::json_sax<json> {
 public:
  Watch(const std::string& where, int max_depth) : where_(where), max_depth_(max_depth) {}

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return open(); }
  bool key(string_t& name) override {
    if (!keys_.back().insert(name).second) throw Error(where_ + ": the key \"" + name + "\" is there twice");
    return true;
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t position, const std::string&, const json::exception& error) override {
    if (dynamic_cast<const json::parse_error*>(&error) != nullptr) throw Error(where_ + ": not valid JSON at byte " + std::to_string(position));
    throw Error(where_ + ": not valid JSON (" + error.what() + ")");
  }

 private:
  bool open() {
    if (int(keys_.size()) > max_depth_) throw Error(where_ + ": nested deeper than " + std::to_string(max_depth_));
    keys_.emplace_back();
    return true;
  }
  bool close() {
    keys_.pop_back();
    return true;
  }

  const std::string& where_;
  int max_depth_;
  std::vector<std::set<std::string>> keys_;
};

}  // namespace

json parse_json(std::string_view text, const std::string& where, const JsonLimits& limits) {
  Watch watch(where, limits.max_depth);
  json::sax_parse(text.begin(), text.end(), &watch);
  try {
    return json::parse(text.begin(), text.end());
  } catch (const json::parse_error& error) {
    throw Error(where + ": not valid JSON at byte " + std::to_string(error.byte));
  } catch (const json::exception& error) {
    throw Error(where + ": not valid JSON (" + error.what() + ")");
  }
}

}  // namespace reamo::store
