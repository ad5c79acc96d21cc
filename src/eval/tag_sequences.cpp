#include "eval/tag_sequences.h"

namespace reamo::eval {

std::vector<TaggedEntity> entities_of_tags(const std::vector<std::string>& tags, bool strict) {
  std::vector<TaggedEntity> entities;
  bool is_open = false;  // the last entity may go on
  for (std::size_t i = 0; i < tags.size(); ++i) {
    const char prefix = tags[i].empty() ? 'O' : tags[i][0];
    std::string type = tags[i].empty() ? "" : tags[i].substr(1);
    if (const std::size_t hyphen = type.find('-'); hyphen != std::string::npos)
      type = type.substr(hyphen + 1);
    if (type.empty()) type = "_";
    if (prefix == 'I' && is_open && entities.back().type == type) {
      entities.back().last = i;
      continue;
    }
    is_open = prefix == 'B' || (prefix == 'I' && !strict);
    if (is_open) entities.push_back({type, i, i});
  }
  return entities;
}

}  // namespace reamo::eval
