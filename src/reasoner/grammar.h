// The meta-response (DESIGN 3.5) as an automaton over bytes: which byte may follow, given the schema, the sources that mentions
// are copied from, the media, and the items already said.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ie/meta_response.h"
#include "ie/schema.h"
#include "reasoner/prompt.h"

namespace reamo::reasoner {

struct GrammarOptions {
  std::vector<std::string> sources;      // texts that mentions are copied from
  std::vector<std::pair<std::string, MediumKind>> media;  // names and kinds
  bool free_mentions = false;            // also mentions that stand in no source: letters, digits, spaces
  std::size_t max_items = 256;
  std::size_t max_mention = 80, max_free_mention = 40, max_phrase = 60;  // bytes
};

class Grammar {
 public:
  Grammar(const ie::Schema& schema, GrammarOptions options);
  ~Grammar();

  struct Context;  // what has been said up to the current field
  struct Live {    // one way in which the field's bytes so far can go on
    std::uint32_t string = 0;  // index of the alternative
    std::uint32_t offset = 0;  // bytes of it that have been written
    friend bool operator==(const Live&, const Live&) = default;
  };
  struct State {
    std::shared_ptr<const Context> context;
    std::uint8_t node = 0;
    bool space = false;          // a white space has been written where the next field may start
    bool free = false;           // the bytes so far may be a free mention or phrase
    std::uint32_t written = 0;   // bytes of the field
    std::vector<Live> live;
  };
  State start() const;
  // The state after one more byte, or nothing if the byte is not allowed.
  std::optional<State> next(const State& state, unsigned char byte) const;
  bool complete(const State& state) const;    // the text may end here
  // Number of items that are finished in this state.
  std::size_t items(const State& state) const;

 private:
  struct Tables;
  std::unique_ptr<const Tables> tables_;
};

}  // namespace reamo::reasoner
