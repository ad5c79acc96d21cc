// JSON from foreign files, with limits.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace reamo::store {

struct JsonLimits {
  int max_depth = 64;
};
// Parses with a depth limit and refuses duplicate keys. Throws Error: "<where>: ..." with the byte position.
nlohmann::json parse_json(std::string_view text, const std::string& where, const JsonLimits& limits = {});

}  // namespace reamo::store
