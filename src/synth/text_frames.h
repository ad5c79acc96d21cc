// How events are put into words: verbs and nouns that name them, and where their arguments stand.
#pragma once

#include <string>
#include <vector>

namespace reamo::synth {

struct FrameRole {
  std::string preposition;         // "by ", "with ", "" for a direct one
  int role = -1;                   // of the event type
  std::vector<std::string> types;  // entity types that fit this wording; empty: all of the role
  bool required = false;           // the wording makes no sense without it
};

struct EventFrame {
  enum class Form { kTransitive, kPrepositional, kIntransitive, kTogether, kNoun };
  int event = 0;
  Form form = Form::kTransitive;
  std::string base, third, past, participle, gerund;  // verbs; `base` is the noun of kNoun
  FrameRole subject, object;       // verbs
  std::vector<FrameRole> extras;   // verbs: adjuncts; nouns: all arguments, the doer first
  bool test_only = false;
};

const std::vector<EventFrame>& event_frames();
// Frames of one event type, as indices.
const std::vector<int>& frames_of(int event);

}  // namespace reamo::synth
