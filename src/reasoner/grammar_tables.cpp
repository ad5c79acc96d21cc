#include <algorithm>
#include <map>

#include "ie/error.h"
#include "reasoner/grammar_context.h"

namespace reamo::reasoner {
namespace {

bool needs_escape(char c) { return c == '\n' || std::string_view("\\,():<>#").find(c) != std::string_view::npos; }

// A label as it is written; labels of the schema are not empty.
std::vector<std::string> escaped_names(const auto& types) {
  std::vector<std::string> names;
  for (const auto& type : types) names.push_back(ie::escape(type.name));
  return names;
}

}  // namespace

Grammar::Grammar(const ie::Schema& schema, GrammarOptions options) {
  auto tables = std::make_unique<Tables>();
  for (const std::string& text : options.sources) {
    // Escapes as inside a mention; the borders move along.
    const Borders plain = mention_borders(text);
    Tables::Source source;
    for (std::size_t i = 0; i <= text.size(); ++i) {
      source.begin.push_back(plain.begin[i]);
      source.end.push_back(plain.end[i]);
      if (i == text.size()) break;
      if (needs_escape(text[i])) {
        source.text += '\\';
        source.begin.push_back(0);
        source.end.push_back(0);
      }
      source.text += text[i] == '\n' ? 'n' : text[i];
    }
    const auto size = static_cast<std::uint32_t>(source.text.size());
    source.next_end.assign(size + 1, size + 1);
    for (std::uint32_t i = size; i-- > 0;) source.next_end[i] = source.end[i + 1] ? i + 1 : source.next_end[i + 1];
    for (std::uint32_t i = 0; i < size; ++i) {
      if (source.begin[i]) tables->starts.push_back({kCopy, static_cast<std::uint16_t>(tables->sources.size()), i});
    }
    tables->sources.push_back(std::move(source));
  }
  const std::vector<ie::EntityType> types = schema.all_entity_types();
  tables->entities = escaped_names(types);
  if (schema.relations) {
    tables->relations = escaped_names(*schema.relations);
    for (const ie::RelationType& relation : *schema.relations) {
      tables->head.emplace_back();
      tables->tail.emplace_back();
      for (const ie::EntityType& type : types) {
        tables->head.back().push_back(schema.allows_head(relation, type.name));
        tables->tail.back().push_back(schema.allows_tail(relation, type.name));
      }
    }
  }
  if (schema.events) {
    tables->events = escaped_names(*schema.events);
    for (const ie::EventType& event : *schema.events) {
      tables->roles.push_back(escaped_names(event.roles));
      tables->role.emplace_back();
      for (const ie::Role& role : event.roles) {
        std::vector<bool> allowed;
        for (const ie::EntityType& type : types) {
          allowed.push_back(role.types.empty() ||
                            std::find(role.types.begin(), role.types.end(), type.name) != role.types.end());
        }
        tables->role.back().push_back(std::move(allowed));
      }
    }
  }
  for (const auto& [name, kind] : options.media) tables->media.push_back(ie::escape(name));
  for (std::size_t i = 0; i <= options.max_items; ++i) tables->numbers.push_back(std::to_string(i));
  constexpr std::size_t kMost = 65535;
  if (tables->sources.size() > kMost || tables->entities.size() > kMost || tables->relations.size() > kMost ||
      tables->events.size() > kMost || tables->media.size() > kMost || options.max_items > kMost) {
    throw Error("the schema has more than 65535 types of a kind, or the request as many texts or media");
  }
  tables->options = std::move(options);
  tables_ = std::move(tables);
}

Grammar::Grammar(Grammar&&) noexcept = default;
Grammar::~Grammar() = default;

void Said::renew_refs() {
  std::map<std::string_view, std::size_t> count;
  for (const Entity& entity : entities) ++count[entity.mention];
  refs.clear();
  for (std::size_t i = 0; i < entities.size(); ++i) {
    const Entity& entity = entities[i];
    const bool again = std::any_of(entities.begin(), entities.begin() + std::ptrdiff_t(i),
                                   [&](const Entity& other) { return other.mention == entity.mention; });
    if (!again) refs.push_back({entity.mention, entity.mention, -1});
    if (count[entity.mention] > 1) {
      refs.push_back({entity.mention + "#" + std::to_string(entity.item), entity.mention, std::ptrdiff_t(i)});
    }
  }
}

}  // namespace reamo::reasoner
