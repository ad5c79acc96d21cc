#include "ie/align.h"

#include <algorithm>
#include <map>

#include "ie/error.h"
#include "ie/unicode.h"

namespace reamo::ie {
namespace {

// Text as compared without case and spacing; `source[i]` is the code point that folded code point i
// came from.
struct Folded {
  std::u32string text;
  std::vector<std::size_t> source;
};

// Leading and trailing white space is dropped, inner runs become one space.
Folded fold_with_source(std::u32string_view text) {
  Folded folded;
  bool pending_space = false;
  std::size_t space_at = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_space(text[i])) {
      if (!pending_space) space_at = i;
      pending_space = true;
      continue;
    }
    if (pending_space && !folded.text.empty()) {
      folded.text.push_back(U' ');
      folded.source.push_back(space_at);
    }
    pending_space = false;
    for (const char32_t c : fold_case(text[i])) {
      folded.text.push_back(c);
      folded.source.push_back(i);
    }
  }
  return folded;
}

// A place between two code points is a border unless both are parts of words.
bool is_border(std::u32string_view text, std::size_t position) {
  if (position == 0 || position >= text.size()) return true;
  return !(is_word(text[position - 1]) && is_word(text[position]));
}

// The occurrences of `wanted`, left to right, without overlap; only at word borders when asked.
std::vector<TextSpan> occurrences(std::u32string_view text, std::u32string_view wanted,
                                  bool at_borders) {
  std::vector<TextSpan> spans;
  if (wanted.empty()) return spans;
  for (std::size_t at = text.find(wanted); at != std::u32string_view::npos;) {
    const std::size_t end = at + wanted.size();
    const bool taken = !at_borders || (is_border(text, at) && is_border(text, end));
    if (taken) spans.push_back({at, end});
    at = text.find(wanted, taken ? end : at + 1);
  }
  return spans;
}

// A text prepared for many searches.
class Searcher {
 public:
  explicit Searcher(std::string_view text) : text_(to_code_points(text)) {}

  std::vector<TextSpan> find(std::string_view mention) {
    const std::u32string wanted = to_code_points(mention);
    auto spans = occurrences(text_, wanted, true);
    if (spans.empty()) spans = occurrences(text_, wanted, false);
    if (!spans.empty()) return spans;
    if (!folded_) folded_ = fold_with_source(text_);
    const std::u32string folded = fold_with_source(wanted).text;
    spans = folded_occurrences(folded, true);
    if (spans.empty()) spans = folded_occurrences(folded, false);
    return spans;
  }

 private:
  // In code points of the text; only whole code points (a folded match may begin inside an expanded
  // one).
  std::vector<TextSpan> folded_occurrences(std::u32string_view wanted, bool at_borders) const {
    std::vector<TextSpan> spans;
    for (const TextSpan& span : occurrences(folded_->text, wanted, at_borders)) {
      const auto& source = folded_->source;
      const bool whole_start = span.start == 0 || source[span.start - 1] != source[span.start];
      const bool whole_end = span.end == source.size() || source[span.end - 1] != source[span.end];
      if (whole_start && whole_end) spans.push_back({source[span.start], source[span.end - 1] + 1});
    }
    return spans;
  }

  std::u32string text_;
  std::optional<Folded> folded_;
};

}  // namespace

std::size_t count_code_points(std::string_view text) {
  if (!is_valid_utf8(text)) return to_code_points(text).size();  // throws
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::vector<std::size_t> code_point_offsets(std::string_view text) {
  if (!is_valid_utf8(text)) to_code_points(text);  // throws
  std::vector<std::size_t> offsets;
  offsets.reserve(text.size() + 1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) offsets.push_back(i);
  }
  offsets.push_back(text.size());
  return offsets;
}

std::string fold(std::string_view text) {
  return to_utf8(fold_with_source(to_code_points(text)).text);
}

std::vector<std::optional<TextSpan>> align_mentions(std::string_view text,
                                                    const std::vector<std::string>& mentions) {
  struct Found {
    std::vector<TextSpan> spans;
    std::size_t next = 0;
  };
  Searcher searcher(text);
  std::map<std::string_view, Found> found;
  std::vector<std::optional<TextSpan>> aligned;
  aligned.reserve(mentions.size());
  for (const std::string& mention : mentions) {
    auto [entry, is_new] = found.try_emplace(mention);
    Found& places = entry->second;
    if (is_new) places.spans = searcher.find(mention);
    if (places.spans.empty()) {
      aligned.push_back(std::nullopt);
      continue;
    }
    aligned.push_back(places.spans[std::min(places.next, places.spans.size() - 1)]);
    ++places.next;
  }
  return aligned;
}

std::vector<TextSpan> find_all(std::string_view text, std::string_view mention) {
  return Searcher(text).find(mention);
}

}  // namespace reamo::ie
