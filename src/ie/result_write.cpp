#include "ie/json_writer.h"
#include "ie/result.h"
#include "ie/schema_json.h"
#include "ie/transcript_json.h"

namespace reamo::ie {
namespace {

void write_score(JsonWriter& writer, const std::optional<double>& score) {
  if (score) writer.key("score").number(*score);
}

void write_times(JsonWriter& writer, double start, double end) {
  writer.key("start").time(start).key("end").time(end);
}

void write_box(JsonWriter& writer, const Box& box) {
  writer.key("box")
      .begin_array()
      .integer(box.x)
      .integer(box.y)
      .integer(box.width)
      .integer(box.height)
      .end_array();
}

void write_mask(JsonWriter& writer, const Mask& mask) {
  writer.key("mask").begin_object();
  writer.key("size").begin_array().integer(mask.height).integer(mask.width).end_array();
  writer.key("counts").string(to_string(mask)).end_object();
}

struct FactsWriter {
  JsonWriter& writer;
  void operator()(const TextMedium& text) const {
    writer.key("characters").integer(static_cast<std::int64_t>(text.characters));
  }
  void operator()(const ImageMedium& image) const {
    writer.key("width").integer(image.width).key("height").integer(image.height);
  }
  void operator()(const AudioMedium& audio) const { write_times(writer, audio.start, audio.end); }
  void operator()(const VideoMedium& video) const {
    writer.key("width").integer(video.width).key("height").integer(video.height);
    writer.key("frame_times").begin_array();
    for (const double time : video.frame_times) writer.time(time);
    writer.end_array();
  }
};

struct PlaceWriter {
  JsonWriter& writer;
  void operator()(const TextSpan& span) const {
    writer.key("start").integer(static_cast<std::int64_t>(span.start));
    writer.key("end").integer(static_cast<std::int64_t>(span.end));
  }
  void operator()(const Region& region) const {
    write_box(writer, region.box);
    write_mask(writer, region.mask);
  }
  void operator()(const Segment& segment) const { write_times(writer, segment.start, segment.end); }
  void operator()(const Tracklet&) const {}
};

// The score stands last, but before a tracklet, which is long.
void write_groundings(JsonWriter& writer, const std::vector<Grounding>& groundings) {
  writer.key("groundings").begin_array();
  for (const Grounding& grounding : groundings) {
    writer.begin_object().key("medium").string(grounding.medium);
    std::visit(PlaceWriter{writer}, grounding.place);
    write_score(writer, grounding.score);
    if (const auto* tracklet = std::get_if<Tracklet>(&grounding.place)) {
      writer.key("tracklet").begin_array();
      for (const TrackletFrame& frame : *tracklet) {
        writer.begin_object().key("time").time(frame.time);
        write_box(writer, frame.box);
        write_mask(writer, frame.mask);
        writer.key("interpolated").boolean(frame.interpolated).end_object();
      }
      writer.end_array();
    }
    writer.end_object();
  }
  writer.end_array();
}

void write_entity(JsonWriter& writer, const Entity& entity) {
  writer.begin_object().key("id").string(entity.id).key("type").string(entity.type);
  writer.key("mention").string(entity.mention);
  write_score(writer, entity.score);
  write_groundings(writer, entity.groundings);
  if (!entity.absent.empty()) {
    writer.key("absent").begin_array();
    for (const std::string& medium : entity.absent) writer.string(medium);
    writer.end_array();
  }
  writer.end_object();
}

void write_relation(JsonWriter& writer, const Relation& relation) {
  writer.begin_object().key("id").string(relation.id).key("type").string(relation.type);
  writer.key("head").string(relation.head).key("tail").string(relation.tail);
  write_score(writer, relation.score);
  writer.end_object();
}

void write_event(JsonWriter& writer, const Event& event) {
  writer.begin_object().key("id").string(event.id).key("type").string(event.type);
  write_score(writer, event.score);
  writer.key("trigger").begin_object().key("mention").string(event.trigger.mention);
  write_groundings(writer, event.trigger.groundings);
  writer.end_object().key("arguments").begin_array();
  for (const Argument& argument : event.arguments) {
    writer.begin_object().key("role").string(argument.role).key("entity").string(argument.entity);
    write_score(writer, argument.score);
    writer.end_object();
  }
  writer.end_array().end_object();
}

void write_extras(JsonWriter& writer, const Result& result) {
  if (result.transcripts) {
    writer.key("transcripts").begin_object();
    for (const auto& [medium, transcript] : *result.transcripts)
      write_transcript(writer.key(medium), transcript);
    writer.end_object();
  }
  if (result.meta_response) writer.key("meta_response").string(*result.meta_response);
  if (result.warnings) {
    writer.key("warnings").begin_array();
    for (const Warning& warning : *result.warnings) {
      writer.begin_object().key("code").string(warning.code).key("message").string(warning.message);
      writer.key("where").string(warning.where).end_object();
    }
    writer.end_array();
  }
  if (result.timing) {
    writer.key("timing").begin_object();
    for (const auto& [stage, seconds] : *result.timing) writer.key(stage).time(seconds);
    writer.end_object();
  }
}

}  // namespace

std::string write_result(const Result& result) {
  JsonWriter writer;
  writer.begin_object().key("document").string(result.document);
  writer.key("model").begin_object().key("name").string(result.model.name);
  writer.key("sha256").string(result.model.sha256).end_object();
  writer.key("tasks").begin_array();
  if (result.tasks.ner) writer.string("ner");
  if (result.tasks.re) writer.string("re");
  if (result.tasks.ee) writer.string("ee");
  writer.end_array();
  write_schema(writer.key("schema"), result.schema);
  writer.key("media").begin_array();
  for (const Medium& medium : result.media) {
    writer.begin_object().key("name").string(medium.name);
    std::visit(FactsWriter{writer}, medium.facts);
    writer.end_object();
  }
  writer.end_array().key("entities").begin_array();
  for (const Entity& entity : result.entities) write_entity(writer, entity);
  writer.end_array().key("relations").begin_array();
  for (const Relation& relation : result.relations) write_relation(writer, relation);
  writer.end_array().key("events").begin_array();
  for (const Event& event : result.events) write_event(writer, event);
  writer.end_array();
  write_extras(writer, result);
  writer.end_object();
  return std::move(writer).text();
}

}  // namespace reamo::ie
