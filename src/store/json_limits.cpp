#include "store/json_limits.h"

#include <set>
#include <vector>

#include "ie/error.h"

namespace reamo::store {

nlohmann::json parse_json(std::string_view text, const std::string& where, const JsonLimits& limits) {
  using Event = nlohmann::json::parse_event_t;
  std::vector<std::set<std::string>> keys;
  const auto watch = [&](int depth, Event event, nlohmann::json& parsed) {
    if (depth > limits.max_depth) throw Error(where + ": nested deeper than " + std::to_string(limits.max_depth));
    if (event == Event::object_start) keys.emplace_back();
    if (event == Event::object_end) keys.pop_back();
    if (event == Event::key && !keys.back().insert(parsed.get<std::string>()).second) {
      throw Error(where + ": the key \"" + parsed.get<std::string>() + "\" is there twice");
    }
    return true;
  };
  try {
    return nlohmann::json::parse(text.begin(), text.end(), watch);
  } catch (const nlohmann::json::parse_error& error) {
    throw Error(where + ": not valid JSON at byte " + std::to_string(error.byte));
  } catch (const nlohmann::json::exception& error) {
    throw Error(where + ": not valid JSON (" + error.what() + ")");
  }
}

}  // namespace reamo::store
