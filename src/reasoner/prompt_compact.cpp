// The terse prompt of small models:
//   <s> <ner> person , organization <re> works for <ee> Attack ( attacker , place ) <media> image-0 [rows]
//   <speech> audio-0 [rows] transcript <text> text <answer>
// Which types a relation or role allows is left to the grammar of the answer.
#include <algorithm>

#include "ie/error.h"
#include "ie/meta_response.h"
#include "reasoner/compact.h"

namespace reamo::reasoner {
namespace {

void write_schema(PromptWriter& writer, const ie::Schema& schema, const PromptOptions& options) {
  const auto described = [&](const std::string& description) {
    if (options.description_words < 1 || description.empty()) return;
    writer.words(":", false);
    writer.words(first_words(description, options.description_words), false);
  };
  const auto list = [&](const auto& types, const auto& each) {
    for (std::size_t i = 0; i < types.size(); ++i) {
      if (i) writer.words(",", false);
      each(types[i]);
    }
  };
  // Types that are only named as heads, tails or roles come after the declared ones.
  const std::vector<ie::EntityType> types = schema.all_entity_types();
  if (!types.empty() || schema.entities) {
    writer.mark(schema.entities ? "<ner>" : "<types>");
    list(types, [&](const ie::EntityType& type) {
      writer.label(LabelPlace::Kind::kEntity, type.name);
      described(type.description);
    });
  }
  if (schema.relations) {
    writer.mark("<re>");
    list(*schema.relations, [&](const ie::RelationType& type) {
      writer.label(LabelPlace::Kind::kRelation, type.name);
      described(type.description);
    });
  }
  if (schema.events) {
    writer.mark("<ee>");
    list(*schema.events, [&](const ie::EventType& type) {
      writer.label(LabelPlace::Kind::kEvent, type.name);
      described(type.description);
      if (type.roles.empty()) return;
      writer.words("(", false);
      list(type.roles, [&](const ie::Role& role) { writer.label(LabelPlace::Kind::kRole, role.name, type.name); });
      writer.words(")", false);
    });
  }
}

ie::MetaResponse response_of(const ie::Example& example) {
  ie::MetaResponse response;
  const auto mention = [&](std::size_t entity) { return ie::Ref{example.entities.at(entity).mention, std::nullopt}; };
  for (const auto& entity : example.entities) response.items.push_back(ie::EntityItem{entity.mention, entity.type});
  for (const auto& pair : example.relations) {
    response.items.push_back(ie::RelationItem{mention(pair.head), pair.type, mention(pair.tail)});
  }
  for (const auto& event : example.events) {
    ie::EventItem item{event.type, event.trigger, {}};
    for (const auto& argument : event.arguments) item.arguments.emplace_back(argument.role, mention(argument.entity));
    response.items.push_back(std::move(item));
  }
  return response;
}

}  // namespace

void build_compact_prompt(const Request& request, const Tokenizer& tokenizer, const PromptOptions& options,
                          Prompt& prompt) {
  PromptWriter writer(tokenizer, prompt);
  prompt.ids.push_back(tokenizer.bos());
  prompt.copyable.push_back(false);
  write_schema(writer, request.schema, options);
  prompt.schema = prompt.ids.size();

  // What the rest needs besides the words of text and transcripts.
  std::vector<Ids> names, spoken;
  std::int64_t fixed = 2;  // <text> and <answer>
  for (const MediumFeatures& medium : request.media) {
    const torch::Tensor rows = feature_rows(medium.features);
    const auto transcript = request.transcripts.find(medium.name);
    names.push_back(tokenizer.encode_text(medium.name));
    spoken.push_back(transcript == request.transcripts.end() ? Ids{} : source_tokens(tokenizer, transcript->second.text));
    fixed += 1 + static_cast<std::int64_t>(names.back().size()) + (rows.defined() ? rows.size(0) : 0);
  }
  std::int64_t room = options.max_tokens - writer.size() - fixed;
  if (room < 0) {
    throw Error("the schema and the media need " + std::to_string(writer.size() + fixed) +
                " tokens of the prompt, the model takes " + std::to_string(options.max_tokens));
  }
  const Ids text = request.text ? source_tokens(tokenizer, *request.text) : Ids{};
  const auto reserve = [&](const std::string& name, const Ids& tokens) {
    const std::size_t fit = fitting_tokens(tokenizer, tokens, room);
    if (fit < tokens.size()) {
      const std::size_t kept = source_text(tokenizer, Ids(tokens.begin(), tokens.begin() + std::ptrdiff_t(fit))).size();
      prompt.left_out.push_back({name, kept, source_text(tokenizer, tokens).size()});
    }
    room -= static_cast<std::int64_t>(fit);
    return Ids(tokens.begin(), tokens.begin() + std::ptrdiff_t(fit));
  };
  const Ids text_part = reserve("text", text);
  for (std::size_t i = 0; i < spoken.size(); ++i) spoken[i] = reserve(request.media[i].name, spoken[i]);

  for (std::size_t i = 0; i < request.schema.examples.size(); ++i) {
    const ie::Example& example = request.schema.examples[i];
    const Ids words = source_tokens(tokenizer, example.text);
    const std::vector<Source> none;
    const CompactTokens answer = ResponseWriter(tokenizer, none, prompt.ids).write(response_of(example));
    const std::int64_t needed = static_cast<std::int64_t>(words.size() + answer.ids.size()) + 2;
    if (needed > room) {
      prompt.left_out.push_back({"example-" + std::to_string(i + 1), 0, example.text.size()});
      continue;
    }
    room -= needed;
    writer.mark("<example>");
    for (const Ids& part : {words, Ids{tokenizer.find("<answer>")}, answer.ids}) {
      prompt.ids.insert(prompt.ids.end(), part.begin(), part.end());
      prompt.copyable.resize(prompt.ids.size(), 0);
    }
  }

  for (std::size_t i = 0; i < request.media.size(); ++i) {
    const MediumFeatures& medium = request.media[i];
    writer.mark(medium.kind == MediumKind::kAudio ? "<speech>" : "<media>");
    for (const std::int64_t id : names[i]) {
      prompt.ids.push_back(id);
      prompt.copyable.push_back(true);
    }
    writer.features(placeholder_of(medium.kind), feature_rows(medium.features));
    if (!spoken[i].empty()) writer.source(medium.name, spoken[i]);
  }
  if (request.text) {
    writer.mark("<text>");
    writer.source("text", text_part);
  }
  writer.mark("<answer>");
}

}  // namespace reamo::reasoner
