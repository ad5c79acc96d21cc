#include <algorithm>
#include <array>
#include <set>

#include "ie/align.h"
#include "ie/error.h"
#include "ie/medium_name.h"
#include "ie/meta_loose.h"
#include "ie/meta_response.h"
#include "ie/meta_scan.h"
#include "ie/meta_text.h"
#include "ie/unicode.h"

namespace reamo::ie {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

class LenientParser {
 public:
  explicit LenientParser(std::string_view text) : text_(text) {}

  LenientParse parse() {
    const auto marks = scan_tags(text_);
    std::size_t at = 0;
    Tag block = Tag::kUie;  // what stands before any tag is read like the items
    bool block_open = true;
    for (std::size_t i = 0; i <= marks.size(); ++i) {
      const std::size_t end = i < marks.size() ? marks[i].start : text_.size();
      const bool closed = i < marks.size() && marks[i].closes && marks[i].tag == block;
      read_block({text_.substr(at, end - at), at}, block_open ? block : Tag::kUie, closed);
      if (i == marks.size()) break;
      const TagMark& mark = marks[i];
      at = mark.end;
      block_open = !mark.closes && mark.tag != Tag::kSentence;
      block = mark.tag;
    }
    settle_refs();
    place_instructions();
    std::stable_sort(out_.skipped.begin(), out_.skipped.end(),
                     [](const Skipped& a, const Skipped& b) { return a.position < b.position; });
    return std::move(out_);
  }

 private:
  // An instruction before it is known to which item it belongs.
  struct Draft {
    std::size_t call;
    Piece piece;
    bool closed;
  };

  void skip(std::size_t position, const std::string& what) {
    out_.skipped.push_back({position, what});
  }

  void read_block(Piece piece, Tag tag, bool closed) {
    if (tag == Tag::kUie) {
      read_items(piece);
    } else if (tag == Tag::kModule) {
      read_module(piece);
    } else if (tag == Tag::kInstruction) {
      read_instruction(piece, closed);
    }
  }

  // ---- items
  // -------------------------------------------------------------------------------------------------------

  void skip_text(Piece piece) {
    piece = trimmed(piece);
    if (has_words(piece.raw)) skip(piece.position, "text outside the items: " + shown(piece.raw));
  }

  void read_items(Piece piece) {
    const auto matching = match_brackets(piece.raw);
    std::size_t at = 0;
    while (true) {
      const std::size_t open = find_plain(piece.raw, '(', at);
      skip_text(piece.part(at, open == kNone ? kNone : open - at));
      if (open == kNone) return;
      std::size_t close = matching[open];
      if (close == kNone) {
        // Without its bracket: up to the next one of either kind.
        skip(piece.position + open,
             "an item without its closing bracket is read as far as it goes");
        close = next_bracket(piece.raw, open + 1);
        read_item(piece.part(open + 1, close == kNone ? kNone : close - open - 1));
        if (close == kNone) return;
        at = close;
        continue;
      }
      read_item(piece.part(open + 1, close - open - 1));
      at = close + 1;
    }
  }

  void read_item(Piece inside) {
    const auto fields = split_fields(inside);
    const auto ignore = [&](const std::string& why) {
      skip(inside.position, "item (" + shown(inside.raw) + "): " + why);
    };
    if (auto event = event_of_names(fields)) {
      add_item(std::move(*event), inside);
      return;
    }
    std::vector<std::string> values;
    for (const Piece& field : fields) values.push_back(value_of(field));
    if (std::any_of(values.begin(), values.end(), [](const std::string& v) { return v.empty(); })) {
      ignore("a field is empty");
    } else if (fields.size() == 2) {
      add_item(EntityItem{values[0], values[1]}, inside);
    } else if (fields.size() == 3) {
      add_item(RelationItem{ref_of(fields[0]), values[1], ref_of(fields[2])}, inside);
    } else if (fields.size() >= 4 && fields.size() % 2 == 0) {
      // (trigger, type, argument, role, ..)
      EventItem event{values[1], values[0], {}};
      for (std::size_t i = 2; i < fields.size(); i += 2)
        event.arguments.emplace_back(values[i + 1], ref_of(fields[i]));
      add_item(std::move(event), inside);
    } else {
      ignore(std::to_string(fields.size()) +
             " fields are neither an entity, a relation nor an event");
    }
  }

  // An event with named fields in any order; nullopt when no field is named like a type or trigger.
  std::optional<EventItem> event_of_names(const std::vector<Piece>& fields) {
    EventItem event;
    std::size_t known = 0;
    for (const Piece& field : fields) {
      const auto [colon, width] = find_colon(field.raw);
      if (colon == kNone) continue;
      const std::string name = letters_of(field.part(0, colon).raw);
      if (name == "type" || name == "eventtype" || name == "trigger" || name == "eventtrigger")
        ++known;
    }
    if (known == 0) return std::nullopt;
    for (const Piece& field : fields) {
      const auto [colon, width] = find_colon(field.raw);
      if (colon == kNone) {
        skip(field.position, "a field of an event without a name: " + shown(trimmed(field).raw));
        continue;
      }
      const Piece value = field.part(colon + width);
      const std::string name = letters_of(field.part(0, colon).raw);
      if ((name == "type" || name == "eventtype") && event.type.empty()) {
        event.type = value_of(value);
      } else if ((name == "trigger" || name == "eventtrigger") && event.trigger.empty()) {
        event.trigger = value_of(value);
      } else {
        const std::string role = value_of(field.part(0, colon));
        Ref ref = ref_of(value);
        if (role.empty() || ref.mention.empty()) {
          skip(field.position,
               "an argument without a role or a mention: " + shown(trimmed(field).raw));
        } else {
          event.arguments.emplace_back(role, std::move(ref));
        }
      }
    }
    return event;
  }

  void add_item(Item item, Piece inside) {
    if (const auto* event = std::get_if<EventItem>(&item);
        event && (event->type.empty() || event->trigger.empty())) {
      skip(inside.position,
           "item (" + shown(inside.raw) + "): an event without its type or trigger");
      return;
    }
    out_.response.items.push_back(std::move(item));
  }

  static Ref ref_of(Piece piece) {
    piece = trimmed(piece);
    const std::size_t hash = rfind_plain(piece.raw, '#');
    if (hash != kNone) {
      const auto number = decimal(trimmed(piece.part(hash + 1)).raw);
      const std::string mention = value_of(piece.part(0, hash));
      if (number && !mention.empty()) return {mention, number};
    }
    return {value_of(piece), std::nullopt};
  }

  // A number stands only where it names an entity item of that mention; otherwise it is part of the
  // mention.
  void settle_ref(Ref& ref) const {
    if (!ref.number) return;
    const std::size_t n = *ref.number;
    if (n >= 1 && n <= out_.response.items.size()) {
      const auto* entity = std::get_if<EntityItem>(&out_.response.items[n - 1]);
      if (entity && fold(entity->mention) == fold(ref.mention)) return;
    }
    ref.mention += " #" + std::to_string(n);
    ref.number.reset();
  }

  void settle_refs() {
    for (Item& item : out_.response.items) {
      if (auto* relation = std::get_if<RelationItem>(&item)) {
        settle_ref(relation->head);
        settle_ref(relation->tail);
      } else if (auto* event = std::get_if<EventItem>(&item)) {
        for (auto& argument : event->arguments) settle_ref(argument.second);
      }
    }
  }

  // ---- calls
  // -------------------------------------------------------------------------------------------------------

  static std::optional<GrounderModule> module_of(std::string_view name) {
    const std::string letters = letters_of(name);
    const auto has = [&](std::string_view part) { return letters.find(part) != std::string::npos; };
    if (has("audio") || has("speech") || has("sound")) return GrounderModule::kAudioSegmentation;
    if (has("video") || has("track")) return GrounderModule::kVideoTracking;
    if (has("image") || has("picture") || has("visual")) return GrounderModule::kImageSegmentation;
    return std::nullopt;
  }

  void read_module(Piece piece) {
    piece = trimmed(piece);
    const auto module = module_of(piece.raw);
    in_module_ = true;
    current_call_.reset();
    if (!module) {
      if (!piece.raw.empty())
        skip(piece.position,
             "the module " + shown(piece.raw) + " is not known; its instructions are left out");
      return;
    }
    auto& calls = out_.response.calls;
    if (calls.empty() || calls.back().module != *module) calls.push_back({*module, {}});
    current_call_ = calls.size() - 1;
  }

  void read_instruction(Piece piece, bool closed) {
    piece = trimmed(piece);
    if (piece.raw.empty()) return;
    if (!current_call_) {
      const std::string why =
          in_module_ ? " belongs to a module that is not known" : " stands before any module";
      skip(piece.position, "the instruction " + shown(piece.raw) + why);
      return;
    }
    drafts_.push_back({*current_call_, piece, closed});
  }

  // "segmentation: the keeper" -> "the keeper"; later colons belong to the phrase.
  static Piece without_verb(Piece piece) {
    constexpr std::array<std::string_view, 17> kVerbs{"segmentation",
                                                      "segment",
                                                      "segmenting",
                                                      "tracking",
                                                      "track",
                                                      "speech",
                                                      "audio",
                                                      "detection",
                                                      "detect",
                                                      "grounding",
                                                      "ground",
                                                      "locate",
                                                      "find",
                                                      "outline",
                                                      "imagesegmentation",
                                                      "videotracking",
                                                      "audiosegmentation"};
    const auto [colon, width] = find_colon(piece.raw);
    if (colon == kNone) return piece;
    const std::string verb = letters_of(piece.part(0, colon).raw);
    if (std::find(kVerbs.begin(), kVerbs.end(), verb) == kVerbs.end()) return piece;
    return trimmed(piece.part(colon + width));
  }

  // "2", "2@image-1" before a colon.
  static std::optional<Instruction> numbered(Piece& piece) {
    const auto [colon, width] = find_colon(piece.raw);
    if (colon == kNone) return std::nullopt;
    const std::string_view after = piece.raw.substr(colon + width);
    if (!after.empty() && after[0] >= '0' && after[0] <= '9') return std::nullopt;  // a time of day
    const std::string_view target = trimmed(piece.part(0, colon)).raw;
    const std::size_t at = target.find('@');
    Instruction instruction;
    const auto number = decimal(trimmed({target.substr(0, at), 0}).raw);
    if (!number || *number == 0) return std::nullopt;
    instruction.number = *number;
    if (at != kNone) {
      const std::string_view medium = trimmed({target.substr(at + 1), 0}).raw;
      if (!medium_kind(medium) || medium == "text") return std::nullopt;
      instruction.medium = std::string(medium);
    }
    piece = trimmed(piece.part(colon + width));
    return instruction;
  }

  std::size_t count_entities() const {
    return static_cast<std::size_t>(
        std::count_if(out_.response.items.begin(), out_.response.items.end(),
                      [](const Item& item) { return std::holds_alternative<EntityItem>(item); }));
  }

  // Several phrases in one instruction: "1: woman, 2: bus", or as many as there are entities ("The
  // woman, The bus").
  std::vector<Piece> split_phrases(const Draft& draft, bool alone) const {
    Piece rest = draft.piece;
    const auto parts = split_fields(rest);
    if (parts.size() < 2) return {rest};
    const bool all_numbered = std::all_of(parts.begin(), parts.end(),
                                          [](Piece part) { return numbered(part).has_value(); });
    const bool fits =
        alone && !numbered(rest) &&
        (parts.size() == count_entities() || (!draft.closed && parts.size() <= count_entities()));
    return all_numbered || fits ? parts : std::vector<Piece>{rest};
  }

  void place_instructions() {
    for (const Item& item : out_.response.items) keys_.push_back(key_of(name_of(item)));
    said_ = keys_.size();
    for (std::size_t i = 0; i < drafts_.size(); ++i) {
      const bool alone = (i == 0 || drafts_[i - 1].call != drafts_[i].call) &&
                         (i + 1 == drafts_.size() || drafts_[i + 1].call != drafts_[i].call);
      if (i == 0 || drafts_[i - 1].call != drafts_[i].call) used_.clear();
      for (const Piece& part : split_phrases(drafts_[i], alone))
        place(drafts_[i].call, trimmed(part));
    }
    auto& calls = out_.response.calls;
    std::erase_if(calls, [](const Call& call) { return call.instructions.empty(); });
  }

  void place(std::size_t call, Piece piece) {
    const std::size_t position = piece.position;
    const Piece whole = piece;
    auto instruction = numbered(piece);
    if (instruction && !can_be_asked(instruction->number, call)) {
      skip(position, "the instruction " + shown(whole.raw) + " has a number that no such item has");
      instruction->number = 0;
    }
    piece = without_verb(piece);
    if (!instruction) instruction = numbered(piece).value_or(Instruction{});
    if (!can_be_asked(instruction->number, call)) instruction->number = 0;
    instruction->phrase = value_of(piece);
    if (instruction->phrase.empty()) {
      skip(position, "an instruction without a phrase");
      return;
    }
    if (instruction->number == 0)
      instruction->number = item_for(instruction->phrase, call, position);
    used_.insert(instruction->number);
    out_.response.calls[call].instructions.push_back(std::move(*instruction));
  }

  bool can_be_asked(std::size_t number, std::size_t call) const {
    if (number < 1 || number > out_.response.items.size()) return false;
    const Item& item = out_.response.items[number - 1];
    return std::holds_alternative<EntityItem>(item) ||
           (std::holds_alternative<EventItem>(item) &&
            out_.response.calls[call].module == GrounderModule::kAudioSegmentation);
  }

  static std::string_view name_of(const Item& item) {
    if (const auto* entity = std::get_if<EntityItem>(&item)) return entity->mention;
    if (const auto* event = std::get_if<EventItem>(&item)) return event->trigger;
    return {};
  }

  static std::string key_of(std::string_view phrase) {
    std::string key = fold(phrase);
    for (const std::string_view article : {"the ", "a ", "an "}) {
      if (key.starts_with(article)) return key.substr(article.size());
    }
    return key;
  }

  // The item that a phrase without a number is for: the one it names, else the next entity that has
  // no instruction in this call, else a new entity of type "unknown".
  std::size_t item_for(const std::string& phrase, std::size_t call, std::size_t position) {
    const std::string key = key_of(phrase);
    const auto& items = out_.response.items;
    const auto free = [&](std::size_t n) { return !used_.contains(n); };
    std::size_t inside = 0, next = 0, again = 0;
    for (std::size_t n = 1; n <= items.size(); ++n) {
      if (!can_be_asked(n, call)) continue;
      const bool is_entity = std::holds_alternative<EntityItem>(items[n - 1]);
      const std::string& name = keys_[n - 1];
      if (name == key && free(n)) return n;
      if (name == key) again = n;
      if (!name.empty() && !inside && free(n) &&
          (key.find(name) != kNone || name.find(key) != kNone))
        inside = n;
      if (is_entity && n <= said_ && !next && free(n)) next = n;
    }
    if (again) return again;
    if (inside) return inside;
    if (next) return next;
    skip(position, "no item is there for the instruction " + shown(phrase) +
                       "; an entity of type unknown is made");
    out_.response.items.push_back(EntityItem{phrase, "unknown"});
    keys_.push_back(key);
    return items.size();
  }

  std::string_view text_;
  LenientParse out_;
  std::vector<Draft> drafts_;
  std::size_t said_ = 0;           // items of the answer itself
  std::vector<std::string> keys_;  // what each item is compared by
  std::set<std::size_t> used_;     // numbers that have an instruction in the call being placed
  std::optional<std::size_t> current_call_;
  bool in_module_ = false;
};

}  // namespace

LenientParse parse_lenient(std::string_view text) {
  constexpr std::size_t kMaxBytes = std::size_t{4} << 20;
  if (text.size() > kMaxBytes) {
    LenientParse none = parse_lenient(std::string_view());
    none.skipped.push_back({0, "the answer is longer than the limit of 4 MiB"});
    return none;
  }
  try {
    return {parse_strict(text), {}};
  } catch (const Error&) {
    // Not canonical: read it piece by piece.
  }
  if (is_valid_utf8(text)) return LenientParser(text).parse();
  const std::string clean = repaired(text);
  LenientParse parse = LenientParser(clean).parse();
  parse.skipped.insert(parse.skipped.begin(), {0, "bytes that are not UTF-8 were replaced"});
  return parse;
}

}  // namespace reamo::ie
