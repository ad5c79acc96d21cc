#include "eval/cases.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>

#include "eval/case_metrics.h"
#include "ie/error.h"

namespace reamo::eval {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

const CaseMetrics& metrics() {
  static const CaseMetrics all = [] {
    CaseMetrics merged;
    for (auto group : {mask_case_metrics(), tracking_case_metrics(), segment_case_metrics(),
                       extraction_case_metrics(), grounded_case_metrics()}) {
      merged.merge(group);
    }
    return merged;
  }();
  return all;
}

std::string metric_name(const std::filesystem::path& file) {
  return file.parent_path().filename().string() + "/" + file.stem().string();
}

class Comparer {
 public:
  Comparer(const json& tolerance, CaseOutcome& outcome)
      : tolerance_(tolerance), outcome_(outcome) {}

  void compare(const json& expected, const json& actual, const std::string& path,
               const std::string& key) {
    if (expected.is_object() && actual.is_object()) {
      for (const auto& [name, value] : expected.items()) {
        const std::string below = path + "/" + name;
        if (actual.contains(name)) {
          compare(value, actual.at(name), below, name);
        } else {
          outcome_.not_produced.push_back(below);
        }
      }
    } else if (expected.is_array() && actual.is_array() && expected.size() == actual.size()) {
      if (expected.empty()) ++outcome_.compared;
      for (std::size_t i = 0; i < expected.size(); ++i)
        compare(expected[i], actual[i], path + "/" + std::to_string(i), key);
    } else if (expected.is_number() && actual.is_number()) {
      compare_numbers(expected, actual, path, key);
    } else {
      ++outcome_.compared;
      if (expected != actual)
        note(kInfinity, kInfinity,
             path + ": " + actual.dump().substr(0, 80) + " instead of " +
                 expected.dump().substr(0, 80));
    }
  }

 private:
  double allowed(const std::string& key) const {
    for (const std::string& name : {key, std::string("*")}) {
      if (tolerance_.contains(name)) return tolerance_.at(name).get<double>();
    }
    return 0;
  }

  void compare_numbers(const json& expected, const json& actual, const std::string& path,
                       const std::string& key) {
    ++outcome_.compared;
    if (expected == actual) return;
    const double error = std::abs(expected.get<double>() - actual.get<double>());
    const double limit = expected.is_number_integer() ? 0 : allowed(key);
    note(error,
         error == 0  ? 0
         : limit > 0 ? error / limit
                     : kInfinity,
         path + ": " + actual.dump() + " instead of " + expected.dump());
  }

  void note(double error, double share, const std::string& where) {
    outcome_.largest_error = std::max(outcome_.largest_error, error);
    if (share > outcome_.largest_share || outcome_.worst.empty()) {
      outcome_.largest_share = std::max(share, outcome_.largest_share);
      outcome_.worst = where;
    }
  }

  const json& tolerance_;
  CaseOutcome& outcome_;
};

}  // namespace

ie::Mask mask_of(const json& rle) {
  const int height = rle.at("size").at(0), width = rle.at("size").at(1);
  if (rle.contains("rows")) {
    std::vector<std::uint8_t> pixels;
    for (const auto& row : rle.at("rows")) {
      for (const char c : row.get<std::string>()) pixels.push_back(c == '1');
    }
    return ie::encode(pixels, height, width);
  }
  if (rle.at("counts").is_string())
    return ie::mask_from_string(rle.at("counts").get<std::string>(), height, width);
  return ie::mask_from_counts(rle.at("counts").get<std::vector<std::uint32_t>>(), height, width);
}

json counts_json(const Counts& counts) {
  return {{"tp", counts.tp},           {"n_gold", counts.n_gold},
          {"n_pred", counts.n_pred},   {"precision", counts.precision()},
          {"recall", counts.recall()}, {"f1", counts.f1()}};
}

std::vector<CaseOutcome> run_metric_cases(const std::filesystem::path& file) {
  const auto metric = metrics().find(metric_name(file));
  if (metric == metrics().end())
    throw Error(file.string() + ": the metric \"" + metric_name(file) + "\" is not known");
  std::ifstream stream(file);
  if (!stream) throw Error(file.string() + ": cannot be opened");
  const json cases = json::parse(stream, nullptr, false);
  if (!cases.is_array()) throw Error(file.string() + ": is not a JSON list of cases");
  std::vector<CaseOutcome> outcomes;
  for (const json& c : cases) {
    CaseOutcome outcome;
    try {
      outcome.name = c.at("name").get<std::string>();
      const json actual = metric->second({file, outcome.name, c.at("input"), c.at("expected")});
      Comparer(c.at("tolerance"), outcome).compare(c.at("expected"), actual, "", "");
    } catch (const MissingPart& error) {
      outcome.skipped = error.what();
    } catch (const std::exception& error) {
      outcome.fault = error.what();
    }
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

std::vector<std::filesystem::path> metric_case_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  if (!std::filesystem::is_directory(folder)) return files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".json" && metrics().contains(metric_name(entry.path())))
      files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace reamo::eval
