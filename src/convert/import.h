// Published checkpoints as parts of a model folder (README of a folder: docs/models.md). Nothing is read of the tensors but their names
// and shapes until write_parts asks for them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "convert/model_part.h"

namespace reamo::convert {

struct ImportOptions {
  std::optional<std::filesystem::path> config;      // of another size than the published one
  std::optional<std::filesystem::path> vocabulary;  // CLIP's, see vocabulary.h
  std::vector<std::string> towers;                  // of ImageBind; empty: all
  bool reamo_variant = false;                       // ImageBind as REAMO uses it: [batch, 1, width], no audio scale
  bool allow_extra = false;                         // surplus tensors are left out instead of refused
  std::string licence;                              // instead of the known one
};

// imagebind_huge.pth, the folder that holds it, or a checkpoint in which it stands under model.multimodal_tower.multimodal_tower.
ModelPart import_imagebind(const std::filesystem::path& source, const ImportOptions& options);
// A Hugging Face folder: config.json, tokenizer.model, weights. A projector in it (or beside it in `projector`) becomes a part of its own.
// `adapter`: a PEFT folder, folded into the weights; `projector`: mm_projector.bin or non_lora_trainables.bin.
struct LlamaSources {
  std::filesystem::path base;
  std::optional<std::filesystem::path> adapter, projector;
};
std::vector<ModelPart> import_llama(const LlamaSources& sources, const ImportOptions& options);
ModelPart import_seem(const std::filesystem::path& source, const ImportOptions& options);
// The classifier's .pt and the wav2vec 2.0 encoder (XLS-R 300M) that it stands on.
ModelPart import_shas(const std::filesystem::path& source, const std::filesystem::path& encoder, const ImportOptions& options);
// A fine-tuned CTC model (base-960h): the listener.
ModelPart import_wav2vec2(const std::filesystem::path& source, const ImportOptions& options);

// The published pieces, found under one folder by their names, or given one by one.
struct ReamoSources {
  std::optional<std::filesystem::path> base, adapter, projector, imagebind, seem, shas, xlsr, wav2vec2;
};
// Looks through `root`, at most four levels deep. Error where two files could be the same piece.
ReamoSources find_reamo(const std::filesystem::path& root);
// The base and ImageBind are needed; what else is not given is left out with a note.
std::vector<ModelPart> import_reamo(const ReamoSources& sources, const ImportOptions& options);

}  // namespace reamo::convert
