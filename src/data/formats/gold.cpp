#include "data/formats/gold.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "ie/error.h"
#include "ie/medium_name.h"
#include "ie/unicode.h"

namespace reamo::data {
namespace {

std::vector<ie::TextSpan> text_spans(const std::vector<ie::Grounding>& places) {
  std::vector<ie::TextSpan> spans;
  for (const ie::Grounding& place : places) {
    if (const auto* span = std::get_if<ie::TextSpan>(&place.place)) spans.push_back(*span);
  }
  return spans;
}

void check_size(int width, int height) {
  if (width <= 0 || height <= 0)
    throw Error("the size of a picture is " + std::to_string(width) + " x " + std::to_string(height));
  if (static_cast<std::uint64_t>(width) * static_cast<std::uint64_t>(height) > ie::kMaxMaskPixels) {
    throw Error("a picture of " + std::to_string(width) + " x " + std::to_string(height) +
                " pixels is over the limit of masks");
  }
}

}  // namespace

std::vector<ie::Grounding> in_text(std::span<const ie::TextSpan> spans) {
  std::vector<ie::Grounding> places;
  for (const ie::TextSpan& span : spans) places.push_back({"text", span, {}});
  return places;
}

ie::Box box_within(double left, double top, double right, double bottom, int width, int height) {
  const auto pixel = [](double value, int limit) {
    if (!std::isfinite(value)) throw Error("a box has a number that is not finite");
    return static_cast<int>(std::lround(std::clamp(value, 0.0, static_cast<double>(limit))));
  };
  const int x = pixel(left, width), y = pixel(top, height);
  const ie::Box box{x, y, pixel(right, width) - x, pixel(bottom, height) - y};
  if (box.width <= 0 || box.height <= 0) {
    throw Error("a box covers no pixel of the " + std::to_string(width) + " x " + std::to_string(height) +
                " picture");
  }
  return box;
}

ie::Mask box_mask(const ie::Box& box, int width, int height) {
  std::vector<std::uint32_t> counts;  // column by column
  const auto columns = static_cast<std::uint32_t>(box.x) * static_cast<std::uint32_t>(height);
  counts.push_back(columns + static_cast<std::uint32_t>(box.y));
  for (int x = 0; x < box.width; ++x) {
    if (box.height == height && x > 0) {
      counts.back() += static_cast<std::uint32_t>(box.height);
      continue;
    }
    if (x > 0) counts.push_back(static_cast<std::uint32_t>(height - box.height));
    counts.push_back(static_cast<std::uint32_t>(box.height));
  }
  const auto after =
      static_cast<std::uint32_t>(height - box.y - box.height) +
      static_cast<std::uint32_t>(width - box.x - box.width) * static_cast<std::uint32_t>(height);
  if (after > 0) counts.push_back(after);
  return ie::mask_from_counts(counts, height, width);
}

ie::Grounding box_in_image(std::string medium, double left, double top, double right, double bottom,
                           int width, int height) {
  const ie::Box box = box_within(left, top, right, bottom, width, height);
  return {std::move(medium), ie::Region{box, box_mask(box, width, height)}, {}};
}

void Gold::set_text(std::string text) {
  offsets_.clear();
  if (!ie::is_valid_utf8(text)) throw Error("the text is not UTF-8");
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) offsets_.push_back(i);
  }
  offsets_.push_back(text.size());
  result_.media.insert(result_.media.begin(), {"text", ie::TextMedium{characters()}});
  document_.text = std::move(text);
}

std::string Gold::text_of(ie::TextSpan span) const {
  if (span.end <= span.start || span.end > characters()) {
    throw Error("the span " + std::to_string(span.start) + " to " + std::to_string(span.end) +
                " is empty or outside the text of " + std::to_string(characters()) + " characters");
  }
  return document_.text->substr(offsets_[span.start], offsets_[span.end] - offsets_[span.start]);
}

std::string Gold::add_image(const std::filesystem::path& path, int width, int height) {
  check_size(width, height);
  document_.images.push_back(path);
  std::string name = ie::medium_name(ie::MediumKind::kImage, document_.images.size() - 1);
  result_.media.push_back({name, ie::ImageMedium{width, height}});
  return name;
}

std::string Gold::add_audio(const std::filesystem::path& path, double start, double end) {
  document_.audios.push_back(path);
  std::string name = ie::medium_name(ie::MediumKind::kAudio, document_.audios.size() - 1);
  result_.media.push_back({name, ie::AudioMedium{start, end}});
  return name;
}

std::string Gold::add_video(const std::filesystem::path& path, int width, int height,
                            std::vector<double> frame_times) {
  if (width != 0 || height != 0 || !frame_times.empty()) check_size(width, height);  // zeros: unknown
  document_.videos.push_back(path);
  std::string name = ie::medium_name(ie::MediumKind::kVideo, document_.videos.size() - 1);
  result_.media.push_back({name, ie::VideoMedium{width, height, std::move(frame_times)}});
  return name;
}

std::string Gold::add_entity(std::string_view type, std::string mention, std::vector<ie::Grounding> places) {
  std::string label = (*labels_)(type, LabelKind::kEntity);
  const auto spans = text_spans(places);
  if (!spans.empty()) {
    for (ie::Entity& entity : result_.entities) {
      if (entity.type != label || text_spans(entity.groundings) != spans) continue;
      for (ie::Grounding& place : places) {
        if (std::find(entity.groundings.begin(), entity.groundings.end(), place) == entity.groundings.end()) {
          entity.groundings.push_back(std::move(place));
        }
      }
      return entity.id;
    }
  }
  result_.entities.push_back({"e" + std::to_string(result_.entities.size() + 1),
                              std::move(label),
                              std::move(mention),
                              {},
                              std::move(places),
                              {}});
  return result_.entities.back().id;
}

std::string Gold::joined_text(std::vector<ie::TextSpan>& spans) const {
  if (spans.empty()) throw Error("an annotation has no place in the text");
  std::sort(spans.begin(), spans.end(), [](const auto& a, const auto& b) {
    return std::pair(a.start, a.end) < std::pair(b.start, b.end);
  });
  spans.erase(std::unique(spans.begin(), spans.end()), spans.end());
  std::string text;
  for (const ie::TextSpan& span : spans) text += (text.empty() ? "" : " ") + text_of(span);
  return text;
}

std::string Gold::add_text_entity(std::string_view type, std::vector<ie::TextSpan> spans) {
  std::string mention = joined_text(spans);
  return add_entity(type, std::move(mention), in_text(spans));
}

ie::Entity& Gold::entity(std::string_view id) {
  const auto found = std::find_if(result_.entities.begin(), result_.entities.end(),
                                  [&](const auto& e) { return e.id == id; });
  if (found == result_.entities.end()) throw Error("there is no entity " + std::string(id));
  return *found;
}

void Gold::add_relation(std::string_view type, const std::string& head, const std::string& tail) {
  ie::Relation relation{"r" + std::to_string(result_.relations.size() + 1),
                        (*labels_)(type, LabelKind::kRelation),
                        head,
                        tail,
                        {}};
  const auto same = [&](const ie::Relation& r) {
    return r.type == relation.type && r.head == head && r.tail == tail;
  };
  if (std::none_of(result_.relations.begin(), result_.relations.end(), same))
    result_.relations.push_back(std::move(relation));
}

ie::Event& Gold::add_event(std::string_view type, std::string trigger, std::vector<ie::Grounding> places) {
  ie::Event event;
  event.id = "v" + std::to_string(result_.events.size() + 1);
  event.type = (*labels_)(type, LabelKind::kEvent);
  event.trigger = {std::move(trigger), std::move(places)};
  result_.events.push_back(std::move(event));
  return result_.events.back();
}

ie::Event& Gold::add_text_event(std::string_view type, std::vector<ie::TextSpan> trigger) {
  std::string mention = joined_text(trigger);
  return add_event(type, std::move(mention), in_text(trigger));
}

void Gold::add_argument(ie::Event& event, std::string_view role, const std::string& entity) {
  ie::Argument argument{(*labels_)(role, LabelKind::kRole), entity, {}};
  if (std::find(event.arguments.begin(), event.arguments.end(), argument) == event.arguments.end()) {
    event.arguments.push_back(std::move(argument));
  }
}

}  // namespace reamo::data
