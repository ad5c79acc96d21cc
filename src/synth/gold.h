// Gold of an instance: what the media tell of a story, in the names that are asked for.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "ie/meta_response.h"
#include "ie/result.h"
#include "synth/gold_schema.h"
#include "synth/story_cast.h"
#include "synth/text.h"

namespace reamo::synth {

// What one text or recording says, as found by write_text.
struct Told {
  std::string medium;     // "text", "audio-0"
  Written written;
};
// What a picture or film shows.
struct Shown {
  std::string medium;                        // "image-0", "video-0"
  std::vector<int> members;                  // that can be seen
  std::map<int, std::string> phrases;        // by member: how the grounder is asked for it
  std::vector<int> relations, events;        // of the story that can be read off it
};

struct GoldRequest {
  const Story* story = nullptr;
  std::string id;
  std::vector<Told> told;     // the text first
  std::vector<Shown> shown;
  const AskedSchema* asked = nullptr;
};
struct Gold {
  ie::Result result;          // text spans; media without facts except the text's
  ie::MetaResponse response;
  std::vector<int> members;   // by entity of the result
  std::vector<int> events;    // by event of the result: of the story
};
Gold make_gold(const GoldRequest& request);

}  // namespace reamo::synth
