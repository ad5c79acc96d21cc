// Entities of tag sequences such as B-PER I-PER O (METRICS section 6).
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace reamo::eval {

struct TaggedEntity {
  std::string type;
  std::size_t first = 0, last = 0;  // both included
  friend auto operator<=>(const TaggedEntity&, const TaggedEntity&) = default;
};

// Lenient: an I after O, at the start or of another type starts an entity. Strict IOB2: only B
// starts one; other I tags belong to nothing.
std::vector<TaggedEntity> entities_of_tags(const std::vector<std::string>& tags, bool strict);

}  // namespace reamo::eval
