#include "ie/meta_scan.h"

namespace reamo::ie {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }

// The tag that begins with the '<' at `start`, if it is a known one.
bool read_tag(std::string_view text, std::size_t start, TagMark& mark) {
  std::size_t at = start + 1;
  const auto skip = [&] {
    while (at < text.size() && is_blank(text[at])) ++at;
  };
  skip();
  mark.closes = at < text.size() && text[at] == '/';
  if (mark.closes) ++at;
  skip();
  std::string name;
  for (; at < text.size() && is_letter(text[at]) && name.size() < 16; ++at) name += lower(text[at]);
  skip();
  if (at >= text.size() || text[at] != '>') return false;
  mark.start = start;
  mark.end = at + 1;
  if (name == "uie")
    mark.tag = Tag::kUie;
  else if (name == "module")
    mark.tag = Tag::kModule;
  else if (name == "instruction")
    mark.tag = Tag::kInstruction;
  else if (name == "s")
    mark.tag = Tag::kSentence;
  else
    return false;
  return true;
}

// "UIE:" or "UIE :" as a word of its own.
bool read_plain_mark(std::string_view text, std::size_t start, TagMark& mark) {
  if (!text.substr(start).starts_with("UIE")) return false;
  if (start > 0 && is_letter(text[start - 1])) return false;
  std::size_t at = start + 3;
  while (at < text.size() && is_blank(text[at])) ++at;
  if (at >= text.size() || text[at] != ':') return false;
  mark = {Tag::kUie, false, start, at + 1};
  return true;
}

}  // namespace

std::vector<TagMark> scan_tags(std::string_view text) {
  std::vector<TagMark> marks;
  for (std::size_t at = 0; at < text.size();) {
    TagMark mark{Tag::kUie};
    if (text[at] == '\\') {
      at += 2;
    } else if ((text[at] == '<' && read_tag(text, at, mark)) ||
               (text[at] == 'U' && read_plain_mark(text, at, mark))) {
      marks.push_back(mark);
      at = mark.end;
    } else {
      ++at;
    }
  }
  return marks;
}

std::string letters_of(std::string_view text) {
  std::string letters;
  for (const char c : text) {
    if (is_letter(c) || (c >= '0' && c <= '9')) letters += lower(c);
  }
  return letters;
}

}  // namespace reamo::ie
