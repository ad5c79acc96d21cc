#include "store/model_folder.h"

#include "ie/error.h"
#include "store/json_limits.h"
#include "store/tensor_file.h"

namespace reamo::store {
namespace {

using nlohmann::json;

// A file name without folders: a model folder reaches nothing outside itself.
bool is_plain_name(const std::string& name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos && name[0] != '.';
}

Component read_component(const json& entry, const std::string& pointer, const std::string& where) {
  Component component;
  const auto text = [&](const std::string& key) {
    if (!entry.is_object() || !entry.contains(key) || !entry[key].is_string()) {
      throw Error(where + ": " + pointer + "/" + key + " must be a string");
    }
    return entry[key].get<std::string>();
  };
  component.class_name = text("class");
  component.licence = text("licence");
  if (!entry.contains("config") || !entry["config"].is_object()) throw Error(where + ": " + pointer + "/config must be an object");
  component.config = entry["config"];
  if (!entry.contains("files") || !entry["files"].is_array()) throw Error(where + ": " + pointer + "/files must be a list");
  for (const json& name : entry["files"]) {
    if (!name.is_string() || !is_plain_name(name.get<std::string>())) {
      throw Error(where + ": " + pointer + "/files must hold names of files in the folder");
    }
    component.files.push_back(name.get<std::string>());
  }
  return component;
}

}  // namespace

const Component& ModelFolder::at(const std::string& component) const {
  const auto found = components.find(component);
  if (found == components.end()) throw Error(path.string() + ": the model has no " + component);
  return found->second;
}

ModelFolder open_model_folder(const std::filesystem::path& path, bool verify_hashes) {
  if (!std::filesystem::is_directory(path)) throw Error(path.string() + ": not a model folder");
  const std::filesystem::path index = path / "reamo.json";
  if (!std::filesystem::exists(index)) throw Error(path.string() + ": not a model folder (no reamo.json in it)");
  const std::string text = read_file(index, 16u << 20);
  const std::string where = index.string();
  const json root = parse_json(text, where);

  ModelFolder folder;
  folder.path = path;
  folder.hash = sha256(std::as_bytes(std::span(text)));
  if (!root.is_object()) throw Error(where + ": must be an object");
  for (const char* key : {"name", "version"}) {
    if (!root.contains(key) || !root[key].is_string()) throw Error(where + ": /" + key + " must be a string");
  }
  folder.name = root["name"];
  folder.version = root["version"];
  if (!root.contains("components") || !root["components"].is_object()) throw Error(where + ": /components must be an object");
  for (const auto& [name, entry] : root["components"].items()) {
    folder.components[name] = read_component(entry, "/components/" + name, where);
  }
  if (!root.contains("files") || !root["files"].is_object()) throw Error(where + ": /files must be an object");

  std::vector<std::string> wrong;
  for (const auto& [name, component] : folder.components) {
    for (const std::string& file : component.files) {
      if (!root["files"].contains(file)) {
        wrong.push_back(file + " is not listed under /files");
        continue;
      }
      const json& facts = root["files"][file];
      if (!facts.is_object() || !facts.contains("bytes") || !facts["bytes"].is_number_unsigned() ||
          !facts.contains("sha256") || !facts["sha256"].is_string()) {
        throw Error(where + ": /files/" + file + " must hold bytes and sha256");
      }
      std::error_code code;
      const auto size = std::filesystem::file_size(path / file, code);
      if (code) {
        wrong.push_back(file + " is missing");
      } else if (size != facts["bytes"].get<std::uint64_t>()) {
        wrong.push_back(file + " has " + std::to_string(size) + " bytes instead of " + facts["bytes"].dump() + " (truncated?)");
      } else if (verify_hashes && sha256_file(path / file) != facts["sha256"].get<std::string>()) {
        wrong.push_back(file + " is not the file that reamo.json describes (other SHA-256)");
      }
      folder.sha256[file] = facts["sha256"].get<std::string>();
    }
  }
  if (!wrong.empty()) {
    std::string message = path.string() + ": the model is incomplete: ";
    for (std::size_t i = 0; i < wrong.size(); ++i) message += (i ? "; " : "") + wrong[i];
    throw Error(message);
  }
  return folder;
}

namespace {

// `known`: whether the folder's own hash of the file holds.
template <typename Known>
void write_index(const ModelFolder& folder, Known known) {
  nlohmann::ordered_json root;
  root["name"] = folder.name;
  root["version"] = folder.version;
  nlohmann::ordered_json files = nlohmann::ordered_json::object();
  for (const auto& [name, component] : folder.components) {
    nlohmann::ordered_json& entry = root["components"][name];
    entry["class"] = component.class_name;
    entry["config"] = component.config;
    entry["files"] = component.files;
    entry["licence"] = component.licence;
    for (const std::string& file : component.files) {
      files[file] = {{"bytes", std::filesystem::file_size(folder.path / file)}, 
                     {"sha256", known(file) ? folder.sha256.at(file) : sha256_file(folder.path / file)}};
    }
  }
  root["files"] = files;
  write_file_whole(folder.path / "reamo.json", root.dump(1) + "\n");
}

}  // namespace

void write_model_folder(const ModelFolder& folder) {
  write_index(folder, [](const std::string&) { return false; });
}

void update_model_folder(const ModelFolder& folder, const std::set<std::string>& written) {
  write_index(folder, [&](const std::string& file) { return written.count(file) == 0 && folder.sha256.count(file) != 0; });
}

}  // namespace reamo::store
