// Checks JSON against the part of JSON Schema (draft 2020-12) that the project's schemas use. For tests.
#pragma once

#include <nlohmann/json.hpp>
#include <algorithm>
#include <regex>
#include <set>
#include <stdexcept>
#include <string>

namespace reamo::ie {

class JsonSchemaCheck {
 public:
  explicit JsonSchemaCheck(nlohmann::json root) : root_(std::move(root)) {}

  // Empty when `value` is valid, else the first fault with its place.
  std::string fault(const nlohmann::json& value) const { return check(root_, value, ""); }

 private:
  using json = nlohmann::json;

  static bool is_type(const std::string& type, const json& v) {
    if (type == "object") return v.is_object();
    if (type == "array") return v.is_array();
    if (type == "string") return v.is_string();
    if (type == "boolean") return v.is_boolean();
    if (type == "integer") return v.is_number_integer();
    if (type == "number") return v.is_number();
    throw std::logic_error("the checker does not know the type " + type);
  }

  std::string check(const json& schema, const json& value, const std::string& where) const {
    for (const auto& [key, rule] : schema.items()) {
      const std::string fault = check_rule(key, rule, schema, value, where);
      if (!fault.empty()) return fault;
    }
    return "";
  }

  std::string check_rule(const std::string& key, const json& rule, const json& schema, const json& value, const std::string& where) const {
    const auto broken = [&] { return where + ": breaks \"" + key + "\": " + rule.dump(); };
    if (key == "$schema" || key == "title" || key == "description" || key == "$defs") return "";
    if (key == "$ref") return check(root_.at(json::json_pointer(rule.get<std::string>().substr(1))), value, where);
    if (key == "type") return is_type(rule, value) ? "" : broken();
    if (key == "const") return value == rule ? "" : broken();
    if (key == "enum") return std::find(rule.begin(), rule.end(), value) != rule.end() ? "" : broken();
    if (key == "required") {
      for (const auto& name : rule) {
        if (value.is_object() && !value.contains(name)) return broken();
      }
      return "";
    }
    if (key == "properties") {
      for (const auto& [name, sub] : rule.items()) {
        if (!value.is_object() || !value.contains(name)) continue;
        const auto fault = check(sub, value.at(name), where + "/" + name);
        if (!fault.empty()) return fault;
      }
      return "";
    }
    if (key == "additionalProperties") {
      if (!value.is_object()) return "";
      for (const auto& [name, member] : value.items()) {
        if (schema.contains("properties") && schema.at("properties").contains(name)) continue;
        if (rule == false) return where + "/" + name + ": not allowed";
        const auto fault = check(rule, member, where + "/" + name);
        if (!fault.empty()) return fault;
      }
      return "";
    }
    if (key == "propertyNames") {
      if (!value.is_object()) return "";
      for (const auto& [name, member] : value.items()) {
        const auto fault = check(rule, name, where + "/" + name);
        if (!fault.empty()) return fault;
      }
      return "";
    }
    if (key == "items") {
      for (std::size_t i = 0; value.is_array() && i < value.size(); ++i) {
        const auto fault = check(rule, value[i], where + "/" + std::to_string(i));
        if (!fault.empty()) return fault;
      }
      return "";
    }
    if (key == "anyOf" || key == "oneOf") {
      int valid = 0;
      for (const auto& option : rule) valid += check(option, value, where).empty();
      return (key == "anyOf" ? valid >= 1 : valid == 1) ? "" : where + ": " + std::to_string(valid) + " of \"" + key + "\" hold";
    }
    if (key == "minItems") return !value.is_array() || value.size() >= rule.get<std::size_t>() ? "" : broken();
    if (key == "maxItems") return !value.is_array() || value.size() <= rule.get<std::size_t>() ? "" : broken();
    if (key == "uniqueItems") {
      return std::set<json>(value.begin(), value.end()).size() == value.size() ? "" : broken();
    }
    if (key == "minLength") return !value.is_string() || value.get<std::string>().size() >= rule.get<std::size_t>() ? "" : broken();
    if (key == "minimum") return !value.is_number() || value.get<double>() >= rule.get<double>() ? "" : broken();
    if (key == "maximum") return !value.is_number() || value.get<double>() <= rule.get<double>() ? "" : broken();
    if (key == "pattern") return std::regex_search(value.get<std::string>(), std::regex(rule.get<std::string>())) ? "" : broken();
    throw std::logic_error("the checker does not know the keyword " + key);
  }

  json root_;
};

}  // namespace reamo::ie
