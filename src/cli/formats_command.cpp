#include "cli/data_commands.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdio>
#include <memory>

#include "data/formats/export.h"
#include "data/formats/import.h"
#include "ie/error.h"

namespace reamo::cli {
namespace {

constexpr std::uint64_t kShownFaults = 20;  // without -v

// Shows the first faults, all with -v.
data::ReportRow show_faults(bool verbose) {
  auto shown = std::make_shared<std::uint64_t>(0);
  return [shown, verbose](const data::RowError& error) {
    ++*shown;
    if (verbose || *shown <= kShownFaults) std::fprintf(stderr, "%s\n", error.text().c_str());
    if (!verbose && *shown == kShownFaults + 1)
      std::fprintf(stderr, "(more are counted only; -v shows them)\n");
  };
}

unsigned long long number(std::uint64_t count) { return count; }

template <typename Format>
std::string help_of(const std::vector<Format>& formats) {
  std::string text = "formats:";
  for (const Format& format : formats)
    text += "\n  " + format.name + std::string(format.name.size() < 16 ? 16 - format.name.size() : 1, ' ') +
            format.what;
  return text;
}

}  // namespace

Command import_formats_command(CLI::App& data) {
  struct Arguments {
    data::ImportOptions options;
    std::string format, images, scope = "all";
    std::vector<std::string> inputs, labels;
  };
  auto arguments = std::make_shared<Arguments>();
  data::ImportOptions& options = arguments->options;
  CLI::App* app =
      data.add_subcommand("import", "annotations of other tools and data sets to documents and gold");
  app->add_option("format", arguments->format, "see below")->required();
  app->add_option("input", arguments->inputs, "files, or folders of files")->required();
  app->add_option("-o,--output", options.out, "folder of documents.jsonl and gold.jsonl")->required();
  app->add_option("--images", arguments->images,
                  "folder of the pictures, frames or recordings that the annotations name");
  app->add_option("--split", options.split, "of a folder, only files whose path contains this");
  app->add_option("--name", options.name,
                  "documents without an id become NAME-1, NAME-2, ..; default: the format");
  app->add_option("--limit", options.limit, "documents; 0: all")->capture_default_str();
  app->add_flag("--strict", options.strict, "stop at the first bad record instead of skipping it");
  app->add_flag("--keep-labels", options.keep_labels, "labels as in the file, not spelled out");
  app->add_option("--label", arguments->labels, "LABEL=NAME: call a label of the file so")->take_all();
  app->add_option("--schema-of", arguments->scope,
                  "documents share the schema of all files, of their folder or of their file")
      ->check(CLI::IsMember({"all", "folder", "file"}))
      ->capture_default_str();
  app->add_option("--frame-rate", options.frame_rate, "frames a second of film given as numbered pictures")
      ->capture_default_str();
  app->add_option("--max-record-bytes", options.max_record_bytes, "of a line or an element")
      ->capture_default_str();
  app->add_option("--max-pixels", options.media.max_pixels, "of a picture")->capture_default_str();
  app->footer(help_of(data::import_formats()));
  return {app, [arguments](const CommonOptions& common) {
            data::ImportOptions& options = arguments->options;
            options.inputs.assign(arguments->inputs.begin(), arguments->inputs.end());
            if (!arguments->images.empty()) options.images = arguments->images;
            options.scope = arguments->scope == "all"      ? data::SchemaScope::kAll
                            : arguments->scope == "folder" ? data::SchemaScope::kFolder
                                                           : data::SchemaScope::kFile;
            for (const std::string& label : arguments->labels) {
              const auto at = label.rfind('=');
              if (at == std::string::npos || at == 0 || at + 1 == label.size())
                throw UsageError("--label " + label + ": must be LABEL=NAME");
              options.labels[label.substr(0, at)] = label.substr(at + 1);
            }
            const data::ImportCounts counts = data::run_import(data::import_format(arguments->format),
                                                               options, show_faults(common.verbose));
            std::printf("%llu documents, %llu entities, %llu relations, %llu events; %llu records skipped\n",
                        number(counts.documents), number(counts.entities), number(counts.relations),
                        number(counts.events), number(counts.skipped));
            return 0;
          }};
}

Command export_formats_command(CLI::App& data) {
  struct Arguments {
    data::ExportOptions options;
    std::string format, gold, predicted, documents;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* app = data.add_subcommand("export", "gold or predictions to the formats of other tools");
  app->add_option("format", arguments->format, "see below")->required();
  CLI::Option* gold = app->add_option("--gold", arguments->gold, "results to write");
  CLI::Option* predicted =
      app->add_option("--pred", arguments->predicted, "results to write, with their scores");
  gold->excludes(predicted);
  app->add_option("--documents", arguments->documents, "default: documents.jsonl beside the results");
  app->add_option("-o,--output", arguments->options.out, "folder")->required();
  app->add_flag("--strict", arguments->options.strict, "stop at the first bad line instead of skipping it");
  app->add_option("--max-record-bytes", arguments->options.max_record_bytes, "of a line")
      ->capture_default_str();
  app->footer(help_of(data::export_formats()));
  return {
      app, [arguments](const CommonOptions& common) {
        data::ExportOptions& options = arguments->options;
        if (arguments->gold.empty() && arguments->predicted.empty())
          throw UsageError("--gold or --pred is needed");
        options.predicted = arguments->gold.empty();
        options.results = options.predicted ? arguments->predicted : arguments->gold;
        if (!arguments->documents.empty()) options.documents = arguments->documents;
        const data::ExportCounts counts =
            data::run_export(data::export_format(arguments->format), options, show_faults(common.verbose));
        std::printf("%llu documents, %llu items; %llu items that the format cannot say; %llu lines skipped\n",
                    number(counts.documents), number(counts.items), number(counts.left_out),
                    number(counts.skipped));
        return 0;
      }};
}

}  // namespace reamo::cli
