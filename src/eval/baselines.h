// Answers that look at nothing: what a score must beat.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ie/result.h"

namespace reamo::eval {

// How often each entity type occurs in gold results.
class TypeCounts {
 public:
  void add(const ie::Result& gold);
  // The most frequent type that the schema asks for; its first type when none was seen; nullopt
  // without types.
  std::optional<std::string> most_frequent(const ie::Schema& schema) const;

 private:
  std::map<std::string, std::size_t> counts_;
};

// Runs of capitalised words ("Mary Chen"), in code points. A single capitalised word that begins a
// sentence is left out.
std::vector<ie::TextSpan> capitalised_spans(std::string_view text);

// Every capitalised span of the text is an entity of type `type`; no relations or events.
void add_capitalised_entities(ie::Result& result, std::string_view text, const std::string& type);

// The whole picture; the middle of the picture, half as wide and high; the whole recording. For a
// video, the region in every frame.
enum class PlaceGuess { kWhole, kCentre };
// `box` must lie within the picture.
ie::Mask box_mask(const ie::Box& box, int height, int width);
ie::Mask guessed_mask(int height, int width, PlaceGuess guess);
// Grounds every entity of `result` in every image, recording and video of its media in this way.
void add_guessed_places(ie::Result& result, PlaceGuess guess);

}  // namespace reamo::eval
