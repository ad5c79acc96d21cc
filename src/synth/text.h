// Writes a story as text: news, notes, posts, chat, or something to be said aloud.
#pragma once

#include <string>
#include <vector>

#include "synth/random.h"
#include "synth/story_cast.h"
#include "synth/text_fragment.h"

namespace reamo::synth {

enum class Style { kNews, kReport, kTweet, kChat, kSpoken };

struct Written {
  std::string text;
  std::vector<Mark> marks;                // code points, in text order
  std::vector<bool> relations;            // said, by relation of the story
  std::vector<std::vector<bool>> arguments;  // said, by event and argument; empty: the event is not said
};

struct WritingPlan {
  Style style = Style::kNews;
  std::vector<int> events, relations;  // what to tell, indices into the story
  std::vector<int> mentioned;          // members that must at least be named
  std::vector<int> described;          // named people whose description must be said
  double extra = 1;                    // sentences without facts, on average
};
// Tells what the plan asks; members that are only mentioned may be added to the story. What luck left unsaid is false
// in `relations` and `arguments`.
Written write_text(Story& story, const WritingPlan& plan, Random& random);

}  // namespace reamo::synth
