#include "ie/document.h"

#include "ie/json_reader.h"
#include "ie/json_writer.h"

namespace reamo::ie {
namespace {

using Paths = std::vector<std::filesystem::path>;

Paths read_paths(const JsonNode& document, std::string_view key,
                 const std::filesystem::path& base) {
  Paths paths;
  if (!document.has(key)) return paths;
  document.at(key).each([&](const JsonNode& node) {
    const std::string path = node.non_empty_string();
    if (path.find('\0') != std::string::npos) node.fail("a path must not hold the character NUL");
    paths.push_back((base / path).lexically_normal());
  });
  return paths;
}

void write_paths(JsonWriter& writer, std::string_view key, const Paths& paths,
                 const std::filesystem::path& base) {
  if (paths.empty()) return;
  writer.key(key).begin_array();
  for (const auto& path : paths) {
    const auto relative = path.lexically_relative(base);
    writer.string(base.empty() || relative.empty() ? path.generic_string()
                                                   : relative.generic_string());
  }
  writer.end_array();
}

}  // namespace

Document read_document(std::string_view json, const std::filesystem::path& base) {
  const auto value = parse_json(json, "document", JsonFault::kData);
  const JsonNode node(value, "document", JsonFault::kData);
  node.keys({}, {"id", "text", "images", "audios", "videos"});
  Document document;
  if (node.has("id")) document.id = node.at("id").non_empty_string();
  if (node.has("text")) document.text = node.at("text").string();
  document.images = read_paths(node, "images", base);
  document.audios = read_paths(node, "audios", base);
  document.videos = read_paths(node, "videos", base);
  if (document.empty()) node.fail("has neither \"text\" nor \"images\", \"audios\" or \"videos\"");
  return document;
}

std::string write_document(const Document& document, const std::filesystem::path& base) {
  JsonWriter writer;
  writer.begin_object();
  if (document.id) writer.key("id").string(*document.id);
  if (document.text) writer.key("text").string(*document.text);
  write_paths(writer, "images", document.images, base);
  write_paths(writer, "audios", document.audios, base);
  write_paths(writer, "videos", document.videos, base);
  writer.end_object();
  return std::move(writer).text();
}

}  // namespace reamo::ie
