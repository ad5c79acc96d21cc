// The string scorer of the instruction-tuning benchmark, quirks included (METRICS section 7): gold
// and prediction are plain strings.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace reamo::eval {

// White space runs as one blank, none beside , : ( ) . _ ; ' -
std::string space_cleaned(std::string_view text);
// space_cleaned, lower case, no braces, runs of , . ; collapsed, U+2019 as ', every "location" as
// "located".
std::string formatted(std::string_view text);
// Texts of the outermost bracket pairs.
std::vector<std::string> split_brackets(std::string_view text);
// Split at commas outside brackets.
std::vector<std::string> split_commas(std::string_view text);

enum class UieTask { kNer, kRe, kEet, kEea, kEe };

struct UieItem {
  std::set<std::string> gold, pred;
  std::size_t tp = 0, fn = 0, fp = 0;  // of NER, RE, EEA
  bool equal = false;                  // of EET, EE
};
UieItem uie_item(UieTask task, const std::string& gold, const std::string& prediction);

struct UieScore {
  std::vector<UieItem> items;
  std::size_t tp = 0, fn = 0, fp = 0;
  double precision = 0, recall = 0;
  double score = 0;  // micro F1, or the share of equal answers
};
UieScore uie_score(UieTask task,
                   const std::vector<std::pair<std::string, std::string>>& gold_and_prediction);

}  // namespace reamo::eval
