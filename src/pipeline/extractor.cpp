#include "pipeline/extractor.h"

#include <algorithm>
#include <chrono>
#include <iterator>

#include "ie/align.h"
#include "ie/error.h"
#include "pipeline/assemble.h"
#include "pipeline/locate.h"
#include "pipeline/perceive.h"
#include "reasoner/prompt.h"

namespace reamo::pipeline {
namespace {

constexpr std::int64_t kWindowOverlap = 40;  // tokens

// Seconds by stage, in the order in which the stages first ran.
class Stopwatch {
 public:
  template <typename F>
  auto time(const std::string& stage, F&& run) {
    struct Add {
      Stopwatch& watch;
      const std::string& stage;
      std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
      ~Add() { watch.add(stage, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()); }
    } add{*this, stage};
    return run();
  }
  void add(const std::string& stage, double seconds) {
    for (auto& [name, sum] : stages) {
      if (name == stage) {
        sum += seconds;
        return;
      }
    }
    stages.emplace_back(stage, seconds);
  }
  std::vector<std::pair<std::string, double>> stages;
};

}  // namespace

struct Extractor::Work {
  const ie::Document* document = nullptr;
  Perceived perceived;
  std::vector<Window> windows;
  std::vector<std::pair<std::size_t, std::size_t>> parts;  // bytes of the text, by window
  std::string said;                                        // meta-responses as they came
  std::vector<ie::Warning> warnings;
  Stopwatch watch;
  Outcome outcome;

  bool failed() const { return !outcome.error.empty(); }
};

Extractor::Extractor(Model& model, ie::Schema schema, ExtractOptions options)
    : model_(model), schema_(std::move(schema)), options_(std::move(options)) {
  const ie::Tasks asked = schema_.tasks();
  options_.tasks = {options_.tasks.ner && asked.ner, options_.tasks.re && asked.re, options_.tasks.ee && asked.ee};
  if (!options_.tasks.ner && !options_.tasks.re && !options_.tasks.ee) {
    throw UsageError("the schema asks for none of the chosen tasks");
  }
}

std::vector<Outcome> Extractor::extract(const std::vector<ie::Document>& documents) {
  std::vector<Work> batch(documents.size());
  for (std::size_t i = 0; i < documents.size(); ++i) {
    batch[i].document = &documents[i];
    read(batch[i]);
  }
  reason(batch);
  std::vector<Outcome> outcomes;
  for (Work& work : batch) {
    finish(work);
    outcomes.push_back(std::move(work.outcome));
  }
  return outcomes;
}

void Extractor::read(Work& work) {
  try {
    const bool replaced = options_.meta_responses.count(*work.document->id) != 0;
    work.watch.time("perceive", [&] {
      work.perceived = perceive(*work.document, model_, {options_.soundtrack, options_.transcripts, options_.limits, !replaced});
    });
  } catch (const Error& error) {
    work.outcome.error = error.what();
  }
}

void Extractor::reason(std::vector<Work>& batch) {
  struct Asked {
    std::size_t work, window;
  };
  std::vector<reasoner::Request> requests;
  std::vector<Asked> asked;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    Work& work = batch[i];
    if (work.failed()) continue;
    const std::string text = work.document->text.value_or("");
    const auto replaced = options_.meta_responses.find(*work.document->id);
    if (replaced != options_.meta_responses.end()) {
      Window window;
      window.text = text;
      const ie::LenientParse parse = ie::parse_lenient(replaced->second);
      window.response = parse.response;
      for (const ie::Skipped& skipped : parse.skipped) {
        work.warnings.push_back({"skipped", skipped.what, "meta_response:" + std::to_string(skipped.position)});
      }
      work.said = replaced->second;
      work.windows.push_back(std::move(window));
      continue;
    }
    reasoner::Request request{schema_, work.document->text, work.perceived.features, work.perceived.transcripts};
    try {
      std::vector<std::pair<std::size_t, std::size_t>> parts{{0, text.size()}};
      if (work.document->text) {
        const std::int64_t budget = model_.reasoner().text_budget(request);
        parts = reasoner::text_windows(text, model_.reasoner().tokenizer(), budget, std::min<std::int64_t>(kWindowOverlap, budget / 4));
        if (parts.empty()) parts = {{0, text.size()}};
      }
      for (const auto& [begin, end] : parts) {
        Window window;
        window.start = ie::count_code_points(std::string_view(text).substr(0, begin));
        window.text = text.substr(begin, end - begin);
        if (work.document->text) request.text = window.text;
        asked.push_back({i, work.windows.size()});
        requests.push_back(request);
        work.windows.push_back(std::move(window));
      }
    } catch (const Error& error) {
      work.outcome.error = error.what();
      std::erase_if(asked, [&](const Asked& a) { return a.work == i; });
      requests.resize(asked.size());
    }
  }
  if (requests.empty()) return;
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::vector<reasoner::LeftOut>> left_out;
  reasoner::AnswerOptions options;
  options.max_new_tokens = options_.max_new_tokens;
  const std::vector<reasoner::Answer> answers = model_.reasoner().answer(requests, options, &left_out);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  for (std::size_t i = 0; i < answers.size(); ++i) {
    Work& work = batch[asked[i].work];
    Window& window = work.windows[asked[i].window];
    window.response = ie::parse_strict(answers[i].text);
    window.scores = answers[i].item_scores;
    work.said += (work.said.empty() ? "" : "\n") + answers[i].text;
    work.watch.add("reason", seconds / double(answers.size()));
    if (answers[i].truncated) {
      work.warnings.push_back({"truncated", "the answer reached its length limit; items may be missing", "characters from " + std::to_string(window.start)});
    }
    for (const reasoner::LeftOut& part : left_out[i]) {
      work.warnings.push_back({"left_out", part.name + " did not fit from " + std::to_string(part.start) + " to " + std::to_string(part.end), part.name});
    }
  }
}

void Extractor::finish(Work& work) {
  if (work.failed()) return;
  try {
    work.watch.time("ground", [&] {
      for (Window& window : work.windows) {
        window.located = locate(window.response, work.perceived, model_, options_.threshold, options_.limits);
      }
    });
  } catch (const Error& error) {
    work.outcome.error = error.what();
    return;
  }
  ie::Result result;
  result.document = *work.document->id;
  result.model = model_.id();
  result.tasks = options_.tasks;
  result.schema = schema_;
  result.media = work.perceived.media;
  assemble(work.windows, result);
  filter(result, options_.tasks, options_.threshold);
  if (!work.perceived.transcripts.empty()) result.transcripts = work.perceived.transcripts;
  result.meta_response = work.said;
  std::vector<ie::Warning> warnings = work.perceived.warnings;
  warnings.insert(warnings.end(), work.warnings.begin(), work.warnings.end());
  if (result.warnings) warnings.insert(warnings.end(), result.warnings->begin(), result.warnings->end());
  result.warnings.reset();
  if (!warnings.empty()) result.warnings = std::move(warnings);
  if (options_.timing) result.timing = work.watch.stages;
  work.outcome.result = std::move(result);
}

}  // namespace reamo::pipeline
