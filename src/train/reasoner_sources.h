// What the stages of the reasoner read, and how much of each.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "encoder/encoder.h"
#include "synth/atlas.h"
#include "train/reasoner_stage.h"

namespace reamo::train {

enum class Reading {
  kSaid,      // texts, annotated texts, and what words say of documents with media (stage uie)
  kSeen,      // those texts, and whole documents with their media encoded (meta_response)
  kPictures,  // documents of pictures and films alone (alignment)
};

struct SourceOptions {
  Reading reading = Reading::kSaid;
  std::uint64_t seed = 1;
  double text_share = 1;                            // of texts of the world
  std::vector<std::filesystem::path> annotated;     // folders of documents.jsonl and gold.jsonl, a share of 0.08 each
  std::shared_ptr<const synth::Atlas> atlas;        // for documents with media; none: texts only
  std::optional<encoder::Encoder> encoder;          // for kSeen and kPictures
};
// Half of each kind has schemas of its own and some of the tasks, half the world's schema with everything asked, which
// batches read once. Error where what the reading needs is not given.
ExampleSource reasoner_source(const ExampleMaker& maker, const SourceOptions& options);

}  // namespace reamo::train
