// The meta-response (DESIGN 3.5) as an automaton over bytes: which byte may follow, given the schema, the sources that mentions are
// copied from, the media, and the items already said. Between tokens one space is free.
//
// What it never allows: an item or a reference said twice, types and roles that the schema does not have, heads, tails and arguments
// that are no entity item said before or of a type not allowed there, calls for media that are not there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ie/meta_response.h"
#include "ie/schema.h"
#include "reasoner/prompt.h"

namespace reamo::reasoner {

struct GrammarOptions {
  std::vector<std::string> sources;                       // texts that mentions are copied from
  std::vector<std::pair<std::string, MediumKind>> media;  // names and kinds
  bool free_mentions = false;  // also mentions that stand in no source: letters, digits, spaces, - and '
  std::size_t max_items = 256;
  std::size_t max_mention = 96, max_free_mention = 40, max_phrase = 60;  // bytes, escapes included
};

class Grammar {
 public:
  Grammar(const ie::Schema& schema, GrammarOptions options);
  Grammar(Grammar&&) noexcept;
  ~Grammar();

  struct Context;  // the items said, and the fields of the item at hand
  // One way in which the bytes of the field so far can go on: a string of some kind and the bytes of it that are written.
  struct Live {
    std::uint16_t kind = 0;
    std::uint16_t index = 0;
    std::uint32_t offset = 0;
  };
  struct State {
    std::shared_ptr<const Context> context;
    std::uint8_t node = 0;
    bool space = false;        // the free space before the field is written
    bool after_space = false;  // the last byte was a space; `ended` is what was complete before it
    bool free = false;         // the field so far may be a free mention or phrase
    bool ended_free = false;
    bool frozen = false;       // free text may end but not go on (set by callers that treat it apart)
    std::string field;         // bytes of the field so far
    std::vector<Live> live, ended;
  };
  State start() const;
  // The state after one more byte, or nothing if the byte is not allowed.
  std::optional<State> next(const State& state, unsigned char byte) const;
  std::optional<State> next(State state, std::string_view bytes) const;
  bool complete(const State& state) const;       // the text may end here
  bool between_items(const State& state) const;  // "</UIE>" may follow
  std::size_t items(const State& state) const;   // finished items

  // Whether these bytes may continue the free mention or phrase of the state, by the alphabet alone: exact for text that ends no
  // field. Cheaper than next() for a whole vocabulary.
  bool continues_free(const State& state, std::string_view bytes) const;

 private:
  struct Tables;
  struct Finish;
  State enter(std::uint8_t node, std::shared_ptr<const Context> context) const;
  std::string_view string_of(const State& state, const Live& live) const;
  bool is_complete(const State& state, const Live& live) const;
  bool free_is_complete(const State& state) const;
  std::size_t free_limit(const State& state) const;
  std::optional<State> finish(const State& state, unsigned char byte) const;
  std::optional<State> finish_literal(const State& state, std::size_t literal) const;
  bool viable(const State& state) const;
  void add_source_starts(std::vector<Live>& live) const;
  bool mention_is_open(const Context& context, std::string_view mention, bool as_entity) const;
  std::vector<Live> second_fields(const Context& context) const;
  std::vector<Live> tails(const Context& context) const;
  std::vector<Live> roles(const Context& context) const;
  std::vector<Live> arguments(const Context& context, std::size_t role) const;
  std::vector<Live> numbers(const Context& context) const;
  std::vector<Live> media(const Context& context) const;
  std::vector<Live> modules(const Context& context) const;
  bool may_open(const Context& context) const;

  std::unique_ptr<const Tables> tables_;
};

}  // namespace reamo::reasoner
