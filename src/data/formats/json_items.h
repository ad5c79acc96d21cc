// JSON files as streams of their elements, lines of JSON, and of Python literals.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "data/formats/import.h"
#include "ie/json_reader.h"

namespace reamo::data {

using VisitJson = std::function<void(const std::string& key, const ie::JsonNode& value)>;
// What is to be done with a member of the root object.
enum class Member { kSkip, kWhole, kElements };
using ChooseMember = std::function<Member(const std::string& key)>;

// Visits, each inside its record, the elements of a root array (key "") and the members of a root object as
// `choose` says: not at all, as a value, or each element of it. Only one of them is in memory. A root object
// is a value by itself
// ("" is asked first). Several values one after the other (JSON Lines) are visited each. Throws Error, with
// the line, when the file is no JSON beyond its elements.
void each_json(Import& import, const std::filesystem::path& file, const ChooseMember& choose,
               const VisitJson& visit);
// Every member as a value.
Member whole_members(const std::string& key);
// The root object as one value.
Member whole_root(const std::string& key);

// One dictionary of Python a line: strings in single or double quotes, True, False, None, tuples.
void each_python_line(Import& import, const std::filesystem::path& file, const VisitJson& visit);
// Throws Error where it is no literal.
std::string python_to_json(std::string_view literal);

std::vector<std::string> strings_of(const ie::JsonNode& array);
// A string, or a whole number as a string: ids are either.
std::string id_of(const ie::JsonNode& node);
// Whole numbers up to 2^53, also as "12" or 12.0.
std::int64_t whole_of(const ie::JsonNode& node);

}  // namespace reamo::data
