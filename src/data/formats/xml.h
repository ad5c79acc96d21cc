// Small XML files: elements, attributes and text. No document types, no external entities.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace reamo::data {

struct XmlNode {
  std::string name, text;  // text: of the element itself, trimmed
  std::uint64_t line = 0;
  std::map<std::string, std::string> attributes;
  std::vector<XmlNode> children;

  const XmlNode* find(std::string_view child) const;
  // Each throws Error when it is missing.
  const XmlNode& at(std::string_view child) const;
  const std::string& attribute(const std::string& key) const;
};

// The root, without the children that `visit` is given: each child of the root goes there, when `visit` is
// set. Throws Error "line N: .." on what is no well-formed XML, nested deeper than 32, or over the limit of a
// file (256 MiB).
XmlNode read_xml(const std::filesystem::path& path, const std::function<void(const XmlNode&)>& visit = {});
// For text and attributes.
std::string xml_escaped(std::string_view text);

}  // namespace reamo::data
