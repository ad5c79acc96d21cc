// Pieces that the compact prompt and its answers are written with, shared by prompt, targets and tests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ie/meta_response.h"
#include "reasoner/prompt.h"

namespace reamo::reasoner {

// Writes the prompt token by token.
class PromptWriter {
 public:
  PromptWriter(const Tokenizer& tokenizer, Prompt& prompt) : tokenizer_(tokenizer), prompt_(prompt) {}

  void mark(std::string_view token);                                    // an added token
  void words(std::string_view text, bool copyable);                     // with a space before
  void label(LabelPlace::Kind kind, std::string_view name, std::string_view event = {});
  void source(std::string name, const Ids& tokens);
  void features(std::int64_t placeholder, const torch::Tensor& rows);   // [rows, width]
  std::int64_t size() const { return static_cast<std::int64_t>(prompt_.ids.size()); }

 private:
  void add(std::int64_t id, bool copyable);

  const Tokenizer& tokenizer_;
  Prompt& prompt_;
};

// The tokens of a text that is only text; spaces written as "▁" become spaces.
Ids source_tokens(const Tokenizer& tokenizer, std::string_view text);
// The bytes of tokens, without the space that the first one begins with.
std::string source_text(const Tokenizer& tokenizer, const Ids& tokens);
// As many of the first tokens as fit, cut where a word ends.
std::size_t fitting_tokens(const Tokenizer& tokenizer, const Ids& tokens, std::int64_t room);
// The first `count` words of a text.
std::string first_words(std::string_view text, int count);

std::int64_t placeholder_of(MediumKind kind);
// [rows, width] of features that may be undefined, [width] or [rows, width].
torch::Tensor feature_rows(const torch::Tensor& features);

void build_compact_prompt(const Request& request, const Tokenizer& tokenizer, const PromptOptions& options, Prompt& prompt);
void build_published_prompt(const Request& request, const Tokenizer& tokenizer, const PromptOptions& options,
                            Prompt& prompt);

// A response as compact tokens, with the kind of each. Mentions that stand in a source are written with its tokens.
struct CompactTokens {
  Ids ids;
  std::vector<std::uint8_t> kinds;  // TargetKind
};
class ResponseWriter {
 public:
  ResponseWriter(const Tokenizer& tokenizer, const std::vector<Source>& sources, const Ids& prompt)
      : tokenizer_(tokenizer), sources_(sources), prompt_(prompt) {}
  CompactTokens write(const ie::MetaResponse& response);

 private:
  void grammar(std::string_view text, bool space_before = true);
  void mark(std::string_view token);
  void label(std::string_view name);
  void mention(std::string_view text);
  void ref(const ie::Ref& ref);
  void add(const Ids& ids, std::uint8_t kind);

  const Tokenizer& tokenizer_;
  const std::vector<Source>& sources_;
  const Ids& prompt_;
  CompactTokens out_;
};

// Where `mention` stands in a source, as half-open ranges of its tokens; only at word borders that are token borders.
std::vector<std::pair<std::size_t, std::size_t>> mention_tokens(const Source& source, std::string_view mention);

}  // namespace reamo::reasoner
