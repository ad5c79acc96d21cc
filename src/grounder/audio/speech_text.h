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

// How four digits are said: 1967 as nineteen sixty seven, as one thousand nine hundred sixty seven, or, as espeak-ng does,
// nineteen hundred sixty seven.
enum class YearStyle { kPairs, kCardinal, kHundreds };

// Letters lose case and accents; digits become English words (ordinals, decimals, years from 1100 to 2099, `%`, currency);
// `&` is "and", `@` "at", `+` "plus"; other signs and other scripts disappear.
std::vector<SpokenWord> spoken_words(std::string_view text, YearStyle years = YearStyle::kPairs);
// The spoken words joined by one space.
std::string speech_text(std::string_view text, YearStyle years = YearStyle::kPairs);
// English words of a whole number in digits; more than 15 digits, or a leading zero, one by one.
std::vector<std::string> number_words(std::string_view digits);
// Four digits. Error otherwise.
std::vector<std::string> year_words(std::string_view digits, YearStyle years);

}  // namespace reamo::grounder
