// Word lists behind names.h.
#pragma once

#include <string_view>
#include <vector>

namespace reamo::synth {

struct Culture {
  std::string_view name;
  std::vector<std::string_view> female, male, family;
  std::vector<std::string_view> syllables;  // for invented names
  bool family_first = false;
};
const std::vector<Culture>& cultures();
const std::vector<std::string_view>& real_places();

}  // namespace reamo::synth
