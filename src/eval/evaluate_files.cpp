#include "eval/evaluate_files.h"

#include <atomic>
#include <exception>
#include <memory>
#include <set>
#include <thread>

#include "eval/result_lines.h"
#include "ie/error.h"

namespace reamo::eval {
namespace {

constexpr std::size_t kBatchInstances = 256;
constexpr std::size_t kBatchBytes = std::size_t{16} << 20;  // of lines held at once

// One system's answer to a gold document.
struct Answer {
  std::optional<ResultLine> line;
  Instance instance;
  std::optional<std::string> failure;  // of an error line
  std::string names;                   // how its media differ; "" if they do not
  std::vector<std::string> sizes;
};
struct Slot {
  ResultLine gold;
  std::vector<Answer> answers;  // by system
  std::exception_ptr fault;
};

std::string in_quotes(const std::string& id) { return "\"" + id + "\""; }

std::string size_words(const ie::Medium& medium) {
  if (const auto* text = std::get_if<ie::TextMedium>(&medium.facts)) return std::to_string(text->characters) + " characters";
  if (const auto* image = std::get_if<ie::ImageMedium>(&medium.facts))
    return std::to_string(image->width) + " x " + std::to_string(image->height);
  if (const auto* video = std::get_if<ie::VideoMedium>(&medium.facts)) {
    return std::to_string(video->width) + " x " + std::to_string(video->height) + ", " +
           std::to_string(video->frame_times.size()) + " frames";
  }
  return "";  // ends of sound depend on the decoder
}

void compare_media(const ie::Result& gold, const ie::Result& pred, Answer& answer) {
  std::string words;
  for (const ie::Medium& medium : gold.media) {
    const ie::Medium* other = pred.medium(medium.name);
    if (!other) {
      words += ", " + medium.name + " is in gold only";
    } else if (size_words(medium) != size_words(*other)) {
      answer.sizes.push_back(in_quotes(gold.document) + ", " + medium.name + ": " + size_words(medium) + " in gold, " +
                             size_words(*other) + " predicted");
    }
  }
  for (const ie::Medium& medium : pred.media) {
    if (!gold.medium(medium.name)) words += ", " + medium.name + " is predicted only";
  }
  if (!words.empty()) answer.names = in_quotes(gold.document) + ": " + words.substr(2);
}

// A system's predictions and its sums.
struct System {
  Predictions predictions;
  Evaluator evaluator;
  Mismatch missing, failed, surplus, names, sizes;

  System(const std::filesystem::path& path, const std::unordered_set<std::string>& asked, const Options& options)
      : predictions(path, asked), evaluator(options) {}

  void take(Answer answer) {
    const std::string& id = answer.instance.document;
    if (!answer.line) missing.add(in_quotes(id));
    if (answer.failure) {
      missing.add(in_quotes(id) + " (failed)");
      failed.add(in_quotes(id) + ", line " + std::to_string(answer.line->number) + ": " + *answer.failure);
    }
    if (!answer.names.empty()) names.add(std::move(answer.names));
    for (std::string& size : answer.sizes) sizes.add(std::move(size));
    evaluator.add(std::move(answer.instance));
  }

  Report report() {
    predictions.each_surplus([&](const std::optional<std::string>& id, std::size_t number) {
      surplus.add((id ? in_quotes(*id) : std::string("no id")) + ", line " + std::to_string(number));
    });
    Report report = evaluator.report();
    report.missing = missing;
    report.failed = failed;
    report.surplus = surplus;
    report.media_names = names;
    report.sizes = sizes;
    return report;
  }
};

using Systems = std::vector<std::unique_ptr<System>>;

// Parses and scores one document of a batch; safe beside others.
void evaluate_slot(const ResultLines& gold_lines, const Systems& systems,
                   const std::vector<std::optional<Badness>>& bars, Slot& slot) {
  try {
    const ParsedLine gold = gold_lines.parse(slot.gold);
    if (!gold.result) {
      throw Error(gold_lines.path().string() + ", line " + std::to_string(slot.gold.number) +
                  ": a gold document cannot be an error line");
    }
    for (std::size_t s = 0; s < systems.size(); ++s) {
      Answer& answer = slot.answers[s];
      ParsedLine pred;
      if (answer.line) {
        pred = systems[s]->predictions.lines().parse(*answer.line);
        answer.line->text = {};
        if (!pred.result) answer.failure = pred.error;
      }
      if (pred.result) compare_media(*gold.result, *pred.result, answer);
      answer.instance = evaluate_instance(*gold.result, pred.result ? &*pred.result : nullptr,
                                          systems[s]->evaluator.options(), bars[s]);
    }
  } catch (...) {
    slot.fault = std::current_exception();
  }
}

void evaluate_batch(const ResultLines& gold_lines, const Systems& systems, std::vector<Slot>& batch, int threads) {
  std::vector<std::optional<Badness>> bars;
  for (const auto& system : systems) bars.push_back(system->evaluator.bar());
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < batch.size(); i = next++) evaluate_slot(gold_lines, systems, bars, batch[i]);
  };
  {
    std::vector<std::jthread> others;
    for (int t = 1; t < threads && static_cast<std::size_t>(t) < batch.size(); ++t) others.emplace_back(work);
    work();
  }
  // In the order of the file, so that nothing depends on the threads.
  for (Slot& slot : batch) {
    if (slot.fault) std::rethrow_exception(slot.fault);
    for (std::size_t s = 0; s < systems.size(); ++s) systems[s]->take(std::move(slot.answers[s]));
  }
  batch.clear();
}

Systems run(const std::filesystem::path& gold, const std::vector<std::filesystem::path>& preds, const Options& options,
            std::unordered_set<std::string>& asked) {
  ResultLines gold_lines(gold);
  Systems systems;
  for (const auto& path : preds) {
    systems.push_back(std::make_unique<System>(path, asked, options));
  }
  std::vector<Slot> batch;
  std::size_t bytes = 0;
  for (ResultLine line; gold_lines.next(line);) {
    Slot slot;
    const std::string id = line.id.value_or("");
    if (line.id && asked.contains(id)) {
      throw Error(gold.string() + ", line " + std::to_string(line.number) + ": the document " + in_quotes(id) +
                  " is there twice");
    }
    bytes += line.text.size();
    for (const auto& system : systems) {
      Answer answer;
      if (line.id) answer.line = system->predictions.find(id);
      if (answer.line) bytes += answer.line->text.size();
      slot.answers.push_back(std::move(answer));
    }
    if (line.id) asked.insert(id);
    slot.gold = std::move(line);
    batch.push_back(std::move(slot));
    if (batch.size() == kBatchInstances || bytes > kBatchBytes) {
      evaluate_batch(gold_lines, systems, batch, options.threads);
      bytes = 0;
    }
  }
  evaluate_batch(gold_lines, systems, batch, options.threads);
  if (asked.empty()) throw Error(gold.string() + ": has no results");
  return systems;
}

}  // namespace

Report evaluate_files(const std::filesystem::path& gold, const std::filesystem::path& pred, const Options& options) {
  std::unordered_set<std::string> asked;
  return run(gold, {pred}, options, asked)[0]->report();
}

FileComparison compare_files(const std::filesystem::path& gold, const std::filesystem::path& pred_a,
                             const std::filesystem::path& pred_b, const Options& options) {
  std::unordered_set<std::string> asked;
  const Systems systems = run(gold, {pred_a, pred_b}, options, asked);
  FileComparison result;
  result.a = systems[0]->report();
  result.b = systems[1]->report();
  result.paired = compare(systems[0]->evaluator.table(), systems[1]->evaluator.table(), options);
  return result;
}

}  // namespace reamo::eval
