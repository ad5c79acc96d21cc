// Which tokens of a vocabulary a grammar allows next.
#pragma once

#include <cstdint>
#include <vector>

#include "reasoner/grammar.h"
#include "reasoner/tokenizer.h"

namespace reamo::reasoner {

// The vocabulary as a tree over bytes. Byte pieces take part only for bytes that no other piece is.
class TokenFilter {
 public:
  explicit TokenFilter(const Tokenizer& tokenizer);

  // Ids whose bytes the grammar takes in this state, and `</s>` where the text may end. May hold a token of which Grammar::next says
  // otherwise only where the state is free.
  void allowed(const Grammar& grammar, const Grammar::State& state, std::vector<std::int64_t>& ids) const;

 private:
  struct Node {
    std::vector<std::pair<unsigned char, std::uint32_t>> children;
    std::vector<std::int64_t> tokens;
  };
  void walk(const Grammar& grammar, const Grammar::State& state, std::uint32_t node, std::vector<std::int64_t>& ids) const;

  std::vector<Node> nodes_;
  struct FreeToken {
    std::int64_t id;
    std::string bytes;
  };
  std::vector<FreeToken> free_;  // tokens of letters, digits, spaces, - and ' alone
  std::int64_t eos_;
};

}  // namespace reamo::reasoner
