// What a story is made of, before any medium tells it: members, relations, events.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "synth/names.h"
#include "synth/random.h"
#include "synth/story.h"

namespace reamo::synth {

// Somebody or something of the story, as a text mentions it.
struct Member {
  std::string type;        // of the world
  std::string name;        // the mention: "Mary Chen", "fox", "3 May"
  std::string article;     // before the first mention, with its space; "" for names without one
  std::string again;       // before later mentions
  std::string lead;        // preposition of a date, place or building, with its space: "on ", "in ", "at "
  std::string description; // of a named person: "firefighter"; "" if nothing is known
  std::string nested;      // a place name inside the name, which is a mention of its own
  int nested_member = -1;
  int kind = -1;           // what pictures draw; -1: never drawn
  Gender gender = Gender::kNeutral;
  bool proper = false;
  bool drawn = false;      // pictures or films of this story show it
};
struct StoryRelation {
  int spec = 0, head = 0, tail = 0;  // relation_specs(); members
};
struct StoryEvent {
  int spec = 0;                                    // event_specs()
  int frame = -1;                                  // wording it was made for, or -1
  std::vector<std::pair<int, int>> arguments;      // role, member
};
struct Story {
  Split split = Split::kTrain;
  bool speakable = false;  // every name can be said and heard: letters, spaces and ' only
  std::vector<Member> members;
  std::vector<StoryRelation> relations;
  std::vector<StoryEvent> events;
};

// Adds a member of the type and returns its index. Names are not repeated within a story.
int add_member(Story& story, const std::string& type, Random& random);
// A thing that pictures can draw, mentioned by its kind.
int add_drawn_member(Story& story, int kind, Random& random);
// Gives a drawn person a name; what they are becomes the description.
void name_person(Story& story, int member, Random& random);
// A member of one of the types that is not in `without`: one at hand or a new one.
int find_member(Story& story, const std::vector<std::string>& types, const std::vector<int>& without, Random& random);
// A new event or relation with its members; false where luck failed.
bool add_event(Story& story, Random& random);
bool add_relation(Story& story, Random& random);

// "a " or "an " or, for plural and mass nouns, "some ".
std::string indefinite_article(const std::string& noun);
// Nouns that texts use for things and people without a name.
const std::vector<std::string>& common_nouns(const std::string& type, Split split);

}  // namespace reamo::synth
