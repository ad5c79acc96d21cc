#include "parity/registry.h"

#include <algorithm>

#include "ie/error.h"
#include "parity/ops.h"

namespace reamo::parity {
namespace {

struct Family {
  std::vector<std::string> (*ops)();
  Outcome (*run)(const nn::Case&, const Context&);
};
constexpr Family kFamilies[] = {
    {imagebind_ops, run_imagebind},
    {seem_ops, run_seem},
    {speech_ops, run_speech},
    {llm_ops, run_llm},
};

}  // namespace

Outcome run_case(const nn::Case& reference, const Context& context) {
  for (const Family& family : kFamilies) {
    const std::vector<std::string> ops = family.ops();
    if (std::find(ops.begin(), ops.end(), reference.op()) != ops.end()) return family.run(reference, context);
  }
  throw Error((reference.folder() / "case.json").string() + ": unknown op '" + reference.op() + "'");
}

std::vector<std::string> known_ops() {
  std::vector<std::string> all;
  for (const Family& family : kFamilies) {
    for (std::string& op : family.ops()) all.push_back(std::move(op));
  }
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace reamo::parity
