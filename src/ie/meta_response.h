// What the reasoner says (PAPER 3.1, DESIGN 3.5): items, and calls of the grounders.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "ie/schema.h"

namespace reamo::ie {

struct Result;

struct Ref {  // a mention, with the number of the entity item it means when given ("John#2")
  std::string mention;
  std::optional<std::size_t> number;
  friend bool operator==(const Ref&, const Ref&) = default;
};
struct EntityItem {
  std::string mention, type;
  friend bool operator==(const EntityItem&, const EntityItem&) = default;
};
struct RelationItem {
  Ref head;
  std::string type;
  Ref tail;
  friend bool operator==(const RelationItem&, const RelationItem&) = default;
};
struct EventItem {
  std::string type, trigger;
  std::vector<std::pair<std::string, Ref>> arguments;  // role, entity
  friend bool operator==(const EventItem&, const EventItem&) = default;
};
using Item = std::variant<EntityItem, RelationItem, EventItem>;

enum class GrounderModule { kImageSegmentation, kAudioSegmentation, kVideoTracking };
struct Instruction {
  std::size_t number = 0;             // of the item, from 1 over all items
  std::optional<std::string> medium;  // all media of the module's kind when absent
  std::string phrase;
  friend bool operator==(const Instruction&, const Instruction&) = default;
};
struct Call {
  GrounderModule module;
  std::vector<Instruction> instructions;
  friend bool operator==(const Call&, const Call&) = default;
};
struct MetaResponse {
  std::vector<Item> items;
  std::vector<Call> calls;
  friend bool operator==(const MetaResponse&, const MetaResponse&) = default;
};

std::string_view module_name(GrounderModule module);

// Printing: parse_strict(print(x, any)) == x for every valid x (strings are non-empty UTF-8). kSpaced has white space
// inside brackets and tags and before commas and '#', so that every word stands alone:
// `( Mary Chen , person ) ( Mary Chen , works for , Harbor Bank )`.
enum class Spacing { kCanonical, kSpaced };
std::string print(const MetaResponse& response, Spacing spacing = Spacing::kCanonical);
// The closest published form, for comparison with the paper's figures.
std::string print_published(const MetaResponse& response);
// A backslash before each of \ , ( ) : < > #, before white space at either end; newline as `\n`.
std::string escape(std::string_view text);

// Throws Error with the byte position and what was expected.
MetaResponse parse_strict(std::string_view text);

struct Skipped {
  std::size_t position;  // byte offset
  std::string what;      // one sentence
};
struct LenientParse {
  MetaResponse response;
  std::vector<Skipped> skipped;
};
// Takes what unconstrained models write, recovers what it can, says what it skipped. Never throws on content.
LenientParse parse_lenient(std::string_view text);

// The response with every Ref resolved to an entity item (DESIGN 3.5 "Joining").
struct Joined {
  struct Entity { std::string mention, type; std::size_t item; };          // item: index into items; npos: made up ("unknown")
  struct Relation { std::string type; std::size_t head, tail, item; };     // indices into entities
  struct Argument { std::string role; std::size_t entity; };
  struct Event { std::string type, trigger; std::vector<Argument> arguments; std::size_t item; };
  std::vector<Entity> entities;
  std::vector<Relation> relations;
  std::vector<Event> events;
  std::vector<std::string> warnings;  // a mention that no entity item has
};
Joined join(const MetaResponse& response, const Schema& schema);
// Adds `#k` to each ref exactly where join() would otherwise choose another entity item. `targets`: the index into
// response.items meant by each ref, in order (head and tail of a relation, arguments of an event).
void add_numbers(MetaResponse& response, const Schema& schema, const std::vector<std::size_t>& targets);

// By what words an item is asked for: of an entity id, or of an event id (its trigger, audio only), by medium.
using Phrases = std::map<std::string, std::map<std::string, std::string>>;
// The answer that a result corresponds to: entities, relations, events in the order of the result, `#k` where needed,
// one call a module, its instructions by item and then by medium, `@medium` where the result has several media of
// that kind. Throws Error on phrases for unknown ids or media, or for an event outside audio.
MetaResponse response_from_result(const Result& gold, const Phrases& phrases);

}  // namespace reamo::ie
