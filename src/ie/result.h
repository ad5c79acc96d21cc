// What comes out: items with their places in every medium (DESIGN 3.4). Gold annotations and the predictions of any
// system use the same format.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "ie/mask.h"
#include "ie/schema.h"
#include "ie/transcript.h"

namespace reamo::ie {

struct TextSpan {  // Unicode code points, half-open
  std::size_t start = 0, end = 0;
  friend bool operator==(const TextSpan&, const TextSpan&) = default;
};
struct Region {  // a place in an image
  Box box;
  Mask mask;
  friend bool operator==(const Region&, const Region&) = default;
};
struct TrackletFrame {
  double time = 0;  // seconds, one of the medium's frame times
  Box box;
  Mask mask;
  bool interpolated = false;
  friend bool operator==(const TrackletFrame&, const TrackletFrame&) = default;
};
using Tracklet = std::vector<TrackletFrame>;  // increasing times; frames where the object is absent are left out

struct Grounding {
  std::string medium;  // "text", "image-0", "audio-1", "video-0", "video-0/audio"
  std::variant<TextSpan, Region, Segment, Tracklet> place;
  std::optional<double> score;
  friend bool operator==(const Grounding&, const Grounding&) = default;
};

struct Entity {
  std::string id, type, mention;
  std::optional<double> score;
  std::vector<Grounding> groundings;
  std::vector<std::string> absent;  // media where it was looked for and is not
  friend bool operator==(const Entity&, const Entity&) = default;
};
struct Relation {
  std::string id, type, head, tail;  // entity ids
  std::optional<double> score;
  friend bool operator==(const Relation&, const Relation&) = default;
};
struct Trigger {
  std::string mention;
  std::vector<Grounding> groundings;  // text and audio only
  friend bool operator==(const Trigger&, const Trigger&) = default;
};
struct Argument {
  std::string role, entity;  // entity id
  std::optional<double> score;
  friend bool operator==(const Argument&, const Argument&) = default;
};
struct Event {
  std::string id, type;
  std::optional<double> score;
  Trigger trigger;
  std::vector<Argument> arguments;
  friend bool operator==(const Event&, const Event&) = default;
};

struct TextMedium { std::size_t characters = 0; friend bool operator==(const TextMedium&, const TextMedium&) = default; };
struct ImageMedium { int width = 0, height = 0; friend bool operator==(const ImageMedium&, const ImageMedium&) = default; };
struct AudioMedium { double start = 0, end = 0; friend bool operator==(const AudioMedium&, const AudioMedium&) = default; };
struct VideoMedium { int width = 0, height = 0; std::vector<double> frame_times; friend bool operator==(const VideoMedium&, const VideoMedium&) = default; };
struct Medium {
  std::string name;
  std::variant<TextMedium, ImageMedium, AudioMedium, VideoMedium> facts;
  friend bool operator==(const Medium&, const Medium&) = default;
};

struct Warning {
  std::string code, message, where;
  friend bool operator==(const Warning&, const Warning&) = default;
};
struct ModelId {
  std::string name, sha256;
  friend bool operator==(const ModelId&, const ModelId&) = default;
};

struct Result {
  std::string document;
  ModelId model;
  Tasks tasks;
  Schema schema;
  std::vector<Medium> media;
  std::vector<Entity> entities;
  std::vector<Relation> relations;
  std::vector<Event> events;
  std::optional<std::map<std::string, Transcript>> transcripts;
  std::optional<std::string> meta_response;
  std::optional<std::vector<Warning>> warnings;
  std::optional<std::vector<std::pair<std::string, double>>> timing;  // stage name, seconds

  const Entity* entity(std::string_view id) const;
  const Medium* medium(std::string_view name) const;
  friend bool operator==(const Result&, const Result&) = default;
};

// Strict reading: unknown or missing keys, wrong types, unknown ids or media are an Error with the JSON pointer.
Result read_result(std::string_view json);
// Canonical writing: keys in the order of DESIGN 3.4, shortest numbers that read back equal, times rounded to 1 ms, one
// space after ':' and ','; no newline. read(write(x)) == x for times on the millisecond.
std::string write_result(const Result& result);

}  // namespace reamo::ie
