// The known tags of a meta-response, as unconstrained models write them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ie/meta_text.h"

namespace reamo::ie {

enum class Tag { kUie, kModule, kInstruction, kSentence };  // kSentence: <s>, </s>

struct TagMark {
  Tag tag;
  bool closes = false;
  std::size_t start = 0, end = 0;  // bytes of the text
};

// Tags of any case with optional blanks (`< UIE >`, `</ module>`), and the mark `UIE:` without brackets (kUie).
// Anything else in angle brackets is text.
std::vector<TagMark> scan_tags(std::string_view text);

// ASCII letters in lower case, everything else but letters and digits dropped.
std::string letters_of(std::string_view text);

}  // namespace reamo::ie
