// Metrics as functions from a case's input to what it expects, by group and name.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "eval/counts.h"
#include "ie/error.h"
#include "ie/mask.h"

namespace reamo::eval {

using nlohmann::json;

// `file` is where the case stands (some cases name those of another file); `input` and `expected`
// are its parts. What is returned has the form of `expected`; it may have more.
struct CaseContext {
  std::filesystem::path file;
  std::string name;
  const json& input;
  const json& expected;
};
// A case names something that its folder does not have.
class MissingPart : public Error {
 public:
  using Error::Error;
};

using CaseMetric = std::function<json(const CaseContext&)>;
using CaseMetrics = std::map<std::string, CaseMetric>;  // by "group/name"

CaseMetrics mask_case_metrics();        // rle, mask_iou, davis
CaseMetrics tracking_case_metrics();    // hota
CaseMetrics segment_case_metrics();     // segments
CaseMetrics extraction_case_metrics();  // ie_strict, ie_instructuie
CaseMetrics grounded_case_metrics();    // grounded, bootstrap

ie::Mask mask_of(const json& rle);  // {"size", "counts"}, or {"size", "rows"}
json counts_json(const Counts& counts);
template <typename Value>
json optional_json(const Value& value) {
  return value ? json(*value) : json(nullptr);
}

}  // namespace reamo::eval
