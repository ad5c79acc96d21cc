// A model as a folder: reamo.json and the files it names (DESIGN 3.6).
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace reamo::store {

// One part of a model: "encoder", "projector", "reasoner", "visual", "segmenter", "listener".
struct Component {
  std::string class_name;          // "ImageBind", "Llama", "Seem", "Shas", "Listener"
  nlohmann::json config;           // the class's full configuration
  std::vector<std::string> files;  // in the folder: weights first, then vocabularies
  std::string licence;
};

struct ModelFolder {
  std::filesystem::path path;
  std::string name, version;
  std::map<std::string, Component> components;
  std::map<std::string, std::string> sha256;  // of each file
  std::string hash;                           // SHA-256 of reamo.json: the model's identity in results

  bool has(const std::string& component) const { return components.count(component) != 0; }
  // Error naming the folder and the part that is missing.
  const Component& at(const std::string& component) const;
  std::filesystem::path file(const std::string& name) const { return path / name; }
};

// Reads reamo.json and checks that every file is there with the stated size and, with `verify_hashes`, the stated SHA-256.
// Everything that is wrong comes in one Error. Format of reamo.json:
//   {"name", "version", "components": {"reasoner": {"class", "config", "files": [..], "licence"}}, "files": {"f": {"bytes", "sha256"}}}
ModelFolder open_model_folder(const std::filesystem::path& path, bool verify_hashes = false);
// Computes sizes and hashes of the files named by the components and writes reamo.json (whole or not at all).
void write_model_folder(const ModelFolder& folder);
// The same for a folder that was opened: sizes and hashes of the files of `written` are computed, those of others kept as they are.
void update_model_folder(const ModelFolder& folder, const std::set<std::string>& written);

}  // namespace reamo::store
