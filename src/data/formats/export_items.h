// What the exporters of pictures and films share.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>

#include "ie/result.h"

namespace reamo::data {

// Entities without a place of this kind, relations and events: what a format of boxes and masks leaves out.
template <typename Place>
std::uint64_t items_without(const ie::Result& result) {
  const auto has_place = [](const ie::Grounding& grounding) {
    return std::holds_alternative<Place>(grounding.place);
  };
  const auto count =
      std::count_if(result.entities.begin(), result.entities.end(), [&](const ie::Entity& entity) {
        return std::none_of(entity.groundings.begin(), entity.groundings.end(), has_place);
      });
  return static_cast<std::uint64_t>(count) + result.relations.size() + result.events.size();
}

// Numbers for categories, from 1 in order of appearance.
class Categories {
 public:
  std::int64_t number(const std::string& name) {
    return numbers_.emplace(name, static_cast<std::int64_t>(numbers_.size()) + 1).first->second;
  }
  // COCO's list: [{"id", "name"}, ..].
  std::string json() const;

 private:
  std::map<std::string, std::int64_t> numbers_;
};

}  // namespace reamo::data
