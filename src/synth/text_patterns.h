// Wordings of relations, and of everything around facts: openings, closings, reports, sentences that say nothing asked for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reamo::synth {

struct RelationPattern {
  enum class Where { kClause, kAfterHead, kAfterTail, kBeforeHead };
  int relation = 0;
  Where where = Where::kClause;
  std::string pattern;    // $H head, $T tail; modifiers leave out the noun phrase that they modify
  bool test_only = false;
};
const std::vector<RelationPattern>& relation_patterns();
const std::vector<int>& patterns_of(int relation);  // indices

// A list of wordings of which the last fifth is for tests only.
struct Wordings {
  std::vector<std::string_view> all;
  std::size_t training() const { return all.size() - all.size() / 5; }
};
const Wordings& active_clauses();    // $S subject, $V past, $T third, $B base, $G gerund, $P participle, $O object, $A adjuncts
const Wordings& passive_clauses();   // $O object, $P participle, $Y " by ..", $A adjuncts
const Wordings& noun_clauses();      // $N the noun phrase of the event
const Wordings& wrappers();          // $C clause, $R somebody who reports
const Wordings& plain_wrappers();    // $C clause
const Wordings& calm_wrappers();     // $C clause that tells a state, not a happening
const Wordings& tweet_wrappers();
const Wordings& chat_wrappers();
const Wordings& headline_wrappers();
const Wordings& fillers();           // whole sentences without any item
const Wordings& tweet_fillers();
const Wordings& chat_fillers();
const Wordings& listings();          // $X $Y $Z entities that are only mentioned
const Wordings& mentions();          // $X one entity that is only mentioned

}  // namespace reamo::synth
