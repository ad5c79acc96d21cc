// From a document's files to what the reasoner and the grounders need of them.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ie/document.h"
#include "ie/result.h"
#include "ie/transcript.h"
#include "media/read.h"
#include "pipeline/model.h"
#include "reasoner/prompt.h"
#include "signal/image.h"

namespace reamo::pipeline {

struct PerceiveOptions {
  bool soundtrack = true;                           // a video's own sound counts as an audio
  std::map<std::string, ie::Transcript> given;      // replace the listener, by medium; without times they are aligned
  media::Limits limits;
  bool features = true;                             // also what the reasoner sees of each medium
};

struct Perceived {
  std::vector<ie::Medium> media;                            // facts of every medium given, text first
  std::map<std::string, signal::Image> images;              // "image-0"
  std::map<std::string, std::filesystem::path> videos;      // "video-0": read again when something is tracked
  std::map<std::string, ie::Transcript> transcripts;        // of audios and sound tracks in which speech could be read
  std::map<std::string, std::vector<ie::Segment>> speech;   // utterances, where a segmenter had to do without a listener
  std::vector<reasoner::MediumFeatures> features;           // in the order of the media
  std::vector<ie::Warning> warnings;
};

// Throws Error naming the file that cannot be read.
Perceived perceive(const ie::Document& document, Model& model, const PerceiveOptions& options);

}  // namespace reamo::pipeline
