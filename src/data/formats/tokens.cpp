#include "data/formats/tokens.h"

#include "ie/error.h"
#include "ie/unicode.h"

namespace reamo::data {
namespace {

constexpr std::size_t kMaxTokens = 1'000'000;

std::size_t length_of(const std::string& token) {
  const std::size_t length = ie::to_code_points(token).size();
  if (length == 0) throw Error("a token is empty");
  return length;
}

}  // namespace

ie::TextSpan TokenText::span(std::int64_t first, std::int64_t end) const {
  if (first < 0 || end <= first || end > static_cast<std::int64_t>(tokens.size())) {
    throw Error("tokens " + std::to_string(first) + " to " + std::to_string(end) +
                " are empty or outside the " + std::to_string(tokens.size()) + " of the text");
  }
  return {tokens[static_cast<std::size_t>(first)].start, tokens[static_cast<std::size_t>(end) - 1].end};
}

TokenText join_tokens(const std::vector<std::string>& tokens) {
  if (tokens.size() > kMaxTokens)
    throw Error("there are more than " + std::to_string(kMaxTokens) + " tokens");
  TokenText joined;
  std::size_t at = 0;
  for (const std::string& token : tokens) {
    if (!joined.text.empty()) {
      joined.text += ' ';
      ++at;
    }
    const std::size_t end = at + length_of(token);
    joined.tokens.push_back({at, end});
    joined.text += token;
    at = end;
  }
  return joined;
}

TokenText place_tokens(std::string_view text, const std::vector<std::string>& tokens) {
  const std::u32string whole = ie::to_code_points(text);
  TokenText placed{std::string(text), {}};
  std::size_t at = 0;
  for (const std::string& token : tokens) {
    while (at < whole.size() && ie::is_space(whole[at])) ++at;
    const std::u32string points = ie::to_code_points(token);
    if (points.empty() || whole.compare(at, points.size(), points) != 0) return join_tokens(tokens);
    placed.tokens.push_back({at, at + points.size()});
    at += points.size();
  }
  while (at < whole.size() && ie::is_space(whole[at])) ++at;
  return at == whole.size() ? placed : join_tokens(tokens);
}

std::vector<TaggedSpan> tagged_spans(const std::vector<std::string>& tags) {
  std::vector<TaggedSpan> spans;
  bool open = false;
  for (std::size_t i = 0; i < tags.size(); ++i) {
    const std::string& tag = tags[i];
    if (tag == "O") {
      open = false;
      continue;
    }
    const bool is_tag =
        tag.size() > 2 && tag[1] == '-' && std::string_view("BIESLU").find(tag[0]) != std::string_view::npos;
    if (!is_tag) throw Error("\"" + tag.substr(0, 60) + "\" is not a tag: O, B-TYPE or I-TYPE");
    const std::string type = tag.substr(2);
    const bool begins = tag[0] == 'B' || tag[0] == 'S' || tag[0] == 'U';
    if (begins || !open || spans.back().type != type) {
      spans.push_back({type, i, i + 1});
    } else {
      spans.back().end = i + 1;
    }
    open = tag[0] == 'B' || tag[0] == 'I';
  }
  return spans;
}

}  // namespace reamo::data
