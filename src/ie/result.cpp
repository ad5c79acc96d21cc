#include "ie/result.h"

#include <algorithm>
#include <cstdint>
#include <set>

#include "ie/error.h"
#include "ie/json_reader.h"
#include "ie/medium_name.h"
#include "ie/schema_json.h"
#include "ie/transcript_json.h"

namespace reamo::ie {
namespace {

constexpr int kMaxSide = 1 << 24;  // pixels
constexpr double kMillisecond = 0.001;
constexpr double kMaxSeconds = 1e9;

double read_time(const JsonNode& node) { return node.number(-kMaxSeconds, kMaxSeconds); }

std::optional<double> read_score(const JsonNode& node) {
  if (!node.has("score")) return std::nullopt;
  return node.at("score").number(0, 1);
}

Segment read_segment(const JsonNode& node) {
  const Segment segment{read_time(node.at("start")), read_time(node.at("end"))};
  if (segment.end < segment.start) node.at("end").fail("must not be before \"start\"");
  return segment;
}

Medium read_medium(const JsonNode& node) {
  if (!node.has("name")) node.fail("the key \"name\" is missing");
  Medium medium{node.at("name").string(), TextMedium{}};
  const auto kind = medium_kind(medium.name);
  if (!kind) {
    node.at("name").fail("\"" + medium.name +
                         "\" is not a medium: text, image-0, audio-0, video-0 or video-0/audio");
  }
  const auto side = [&](const char* key) {
    return static_cast<int>(node.at(key).integer(0, kMaxSide));
  };
  switch (*kind) {
    case MediumKind::kText:
      node.keys({"name", "characters"});
      medium.facts =
          TextMedium{static_cast<std::size_t>(node.at("characters").integer(0, INT64_MAX))};
      break;
    case MediumKind::kImage:
      node.keys({"name", "width", "height"});
      medium.facts = ImageMedium{side("width"), side("height")};
      break;
    case MediumKind::kAudio: {
      node.keys({"name", "start", "end"});
      const Segment whole = read_segment(node);
      medium.facts = AudioMedium{whole.start, whole.end};
      break;
    }
    case MediumKind::kVideo: {
      node.keys({"name", "width", "height", "frame_times"});
      VideoMedium video{side("width"), side("height"), {}};
      node.at("frame_times").each([&](const JsonNode& time) {
        video.frame_times.push_back(read_time(time));
        const std::size_t count = video.frame_times.size();
        if (count > 1 && video.frame_times[count - 1] < video.frame_times[count - 2]) {
          time.fail("frame times must not run backwards");
        }
      });
      medium.facts = std::move(video);
      break;
    }
  }
  return medium;
}

Box read_box(const JsonNode& node, int width, int height) {
  if (node.size() != 4) node.fail("must have four numbers: x, y, width, height");
  const auto number = [&](std::size_t i) {
    return static_cast<int>(node.at(i).integer(0, kMaxSide));
  };
  const Box box{number(0), number(1), number(2), number(3)};
  if (box.x + box.width > width || box.y + box.height > height) {
    node.fail("reaches outside the " + std::to_string(width) + " x " + std::to_string(height) +
              " pixels of its medium");
  }
  return box;
}

Mask read_mask(const JsonNode& node, int width, int height) {
  node.keys({"size", "counts"});
  const JsonNode size = node.at("size");
  if (size.size() != 2) size.fail("must have two numbers: height, width");
  if (size.at(std::size_t{0}).integer(0, kMaxSide) != height ||
      size.at(std::size_t{1}).integer(0, kMaxSide) != width) {
    size.fail("must be [" + std::to_string(height) + ", " + std::to_string(width) +
              "], the size of its medium");
  }
  const std::string counts = node.at("counts").string();
  try {
    return mask_from_string(counts, height, width);
  } catch (const Error& error) {
    node.at("counts").fail(error.what());
  }
}

Tracklet read_tracklet(const JsonNode& node, const VideoMedium& video) {
  Tracklet tracklet;
  node.each([&](const JsonNode& frame) {
    frame.keys({"time", "box", "mask", "interpolated"});
    const double time = read_time(frame.at("time"));
    const auto near =
        std::lower_bound(video.frame_times.begin(), video.frame_times.end(), time - kMillisecond);
    if (near == video.frame_times.end() || *near > time + kMillisecond) {
      frame.at("time").fail("is not one of the frame times of its medium");
    }
    if (!tracklet.empty() && time <= tracklet.back().time)
      frame.at("time").fail("times of a tracklet must increase");
    tracklet.push_back({time, read_box(frame.at("box"), video.width, video.height),
                        read_mask(frame.at("mask"), video.width, video.height),
                        frame.at("interpolated").boolean()});
  });
  return tracklet;
}

class ResultReader {
 public:
  explicit ResultReader(const JsonNode& node) : node_(node) {}

  Result read() {
    node_.keys({"document", "model", "tasks", "schema", "media", "entities", "relations", "events"},
               {"transcripts", "meta_response", "warnings", "timing"});
    result_.document = node_.at("document").string();
    const JsonNode model = node_.at("model");
    model.keys({"name", "sha256"});
    result_.model = {model.at("name").string(), model.at("sha256").string()};
    read_tasks();
    result_.schema = read_schema(node_.at("schema"), true);
    node_.at("media").each([&](const JsonNode& medium) {
      result_.media.push_back(read_medium(medium));
      const std::string& name = result_.media.back().name;
      if (!media_.insert({name, result_.media.size() - 1}).second) {
        medium.at("name").fail("the medium \"" + name + "\" is there twice");
      }
    });
    node_.at("entities").each([&](const JsonNode& item) {
      result_.entities.push_back(read_entity(item));
    });
    node_.at("relations").each([&](const JsonNode& item) {
      result_.relations.push_back(read_relation(item));
    });
    node_.at("events").each(
        [&](const JsonNode& item) { result_.events.push_back(read_event(item)); });
    read_extras();
    return std::move(result_);
  }

 private:
  void read_tasks() {
    node_.at("tasks").each([&](const JsonNode& task) {
      const std::string name = task.string();
      bool* flag = name == "ner"  ? &result_.tasks.ner
                   : name == "re" ? &result_.tasks.re
                   : name == "ee" ? &result_.tasks.ee
                                  : nullptr;
      if (!flag) task.fail("\"" + name + "\" is not a task: ner, re or ee");
      if (*flag) task.fail("the task \"" + name + "\" is there twice");
      *flag = true;
    });
  }

  const Medium& known_medium(const JsonNode& node) const {
    const std::string name = node.string();
    const auto found = media_.find(name);
    if (found == media_.end()) node.fail("the medium \"" + name + "\" is not in \"media\"");
    return result_.media[found->second];
  }

  std::string new_id(const JsonNode& node) {
    const std::string id = node.non_empty_string();
    if (!ids_.insert(id).second) node.fail("the id \"" + id + "\" is there twice");
    return id;
  }

  std::string entity_id(const JsonNode& node) const {
    const std::string id = node.string();
    if (!entity_ids_.contains(id)) node.fail("no entity has the id \"" + id + "\"");
    return id;
  }

  Grounding read_grounding(const JsonNode& node, bool is_trigger) const {
    if (!node.has("medium")) node.fail("the key \"medium\" is missing");
    const Medium& medium = known_medium(node.at("medium"));
    Grounding grounding;
    grounding.medium = medium.name;
    const bool in_text_or_audio = std::holds_alternative<TextMedium>(medium.facts) ||
                                  std::holds_alternative<AudioMedium>(medium.facts);
    if (is_trigger && !in_text_or_audio)
      node.at("medium").fail("a trigger has its place in text or audio only");
    if (const auto* text = std::get_if<TextMedium>(&medium.facts)) {
      node.keys({"medium", "start", "end"}, {"score"});
      const auto limit = static_cast<std::int64_t>(text->characters);
      const auto start = node.at("start").integer(0, limit), end = node.at("end").integer(0, limit);
      if (end < start) node.at("end").fail("must not be before \"start\"");
      grounding.place = TextSpan{static_cast<std::size_t>(start), static_cast<std::size_t>(end)};
    } else if (const auto* image = std::get_if<ImageMedium>(&medium.facts)) {
      node.keys({"medium", "box", "mask"}, {"score"});
      grounding.place = Region{read_box(node.at("box"), image->width, image->height),
                               read_mask(node.at("mask"), image->width, image->height)};
    } else if (std::holds_alternative<AudioMedium>(medium.facts)) {
      node.keys({"medium", "start", "end"}, {"score"});
      grounding.place = read_segment(node);
    } else {
      node.keys({"medium", "tracklet"}, {"score"});
      grounding.place = read_tracklet(node.at("tracklet"), std::get<VideoMedium>(medium.facts));
    }
    grounding.score = read_score(node);
    return grounding;
  }

  std::vector<Grounding> read_groundings(const JsonNode& node, bool is_trigger) const {
    std::vector<Grounding> groundings;
    node.each([&](const JsonNode& grounding) {
      groundings.push_back(read_grounding(grounding, is_trigger));
    });
    return groundings;
  }

  Entity read_entity(const JsonNode& item) {
    item.keys({"id", "type", "mention", "groundings"}, {"score", "absent"});
    Entity entity;
    entity.id = new_id(item.at("id"));
    entity_ids_.insert(entity.id);
    entity.type = item.at("type").non_empty_string();
    entity.mention = item.at("mention").string();
    entity.score = read_score(item);
    entity.groundings = read_groundings(item.at("groundings"), false);
    if (item.has("absent")) {
      item.at("absent").each([&](const JsonNode& medium) {
        entity.absent.push_back(known_medium(medium).name);
        const auto here = [&](const Grounding& grounding) {
          return grounding.medium == entity.absent.back();
        };
        if (std::any_of(entity.groundings.begin(), entity.groundings.end(), here)) {
          medium.fail("the entity has a grounding in \"" + entity.absent.back() +
                      "\", so it is not absent there");
        }
      });
    }
    return entity;
  }

  Relation read_relation(const JsonNode& item) {
    item.keys({"id", "type", "head", "tail"}, {"score"});
    return {new_id(item.at("id")), item.at("type").non_empty_string(), entity_id(item.at("head")),
            entity_id(item.at("tail")), read_score(item)};
  }

  Event read_event(const JsonNode& item) {
    item.keys({"id", "type", "trigger", "arguments"}, {"score"});
    Event event;
    event.id = new_id(item.at("id"));
    event.type = item.at("type").non_empty_string();
    event.score = read_score(item);
    const JsonNode trigger = item.at("trigger");
    trigger.keys({"mention", "groundings"});
    event.trigger = {trigger.at("mention").string(),
                     read_groundings(trigger.at("groundings"), true)};
    item.at("arguments").each([&](const JsonNode& argument) {
      argument.keys({"role", "entity"}, {"score"});
      event.arguments.push_back({argument.at("role").non_empty_string(),
                                 entity_id(argument.at("entity")), read_score(argument)});
    });
    return event;
  }

  void read_extras() {
    if (node_.has("transcripts")) {
      result_.transcripts.emplace();
      node_.at("transcripts")
          .each_member([&](const std::string& medium, const JsonNode& transcript) {
            if (!media_.contains(medium))
              transcript.fail("the medium \"" + medium + "\" is not in \"media\"");
            if (medium_kind(medium) != MediumKind::kAudio)
              transcript.fail("only audio has a transcript");
            result_.transcripts->emplace(medium, read_transcript(transcript, true));
          });
    }
    if (node_.has("meta_response")) result_.meta_response = node_.at("meta_response").string();
    if (node_.has("warnings")) {
      result_.warnings.emplace();
      node_.at("warnings").each([&](const JsonNode& warning) {
        warning.keys({"code", "message", "where"});
        result_.warnings->push_back({warning.at("code").string(), warning.at("message").string(),
                                     warning.at("where").string()});
      });
    }
    if (node_.has("timing")) {
      result_.timing.emplace();
      node_.at("timing").each_member([&](const std::string& stage, const JsonNode& seconds) {
        result_.timing->emplace_back(stage, read_time(seconds));
      });
    }
  }

  JsonNode node_;
  Result result_;
  std::map<std::string, std::size_t> media_;
  std::set<std::string> ids_, entity_ids_;
};

}  // namespace

const Entity* Result::entity(std::string_view id) const {
  const auto found =
      std::find_if(entities.begin(), entities.end(), [&](const Entity& e) { return e.id == id; });
  return found == entities.end() ? nullptr : &*found;
}

const Medium* Result::medium(std::string_view name) const {
  const auto found =
      std::find_if(media.begin(), media.end(), [&](const Medium& m) { return m.name == name; });
  return found == media.end() ? nullptr : &*found;
}

Result read_result(std::string_view json) {
  JsonLimits limits;
  limits.bytes = std::size_t{1} << 30;
  const auto value = parse_json(json, "result", JsonFault::kData, limits);
  return ResultReader(JsonNode(value, "result", JsonFault::kData)).read();
}

}  // namespace reamo::ie
