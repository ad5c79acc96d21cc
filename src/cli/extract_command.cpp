// reamo extract: documents in, grounded items out.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>

#include "cli/command.h"
#include "ie/error.h"
#include "ie/transcript_io.h"
#include "pipeline/extractor.h"
#include "pipeline/stream.h"
#include "report/page.h"
#include "store/json_limits.h"
#include "store/tensor_file.h"

namespace reamo::cli {
namespace {

struct Arguments {
  std::string model, text_file, schema, output, format = "all", tasks = "ner,re,ee", shard, meta_response, document;
  std::optional<std::string> text;
  std::vector<std::string> images, audios, videos, transcripts;
  std::optional<double> threshold;
  bool timing = false, resume = false, no_soundtrack = false;
  std::size_t batch = 8;
  media::Limits limits;
};

ie::Tasks parse_tasks(const std::string& text) {
  ie::Tasks tasks;
  std::size_t at = 0;
  while (at <= text.size()) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    const std::string task = text.substr(at, comma - at);
    if (task == "ner") tasks.ner = true;
    else if (task == "re") tasks.re = true;
    else if (task == "ee") tasks.ee = true;
    else throw UsageError("--task " + text + ": must be of ner, re, ee, separated by commas");
    at = comma + 1;
  }
  return tasks;
}

// What the user names on the command line must be there: exit code 2 for nonsense, 1 for a missing file.
std::string read_option_file(const std::string& option, const std::string& path) {
  try {
    return store::read_file(path, 64u << 20);
  } catch (const Error& error) {
    throw Error(option + " " + error.what());
  }
}

ie::Schema read_schema_option(const std::string& path) {
  if (path.empty()) return ie::default_schema();
  const std::string text = read_option_file("--schema", path);
  try {
    return ie::read_schema(text);
  } catch (const Error& error) {
    throw UsageError("--schema " + path + ": " + error.what());
  }
}

ie::Transcript read_transcript_option(const std::string& path) {
  const ie::TranscriptFormat format = ie::transcript_format(path);
  const std::string text = read_option_file("--transcript", path);
  try {
    return ie::read_transcript(text, format);
  } catch (const Error& error) {
    throw UsageError("--transcript " + path + ": " + error.what());
  }
}

std::map<std::string, ie::Transcript> read_transcripts(const std::vector<std::string>& options) {
  std::map<std::string, ie::Transcript> transcripts;
  for (const std::string& option : options) {
    const std::size_t equals = option.find('=');
    const std::string medium = equals == std::string::npos ? "audio-0" : option.substr(0, equals);
    const std::string path = equals == std::string::npos ? option : option.substr(equals + 1);
    transcripts[medium] = read_transcript_option(path);
  }
  return transcripts;
}

// For one document the text itself; for a batch, JSON lines of {"id", "meta_response"}.
std::map<std::string, std::string> read_meta_responses(const std::string& path, const std::string& id, bool many) {
  std::map<std::string, std::string> responses;
  if (path.empty()) return responses;
  const std::string text = read_option_file("--meta-response", path);
  if (!many) return {{id, text}};
  std::size_t at = 0, number = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const std::string where = "--meta-response " + path + ": line " + std::to_string(number);
    nlohmann::json json;
    try {
      json = store::parse_json(line, where);
    } catch (const Error& error) {
      throw UsageError(error.what());
    }
    if (!json.is_object() || json.size() != 2 || !json.contains("id") || !json["id"].is_string() ||
        !json.contains("meta_response") || !json["meta_response"].is_string()) {
      throw UsageError(where + ": must be {\"id\": .., \"meta_response\": ..}");
    }
    responses[json["id"].get<std::string>()] = json["meta_response"].get<std::string>();
  }
  return responses;
}

ie::Document document_of(const Arguments& arguments) {
  ie::Document document;
  if (!arguments.document.empty()) {
    const std::string text = arguments.document == "-" ? std::string(std::istreambuf_iterator<char>(std::cin), {})
                                                       : read_option_file("--document", arguments.document);
    const std::filesystem::path base = arguments.document == "-" ? std::filesystem::current_path()
                                                                 : std::filesystem::absolute(arguments.document).parent_path();
    try {
      document = ie::read_document(text, base);
    } catch (const Error& error) {
      throw UsageError("--document " + arguments.document + ": " + error.what());
    }
  }
  if (arguments.text) document.text = arguments.text;
  if (!arguments.text_file.empty()) document.text = read_option_file("--text-file", arguments.text_file);
  document.images.insert(document.images.end(), arguments.images.begin(), arguments.images.end());
  document.audios.insert(document.audios.end(), arguments.audios.begin(), arguments.audios.end());
  document.videos.insert(document.videos.end(), arguments.videos.begin(), arguments.videos.end());
  if (document.empty()) throw UsageError("nothing to read: give --text, --text-file, --image, --audio, --video or --document");
  if (!document.id) document.id = "1";
  return document;
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

int extract_stream(const Arguments& arguments, pipeline::Extractor& extractor) {
  std::ifstream file;
  if (arguments.document != "-") {
    file.open(arguments.document, std::ios::binary);
    if (!file) throw Error("--document " + arguments.document + ": cannot be read");
  }
  std::istream& input = arguments.document == "-" ? std::cin : file;
  pipeline::StreamOptions options;
  options.base = arguments.document == "-" ? std::filesystem::current_path() : std::filesystem::absolute(arguments.document).parent_path();
  options.output = arguments.output;
  options.resume = arguments.resume;
  options.batch = arguments.batch;
  if (!arguments.shard.empty()) std::tie(options.shard, options.shards) = pipeline::parse_shard(arguments.shard);
  const pipeline::StreamReport report = run_stream(input, options, [&](const std::vector<pipeline::StreamDocument>& items) {
    std::vector<ie::Document> documents;
    for (const pipeline::StreamDocument& item : items) documents.push_back(item.document);
    std::vector<pipeline::StreamOutcome> outcomes;
    for (pipeline::Outcome& outcome : extractor.extract(documents)) {
      outcomes.push_back({outcome.result ? ie::write_result(*outcome.result) : "", outcome.error});
    }
    return outcomes;
  });
  if (report.failed > 0) {
    std::fprintf(stderr, "reamo extract: %zu of %zu documents failed; their lines say why\n", report.failed, report.written);
  }
  return report.failed > 0 ? 1 : 0;
}

int extract_one(const Arguments& arguments, const ie::Document& document, pipeline::Extractor& extractor) {
  const pipeline::Outcome outcome = std::move(extractor.extract({document}).front());
  if (!outcome.result) throw Error(outcome.error);
  if (arguments.output == "-") {
    std::printf("%s\n", ie::write_result(*outcome.result).c_str());
    if (std::fflush(stdout) != 0) throw Error("standard output cannot be written");
  } else if (ends_with(arguments.output, ".json") || ends_with(arguments.output, ".jsonl")) {
    store::write_file_whole(arguments.output, ie::write_result(*outcome.result) + "\n");
  } else {
    const report::Parts parts = arguments.format == "json" ? report::Parts::kJson
                                : arguments.format == "html" ? report::Parts::kPage
                                                             : report::Parts::kAll;
    report::write_folder(*outcome.result, document, arguments.output, parts);
  }
  return 0;
}

int run(const Arguments& arguments, const CommonOptions& common) {
  const bool many = ends_with(arguments.document, ".jsonl") || (arguments.document == "-" && (arguments.output == "-" || ends_with(arguments.output, ".jsonl")));
  if (!many && (arguments.resume || !arguments.shard.empty())) throw UsageError("--resume and --shard need a stream of documents (--document F.jsonl or -)");
  if (many && arguments.output != "-" && !ends_with(arguments.output, ".jsonl")) {
    throw UsageError("-o " + arguments.output + ": a stream of documents needs -o F.jsonl or -");
  }
  if (arguments.resume && arguments.output == "-") throw UsageError("--resume needs an output file");
  if (!arguments.shard.empty()) pipeline::parse_shard(arguments.shard);
  if (arguments.threshold && (*arguments.threshold < 0 || *arguments.threshold > 1)) throw UsageError("--threshold must be between 0 and 1");

  pipeline::ExtractOptions options;
  options.tasks = parse_tasks(arguments.tasks);
  options.threshold = arguments.threshold;
  options.soundtrack = !arguments.no_soundtrack;
  options.timing = arguments.timing;
  options.limits = arguments.limits;
  ie::Schema schema = read_schema_option(arguments.schema);
  std::optional<ie::Document> document;
  if (!many) document = document_of(arguments);
  options.transcripts = read_transcripts(arguments.transcripts);
  options.meta_responses = read_meta_responses(arguments.meta_response, many ? "" : *document->id, many);
  pipeline::Model model(find_model(arguments.model), common.device);
  pipeline::Extractor extractor(model, std::move(schema), std::move(options));
  return many ? extract_stream(arguments, extractor) : extract_one(arguments, *document, extractor);
}

}  // namespace

Command extract_command(CLI::App& program) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* app = program.add_subcommand("extract", "entities, relations and events of documents, each grounded where it stands");
  app->add_option("-m,--model", arguments->model, "model folder (default: $REAMO_MODEL, else the bundled one)");
  auto* text = app->add_option("--text", arguments->text, "the text itself");
  app->add_option("--text-file", arguments->text_file, "a file with the text (UTF-8)")->excludes(text);
  app->add_option("--image", arguments->images, "a picture; may be given several times")->take_all();
  app->add_option("--audio", arguments->audios, "a recording; may be given several times")->take_all();
  app->add_option("--video", arguments->videos, "a film; may be given several times")->take_all();
  app->add_option("--document", arguments->document, "a document as JSON, a stream of them (F.jsonl), or - for standard input");
  app->add_option("--task", arguments->tasks, "what is returned: ner, re, ee, separated by commas");
  app->add_option("--schema", arguments->schema, "a schema as JSON (default: the built-in one, see `reamo schema`)");
  app->add_option("--threshold", arguments->threshold, "least score of items and places, 0 to 1");
  app->add_option("-o,--output", arguments->output, "a folder (one document), F.json, F.jsonl, or - for standard output")->required();
  app->add_option("--format", arguments->format, "what a folder gets")->check(CLI::IsMember({"json", "html", "all"}));
  app->add_flag("--timing", arguments->timing, "seconds by stage in the result");
  app->add_option("--transcript", arguments->transcripts, "[audio-0=]F.srt, .vtt, .TextGrid or .json: replaces the listener")->take_all();
  app->add_option("--meta-response", arguments->meta_response, "a file with another model's answer: replaces the reasoner");
  app->add_flag("--no-soundtrack", arguments->no_soundtrack, "leave a film's own sound out");
  app->add_option("--shard", arguments->shard, "i/n: take every n-th document of a stream, from the i-th");
  app->add_flag("--resume", arguments->resume, "skip documents whose line the output already holds");
  app->add_option("--batch", arguments->batch, "documents answered together in a stream")->check(CLI::Range(1, 256));
  app->add_option("--max-pixels", arguments->limits.max_pixels, "limit of a picture or frame");
  app->add_option("--max-seconds", arguments->limits.max_seconds, "limit of a recording or film");
  app->add_option("--max-frames", arguments->limits.max_frames, "limit of a film");
  app->add_option("--max-samples", arguments->limits.max_samples, "limit of a recording, all channels together");
  app->add_option("--max-bytes", arguments->limits.max_bytes, "limit of a media file");
  app->add_option("--media-timeout", arguments->limits.timeout, "seconds that opening or one frame may take");
  return {app, [arguments](const CommonOptions& common) { return run(*arguments, common); }};
}

}  // namespace reamo::cli
