#include "reasoner/token_filter.h"

#include <algorithm>
#include <cctype>

namespace reamo::reasoner {

TokenFilter::TokenFilter(const Tokenizer& tokenizer) : nodes_(1), eos_(tokenizer.eos()) {
  std::vector<bool> has_piece(256, false);
  for (std::int64_t id = 0; id < tokenizer.size(); ++id) {
    const std::string& bytes = tokenizer.token_bytes(id);
    if (bytes.size() == 1 && !tokenizer.is_byte(id)) has_piece[static_cast<unsigned char>(bytes[0])] = true;
  }
  for (std::int64_t id = 0; id < tokenizer.size(); ++id) {
    const std::string& bytes = tokenizer.token_bytes(id);
    if (bytes.empty() || (tokenizer.is_byte(id) && has_piece[static_cast<unsigned char>(bytes[0])])) continue;
    std::uint32_t node = 0;
    for (const char c : bytes) {
      const auto byte = static_cast<unsigned char>(c);
      auto& children = nodes_[node].children;
      const auto found = std::find_if(children.begin(), children.end(), [&](const auto& child) { return child.first == byte; });
      if (found != children.end()) {
        node = found->second;
      } else {
        const auto made = static_cast<std::uint32_t>(nodes_.size());
        children.emplace_back(byte, made);
        nodes_.emplace_back();
        node = made;
      }
    }
    nodes_[node].tokens.push_back(id);
    const bool free = std::all_of(bytes.begin(), bytes.end(), [](char c) {
      const auto byte = static_cast<unsigned char>(c);
      return byte < 0x80 && (std::isalnum(byte) || c == ' ' || c == '-' || c == '\'');
    });
    if (free) free_.push_back({id, bytes});
  }
}

void TokenFilter::walk(const Grammar& grammar, const Grammar::State& state, std::uint32_t node,
                       std::vector<std::int64_t>& ids) const {
  for (const auto& [byte, child] : nodes_[node].children) {
    const auto after = grammar.next(state, byte);
    if (!after) continue;
    ids.insert(ids.end(), nodes_[child].tokens.begin(), nodes_[child].tokens.end());
    if (!nodes_[child].children.empty()) walk(grammar, *after, child, ids);
  }
}

void TokenFilter::allowed(const Grammar& grammar, const Grammar::State& state, std::vector<std::int64_t>& ids) const {
  ids.clear();
  if (!state.free) {
    walk(grammar, state, 0, ids);
  } else {
    // The free alphabet by the tokens' own bytes; the rest (strings, ends of fields) by walking without it.
    for (const FreeToken& token : free_) {
      if (grammar.continues_free(state, token.bytes)) ids.push_back(token.id);
    }
    Grammar::State strict = state;
    strict.frozen = true;
    walk(grammar, strict, 0, ids);
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  }
  if (grammar.complete(state)) ids.push_back(eos_);
}

}  // namespace reamo::reasoner
