#include "eval/baselines.h"

#include <algorithm>

#include "ie/unicode.h"

namespace reamo::eval {

void TypeCounts::add(const ie::Result& gold) {
  for (const ie::Entity& entity : gold.entities) ++counts_[entity.type];
}

std::optional<std::string> TypeCounts::most_frequent(const ie::Schema& schema) const {
  const auto types = schema.all_entity_types();
  if (types.empty()) return std::nullopt;
  const auto count = [&](const ie::EntityType& type) {
    const auto found = counts_.find(type.name);
    return found == counts_.end() ? std::size_t{0} : found->second;
  };
  return std::max_element(types.begin(), types.end(),
                          [&](const auto& a, const auto& b) { return count(a) < count(b); })
      ->name;
}

std::vector<ie::TextSpan> capitalised_spans(std::string_view text) {
  const std::u32string points = ie::to_code_points(text);
  struct Word {
    std::size_t start, end;
    bool capital, begins_sentence;
  };
  std::vector<Word> words;
  bool sentence_start = true;
  for (std::size_t i = 0; i < points.size();) {
    if (!ie::is_word(points[i])) {
      if (points[i] == U'.' || points[i] == U'!' || points[i] == U'?' || points[i] == U'\n')
        sentence_start = true;
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < points.size() &&
           (ie::is_word(points[end]) || points[end] == U'-' || points[end] == U'\''))
      ++end;
    words.push_back({i, end, ie::is_upper(points[i]), sentence_start});
    sentence_start = false;
    i = end;
  }
  std::vector<ie::TextSpan> spans;
  for (std::size_t i = 0; i < words.size();) {
    std::size_t last = i;
    if (!words[i].capital) {
      ++i;
      continue;
    }
    // Words joined by one blank.
    while (last + 1 < words.size() && words[last + 1].capital &&
           words[last + 1].start == words[last].end + 1 && points[words[last].end] == U' ') {
      ++last;
    }
    if (last > i || !words[i].begins_sentence) spans.push_back({words[i].start, words[last].end});
    i = last + 1;
  }
  return spans;
}

void add_capitalised_entities(ie::Result& result, std::string_view text, const std::string& type) {
  const std::u32string points = ie::to_code_points(text);
  for (const ie::TextSpan& span : capitalised_spans(text)) {
    ie::Entity entity;
    entity.id = "e" + std::to_string(result.entities.size() + 1);
    entity.type = type;
    entity.mention =
        ie::to_utf8(std::u32string_view(points).substr(span.start, span.end - span.start));
    entity.groundings.push_back({"text", span, std::nullopt});
    result.entities.push_back(std::move(entity));
  }
}

ie::Mask guessed_mask(int height, int width, PlaceGuess guess) {
  return box_mask(guess == PlaceGuess::kWhole
                      ? ie::Box{0, 0, width, height}
                      : ie::Box{width / 4, height / 4, width - width / 4 * 2, height - height / 4 * 2},
                  height, width);
}

ie::Mask box_mask(const ie::Box& box, int height, int width) {
  std::vector<std::uint32_t> counts{0};
  const auto rows = static_cast<std::uint32_t>(box.height);
  counts[0] = static_cast<std::uint32_t>(box.x) * static_cast<std::uint32_t>(height) +
              static_cast<std::uint32_t>(box.y);
  for (int x = 0; x < box.width; ++x) {
    counts.push_back(rows);
    counts.push_back(static_cast<std::uint32_t>(height) - rows);
  }
  if (box.width > 0) {
    const std::uint64_t after =
        static_cast<std::uint64_t>(width - box.x - box.width) * static_cast<std::uint64_t>(height);
    counts.back() =
        static_cast<std::uint32_t>(after) + static_cast<std::uint32_t>(height - box.y - box.height);
  } else {
    counts[0] = static_cast<std::uint32_t>(height) * static_cast<std::uint32_t>(width);
  }
  return ie::mask_from_counts(counts, height, width);
}

void add_guessed_places(ie::Result& result, PlaceGuess guess) {
  for (const ie::Medium& medium : result.media) {
    ie::Grounding grounding{medium.name, ie::TextSpan{}, std::nullopt};
    if (const auto* image = std::get_if<ie::ImageMedium>(&medium.facts)) {
      const ie::Mask mask = guessed_mask(image->height, image->width, guess);
      grounding.place = ie::Region{mask.box(), mask};
    } else if (const auto* audio = std::get_if<ie::AudioMedium>(&medium.facts)) {
      grounding.place = ie::Segment{audio->start, audio->end};
    } else if (const auto* video = std::get_if<ie::VideoMedium>(&medium.facts)) {
      const ie::Mask mask = guessed_mask(video->height, video->width, guess);
      ie::Tracklet tracklet;
      for (const double time : video->frame_times) {
        if (tracklet.empty() || time > tracklet.back().time)
          tracklet.push_back({time, mask.box(), mask, false});
      }
      grounding.place = std::move(tracklet);
    } else {
      continue;
    }
    for (ie::Entity& entity : result.entities) {
      std::erase(entity.absent, medium.name);
      entity.groundings.push_back(grounding);
    }
  }
}

}  // namespace reamo::eval
