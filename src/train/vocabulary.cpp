#include "train/vocabulary.h"

#include <fstream>

#include "ie/document.h"
#include "ie/error.h"
#include "synth/atlas.h"
#include "synth/story.h"

namespace reamo::train {
namespace {

void add_kinds(std::vector<std::string>& lines) {
  for (const synth::Kind& kind : synth::kinds()) {
    lines.push_back(kind.name);
    lines.insert(lines.end(), kind.descriptions.begin(), kind.descriptions.end());
  }
}

std::string labels_of(const ie::Schema& schema) {
  std::string line;
  for (const ie::EntityType& type : schema.all_entity_types()) line += type.name + " " + type.description + " ";
  if (schema.relations) {
    for (const ie::RelationType& relation : *schema.relations) line += relation.name + " " + relation.description + " ";
  }
  if (schema.events) {
    for (const ie::EventType& event : *schema.events) {
      line += event.name + " " + event.description + " ";
      for (const ie::Role& role : event.roles) line += role.name + " ";
    }
  }
  return line;
}

}  // namespace

std::vector<std::string> reasoner_lines(std::uint64_t seed, std::int64_t texts, const std::vector<std::filesystem::path>& annotated) {
  std::vector<std::string> lines;
  synth::InstanceOptions options;
  options.seed = seed;
  for (std::int64_t i = 0; i < texts; ++i) {
    const synth::Instance instance = synth::make_text_instance(options, std::uint64_t(i));
    if (instance.text) lines.push_back(*instance.text);
    lines.push_back(labels_of(instance.schema));
  }
  add_kinds(lines);
  for (const std::filesystem::path& folder : annotated) {
    std::ifstream documents(folder / "documents.jsonl");
    if (!documents) throw Error(folder.string() + ": no documents.jsonl");
    for (std::string line; std::getline(documents, line);) {
      if (const auto document = ie::read_document(line, folder); document.text) lines.push_back(*document.text);
    }
  }
  return lines;
}

std::vector<std::string> phrase_lines(std::uint64_t seed, std::int64_t texts) {
  std::vector<std::string> lines;
  synth::InstanceOptions options;
  options.seed = seed;
  for (std::int64_t i = 0; i < texts; ++i) {
    const synth::Instance instance = synth::make_text_instance(options, std::uint64_t(i));
    if (instance.text) lines.push_back(*instance.text);
  }
  for (int repeat = 0; repeat < 20; ++repeat) add_kinds(lines);  // what phrases are mostly made of
  return lines;
}

}  // namespace reamo::train
