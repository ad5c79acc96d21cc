// Written text as the listener spells it: lower-case letters a-z, the apostrophe, and single spaces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reamo::grounder {

// One written word (a run without white space) and how it is spoken.
struct SpokenWord {
  std::string written;               // as in the text
  std::size_t start = 0, end = 0;    // code points of the text
  std::vector<std::string> spoken;   // normalised words ("1,250" -> one thousand two hundred fifty); empty: punctuation only
};

// Letters lose case and accents, digits become English words (years from 1100 to 1999 and 2010 to 2099 in pairs,
// ordinals, decimals, percent, currency before or after), `&` is "and", other signs disappear. Letters of other scripts are dropped.
std::vector<SpokenWord> spoken_words(std::string_view text);
// The spoken words joined by one space.
std::string speech_text(std::string_view text);
// English words of a number: "0" .. "999999999999999" digits; longer ones digit by digit.
std::vector<std::string> number_words(std::string_view digits);
// 1967 -> nineteen sixty seven. Four digits, else Error.
std::vector<std::string> year_words(std::string_view digits);

}  // namespace reamo::grounder
