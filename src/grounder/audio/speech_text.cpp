#include "grounder/audio/speech_text.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <map>

#include "ie/error.h"
#include "ie/unicode.h"

namespace reamo::grounder {
namespace {

using Words = std::vector<std::string>;

constexpr std::array kUnits{"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
                            "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
                            "eighteen", "nineteen"};
constexpr std::array kTens{"", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"};
constexpr std::array kScales{"", "thousand", "million", "billion", "trillion"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return c >= 'a' && c <= 'z'; }

void below_hundred(unsigned value, Words& out) {
  if (value < 20) {
    out.push_back(kUnits[value]);
    return;
  }
  out.push_back(kTens[value / 10]);
  if (value % 10 != 0) out.push_back(kUnits[value % 10]);
}

void below_thousand(unsigned value, Words& out) {
  if (value >= 100) {
    out.push_back(kUnits[value / 100]);
    out.push_back("hundred");
    value %= 100;
    if (value == 0) return;
  }
  below_hundred(value, out);
}

// The last word of a number as an ordinal: "twenty one" -> "twenty first".
void make_ordinal(Words& words) {
  static const std::map<std::string, std::string> irregular{{"one", "first"},  {"two", "second"},   {"three", "third"},
                                                            {"five", "fifth"}, {"eight", "eighth"}, {"nine", "ninth"},
                                                            {"twelve", "twelfth"}};
  if (words.empty()) return;
  std::string& last = words.back();
  if (const auto it = irregular.find(last); it != irregular.end()) {
    last = it->second;
  } else if (last.back() == 'y') {
    last = last.substr(0, last.size() - 1) + "ieth";
  } else {
    last += "th";
  }
}

void make_plural(Words& words) {
  if (words.empty()) return;
  std::string& last = words.back();
  last = last.back() == 'y' ? last.substr(0, last.size() - 1) + "ies" : last + (last.back() == 'x' ? "es" : "s");
}

// One code point as letters and signs of ASCII; empty where it has no counterpart.
std::string plain(char32_t point) {
  switch (point) {
    case U'\u2018': case U'\u2019': case U'\u02bc': return "'";
    case U'ß': return "ss";
    case U'æ': case U'Æ': return "ae";
    case U'œ': case U'Œ': return "oe";
    case U'ø': case U'Ø': return "o";
    case U'ł': case U'Ł': return "l";
    case U'đ': case U'Đ': case U'ð': case U'Ð': return "d";
    case U'þ': case U'Þ': return "th";
    case U'ı': return "i";
    case U'£': return "\x01";  // currencies, kept apart from what text may hold
    case U'€': return "\x02";
    default: break;
  }
  std::array<utf8proc_int32_t, 32> parts{};
  const utf8proc_ssize_t count = utf8proc_decompose_char(utf8proc_int32_t(point), parts.data(), utf8proc_ssize_t(parts.size()),
                                                         utf8proc_option_t(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT), nullptr);
  std::string result;
  for (utf8proc_ssize_t i = 0; i < std::min<utf8proc_ssize_t>(count, utf8proc_ssize_t(parts.size())); ++i) {
    if (parts[std::size_t(i)] < 0x20 || parts[std::size_t(i)] > 0x7e) continue;  // marks, other scripts, controls
    const char c = char(parts[std::size_t(i)]);
    result += c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
  }
  return result;
}

// Reads a number at `at` of a plain word: digits with grouping commas, decimals, an ordinal or plural ending.
Words read_number(const std::string& word, std::size_t& at, YearStyle years) {
  std::string digits;
  bool grouped = false;
  while (at < word.size()) {
    if (is_digit(word[at])) {
      digits += word[at++];
    } else if (word[at] == ',' && at + 3 < word.size() && is_digit(word[at + 1]) && is_digit(word[at + 2]) &&
               is_digit(word[at + 3]) && (at + 4 >= word.size() || !is_digit(word[at + 4]))) {
      grouped = true;
      ++at;
    } else {
      break;
    }
  }
  const auto ending = [&](std::string_view text) {
    if (word.compare(at, text.size(), text) != 0) return false;
    const std::size_t behind = at + text.size();
    return behind >= word.size() || !is_letter(word[behind]);
  };
  const bool decimal = at + 1 < word.size() && word[at] == '.' && is_digit(word[at + 1]);
  const bool year = digits.size() == 4 && !grouped && !decimal && digits >= "1100" && digits <= "2099";
  Words words = year ? year_words(digits, years) : number_words(digits);
  if (decimal) {
    words.push_back("point");
    for (++at; at < word.size() && is_digit(word[at]); ++at) words.push_back(kUnits[std::size_t(word[at] - '0')]);
  } else if (ending("st") || ending("nd") || ending("rd") || ending("th")) {
    make_ordinal(words);
    at += 2;
  } else if (ending("s")) {
    make_plural(words);
    ++at;
  } else if (ending("'s")) {
    make_plural(words);
    at += 2;
  }
  return words;
}

Words read_word(const std::string& word, YearStyle years) {
  Words words;
  std::string letters, currency;
  const auto flush = [&] {
    while (!letters.empty() && letters.back() == '\'') letters.pop_back();
    if (!letters.empty()) words.push_back(letters);
    letters.clear();
  };
  for (std::size_t at = 0; at < word.size();) {
    const char c = word[at];
    if (is_letter(c) || (c == '\'' && !letters.empty())) {
      letters += c;
      ++at;
      continue;
    }
    flush();
    if (is_digit(c)) {
      const Words number = read_number(word, at, years);
      words.insert(words.end(), number.begin(), number.end());
      if (!currency.empty()) words.push_back(number == Words{"one"} ? currency : currency + "s");
      currency.clear();
      continue;
    }
    switch (c) {
      case '&': words.push_back("and"); break;
      case '@': words.push_back("at"); break;
      case '+': words.push_back("plus"); break;
      case '%': words.push_back("percent"); break;
      case '$': currency = "dollar"; break;
      case '\x01': currency = "pound"; break;
      case '\x02': currency = "euro"; break;
      default: break;
    }
    ++at;
  }
  flush();
  return words;
}

}  // namespace

std::vector<std::string> number_words(std::string_view digits) {
  for (const char c : digits) {
    if (!is_digit(c)) throw Error("\"" + std::string(digits) + "\" is no number in digits");
  }
  Words words;
  if (digits.size() > 15 || (digits.size() > 1 && digits[0] == '0')) {
    for (const char c : digits) words.push_back(kUnits[std::size_t(c - '0')]);
    return words;
  }
  if (digits == "0") return {"zero"};
  for (std::size_t at = 0; at < digits.size();) {
    const std::size_t left = digits.size() - at, group = left % 3 == 0 ? 3 : left % 3;
    const unsigned value = unsigned(std::stoul(std::string(digits.substr(at, group))));
    at += group;
    if (value == 0) continue;
    below_thousand(value, words);
    if (left > 3) words.push_back(kScales[(left - 1) / 3]);
  }
  return words;
}

std::vector<std::string> year_words(std::string_view digits, YearStyle years) {
  if (digits.size() != 4) throw Error("\"" + std::string(digits) + "\" is no year of four digits");
  const unsigned century = unsigned(std::stoul(std::string(digits.substr(0, 2)))), rest = unsigned(std::stoul(std::string(digits.substr(2))));
  if (years == YearStyle::kCardinal || century % 10 == 0) {
    if (years != YearStyle::kPairs || rest < 10) return number_words(digits);
  }
  Words words;
  below_hundred(century, words);
  if (rest == 0 || years == YearStyle::kHundreds) words.push_back("hundred");
  if (rest != 0 && rest < 10 && years == YearStyle::kPairs) words.push_back("oh");
  if (rest != 0) below_hundred(rest, words);
  return words;
}

std::vector<SpokenWord> spoken_words(std::string_view text, YearStyle years) {
  const std::u32string points = ie::to_code_points(text);
  std::vector<SpokenWord> words;
  for (std::size_t i = 0; i < points.size();) {
    if (ie::is_space(points[i])) {
      ++i;
      continue;
    }
    SpokenWord word;
    word.start = i;
    std::string folded;
    for (; i < points.size() && !ie::is_space(points[i]); ++i) {
      ie::append_utf8(word.written, points[i]);
      folded += plain(points[i]);
    }
    word.end = i;
    word.spoken = read_word(folded, years);
    words.push_back(std::move(word));
  }
  return words;
}

std::string speech_text(std::string_view text, YearStyle years) {
  std::string result;
  for (const SpokenWord& word : spoken_words(text, years)) {
    for (const std::string& spoken : word.spoken) result += (result.empty() ? "" : " ") + spoken;
  }
  return result;
}

}  // namespace reamo::grounder
