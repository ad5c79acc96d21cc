// Reference cases: a folder with case.json and the tensors it names (parity/README.md), and the comparison of what a model
// computes with what the case expects.
#pragma once

#include <torch/torch.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace reamo::nn {

using Tensors = std::map<std::string, torch::Tensor>;

struct Tolerance {
  double absolute = 0, relative = 0;  // agree when |a - e| <= absolute + relative |e|
};

// One case. Files are read when asked for; paths in case.json are relative to its folder. Everything throws Error naming the
// file and what is wrong.
class Case {
 public:
  // `folder` holds case.json with at least `op`.
  static Case open(const std::filesystem::path& folder);

  const std::filesystem::path& folder() const { return folder_; }
  std::string name() const { return folder_.filename().string(); }
  const std::string& op() const { return op_; }
  const nlohmann::json& json() const { return json_; }
  // The configuration: case.json's own, or the JSON file it names.
  const nlohmann::json& config() const { return config_; }
  bool has(const std::string& key) const { return json_.contains(key); }
  // A string field with a default.
  std::string text(const std::string& key, const std::string& otherwise = "") const;
  // The file that a string field names.
  std::filesystem::path file(const std::string& key) const;
  // A file beside case.json.
  std::filesystem::path path(const std::string& relative) const { return folder_ / relative; }
  // The JSON in the file that a field names.
  nlohmann::json data(const std::string& key) const;

  // All tensors of `weights` (a name or a list), those of `weights_override` in their place.
  Tensors weights() const;
  Tensors inputs() const;    // empty where the case names none
  Tensors expected() const;  // empty where the case names none
  // That of the longest pattern which fits, with its own name counting as longest. Error where none fits.
  Tolerance tolerance(const std::string& tensor) const;

 private:
  Tensors tensors_of(const std::string& key) const;

  std::filesystem::path folder_;
  std::string op_;
  nlohmann::json json_, config_;
};

struct CaseResult {
  bool passed = true;
  std::size_t compared = 0;            // tensors
  double worst = 0;                    // largest error in units of its tolerance (exact tensors: share of elements)
  std::string worst_name;              // the tensor it stands in
  std::vector<std::string> failures;   // one sentence each
  void fail(const std::string& sentence) {
    passed = false;
    failures.push_back(sentence);
  }
};

// Compares every expected tensor with the one of the same name in `got`, by the case's tolerances and rules (`where`,
// `where_own`, `max_fraction_different`, `compare: nonzero`). A tensor missing from `got` is a failure. Sizes must agree.
CaseResult compare(const Case& reference, const Tensors& got);
// For expectations in JSON: the same for one tensor under `name`.
void compare_tensor(const Case& reference, const std::string& name, const torch::Tensor& got,
                    const torch::Tensor& expected, const Tensors& own, CaseResult& result);
// `result` as text for a test's message.
std::string describe(const CaseResult& result);

// Whether `text` fits `pattern`, where each '*' stands for any characters; `stars` receives what they stand for.
bool fits_pattern(const std::string& pattern, const std::string& text, std::vector<std::string>* stars = nullptr);

// Folders with a case.json at or below `root`, sorted by path.
std::vector<std::filesystem::path> find_cases(const std::filesystem::path& root);

}  // namespace reamo::nn
