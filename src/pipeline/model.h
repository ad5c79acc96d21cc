// A model folder opened for use: each component is loaded when it is first needed.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "encoder/encoder.h"
#include "grounder/audio/listener.h"
#include "grounder/audio/shas.h"
#include "grounder/visual/visual_grounder.h"
#include "ie/result.h"
#include "reasoner/reasoner.h"
#include "store/model_folder.h"

namespace reamo::pipeline {

class Model {
 public:
  // Checks the folder as a whole (every file there, of the stated size). Throws Error naming what is wrong.
  explicit Model(const std::filesystem::path& folder, const std::string& device = "cpu");

  const store::ModelFolder& folder() const { return folder_; }
  ie::ModelId id() const { return {folder_.name, folder_.hash}; }
  bool has(const std::string& component) const { return folder_.has(component); }

  // Error naming the component when the folder has none.
  const encoder::Encoder& encoder();
  const reasoner::Reasoner& reasoner();
  const grounder::VisualGrounder& visual();
  const grounder::Listener& listener();
  const grounder::Segmenter& segmenter();

 private:
  store::ModelFolder folder_;
  std::string device_;
  std::optional<encoder::Encoder> encoder_;
  std::optional<reasoner::Reasoner> reasoner_;
  std::optional<grounder::VisualGrounder> visual_;
  std::optional<grounder::Listener> listener_;
  std::optional<grounder::Segmenter> segmenter_;
};

}  // namespace reamo::pipeline
