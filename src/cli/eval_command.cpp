// reamo eval: gold results against predicted ones.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <thread>

#include "cli/command.h"
#include "eval/evaluate_files.h"
#include "eval/report.h"
#include "ie/error.h"
#include "store/whole_file.h"

namespace reamo::cli {
namespace {

constexpr std::size_t kWorstOfPage = 50;

struct EvalArguments {
  std::string gold, pred, against, output;
  std::string format = "text";
  bool json = false, counts = false, strict = false;
  std::size_t worst = 0;
  bool worst_given = false;
  eval::Options options;
};

std::string written(const eval::ReportView& view, const std::string& format) {
  if (format == "json") return eval::to_json(view) + "\n";
  if (format == "csv") return eval::to_csv(view);
  if (format == "html") return eval::to_html(view);
  return eval::to_text(view);
}

int run_eval(const EvalArguments& arguments, const CommonOptions& common) {
  if (arguments.json && arguments.format != "text" && arguments.format != "json")
    throw UsageError("--json and --format " + arguments.format + " exclude each other");
  const std::string format = arguments.json ? "json" : arguments.format;
  eval::Options options = arguments.options;
  options.threads = common.threads > 0 ? common.threads : int(std::max(1u, std::thread::hardware_concurrency()));
  options.worst = arguments.worst;
  if (format == "html") {
    options.errors = options.curves = true;
    if (!arguments.worst_given) options.worst = kWorstOfPage;
  }
  eval::FileComparison result;
  if (arguments.against.empty()) {
    result.a = eval::evaluate_files(arguments.gold, arguments.pred, options);
  } else {
    result = eval::compare_files(arguments.gold, arguments.pred, arguments.against, options);
  }
  eval::ReportView view{result.a, arguments.gold, arguments.pred};
  if (!arguments.against.empty()) {
    view.against = &result.b;
    view.paired = &result.paired;
    view.against_name = arguments.against;
  }
  view.counts = arguments.counts;
  const std::string text = written(view, format);
  if (arguments.output.empty() || arguments.output == "-") {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
      throw Error("standard output cannot be written");
  } else {
    store::WholeFile file(arguments.output);
    file.write(text);
    file.commit();
  }
  std::fputs(eval::mismatch_text(result.a).c_str(), stderr);
  bool has_mismatch = result.a.has_mismatch();
  if (view.against) {
    has_mismatch = has_mismatch || result.b.has_mismatch();
    if (result.b.has_mismatch()) std::fprintf(stderr, "%s:\n%s", arguments.against.c_str(), eval::mismatch_text(result.b).c_str());
  }
  return arguments.strict && has_mismatch ? 1 : 0;
}

}  // namespace

Command eval_command(CLI::App& program) {
  auto arguments = std::make_shared<EvalArguments>();
  CLI::App* app = program.add_subcommand("eval", "score predicted results against gold ones");
  app->add_option("--gold", arguments->gold, "results, one a line")->required();
  app->add_option("--pred", arguments->pred, "results, one a line, of any system")->required();
  app->add_option("--against", arguments->against, "results of another system: is the difference more than chance?");
  app->add_option("--format", arguments->format)->check(CLI::IsMember({"text", "json", "csv", "html"}))->capture_default_str();
  app->add_flag("--json", arguments->json, "as --format json");
  app->add_option("-o,--output", arguments->output, "a file, written whole or not at all; default: standard output");
  app->add_flag("--counts", arguments->counts, "JSON: also what each figure is computed from, and what does not fit");
  app->add_flag("--errors", arguments->options.errors, "count the classes of errors");
  app->add_flag("--curves", arguments->options.curves, "scores by the number of gold items");
  CLI::Option* worst = app->add_option("--worst", arguments->worst, "so many of the worst documents (html: 50)")->check(CLI::Range(0, 10000));
  app->add_flag("--strict", arguments->strict, "exit code 1 where ids, media or sizes do not fit");
  app->add_option("--replicates", arguments->options.replicates, "of the bootstrap; 0: no intervals")->check(CLI::Range(0, 1000000))->capture_default_str();
  app->add_option("--seed", arguments->options.seed, "of the bootstrap")->capture_default_str();
  app->add_option("--level", arguments->options.level, "of the intervals")->check(CLI::Range(0.5, 0.999))->capture_default_str();
  app->add_option("--iou", arguments->options.iou_threshold, "from which a place is right")->check(CLI::Range(0.0, 1.0))->capture_default_str();
  return {app, [arguments, worst](const CommonOptions& common) {
            arguments->worst_given = worst->count() > 0;
            return run_eval(*arguments, common);
          }};
}

}  // namespace reamo::cli
