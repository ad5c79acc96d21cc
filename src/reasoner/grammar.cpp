#include "reasoner/grammar.h"

#include <algorithm>
#include <cctype>

#include "reasoner/grammar_context.h"

namespace reamo::reasoner {
namespace {

bool is_free_byte(unsigned char c) { return c < 0x80 && (std::isalnum(c) || c == '-' || c == '\''); }

// Whether the next byte stands behind an open backslash.
bool is_escaping(const std::string& field) {
  const std::size_t last = field.find_last_not_of('\\');
  return (field.size() - (last == std::string::npos ? 0 : last + 1)) % 2 == 1;
}

std::string_view terminators(std::uint8_t node) {
  switch (node) {
    case kFirst: case kEventType: return ",";
    case kSecond: case kTrigger: case kArgument: return ",)";
    case kTail: return ")";
    case kRole: case kMedium: return ":";
    case kNumber: return ":@";
    case kModuleName: case kPhrase: return "<";
    default: return "";
  }
}

}  // namespace

Grammar::State Grammar::start() const { return enter(kOpen, std::make_shared<Context>()); }

std::string_view Grammar::string_of(const State& state, const Live& live) const {
  const Tables& t = *tables_;
  const Context& context = *state.context;
  switch (live.kind) {
    case kLiteral: return kLiterals[live.index];
    case kCopy: return t.sources[live.index].text;
    case kRefString: return context.said->refs[live.index].text;
    case kEntityLabel: return t.entities[live.index];
    case kRelationLabel: return t.relations[live.index];
    case kEventLabel: return t.events[live.index];
    case kRoleLabel: return t.roles[context.event][live.index];
    case kModuleString: return ie::module_name(static_cast<ie::GrounderModule>(live.index));
    case kMediumString: return t.media[live.index];
    case kNumberString: return t.numbers[live.index];
    default: break;  // kItemMention
  }
  const Said& said = *context.said;
  const auto entity = std::find_if(said.entities.begin(), said.entities.end(), [&](const auto& e) { return e.item == context.number; });
  if (entity != said.entities.end()) return entity->mention;
  const auto event = std::find(said.event_items.begin(), said.event_items.end(), context.number);
  return event == said.event_items.end() ? std::string_view() : said.event_triggers[std::size_t(event - said.event_items.begin())];
}

bool Grammar::is_complete(const State& state, const Live& live) const {
  if (live.kind == kCopy) return tables_->sources[live.index].end[live.offset] != 0;
  return live.offset == string_of(state, live).size();
}

bool Grammar::free_is_complete(const State& state) const {
  return state.free && !state.field.empty() && std::isalnum(static_cast<unsigned char>(state.field.back()));
}

std::size_t Grammar::free_limit(const State& state) const {
  return state.node == kPhrase ? tables_->options.max_phrase : tables_->options.max_free_mention;
}

void Grammar::add_source_starts(std::vector<Live>& live) const {
  live.insert(live.end(), tables_->starts.begin(), tables_->starts.end());
}

// Whether an item may begin: a mention can be copied or made up, or everything said leaves a relation to be said.
bool Grammar::may_open(const Context& context) const {
  return context.said->items < tables_->options.max_items && !tables_->entities.empty() &&
         (!tables_->starts.empty() || tables_->options.free_mentions);
}

Grammar::State Grammar::enter(std::uint8_t node, std::shared_ptr<const Context> context) const {
  State state;
  state.node = node;
  const auto literal = [&](Literal which) { state.live.push_back({kLiteral, which, 0}); };
  const Context& c = *context;
  switch (node) {
    case kOpen:
      literal(kOpenTag);
      break;
    case kItems:
      if (may_open(c)) literal(kBracket);
      literal(kCloseTag);
      break;
    case kFirst:
      add_source_starts(state.live);
      state.free = tables_->options.free_mentions;
      if (!tables_->relations.empty()) {
        for (std::size_t i = 0; i < c.said->refs.size(); ++i) {
          if (mention_is_open(c, c.said->refs[i].text, false)) state.live.push_back({kRefString, std::uint16_t(i), 0});
        }
      }
      if (!tables_->events.empty()) literal(kTypeMark);
      break;
    case kSecond:
      state.live = second_fields(c);
      break;
    case kTail:
      state.live = tails(c);
      break;
    case kEventType:
      for (std::size_t i = 0; i < tables_->events.size(); ++i) state.live.push_back({kEventLabel, std::uint16_t(i), 0});
      break;
    case kTriggerMark:
      literal(kTriggerWord);
      break;
    case kTrigger:
      add_source_starts(state.live);
      state.free = tables_->options.free_mentions;
      break;
    case kRole:
      state.live = roles(c);
      break;
    case kArgument:
      state.live = arguments(c, c.role);
      break;
    case kAfterItems:
      if (!modules(c).empty()) literal(kModuleTag);
      break;
    case kModuleName:
      state.live = modules(c);
      break;
    case kModuleClose:
      literal(kModuleEnd);
      break;
    case kInstructions:
      if (!numbers(c).empty()) literal(kInstructionTag);
      if (c.instructions > 0 && !modules(c).empty()) literal(kModuleTag);
      break;
    case kNumber:
      state.live = numbers(c);
      break;
    case kMedium:
      state.live = media(c);
      break;
    case kPhrase:
      state.free = true;
      state.live.push_back({kItemMention, 0, 0});
      break;
    default:
      literal(kInstructionEnd);
      break;
  }
  state.context = std::move(context);
  return state;
}

std::optional<Grammar::State> Grammar::next(const State& state, unsigned char byte) const {
  if (state.field.empty() && !state.space && (state.free || !state.live.empty())) {
    const bool line = byte == '\n' && (state.node == kAfterItems || state.node == kInstructions);
    if ((byte == ' ' && state.node != kOpen) || line) {
      State spaced = state;
      spaced.space = true;
      return spaced;
    }
  }
  if (!is_escaping(state.field) && terminators(state.node).find(static_cast<char>(byte)) != std::string_view::npos) {
    return finish(state, byte);
  }

  State out;
  const bool mention = state.node == kFirst || state.node == kTrigger;
  for (const Live& live : state.live) {
    const std::string_view text = string_of(state, live);
    if (live.offset >= text.size() || static_cast<unsigned char>(text[live.offset]) != byte) continue;
    if (live.kind == kLiteral && live.offset + 1 == text.size()) return finish_literal(state, live.index);
    if (live.kind == kCopy && state.field.size() >= tables_->options.max_mention) continue;
    out.live.push_back({live.kind, live.index, live.offset + 1});
  }
  const std::size_t room = state.free && !state.frozen ? free_limit(state) - std::min(free_limit(state), state.field.size()) : 0;
  out.free = (room > 1 || (room == 1 && std::isalnum(byte))) &&  // the last byte must be one that may end it
             (is_free_byte(byte) ? !state.field.empty() || std::isalnum(byte)
                                 : byte == ' ' && !state.field.empty() && state.field.back() != ' ');
  if (byte == ' ' && !state.field.empty() && !state.after_space) {
    for (const Live& live : state.live) {
      if (live.kind != kLiteral && is_complete(state, live)) out.ended.push_back(live);
    }
    out.ended_free = free_is_complete(state);
    out.after_space = !out.ended.empty() || out.ended_free;
  }
  if (out.live.empty() && !out.free && !out.after_space) return std::nullopt;
  out.context = state.context;
  out.node = state.node;
  out.space = state.space;
  out.field.reserve(state.field.size() + 1);
  out.field.append(state.field).push_back(static_cast<char>(byte));
  if (mention && !viable(out)) return std::nullopt;
  return out;
}

std::optional<Grammar::State> Grammar::next(State state, std::string_view bytes) const {
  for (const char byte : bytes) {
    std::optional<State> after = next(state, static_cast<unsigned char>(byte));
    if (!after) return std::nullopt;
    state = std::move(*after);
  }
  return state;
}

// A mention can still end: now, or further on in its source.
bool Grammar::viable(const State& state) const {
  if (state.free) return true;
  for (const Live& live : state.live) {
    if (live.kind != kCopy) return true;
    const Tables::Source& source = tables_->sources[live.index];
    const std::uint32_t end = source.next_end[live.offset];
    if (end <= source.text.size() && end - live.offset + state.field.size() <= tables_->options.max_mention) return true;
  }
  const char terminator = ',';
  return finish(state, static_cast<unsigned char>(terminator)).has_value() ||
         (state.node == kTrigger && finish(state, ')').has_value());
}

bool Grammar::complete(const State& state) const {
  if (!state.field.empty()) return false;
  return state.node == kAfterItems || (state.node == kInstructions && state.context->instructions > 0);
}

bool Grammar::between_items(const State& state) const { return state.node == kItems && state.field.empty(); }

std::size_t Grammar::items(const State& state) const { return state.context->said->items; }

bool Grammar::continues_free(const State& state, std::string_view bytes) const {
  const std::size_t size = state.field.size() + bytes.size();
  if (!state.free || bytes.empty() || size > free_limit(state)) return false;
  if (size == free_limit(state) && !std::isalnum(static_cast<unsigned char>(bytes.back()))) return false;
  unsigned char last = state.field.empty() ? ' ' : static_cast<unsigned char>(state.field.back());
  bool started = !state.field.empty();
  bool space = state.space;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte == ' ') {
      if (last == ' ' && (started || space)) return false;
      space = true;
    } else if (!is_free_byte(byte) || (!started && !std::isalnum(byte))) {
      return false;
    } else {
      started = true;
    }
    last = byte;
  }
  return true;
}

}  // namespace reamo::reasoner
