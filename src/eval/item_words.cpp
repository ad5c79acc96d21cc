#include "eval/item_words.h"

#include <cstdio>

namespace reamo::eval {
namespace {

std::string seconds(double start, double end) {
  char text[64];
  std::snprintf(text, sizeof text, "%.2f-%.2f s", start, end);
  return text;
}

std::string place_words(const ie::Grounding& grounding) {
  std::string words = "; " + grounding.medium + " ";
  if (const auto* span = std::get_if<ie::TextSpan>(&grounding.place)) {
    words += std::to_string(span->start) + "-" + std::to_string(span->end);
  } else if (const auto* region = std::get_if<ie::Region>(&grounding.place)) {
    const ie::Box& box = region->box;
    words += "[" + std::to_string(box.x) + ", " + std::to_string(box.y) + ", " + std::to_string(box.width) + ", " +
             std::to_string(box.height) + "]";
  } else if (const auto* segment = std::get_if<ie::Segment>(&grounding.place)) {
    words += seconds(segment->start, segment->end);
  } else if (const auto* tracklet = std::get_if<ie::Tracklet>(&grounding.place)) {
    words += std::to_string(tracklet->size()) + " frames";
    if (!tracklet->empty()) words += ", " + seconds(tracklet->front().time, tracklet->back().time);
  }
  return words;
}

}  // namespace

std::string entity_words(const ie::Entity& entity) {
  std::string words = entity.mention + " (" + entity.type + ")";
  for (const ie::Grounding& grounding : entity.groundings) words += place_words(grounding);
  for (std::size_t i = 0; i < entity.absent.size(); ++i) words += (i == 0 ? "; not in " : ", ") + entity.absent[i];
  return words;
}

std::string relation_words(const ie::Entity& head, const std::string& type, const ie::Entity& tail) {
  return head.mention + ", " + type + ", " + tail.mention;
}

std::string trigger_words(const ie::Event& event) {
  std::string words = event.type + ": " + event.trigger.mention;
  for (const ie::Grounding& grounding : event.trigger.groundings) words += place_words(grounding);
  return words;
}

std::string argument_words(const ie::Event& event, const std::string& role, const ie::Entity& entity) {
  return event.type + " (" + event.trigger.mention + "), " + role + ": " + entity.mention;
}

}  // namespace reamo::eval
