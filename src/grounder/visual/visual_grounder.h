// Finds what phrases, points, boxes and drawings name in a picture.
#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "grounder/grounding.h"
#include "signal/image.h"

namespace reamo::grounder {

struct GroundOptions {
  std::optional<double> threshold;  // probability from which a match counts; default: of the configuration
  int max_matches = 32;             // a phrase, best first
  double overlap = 0.5;             // of two matches of one phrase with a mask IoU above this the better one stays
  bool appearance = false;          // fill Match::appearance
  // Decoder head: also ask which class a match has (needs a class table in the model file).
  bool label = false;
};

// Points, a box or a drawing that stand on one object. At least one of them.
struct RegionQuery {
  struct Point { int x = 0, y = 0; };
  std::vector<Point> points;
  std::optional<ie::Box> box;
  std::optional<ie::Mask> drawing;  // of the picture's size
};

class VisualGrounder {
 public:
  // `config`: SeemConfig as JSON. Errors name the file and what is missing. `device`: "cpu", "cuda".
  static VisualGrounder load(const nlohmann::json& config, const std::filesystem::path& safetensors,
                             const std::filesystem::path& bpe, const std::string& device = "cpu");
  VisualGrounder(VisualGrounder&&) noexcept;
  VisualGrounder& operator=(VisualGrounder&&) noexcept;
  ~VisualGrounder();

  // For each phrase all objects that match, best first; empty: absent. An empty phrase is a UsageError.
  std::vector<std::vector<Match>> ground(const signal::Image& image, const std::vector<std::string>& phrases,
                                         const GroundOptions& options = {}) const;
  // The object that the points, box or drawing stand on; nullopt where nothing fits. UsageError where they lie outside.
  std::optional<Match> ground(const signal::Image& image, const RegionQuery& query,
                              const GroundOptions& options = {}) const;

  struct Impl;
  Impl& impl() const { return *impl_; }

 private:
  explicit VisualGrounder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace reamo::grounder
