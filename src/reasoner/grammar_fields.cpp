// What follows a finished field: the next field's alternatives, and the items.
#include <algorithm>

#include "reasoner/grammar_context.h"

namespace reamo::reasoner {
namespace {

MediumKind kind_of(std::size_t module) {
  switch (static_cast<ie::GrounderModule>(module)) {
    case ie::GrounderModule::kImageSegmentation: return MediumKind::kImage;
    case ie::GrounderModule::kVideoTracking: return MediumKind::kVideo;
    default: break;
  }
  return MediumKind::kAudio;
}

}  // namespace

// Whether something may follow the first field: a type that the mention does not have yet, or a relation of the entity meant.
bool Grammar::mention_is_open(const Context& context, std::string_view mention, bool as_entity) const {
  Context trial = context;
  trial.mention = mention;
  trial.as_entity = as_entity;
  trial.head = -1;
  const auto& refs = context.said->refs;
  for (std::size_t i = 0; i < refs.size(); ++i) {
    if (refs[i].text == mention) trial.head = std::ptrdiff_t(i);
  }
  return !second_fields(trial).empty();
}

std::vector<Grammar::Live> Grammar::second_fields(const Context& context) const {
  std::vector<Live> live;
  if (context.as_entity) {
    for (std::size_t i = 0; i < tables_->entities.size(); ++i) {
      if (!context.said->typed.contains({context.mention, i})) live.push_back({kEntityLabel, std::uint16_t(i), 0});
    }
  }
  if (context.head >= 0) {
    Context trial = context;
    for (std::size_t i = 0; i < tables_->relations.size(); ++i) {
      trial.relation = i;
      if (!tails(trial).empty()) live.push_back({kRelationLabel, std::uint16_t(i), 0});
    }
  }
  return live;
}

std::vector<Grammar::Live> Grammar::tails(const Context& context) const {
  std::vector<Live> live;
  const Said& said = *context.said;
  const std::size_t r = context.relation;
  const std::ptrdiff_t head =
      said.resolve(said.refs[std::size_t(context.head)], [&](std::size_t type) { return tables_->head[r][type]; });
  if (head < 0) return live;
  for (std::size_t i = 0; i < said.refs.size(); ++i) {
    const std::ptrdiff_t tail = said.resolve(said.refs[i], [&](std::size_t type) { return tables_->tail[r][type]; });
    if (tail < 0 || tail == head || said.triples.contains({std::size_t(head), r, std::size_t(tail)})) continue;
    live.push_back({kRefString, std::uint16_t(i), 0});
  }
  return live;
}

std::vector<Grammar::Live> Grammar::arguments(const Context& context, std::size_t role) const {
  std::vector<Live> live;
  const Said& said = *context.said;
  const std::vector<bool>& allowed = tables_->role[context.event][role];
  for (std::size_t i = 0; i < said.refs.size(); ++i) {
    const std::ptrdiff_t entity = said.resolve(said.refs[i], [&](std::size_t type) { return allowed[type]; });
    if (entity < 0 || context.arguments.contains({role, std::size_t(entity)})) continue;
    live.push_back({kRefString, std::uint16_t(i), 0});
  }
  return live;
}

std::vector<Grammar::Live> Grammar::roles(const Context& context) const {
  std::vector<Live> live;
  for (std::size_t i = 0; i < tables_->roles[context.event].size(); ++i) {
    if (!arguments(context, i).empty()) live.push_back({kRoleLabel, std::uint16_t(i), 0});
  }
  return live;
}

std::vector<Grammar::Live> Grammar::media(const Context& context) const {
  std::vector<Live> live;
  for (std::size_t i = 0; i < tables_->media.size(); ++i) {
    if (tables_->options.media[i].second != kind_of(context.module)) continue;
    if (context.said->instructed.contains({context.number, std::ptrdiff_t(i)})) continue;
    live.push_back({kMediumString, std::uint16_t(i), 0});
  }
  return live;
}

std::vector<Grammar::Live> Grammar::numbers(const Context& context) const {
  std::vector<Live> live;
  const Said& said = *context.said;
  const auto add = [&](std::size_t item) {
    Context trial = context;
    trial.number = item;
    if (!said.instructed.contains({item, -1}) || !media(trial).empty()) live.push_back({kNumberString, std::uint16_t(item), 0});
  };
  for (const auto& entity : said.entities) add(entity.item);
  if (static_cast<ie::GrounderModule>(context.module) == ie::GrounderModule::kAudioSegmentation) {
    for (const std::size_t item : said.event_items) add(item);
  }
  return live;
}

std::vector<Grammar::Live> Grammar::modules(const Context& context) const {
  std::vector<Live> live;
  const Said& said = *context.said;
  for (std::size_t module = 0; module < said.module_used.size(); ++module) {
    const bool there = std::any_of(tables_->options.media.begin(), tables_->options.media.end(),
                                   [&](const auto& medium) { return medium.second == kind_of(module); });
    const bool audio = static_cast<ie::GrounderModule>(module) == ie::GrounderModule::kAudioSegmentation;
    const bool named = !said.entities.empty() || (audio && !said.event_items.empty());
    if (there && named && !said.module_used[module]) live.push_back({kModuleString, std::uint16_t(module), 0});
  }
  return live;
}

std::optional<Grammar::State> Grammar::finish_literal(const State& state, std::size_t literal) const {
  auto context = state.context;
  const auto changed = [&](const auto& change) {
    auto copy = std::make_shared<Context>(*state.context);
    change(*copy);
    return copy;
  };
  switch (literal) {
    case kOpenTag: return enter(kItems, context);
    case kBracket: return enter(kFirst, changed([](Context& c) {
      c.arguments.clear();
      c.head = -1;
      c.as_entity = false;
    }));
    case kCloseTag: return enter(kAfterItems, context);
    case kTypeMark: return enter(kEventType, context);
    case kTriggerWord: return enter(kTrigger, context);
    case kModuleTag: return enter(kModuleName, context);
    case kModuleEnd: return enter(kInstructions, context);
    case kInstructionTag: return enter(kNumber, changed([](Context& c) { c.medium = -1; }));
    default: break;
  }
  return enter(kInstructions, changed([](Context& c) {
    auto said = std::make_shared<Said>(*c.said);
    said->instructed.insert({c.number, c.medium});
    c.said = said;
    ++c.instructions;
  }));
}

std::optional<Grammar::State> Grammar::finish(const State& state, unsigned char byte) const {
  std::vector<Live> ended;
  bool ended_free = false;
  std::string content = state.field;
  if (state.after_space) {
    ended = state.ended;
    ended_free = state.ended_free;
    content.pop_back();
  } else if (!state.field.empty()) {
    for (const Live& live : state.live) {
      if (live.kind != kLiteral && is_complete(state, live)) ended.push_back(live);
    }
    ended_free = free_is_complete(state);
  }
  if (ended.empty() && !ended_free) return std::nullopt;
  const auto found = [&](StringKind kind) {
    return std::find_if(ended.begin(), ended.end(), [&](const Live& live) { return live.kind == kind; });
  };
  const auto has = [&](StringKind kind) { return found(kind) != ended.end(); };
  const auto copy = std::make_shared<Context>(*state.context);
  Context& c = *copy;
  // Ends the item at hand.
  const auto said_item = [&](const auto& change) -> std::optional<State> {
    auto said = std::make_shared<Said>(*c.said);
    ++said->items;
    change(*said);
    c.said = said;
    return enter(kItems, copy);
  };
  // Goes on with a node whose first byte this is.
  const auto go_on = [&](std::uint8_t node) { return next(enter(node, copy), byte); };
  const auto entered = [&](std::uint8_t node) -> std::optional<State> {
    State after = enter(node, copy);
    if (after.live.empty() && !after.free) return std::nullopt;
    return after;
  };
  const auto event_done = [&]() {
    return said_item([&](Said& said) {
      said.event_items.push_back(said.items);
      said.event_triggers.push_back(c.mention);
      said.triggers.insert({c.event, c.mention});
    });
  };

  switch (state.node) {
    case kFirst: {
      c.mention = content;
      c.as_entity = has(kCopy) || ended_free;
      c.head = has(kRefString) ? std::ptrdiff_t(found(kRefString)->index) : -1;
      return entered(kSecond);
    }
    case kSecond: {
      if (byte == ',') {
        if (!has(kRelationLabel)) return std::nullopt;
        c.relation = found(kRelationLabel)->index;
        return entered(kTail);
      }
      if (!has(kEntityLabel)) return std::nullopt;
      const std::size_t type = found(kEntityLabel)->index;
      return said_item([&](Said& said) {
        said.entities.push_back({c.mention, type, said.items});
        said.typed.insert({c.mention, type});
        said.renew_refs();
      });
    }
    case kTail: {
      const auto& refs = c.said->refs;
      const auto head = c.said->resolve(refs[std::size_t(c.head)], [&](std::size_t t) { return tables_->head[c.relation][t]; });
      const auto tail = c.said->resolve(refs[found(kRefString)->index], [&](std::size_t t) { return tables_->tail[c.relation][t]; });
      return said_item([&](Said& said) { said.triples.insert({std::size_t(head), c.relation, std::size_t(tail)}); });
    }
    case kEventType:
      c.event = found(kEventLabel)->index;
      return entered(kTriggerMark);
    case kTrigger:
      if (c.said->triggers.contains({c.event, content})) return std::nullopt;
      c.mention = content;
      return byte == ')' ? event_done() : entered(kRole);
    case kRole:
      c.role = found(kRoleLabel)->index;
      return entered(kArgument);
    case kArgument: {
      const auto& allowed = tables_->role[c.event][c.role];
      const auto entity = c.said->resolve(c.said->refs[found(kRefString)->index], [&](std::size_t t) { return allowed[t]; });
      c.arguments.insert({c.role, std::size_t(entity)});
      return byte == ')' ? event_done() : entered(kRole);
    }
    case kModuleName: {
      auto said = std::make_shared<Said>(*c.said);
      c.module = found(kModuleString)->index;
      said->module_used[c.module] = true;
      said->instructed.clear();
      c.said = said;
      c.instructions = 0;
      return go_on(kModuleClose);
    }
    case kNumber:
      c.number = found(kNumberString)->index;
      if (byte == '@') return entered(kMedium);
      return c.said->instructed.contains({c.number, -1}) ? std::nullopt : entered(kPhrase);
    case kMedium:
      c.medium = found(kMediumString)->index;
      return entered(kPhrase);
    case kPhrase:
      return go_on(kInstructionClose);
    default:
      break;
  }
  return std::nullopt;
}

}  // namespace reamo::reasoner
