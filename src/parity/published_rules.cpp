#include "parity/published_rules.h"

#include <algorithm>
#include <string_view>

#include "nn/utf8.h"
#include "reasoner/prompt.h"
#include "reasoner/target.h"

namespace reamo::parity {
namespace {

// The shortest text between `open` and `close` from `from` on that holds no newline: where it begins, and where the match
// begins and ends.
struct Match {
  std::size_t begin, end;
  std::string inner;
};
std::optional<Match> find_block(const std::string& text, std::string_view open, std::string_view close, std::size_t from) {
  for (std::size_t at = text.find(open, from); at != std::string::npos; at = text.find(open, at + 1)) {
    const std::size_t inner = at + open.size(), end = text.find(close, inner);
    if (end == std::string::npos) return std::nullopt;
    if (text.find('\n', inner) < end) continue;
    return Match{at, end + close.size(), text.substr(inner, end - inner)};
  }
  return std::nullopt;
}

std::string trimmed(const std::string& text) {
  const std::vector<std::uint32_t> codes = nn::decode_utf8(text);
  std::size_t first = 0, last = codes.size();
  while (first < last && nn::is_space(codes[first])) ++first;
  while (last > first && nn::is_space(codes[last - 1])) --last;
  return nn::encode_utf8({codes.begin() + std::ptrdiff_t(first), codes.begin() + std::ptrdiff_t(last)});
}

// End of a tag "<..>" that begins at `at`, at least one character inside; npos if there is none.
std::size_t tag_end(const std::string& text, std::size_t at) {
  if (text[at] != '<') return std::string::npos;
  const std::size_t end = text.find('>', at + 1);
  return end == std::string::npos || end == at + 1 ? std::string::npos : end + 1;
}

// Everything from a tag to the end of the next tag removed, where no newline stands between the two.
std::string without_tag_pairs(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = std::string::npos;
    if (const std::size_t first = tag_end(text, at); first != std::string::npos) {
      for (std::size_t next = first; next < text.size() && text[next] != '\n'; ++next) {
        if ((end = tag_end(text, next)) != std::string::npos) break;
      }
    }
    if (end == std::string::npos) {
      out += text[at++];
    } else {
      at = end;
    }
  }
  return out;
}

std::vector<std::string> split(const std::string& text, const std::string& separator) {
  std::vector<std::string> parts;
  std::size_t from = 0;
  for (std::size_t at; (at = text.find(separator, from)) != std::string::npos; from = at + separator.size()) {
    parts.push_back(text.substr(from, at - from));
  }
  parts.push_back(text.substr(from));
  return parts;
}

}  // namespace

PublishedAnswer parse_published(const std::string& text) {
  PublishedAnswer answer;
  if (const std::optional<Match> module = find_block(text, "<Module>", "</Module>", 0)) answer.module = module->inner;
  std::vector<std::string> instructions;
  for (std::size_t from = 0;;) {
    const std::optional<Match> match = find_block(text, "<Instruction>", "</Instruction>", from);
    if (!match) break;
    const std::size_t colon = match->inner.rfind(':');
    instructions.push_back(trimmed(colon == std::string::npos ? match->inner : match->inner.substr(colon + 1)));
    from = match->end;
  }
  if (!instructions.empty()) answer.instructions = std::move(instructions);
  answer.output = without_tag_pairs(text);
  return answer;
}

std::optional<bool> published_stop(const std::vector<std::vector<std::int64_t>>& sequences,
                                   const std::vector<std::vector<std::int64_t>>& stops) {
  for (const std::vector<std::int64_t>& stop : stops) {
    // Where the first id of the stop sequence stands, in all rows; more than one place fails.
    std::vector<std::size_t> columns;
    for (const std::vector<std::int64_t>& row : sequences) {
      for (std::size_t i = 0; i < row.size(); ++i) {
        if (row[i] == stop.front()) columns.push_back(i);
      }
    }
    if (columns.empty()) continue;
    if (columns.size() > 1) return std::nullopt;
    const std::vector<std::int64_t>& first = sequences.front();
    const std::size_t at = columns.front();
    if (at + stop.size() <= first.size() && std::equal(stop.begin(), stop.end(), first.begin() + std::ptrdiff_t(at))) return true;
  }
  return false;
}

PublishedLabels published_labels(const std::vector<std::pair<std::string, std::string>>& turns,
                                 const reasoner::Tokenizer& tokenizer, std::int64_t max_length) {
  const std::string text = reasoner::render_conversation("v1", turns);
  PublishedLabels result;
  result.ids = tokenizer.encode_placeholders(text);
  result.labels = result.ids;
  const auto ignore = [&](std::int64_t from, std::int64_t to) {
    to = std::min(to, std::int64_t(result.labels.size()));
    for (std::int64_t i = std::max<std::int64_t>(0, from); i < to; ++i) result.labels[std::size_t(i)] = reasoner::kIgnore;
  };
  ignore(0, 1);
  std::int64_t current = 1;
  const std::string separator = " ASSISTANT: ";
  const std::vector<std::string> rounds = split(text, "</s>");
  for (std::size_t i = 0; i < rounds.size() && !rounds[i].empty(); ++i) {
    const std::vector<std::string> parts = split(rounds[i], separator);
    if (parts.size() != 2) break;
    auto length = std::int64_t(tokenizer.encode_placeholders(rounds[i]).size());
    auto question = std::int64_t(tokenizer.encode_placeholders(parts[0] + separator).size()) - 2;
    if (i > 0 && !tokenizer.options().legacy) {
      --length;
      --question;
    }
    ignore(current, current + question);
    current += length;
  }
  ignore(current, std::int64_t(result.labels.size()));
  const auto real = std::int64_t(std::count_if(result.ids.begin(), result.ids.end(), [&](std::int64_t id) { return id != tokenizer.pad(); }));
  if (current < max_length && current != real) {
    ignore(0, std::int64_t(result.labels.size()));
    result.mismatch = {current, real};
  }
  return result;
}

}  // namespace reamo::parity
