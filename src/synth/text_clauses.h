// Clauses of a text: events, relations and the noun phrases in them. Used by text.cpp.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "synth/text.h"
#include "synth/text_frames.h"
#include "synth/text_patterns.h"

namespace reamo::synth {

class ClauseWriter {
 public:
  ClauseWriter(Story& story, const WritingPlan& plan, Random& random);

 protected:
  using Where = RelationPattern::Where;

  bool test() const { return story_.split == Split::kTest; }
  std::string_view wording(const Wordings& wordings);
  int& said(int member);
  // The name, marked; a place inside it is marked too.
  Fragment name(int member);
  bool must_describe(int member) const { return std::find(plan_.described.begin(), plan_.described.end(), member) != plan_.described.end(); }
  // A noun phrase. Subjects may become pronouns; first mentions may carry what is known of the member.
  Fragment phrase(int member, bool subject = false, bool modifiers = true);
  std::string age();
  // Puts a relation of the member that is not said yet beside its name.
  bool modifier(int member, Fragment& out, Where where);
  bool usable(bool test_only) { return test_only ? test() : (!test() || random_.chance(0.6)); }
  Fragment trigger(const std::string& word, int event) { return marked(word, Mark::What::kTrigger, event); }
  // Takes arguments of a role in turn; marks them as said.
  int take(int event, int role);
  Fragment adjunct(const FrameRole& role, int member);
  struct Adjuncts { Fragment lead, rest; };  // at the head of the clause; after its object
  Adjuncts adjuncts(int event, const std::vector<FrameRole>& roles, bool may_lead);
  // Frames that can say the event, best first by the number of arguments they hold.
  const EventFrame* choose_frame(int event, bool want_noun);
  Fragment noun_clause(int event, const EventFrame& frame);
  int peek(int event, int role);
  // A clause that tells the event; empty if it cannot be put into words.
  Fragment event_clause(int event);
  // All members still to be said in the role: "X", "X and Y", "X, Y and Z".
  Fragment list_of(int event, int role, bool subject, int& count);
  int count_of(int event, int role);
  Fragment active(int event, const EventFrame& frame);
  Fragment passive(int event, const EventFrame& frame);
  Fragment relation_clause(int r);

  Story& story_;
  const WritingPlan& plan_;
  Random& random_;
  Written written_;
  std::vector<int> said_;         // times a member was mentioned
  int last_subject_ = -1;         // whom a pronoun would mean; -1: nobody
  int busy_ = -1;                 // the other member of the clause, which modifiers leave alone
  bool headline_ = false;         // no articles, present tense
  bool noun_clause_ = false;      // the last event was told by a noun
};

}  // namespace reamo::synth
