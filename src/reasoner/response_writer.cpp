#include <algorithm>
#include <cctype>

#include "ie/error.h"
#include "reasoner/compact.h"
#include "reasoner/target.h"

namespace reamo::reasoner {
namespace {

bool is_word_byte(char c) { return std::isalnum(static_cast<unsigned char>(c)) || static_cast<unsigned char>(c) >= 0x80; }

constexpr std::uint8_t kind(TargetKind value) { return static_cast<std::uint8_t>(value); }

}  // namespace

std::vector<std::pair<std::size_t, std::size_t>> mention_tokens(const Source& source, std::string_view mention) {
  std::vector<std::pair<std::size_t, std::size_t>> found;
  if (mention.empty()) return found;
  const std::string& text = source.text;
  const std::vector<std::size_t>& offsets = source.offsets;
  for (std::size_t at = 0; (at = text.find(mention, at)) != std::string::npos; ++at) {
    const std::size_t end = at + mention.size();
    if (at > 0 && is_word_byte(text[at - 1]) && is_word_byte(text[at])) continue;
    if (end < text.size() && is_word_byte(text[end - 1]) && is_word_byte(text[end])) continue;
    auto first = std::lower_bound(offsets.begin(), offsets.end(), at);
    if (first == offsets.end() || *first != at) {
      // The token may begin with the space before the mention.
      if (at == 0 || text[at - 1] != ' ') continue;
      first = std::lower_bound(offsets.begin(), offsets.end(), at - 1);
      if (first == offsets.end() || *first != at - 1) continue;
    }
    const auto last = std::lower_bound(offsets.begin(), offsets.end(), end);
    if (last == offsets.end() || *last != end) continue;
    found.emplace_back(first - offsets.begin(), last - offsets.begin());
  }
  return found;
}

void ResponseWriter::add(const Ids& ids, std::uint8_t token_kind) {
  out_.ids.insert(out_.ids.end(), ids.begin(), ids.end());
  out_.kinds.resize(out_.ids.size(), token_kind);
}

void ResponseWriter::grammar(std::string_view text, bool space_before) {
  add(tokenizer_.encode_text(text, space_before), kind(TargetKind::kGrammar));
}

void ResponseWriter::mark(std::string_view token) {
  const std::int64_t id = tokenizer_.find(token);
  if (id < 0) throw Error("the tokenizer lacks the token " + std::string(token) + " of compact answers");
  add({id}, kind(TargetKind::kGrammar));
}

void ResponseWriter::label(std::string_view name) {
  add(tokenizer_.encode_text(ie::escape(name)), kind(TargetKind::kLabel));
}

void ResponseWriter::mention(std::string_view text) {
  for (const Source& source : sources_) {
    const auto places = mention_tokens(source, text);
    if (places.empty()) continue;
    for (std::size_t i = places.front().first; i < places.front().second; ++i) {
      const std::int64_t id = prompt_[source.first + i];
      const std::string& bytes = tokenizer_.token_bytes(id);
      const std::size_t spaces = std::min(bytes.find_first_not_of(' '), bytes.size());
      const std::string inner = bytes.substr(spaces), escaped = inner.empty() ? inner : ie::escape(inner);
      if (escaped == inner) {
        add({id}, kind(TargetKind::kName));
      } else {
        add(tokenizer_.encode_text(std::string(spaces, ' ') + escaped, false), kind(TargetKind::kName));
      }
    }
    return;
  }
  add(tokenizer_.encode_text(ie::escape(text)), kind(TargetKind::kName));
}

void ResponseWriter::ref(const ie::Ref& ref) {
  mention(ref.mention);
  if (ref.number) grammar("#" + std::to_string(*ref.number), false);
}

CompactTokens ResponseWriter::write(const ie::MetaResponse& response) {
  out_ = {};
  mark("<UIE>");
  for (const ie::Item& item : response.items) {
    grammar("(");
    if (const auto* entity = std::get_if<ie::EntityItem>(&item)) {
      mention(entity->mention);
      grammar(",");
      label(entity->type);
    } else if (const auto* relation = std::get_if<ie::RelationItem>(&item)) {
      ref(relation->head);
      grammar(",");
      label(relation->type);
      grammar(",");
      ref(relation->tail);
    } else {
      const auto& event = std::get<ie::EventItem>(item);
      mark("Type:");
      label(event.type);
      grammar(",");
      mark("Trigger:");
      mention(event.trigger);
      for (const auto& [role, argument] : event.arguments) {
        grammar(",");
        label(role);
        grammar(":", false);
        ref(argument);
      }
    }
    grammar(")");
  }
  mark("</UIE>");
  for (const ie::Call& call : response.calls) {
    mark("<Module>");
    mark(ie::module_name(call.module));
    mark("</Module>");
    for (const ie::Instruction& instruction : call.instructions) {
      mark("<Instruction>");
      grammar(std::to_string(instruction.number), false);
      if (instruction.medium) {
        grammar("@");
        add(tokenizer_.encode_text(ie::escape(*instruction.medium)), kind(TargetKind::kLabel));
      }
      grammar(":", false);
      add(tokenizer_.encode_text(ie::escape(instruction.phrase)), kind(TargetKind::kPhrase));
      mark("</Instruction>");
    }
  }
  return std::move(out_);
}

}  // namespace reamo::reasoner
