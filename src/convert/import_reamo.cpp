// All published pieces of REAMO at once.
#include <algorithm>

#include "convert/import.h"
#include "convert/table_builder.h"
#include "ie/error.h"

namespace reamo::convert {
namespace {

namespace fs = std::filesystem;
constexpr int kMaxDepth = 4;
constexpr std::size_t kMaxEntries = 100000;

void found(std::optional<fs::path>& piece, const fs::path& path, const char* what, const char* option) {
  if (piece && *piece != path) {
    throw Error(piece->string() + " and " + path.string() + " could both be the " + what + "; say which with " + option);
  }
  piece = path;
}

// "model_type" and "architectures" of a Hugging Face folder.
void look_at_config(const fs::path& file, ReamoSources& out) {
  const nlohmann::json config = read_json_file(file);
  const fs::path folder = file.parent_path();
  const std::string type = text_in(config, "model_type", "");
  if (type == "wav2vec2") {
    const bool hears = config.contains("architectures") && config.at("architectures").dump().find("ForCTC") != std::string::npos;
    if (hears) found(out.wav2vec2, folder, "listener", "--wav2vec2");
    else found(out.xlsr, folder, "segmenter's encoder", "--xlsr");
  } else if ((type == "llama" || type == "Reamo_llama") && !fs::exists(folder / "adapter_config.json") && fs::exists(folder / "tokenizer.model")) {
    found(out.base, folder, "language model", "--base");
  }
}

}  // namespace

ReamoSources find_reamo(const fs::path& root) {
  if (!fs::is_directory(root)) throw Error(root.string() + ": not a folder");
  ReamoSources out;
  std::optional<fs::path> stage_one;
  std::size_t entries = 0;
  for (auto it = fs::recursive_directory_iterator(root, fs::directory_options::skip_permission_denied); it != fs::recursive_directory_iterator(); ++it) {
    if (++entries > kMaxEntries) throw Error(root.string() + ": more than 100000 files; give the pieces one by one");
    if (it.depth() >= kMaxDepth) it.disable_recursion_pending();
    if (!it->is_regular_file()) continue;
    const fs::path& path = it->path();
    const std::string name = path.filename().string(), ending = path.extension().string();
    std::string below = fs::relative(path, root).string();
    std::transform(below.begin(), below.end(), below.begin(), [](unsigned char c) { return char(std::tolower(c)); });
    if (name == "imagebind_huge.pth") found(out.imagebind, path, "encoder", "--imagebind");
    else if (name.rfind("seem_focall", 0) == 0 && ending == ".pt") found(out.seem, path, "visual grounder", "--seem");
    else if ((ending == ".pt" || ending == ".pth") && (below.find("shas") != std::string::npos || below.find("sfc") != std::string::npos)) found(out.shas, path, "segmenter", "--shas");
    else if (name == "adapter_config.json") found(out.adapter, path.parent_path(), "adapter", "--adapter");
    else if (name == "non_lora_trainables.bin") found(out.projector, path, "trained projector", "--projector");
    else if (name == "mm_projector.bin" || name == "mm_input_projector.bin") found(stage_one, path, "trained projector", "--projector");
    else if (name == "config.json") look_at_config(path, out);
  }
  if (!out.projector) out.projector = stage_one;  // the second stage has it too, trained further
  return out;
}

std::vector<ModelPart> import_reamo(const ReamoSources& sources, const ImportOptions& options) {
  if (!sources.base) throw Error("no language model found: a folder with config.json (llama), tokenizer.model and weights (--base)");
  ImportOptions part_options = options;
  part_options.config.reset();
  part_options.reamo_variant = true;
  if (part_options.towers.empty()) part_options.towers = {"vision", "audio"};  // the towers that REAMO calls
  std::vector<ModelPart> parts = import_llama({*sources.base, sources.adapter, sources.projector}, part_options);
  std::vector<std::string> notes;
  if (!sources.adapter) notes.push_back("no adapter: the language model is the base as it is");
  if (parts.size() < 2) notes.push_back("no projector: the model reads text only");
  const auto add = [&](const std::optional<fs::path>& path, const char* what, auto import) {
    if (path) parts.push_back(import(*path));
    else notes.push_back(std::string("no ") + what);
  };
  add(sources.imagebind, "encoder (imagebind_huge.pth)", [&](const fs::path& path) { return import_imagebind(path, part_options); });
  add(sources.seem, "visual grounder (seem_focall_v1.pt)", [&](const fs::path& path) { return import_seem(path, part_options); });
  if (sources.shas && sources.xlsr) parts.push_back(import_shas(*sources.shas, *sources.xlsr, part_options));
  else notes.push_back(sources.shas ? "no segmenter: its encoder, wav2vec2-xls-r-300m, is missing (--xlsr)" : "no segmenter (SHAS)");
  add(sources.wav2vec2, "listener (wav2vec2-base-960h): speech will not be transcribed", [&](const fs::path& path) { return import_wav2vec2(path, part_options); });
  parts.front().notes.insert(parts.front().notes.end(), notes.begin(), notes.end());
  return parts;
}

}  // namespace reamo::convert
