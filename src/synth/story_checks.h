// What must hold of an instance so that its gold can be found again from mentions.
#pragma once

#include "synth/gold.h"

namespace reamo::synth {

// Every mention stands exactly where the gold says and nowhere else in the text, and no two entities of a type share it.
bool is_unambiguous(const Gold& gold, const std::string* text);

// A task selection: all three often, single ones too.
ie::Tasks choose_tasks(Random& random);

}  // namespace reamo::synth
