#include "eval/evaluate.h"

#include <fstream>
#include <functional>
#include <set>
#include <unordered_map>

#include "ie/error.h"
#include "ie/json_reader.h"

namespace reamo::eval {
namespace {

F1Score f1_score(const std::vector<const InstanceScores*>& instances, Counts InstanceScores::*part,
                 const Options& options) {
  F1Score score;
  Rows rows;
  for (const InstanceScores* instance : instances) {
    const Counts& c = instance->*part;
    score.counts += c;
    rows.push_back({static_cast<double>(c.tp), static_cast<double>(c.n_pred - c.tp),
                    static_cast<double>(c.n_gold - c.tp)});
  }
  if (!rows.empty() && options.replicates > 0 && score.counts.n_gold + score.counts.n_pred > 0) {
    score.ci95 = interval(replicates(Statistic::kMicroF1, rows, options.replicates, options.seed),
                          options.level);
  }
  return score;
}

MeanScore mean_score(const std::vector<const InstanceScores*>& instances,
                     InstanceScores::Overlap InstanceScores::*part, const Options& options) {
  MeanScore score;
  double sum = 0;
  Rows rows;
  for (const InstanceScores* instance : instances) {
    const auto& overlap = instance->*part;
    sum += overlap.sum;
    score.count += overlap.count;
    rows.push_back({overlap.sum, static_cast<double>(overlap.count), 0});
  }
  if (score.count == 0) return score;
  score.mean = sum / static_cast<double>(score.count);
  if (options.replicates > 0) {
    score.ci95 = interval(
        replicates(Statistic::kRatioOfSums, rows, options.replicates, options.seed), options.level);
  }
  return score;
}

RateScore rate_score(const std::vector<const InstanceScores*>& instances,
                     InstanceScores::Share InstanceScores::*matched,
                     InstanceScores::Share InstanceScores::*all) {
  InstanceScores::Share sums[2];
  for (const InstanceScores* instance : instances) {
    for (int i = 0; i < 2; ++i) {
      const auto& share = instance->*(i == 0 ? matched : all);
      sums[i].count += share.count;
      sums[i].of += share.of;
    }
  }
  const auto rate = [](const InstanceScores::Share& s) {
    return s.of == 0 ? std::nullopt
                     : std::optional(static_cast<double>(s.count) / static_cast<double>(s.of));
  };
  return {rate(sums[0]), rate(sums[1]), sums[0].of, sums[1].of};
}

Group group_of(const std::vector<const InstanceScores*>& instances, const Options& options) {
  using S = InstanceScores;
  Group group;
  group.instances = instances.size();
  group.entity = f1_score(instances, &S::entity, options);
  group.relation = f1_score(instances, &S::relation, options);
  group.trigger = f1_score(instances, &S::trigger, options);
  group.argument = f1_score(instances, &S::argument, options);
  group.joint = f1_score(instances, &S::joint, options);
  group.mask = mean_score(instances, &S::mask, options);
  group.tracklet = mean_score(instances, &S::tracklet, options);
  group.segment = mean_score(instances, &S::segment, options);
  group.over_grounding = rate_score(instances, &S::over_matched, &S::over_all);
  group.miss_grounding = rate_score(instances, &S::miss_matched, &S::miss_all);
  return group;
}

// What a line of a results file holds.
struct Line {
  std::string id;
  std::optional<ie::Result> result;  // nothing: an error line
};

// Non-empty lines of a JSONL file, with their numbers; a file of one result over several lines is
// one line.
class ResultFile {
 public:
  explicit ResultFile(const std::filesystem::path& path)
      : path_(path), stream_(path, std::ios::binary) {
    if (!stream_) throw Error(path.string() + ": cannot be opened");
  }

  bool next(std::string& line) {
    while (std::getline(stream_, line)) {
      ++number_;
      if (line.size() > kMaxLine) fail("a line is longer than the limit of 1 GiB");
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      if (number_ == 1 && is_open(line)) {
        std::string rest((std::istreambuf_iterator<char>(stream_)),
                         std::istreambuf_iterator<char>());
        line += "\n" + rest;
      }
      return true;
    }
    return false;
  }

  Line parse(const std::string& line) const {
    try {
      if (line.find("\"error\"") != std::string::npos &&
          line.find("\"entities\"") == std::string::npos) {
        const auto value = ie::parse_json(line, "result", ie::JsonFault::kData);
        const ie::JsonNode node(value, "result", ie::JsonFault::kData);
        node.keys({"document", "error"}, {"line"});
        return {node.at("document").is_string() ? node.at("document").string() : std::string(),
                std::nullopt};
      }
      ie::Result result = ie::read_result(line);
      std::string id = result.document;
      return {std::move(id), std::move(result)};
    } catch (const Error& error) {
      fail(error.what());
    }
  }

  std::streamoff position() {
    return stream_.eof() ? -1 : static_cast<std::streamoff>(stream_.tellg());
  }
  std::string line_at(std::streamoff position) {
    stream_.clear();
    stream_.seekg(position);
    std::string line;
    std::getline(stream_, line);
    return line;
  }

 private:
  static constexpr std::size_t kMaxLine = std::size_t{1} << 30;

  [[noreturn]] void fail(const std::string& reason) const {
    throw Error(path_.string() + ", line " + std::to_string(number_) + ": " + reason);
  }
  static bool is_open(const std::string& line) {
    const auto last = line.find_last_not_of(" \t\r");
    return last != std::string::npos && line[last] != '}';
  }

  std::filesystem::path path_;
  std::ifstream stream_;
  std::size_t number_ = 0;
};

// Predictions by id: in the order of the gold file as long as that holds, then through an index of
// the rest.
class Predictions {
 public:
  explicit Predictions(const std::filesystem::path& path) : file_(path) {}

  // nullopt: not there. A Line without a result: an error line.
  std::optional<Line> find(const std::string& id) {
    if (!indexed_) {
      const std::streamoff at = file_.position();
      std::string text;
      if (!file_.next(text)) return std::nullopt;
      Line line = file_.parse(text);
      remember(line.id);
      if (line.id == id) {
        ++taken_;
        return line;
      }
      index_rest(line.id, at);
    }
    const auto found = places_.find(id);
    if (found == places_.end()) return std::nullopt;
    const std::streamoff at = found->second;
    places_.erase(found);
    ++taken_;
    return file_.parse(file_.line_at(at));
  }

  // Predictions that were not asked for; reads what is left.
  std::size_t surplus() {
    std::string text;
    while (!indexed_ && file_.next(text)) remember(file_.parse(text).id);
    return ids_.size() + nameless_ - taken_;
  }

 private:
  void remember(const std::string& id) {
    if (id.empty()) {
      ++nameless_;
    } else if (!ids_.insert(id).second) {
      throw Error("the document \"" + id + "\" is predicted twice");
    }
  }

  void index_rest(const std::string& first_id, std::streamoff first) {
    indexed_ = true;
    places_[first_id] = first;
    std::string text;
    for (std::streamoff at = file_.position(); file_.next(text); at = file_.position()) {
      const Line line = file_.parse(text);
      remember(line.id);
      places_[line.id] = at;
    }
  }

  ResultFile file_;
  bool indexed_ = false;
  std::set<std::string> ids_;
  std::size_t taken_ = 0, nameless_ = 0;
  std::unordered_map<std::string, std::streamoff> places_;
};

}  // namespace

void Evaluator::add(const ie::Result& gold, const ie::Result* pred) {
  instances_.push_back(score_instance(gold, pred, options_));
}

Report Evaluator::report() const {
  std::vector<const InstanceScores*> all;
  std::map<std::string, std::vector<const InstanceScores*>> by_combination, by_task;
  for (const InstanceScores& instance : instances_) {
    all.push_back(&instance);
    by_combination[instance.combination].push_back(&instance);
    for (const std::string& task : instance.tasks) by_task[task].push_back(&instance);
  }
  Report report;
  report.all = group_of(all, options_);
  for (const auto& [name, group] : by_combination)
    report.by_combination[name] = group_of(group, options_);
  for (const auto& [name, group] : by_task) report.by_task[name] = group_of(group, options_);
  return report;
}

Report evaluate(const std::vector<ie::Result>& gold, const std::vector<ie::Result>& pred,
                const Options& options) {
  std::map<std::string, const ie::Result*> by_id;
  for (const ie::Result& result : pred) {
    if (!by_id.emplace(result.document, &result).second)
      throw Error("the document \"" + result.document + "\" is predicted twice");
  }
  Evaluator evaluator(options);
  std::set<std::string> seen;
  std::size_t missing = 0;
  for (const ie::Result& result : gold) {
    if (!seen.insert(result.document).second)
      throw Error("the gold document \"" + result.document + "\" is there twice");
    const auto found = by_id.find(result.document);
    if (found == by_id.end()) ++missing;
    evaluator.add(result, found == by_id.end() ? nullptr : found->second);
  }
  Report report = evaluator.report();
  report.missing = missing;
  report.surplus = pred.size() - (gold.size() - missing);
  return report;
}

Report evaluate_files(const std::filesystem::path& gold, const std::filesystem::path& pred,
                      const Options& options) {
  ResultFile gold_file(gold);
  Predictions predictions(pred);
  Evaluator evaluator(options);
  std::set<std::string> seen;
  std::size_t missing = 0, failed = 0;
  std::string text;
  while (gold_file.next(text)) {
    const Line line = gold_file.parse(text);
    if (!line.result)
      throw Error(gold.string() + ": the gold document \"" + line.id + "\" is an error line");
    if (!seen.insert(line.id).second)
      throw Error(gold.string() + ": the document \"" + line.id + "\" is there twice");
    const auto found = predictions.find(line.id);
    const bool has_result = found && found->result;
    if (!has_result) ++missing;
    if (found && !found->result) ++failed;
    evaluator.add(*line.result, has_result ? &*found->result : nullptr);
  }
  if (seen.empty()) throw Error(gold.string() + ": has no results");
  Report report = evaluator.report();
  report.missing = missing;
  report.failed = failed;
  report.surplus = predictions.surplus();
  return report;
}

}  // namespace reamo::eval
