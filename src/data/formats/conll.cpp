#include "data/formats/conll.h"

#include "data/formats/pictures.h"
#include "data/formats/text_lines.h"
#include "data/formats/tokens.h"
#include "ie/error.h"

namespace reamo::data {
namespace {

constexpr std::size_t kMaxBlockTokens = 100'000;
constexpr std::string_view kImageId = "IMGID:";

void add_token(TaggedBlock& block, const std::string& line) {
  const bool has_tab = line.find('\t') != std::string::npos;
  const auto columns = has_tab ? split(line, '\t') : split_at_blanks(line);
  if (columns.size() < 2) throw Error("the line has no tag: a token, a tab and a tag are needed");
  const auto token = trimmed(columns.front()), tag = trimmed(columns.back());
  if (token.empty()) throw Error("the line has no token before its tag");
  if (block.tokens.size() >= kMaxBlockTokens)
    throw Error("the text has more than " + std::to_string(kMaxBlockTokens) + " tokens");
  block.tokens.emplace_back(token);
  block.tags.emplace_back(tag);
}

}  // namespace

void read_tagged_blocks(Import& import, const std::filesystem::path& file,
                        const std::function<void(const TaggedBlock&)>& visit) {
  LineReader lines(file, import.options().max_record_bytes);
  TaggedBlock block;
  bool is_good = true;
  const auto end_block = [&] {
    if (is_good && !block.tokens.empty()) import.record(file, block.line, [&] { visit(block); });
  block = {};
  is_good = true;
};
while (!import.full() && lines.next()) {
  const auto read_line = [&] {
    const std::string& line = lines.text();
    const auto content = trimmed(line);
    const bool tagged = line.find('\t') != std::string::npos;
    if (content.empty() || content.starts_with("-DOCSTART-")) {
      end_block();
    } else if (content.starts_with(kImageId) && !tagged) {
      if (!block.tokens.empty()) end_block();
      block.image_id = trimmed(content.substr(kImageId.size()));
    } else if (!is_good || (content.starts_with("# ") && !tagged && block.tokens.empty())) {
      return;
    } else {
      if (block.tokens.empty()) block.line = lines.number();
      add_token(block, line);
    }
  };
  if (!import.record(file, lines.number(), read_line)) is_good = false;
}
if (!import.full()) end_block();
}

Gold gold_of(const Import& import, const TaggedBlock& block) {
  const TokenText text = join_tokens(block.tokens);
  Gold gold = import.gold();
  gold.set_tasks({true, false, false});
  gold.set_text(text.text);
  for (const TaggedSpan& span : tagged_spans(block.tags)) {
    gold.add_text_entity(
        span.type, {text.span(static_cast<std::int64_t>(span.first), static_cast<std::int64_t>(span.end))});
  }
  return gold;
}

void import_conll(Import& import) {
  import.each_file([&](const std::filesystem::path& file) {
    read_tagged_blocks(import, file, [&](const TaggedBlock& block) {
      Gold gold = gold_of(import, block);
  if (import.options().images && !block.image_id.empty()) add_picture(gold, import, file, block.image_id);
  import.add(std::move(gold));
});
});
}

}  // namespace reamo::data
