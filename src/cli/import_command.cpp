// reamo import: published checkpoints become parts of a model folder.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdio>
#include <memory>

#include "cli/command.h"
#include "convert/import.h"
#include "convert/tensor_convert.h"
#include "ie/error.h"

namespace reamo::cli {
namespace {

struct Arguments {
  std::string source, output, name = "reamo", version = "1", dtype, config, vocabulary, licence;
  std::string base, adapter, projector, imagebind, seem, shas, xlsr, wav2vec2;
  std::string variant = "published";
  std::vector<std::string> towers;
  bool dry_run = false, replace = false, allow_extra = false;
};

std::optional<std::filesystem::path> path_of(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return std::filesystem::path(text);
}

convert::ImportOptions options_of(const Arguments& arguments) {
  convert::ImportOptions options;
  options.config = path_of(arguments.config);
  options.vocabulary = path_of(arguments.vocabulary);
  options.towers = arguments.towers;
  options.reamo_variant = arguments.variant == "reamo";
  options.allow_extra = arguments.allow_extra;
  options.licence = arguments.licence;
  return options;
}

std::vector<convert::ModelPart> parts_of(const std::string& kind, const Arguments& arguments) {
  const convert::ImportOptions options = options_of(arguments);
  if (kind == "imagebind") return {convert::import_imagebind(arguments.source, options)};
  if (kind == "seem") return {convert::import_seem(arguments.source, options)};
  if (kind == "shas") return {convert::import_shas(arguments.source, arguments.xlsr, options)};
  if (kind == "wav2vec2") return {convert::import_wav2vec2(arguments.source, options)};
  if (kind == "llama") return convert::import_llama({arguments.source, path_of(arguments.adapter), path_of(arguments.projector)}, options);
  convert::ReamoSources sources;
  if (!arguments.source.empty()) sources = convert::find_reamo(arguments.source);
  const auto given = [](std::optional<std::filesystem::path>& piece, const std::string& text) {
    if (!text.empty()) piece = text;
  };
  given(sources.base, arguments.base);
  given(sources.adapter, arguments.adapter);
  given(sources.projector, arguments.projector);
  given(sources.imagebind, arguments.imagebind);
  given(sources.seem, arguments.seem);
  given(sources.shas, arguments.shas);
  given(sources.xlsr, arguments.xlsr);
  given(sources.wav2vec2, arguments.wav2vec2);
  return convert::import_reamo(sources, options);
}

int import(const std::string& kind, const Arguments& arguments) {
  if (!arguments.dry_run && arguments.output.empty()) throw UsageError("give the model folder with -o, or --dry-run to check only");
  convert::WriteOptions write{arguments.name, arguments.version, std::nullopt, arguments.replace};
  if (!arguments.dtype.empty()) write.dtype = convert::parse_dtype(arguments.dtype);
  const std::vector<convert::ModelPart> parts = parts_of(kind, arguments);
  if (!arguments.dry_run) convert::write_parts(arguments.output, parts, write);
  for (const convert::ModelPart& part : parts) {
    std::printf("%s: %s, %zu tensors, %.1f million parameters, %.1f MiB%s\n", part.component.c_str(), part.entry.class_name.c_str(), part.tensors.size(),
                double(part.parameters()) / 1e6, double(part.bytes(write.dtype)) / 1048576.0, arguments.dry_run ? " (checked, nothing written)" : "");
    std::printf("  licence: %s\n", part.entry.licence.c_str());
    for (const std::string& note : part.notes) std::printf("  note: %s\n", note.c_str());
  }
  return 0;
}

}  // namespace

Command import_command(CLI::App& program) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* app = program.add_subcommand("import", "turn published checkpoints into a model folder");
  app->require_subcommand(1);
  const auto add = [&](const std::string& kind, const std::string& what, const std::string& source) {
    CLI::App* part = app->add_subcommand(kind, what);
    CLI::Option* from = part->add_option("source", arguments->source, source);
    if (kind != "reamo") from->required();
    part->add_option("-o,--output", arguments->output, "the model folder; made where it is missing, added to where it is there");
    part->add_option("--dtype", arguments->dtype, "elements as fp32, bf16 or fp16; default: as they are")->check(CLI::IsMember({"fp32", "bf16", "fp16"}));
    part->add_flag("--dry-run", arguments->dry_run, "check names and shapes, write nothing");
    part->add_flag("--replace", arguments->replace, "put the part in the place of the one that the folder has");
    part->add_flag("--allow-extra", arguments->allow_extra, "leave out tensors that the model does not have instead of refusing the file");
    part->add_option("--name", arguments->name, "name of a new folder's model");
    part->add_option("--model-version", arguments->version, "version of a new folder's model");
    part->add_option("--licence", arguments->licence, "licence note instead of the known one");
    if (kind != "reamo") part->add_option("--config", arguments->config, "configuration (JSON) of a model of another size than the published one");
    return part;
  };
  const char* vocabulary = "CLIP's vocabulary: bpe_simple_vocab_16e6.txt.gz, or a folder with vocab.json and merges.txt";
  CLI::App* imagebind = add("imagebind", "the encoder", "imagebind_huge.pth");
  CLI::App* llama = add("llama", "the reasoner, with adapter and projector if given", "Hugging Face folder: config.json, tokenizer.model, weights");
  CLI::App* seem = add("seem", "the visual grounder", "seem_focall_v1.pt");
  CLI::App* shas = add("shas", "the speech segmenter", "the classifier's .pt");
  add("wav2vec2", "the listener", "Hugging Face folder of a fine-tuned model: wav2vec2-base-960h");
  CLI::App* reamo = add("reamo", "all parts of the published system", "folder that holds the published pieces, searched by their names");
  for (CLI::App* part : {imagebind, seem, reamo}) part->add_option("--vocab", arguments->vocabulary, vocabulary);
  for (CLI::App* part : {imagebind, reamo}) {
    part->add_option("--towers", arguments->towers, "vision,text,audio,depth,thermal,imu; default: all (reamo: vision,audio)")->delimiter(',');
  }
  imagebind->add_option("--variant", arguments->variant, "published, or reamo: no logit scale on sound")->check(CLI::IsMember({"published", "reamo"}));
  shas->add_option("--xlsr", arguments->xlsr, "wav2vec2-xls-r-300m: Hugging Face folder or file")->required();
  for (CLI::App* part : {llama, reamo}) {
    part->add_option("--adapter", arguments->adapter, "PEFT folder: adapter_config.json, adapter_model.*; folded into the weights");
    part->add_option("--projector", arguments->projector, "mm_projector.bin or non_lora_trainables.bin");
  }
  reamo->add_option("--base", arguments->base, "vicuna-7b-v1.5");
  reamo->add_option("--imagebind", arguments->imagebind, "imagebind_huge.pth");
  reamo->add_option("--seem", arguments->seem, "seem_focall_v1.pt");
  reamo->add_option("--shas", arguments->shas, "the classifier's .pt");
  reamo->add_option("--xlsr", arguments->xlsr, "wav2vec2-xls-r-300m");
  reamo->add_option("--wav2vec2", arguments->wav2vec2, "wav2vec2-base-960h");
  return {app, [app, arguments](const CommonOptions&) { return import(app->get_subcommands().front()->get_name(), *arguments); }};
}

}  // namespace reamo::cli
