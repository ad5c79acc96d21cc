// Used where tables are made.
#pragma once

#include <string>

#include "convert/tensor_table.h"

namespace reamo::convert {

// A whole number of the configuration, `fallback` where it is missing; Error outside of 0..`limit`.
std::int64_t size_in(const nlohmann::json& config, const char* key, std::int64_t fallback, std::int64_t limit = 1 << 22);
const nlohmann::json& part_of(const nlohmann::json& config, const char* key);  // an empty object where it is missing
bool flag_in(const nlohmann::json& config, const char* key, bool fallback);
std::string text_in(const nlohmann::json& config, const char* key, const std::string& fallback);

struct TableBuilder {
  TensorTable table;
  void add(const std::string& name, Shape shape, bool optional = false) { table.push_back({name, std::move(shape), optional}); }
  void pair(const std::string& name, Shape weight) {  // weight, and a bias as long as its first side
    const std::int64_t rows = weight.at(0);
    add(name + ".weight", std::move(weight));
    add(name + ".bias", {rows});
  }
  void norm(const std::string& name, std::int64_t width) { pair(name, {width}); }
  void attention(const std::string& name, std::int64_t width) {  // packed in-projection
    add(name + ".in_proj_weight", {3 * width, width});
    add(name + ".in_proj_bias", {3 * width});
    pair(name + ".out_proj", {width, width});
  }
};

}  // namespace reamo::convert
