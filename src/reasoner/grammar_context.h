// What a grammar remembers: its tables, and what has been said (internal to grammar*.cpp).
#pragma once

#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "reasoner/borders.h"
#include "reasoner/grammar.h"

namespace reamo::reasoner {

enum Node : std::uint8_t {
  kOpen, kItems, kFirst, kSecond, kTail, kEventType, kTriggerMark, kTrigger, kRole, kArgument,
  kAfterItems, kModuleName, kModuleClose, kInstructions, kNumber, kMedium, kPhrase, kInstructionClose,
};
enum StringKind : std::uint16_t {
  kLiteral, kCopy, kRefString, kEntityLabel, kRelationLabel, kEventLabel, kRoleLabel, kModuleString, kMediumString,
  kNumberString, kItemMention,
};
enum Literal : std::uint16_t {
  kOpenTag, kBracket, kCloseTag, kTypeMark, kTriggerWord, kModuleTag, kModuleEnd, kInstructionTag, kInstructionEnd,
};
inline constexpr std::string_view kLiterals[] = {"<UIE>", "(", "</UIE>", "Type:", "Trigger:", "<Module>", "</Module>",
                                                 "<Instruction>", "</Instruction>"};

struct Grammar::Tables {
  GrammarOptions options;
  struct Source {
    std::string text;                      // escaped
    std::vector<std::uint8_t> begin, end;  // borders, by escaped byte
    std::vector<std::uint32_t> next_end;   // the first end behind a byte; size + 1 when there is none
  };
  std::vector<Source> sources;
  std::vector<Live> starts;                // every begin of every source
  std::vector<std::string> entities, relations, events, media, numbers;  // escaped labels and names
  std::vector<std::vector<std::string>> roles;                  // by event
  std::vector<std::vector<bool>> head, tail;                    // [relation][entity type]
  std::vector<std::vector<std::vector<bool>>> role;             // [event][role][entity type]
};

// What has been said. Copied when an item or an instruction ends.
struct Said {
  struct Entity {
    std::string mention;  // escaped
    std::size_t type, item;
  };
  // A way to refer to an entity: its mention, or with "#number" where several items share the mention.
  struct Ref {
    std::string text, mention;
    std::ptrdiff_t entity;  // -1: the last one with the mention whose type is allowed
  };
  std::vector<Entity> entities;
  std::vector<Ref> refs;
  std::vector<std::size_t> event_items;              // items that are events
  std::vector<std::string> event_triggers;           // their triggers
  std::set<std::pair<std::string, std::size_t>> typed;           // mention, entity type
  std::set<std::tuple<std::size_t, std::size_t, std::size_t>> triples;  // head, relation, tail
  std::set<std::pair<std::size_t, std::string>> triggers;        // event type, trigger
  std::size_t items = 0;
  // Calls.
  std::vector<bool> module_used = std::vector<bool>(3, false);
  std::set<std::pair<std::size_t, std::ptrdiff_t>> instructed;   // item, medium or -1, of the module at hand

  // The entity that a reference means among those of an allowed type, -1 if none.
  template <typename Allowed>
  std::ptrdiff_t resolve(const Ref& ref, const Allowed& allowed) const {
    if (ref.entity >= 0) return allowed(entities[std::size_t(ref.entity)].type) ? ref.entity : -1;
    for (std::size_t i = entities.size(); i-- > 0;) {
      if (entities[i].mention == ref.mention && allowed(entities[i].type)) return std::ptrdiff_t(i);
    }
    return -1;
  }
  void renew_refs();
};

struct Grammar::Context {
  std::shared_ptr<const Said> said = std::make_shared<Said>();
  // The item at hand.
  std::string mention;                  // first field, or the trigger
  bool as_entity = false;               // the first field may be a new entity
  std::ptrdiff_t head = -1;             // index into said->refs
  std::size_t relation = 0, event = 0, role = 0;
  std::set<std::pair<std::size_t, std::size_t>> arguments;  // role, entity
  // The instruction at hand.
  std::size_t module = 0, number = 0, instructions = 0;
  std::ptrdiff_t medium = -1;
};

}  // namespace reamo::reasoner
