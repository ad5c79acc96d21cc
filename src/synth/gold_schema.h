// What an instance asks for: the world's own schema, or one renamed, cut down and widened.
#pragma once

#include <string>
#include <vector>

#include "ie/schema.h"
#include "synth/random.h"
#include "synth/story.h"

namespace reamo::synth {

// A schema with, for each of the world's types, the name under which it is asked; "" where it is not.
struct AskedSchema {
  ie::Schema schema;
  std::vector<std::string> entities, relations, events;  // by spec
  std::vector<std::vector<std::string>> roles;           // by event spec and role
  bool entities_asked(int spec) const { return !entities[std::size_t(spec)].empty(); }
};

struct SchemaPlan {
  ie::Tasks tasks;
  Split split = Split::kTrain;
  bool renamed = false;            // else the world's own names, descriptions and all types of the tasks
  // Types that the story holds: a cut-down schema keeps most of them, so that it is not asked in vain.
  std::vector<int> entities, relations, events;
};
AskedSchema ask(const SchemaPlan& plan, Random& random);

}  // namespace reamo::synth
