// Texts of data sets that give tokens.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ie/result.h"

namespace reamo::data {

// A text and the place of each token in it.
struct TokenText {
  std::string text;
  std::vector<ie::TextSpan> tokens;

  // Tokens [first, end). Throws Error when that is empty or not all there.
  ie::TextSpan span(std::int64_t first, std::int64_t end) const;
};

// Tokens joined by one blank. Throws Error when one is empty or not UTF-8.
TokenText join_tokens(const std::vector<std::string>& tokens);
// The places of tokens in the text they come from, when each is found there in order with only white space
// between; else as join_tokens.
TokenText place_tokens(std::string_view text, const std::vector<std::string>& tokens);

// Mentions of BIO (also IOB1, BIOES, BILOU) tags. A mention that begins with an inside tag is taken as begun
// there.
struct TaggedSpan {
  std::string type;
  std::size_t first = 0, end = 0;  // tokens, half-open
};
// Throws Error on what is no tag.
std::vector<TaggedSpan> tagged_spans(const std::vector<std::string>& tags);

}  // namespace reamo::data
