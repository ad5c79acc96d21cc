#include "nn/case.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <sstream>

#include "ie/error.h"
#include "nn/weights.h"
#include "store/json_limits.h"
#include "store/tensor_file.h"

namespace reamo::nn {
namespace {

nlohmann::json read_json(const std::filesystem::path& path) {
  return store::parse_json(store::read_file(path), path.string());
}

const nlohmann::json* find_rule(const Case& reference, const std::string& tensor, std::vector<std::string>& stars) {
  if (!reference.has("rules")) return nullptr;
  const nlohmann::json* best = nullptr;
  std::size_t best_size = 0;
  for (const auto& [pattern, rule] : reference.json().at("rules").items()) {
    std::vector<std::string> found;
    if (!fits_pattern(pattern, tensor, &found)) continue;
    if (best != nullptr && pattern.size() <= best_size) continue;
    best = &rule;
    best_size = pattern.size();
    stars = found;
  }
  return best;
}

// "abs(name) > 1e-3", "name == 0": stars in the name are replaced by what the rule's own stars stood for.
struct Condition {
  bool absolute = false;
  std::string tensor, comparison;
  double number = 0;
};

Condition parse_condition(const std::string& text, const std::vector<std::string>& stars) {
  std::istringstream words(text);
  Condition condition;
  std::string number;
  if (!(words >> condition.tensor >> condition.comparison >> number)) throw Error("condition '" + text + "' is not understood");
  char* end = nullptr;
  condition.number = std::strtod(number.c_str(), &end);
  if (end == number.c_str() || *end != '\0') throw Error("condition '" + text + "' does not end in a number");
  std::string& name = condition.tensor;
  if (name.rfind("abs(", 0) == 0 && name.back() == ')') {
    condition.absolute = true;
    name = name.substr(4, name.size() - 5);
  }
  for (const std::string& star : stars) {
    const std::size_t at = name.find('*');
    if (at != std::string::npos) name.replace(at, 1, star);
  }
  return condition;
}

torch::Tensor evaluate(const Condition& condition, torch::Tensor value) {
  value = value.to(torch::kFloat64);
  if (condition.absolute) value = value.abs();
  const double n = condition.number;
  if (condition.comparison == ">") return value > n;
  if (condition.comparison == ">=") return value >= n;
  if (condition.comparison == "<") return value < n;
  if (condition.comparison == "<=") return value <= n;
  if (condition.comparison == "==") return value == n;
  if (condition.comparison == "!=") return value != n;
  throw Error("comparison '" + condition.comparison + "' is not understood");
}

// The condition's mask in the shape of `shaped`: leading dimensions agree, the rest is broadcast.
torch::Tensor mask_for(const std::string& text, const std::vector<std::string>& stars, const Tensors& first,
                       const Tensors& second, const torch::Tensor& shaped) {
  const Condition condition = parse_condition(text, stars);
  auto found = first.find(condition.tensor);
  if (found == first.end()) {
    found = second.find(condition.tensor);
    if (found == second.end()) throw Error("condition '" + text + "' names no tensor that is there");
  }
  torch::Tensor mask = evaluate(condition, found->second);
  while (mask.dim() < shaped.dim()) mask = mask.unsqueeze(-1);
  return mask.expand(shaped.sizes());
}

std::string shape_text(const torch::Tensor& tensor) {
  std::ostringstream out;
  out << tensor.sizes();
  return out.str();
}

std::string number_text(double x) {
  std::ostringstream out;
  out.precision(4);
  out << x;
  return out.str();
}

}  // namespace

bool fits_pattern(const std::string& pattern, const std::string& text, std::vector<std::string>* stars) {
  const std::size_t star = pattern.find('*');
  if (star == std::string::npos) return pattern == text;
  if (text.compare(0, star, pattern, 0, star) != 0 || text.size() < star) return false;
  const std::string rest = pattern.substr(star + 1);
  for (std::size_t length = 0; star + length <= text.size(); ++length) {
    std::vector<std::string> later;
    if (!fits_pattern(rest, text.substr(star + length), &later)) continue;
    if (stars != nullptr) {
      *stars = {text.substr(star, length)};
      stars->insert(stars->end(), later.begin(), later.end());
    }
    return true;
  }
  return false;
}

Case Case::open(const std::filesystem::path& folder) {
  Case result;
  result.folder_ = folder.lexically_normal();
  if (result.folder_.filename().empty()) result.folder_ = result.folder_.parent_path();
  const std::filesystem::path file = folder / "case.json";
  result.json_ = read_json(file);
  if (!result.json_.is_object() || !result.json_.contains("op") || !result.json_.at("op").is_string()) {
    throw Error(file.string() + ": 'op' is missing");
  }
  result.op_ = result.json_.at("op").get<std::string>();
  if (result.json_.contains("config")) {
    const nlohmann::json& config = result.json_.at("config");
    result.config_ = config.is_string() ? read_json(folder / config.get<std::string>()) : config;
  } else {
    result.config_ = nlohmann::json::object();
  }
  return result;
}

std::string Case::text(const std::string& key, const std::string& otherwise) const {
  if (!json_.contains(key)) return otherwise;
  if (!json_.at(key).is_string()) throw Error((folder_ / "case.json").string() + ": '" + key + "' is not a string");
  return json_.at(key).get<std::string>();
}

std::filesystem::path Case::file(const std::string& key) const {
  if (!json_.contains(key)) throw Error((folder_ / "case.json").string() + ": '" + key + "' is missing");
  return folder_ / text(key);
}

nlohmann::json Case::data(const std::string& key) const { return read_json(file(key)); }

Tensors Case::tensors_of(const std::string& key) const {
  if (!json_.contains(key)) return {};
  const nlohmann::json& names = json_.at(key);
  if (names.is_string()) return read_tensors(folder_ / names.get<std::string>());
  Tensors all;
  for (const auto& name : names) {
    Tensors part = read_tensors(folder_ / name.get<std::string>());
    all.merge(part);
    if (!part.empty()) throw Error((folder_ / "case.json").string() + ": two files of '" + key + "' hold " + part.begin()->first);
  }
  return all;
}

Tensors Case::weights() const {
  Tensors all = tensors_of("weights");
  for (auto& [name, tensor] : tensors_of("weights_override")) all[name] = tensor;
  return all;
}

Tensors Case::inputs() const { return tensors_of("inputs"); }
Tensors Case::expected() const { return tensors_of("expected"); }

Tolerance Case::tolerance(const std::string& tensor) const {
  const std::string where = (folder_ / "case.json").string();
  if (!json_.contains("tolerance")) throw Error(where + ": no tolerances are given");
  const nlohmann::json* best = nullptr;
  std::size_t best_size = 0;
  for (const auto& [pattern, value] : json_.at("tolerance").items()) {
    if (!fits_pattern(pattern, tensor)) continue;
    const std::size_t size = pattern == tensor ? std::string::npos : pattern.size();
    if (best != nullptr && size <= best_size) continue;
    best = &value;
    best_size = size;
  }
  if (best == nullptr) throw Error(where + ": no tolerance covers '" + tensor + "'");
  return {best->value("atol", 0.0), best->value("rtol", 0.0)};
}

void compare_tensor(const Case& reference, const std::string& name, const torch::Tensor& got_tensor,
                    const torch::Tensor& expected_tensor, const Tensors& own, CaseResult& result) {
  ++result.compared;
  const torch::Tensor got = got_tensor.detach().cpu().to(torch::kFloat64);
  const torch::Tensor expected = expected_tensor.cpu().to(torch::kFloat64);
  if (got.sizes() != expected.sizes()) {
    return result.fail(name + " has shape " + shape_text(got) + ", expected " + shape_text(expected));
  }
  if (expected.numel() == 0) return;
  const Tolerance tolerance = reference.tolerance(name);
  const torch::Tensor size = torch::where(torch::isfinite(expected), expected.abs(), torch::zeros_like(expected));
  const torch::Tensor allowed = tolerance.absolute + tolerance.relative * size;
  const torch::Tensor same = (got == expected) | (torch::isnan(got) & torch::isnan(expected));
  torch::Tensor error = torch::where(same, torch::zeros_like(got), (got - expected).abs());
  error = torch::where(torch::isnan(error), torch::full_like(error, INFINITY), error);
  torch::Tensor wrong = ~same & ~(error <= allowed);

  double allowed_fraction = 0;
  torch::Tensor considered = torch::ones_like(wrong);
  std::vector<std::string> stars;
  if (const nlohmann::json* rule = find_rule(reference, name, stars)) {
    if (rule->value("compare", "") == "nonzero") wrong = (got != 0) != (expected != 0);
    if (rule->contains("where")) {
      const Tensors expected_all = reference.expected(), inputs = reference.inputs();
      considered = considered & mask_for(rule->at("where").get<std::string>(), stars, expected_all, inputs, wrong);
    }
    if (rule->contains("where_own")) {
      considered = considered & mask_for(rule->at("where_own").get<std::string>(), stars, own, {}, wrong);
    }
    allowed_fraction = rule->value("max_fraction_different", 0.0);
  }
  wrong = wrong & considered;
  const double count = considered.sum().item<double>();
  if (count == 0) return;
  const double fraction = wrong.sum().item<double>() / count;
  // In units of what is allowed: 1 is just inside.
  double units;
  if (allowed_fraction > 0) {
    units = fraction / allowed_fraction;
  } else if (tolerance.absolute > 0 || tolerance.relative > 0) {
    const torch::Tensor ratio = torch::where(error == 0, torch::zeros_like(error), error / allowed);
    units = torch::where(considered, ratio, torch::zeros_like(ratio)).max().item<double>();
  } else {
    units = fraction > 0 ? 1 + fraction : 0;
  }
  if (units > result.worst || result.worst_name.empty()) {
    result.worst = units;
    result.worst_name = name;
  }
  if (fraction > allowed_fraction) {
    const torch::Tensor considered_error = torch::where(wrong, error, torch::zeros_like(error)).flatten();
    const std::int64_t at = considered_error.argmax().item<std::int64_t>();
    result.fail(name + ": " + number_text(100 * fraction) + " % of the elements differ, the most at " + std::to_string(at) +
                ": " + number_text(got.flatten()[at].item<double>()) + ", expected " +
                number_text(expected.flatten()[at].item<double>()));
  }
}

CaseResult compare(const Case& reference, const Tensors& got) {
  CaseResult result;
  for (const auto& [name, expected] : reference.expected()) {
    const auto found = got.find(name);
    if (found == got.end() || !found->second.defined()) {
      result.fail(name + " was not computed");
      continue;
    }
    compare_tensor(reference, name, found->second, expected, got, result);
  }
  if (result.compared == 0 && result.passed) result.fail("nothing was compared");
  return result;
}

std::string describe(const CaseResult& result) {
  std::ostringstream out;
  out << result.compared << " tensors, worst " << number_text(result.worst) << " of its tolerance";
  if (!result.worst_name.empty()) out << " (" << result.worst_name << ")";
  for (const std::string& failure : result.failures) out << "\n  " << failure;
  return out.str();
}

std::vector<std::filesystem::path> find_cases(const std::filesystem::path& root) {
  if (!std::filesystem::is_directory(root)) throw Error(root.string() + " is not a folder of reference cases");
  std::vector<std::filesystem::path> folders;
  if (std::filesystem::exists(root / "case.json")) folders.push_back(root);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (entry.is_directory() && std::filesystem::exists(entry.path() / "case.json")) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

}  // namespace reamo::nn
