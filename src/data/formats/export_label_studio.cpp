// label-studio: one task a document, in the JSON that Label Studio imports. The labelling configuration that
// fits stands in config.xml: names text, image0, audio0, video0 and their labels.
#include <algorithm>
#include <cmath>
#include <set>

#include "data/formats/brush.h"
#include "data/formats/exporters.h"
#include "data/formats/xml.h"
#include "ie/error.h"
#include "ie/json_writer.h"
#include "ie/medium_name.h"
#include "ie/unicode.h"
#include "store/whole_file.h"

namespace reamo::data {
namespace {

namespace fs = std::filesystem;

// "image-0" -> "image0": names of the configuration have no dashes.
std::string control(const std::string& medium) {
  std::string name;
  for (const char c : medium) {
    if (c != '-') name += c == '/' ? '_' : c;
  }
  return name;
}

class TaskWriter {
 public:
  TaskWriter(const ExportOptions& options, ExportCounts& counts, const ie::Document& document,
             const ie::Result& result)
      : options_(options), counts_(counts), document_(document), result_(result) {
    if (document.text) text_ = ie::to_code_points(*document.text);
  }

  std::string write() {
    task_.begin_object().key("data").begin_object().key("document").string(result_.document);
    if (document_.text) task_.key("text").string(*document_.text);
    media(ie::MediumKind::kImage, document_.images);
    media(ie::MediumKind::kAudio, document_.audios);
    media(ie::MediumKind::kVideo, document_.videos);
    task_.end_object().key(options_.predicted ? "predictions" : "annotations").begin_array().begin_object();
    if (options_.predicted) task_.key("model_version").string(result_.model.name);
    task_.key("result").begin_array();
    for (const ie::Entity& entity : result_.entities)
      items(entity.id, entity.type, entity.groundings, entity.score);
    for (const ie::Event& event : result_.events)
      items(event.id, event.type, event.trigger.groundings, event.score);
    for (const ie::Relation& relation : result_.relations) link(relation.head, relation.tail, relation.type);
    for (const ie::Event& event : result_.events) {
      for (const ie::Argument& argument : event.arguments) link(event.id, argument.entity, argument.role);
    }
    task_.end_array().end_object().end_array().end_object();
    return std::move(task_).text();
  }

 private:
  void media(ie::MediumKind kind, const std::vector<fs::path>& paths) {
    const auto out = fs::absolute(options_.out).lexically_normal();
    for (std::size_t i = 0; i < paths.size(); ++i) {
      const auto path = fs::absolute(paths[i]).lexically_normal().lexically_relative(out);
      task_.key(control(ie::medium_name(kind, i))).string(path.generic_string());
    }
  }

  // What each place of an item begins with; its value is left open.
  void begin(const std::string& id, const std::string& medium, const char* type,
             const std::optional<double>& score) {
    const std::string name = control(medium);
    task_.begin_object()
        .key("id")
        .string(id)
        .key("from_name")
        .string(name + "_" + type)
        .key("to_name")
        .string(name)
        .key("type")
        .string(type);
    if (options_.predicted && score) task_.key("score").number(*score);
  }
  void end(const char* type, const std::string& label) {
    task_.key(type).begin_array().string(label).end_array().end_object().end_object();
    ++counts_.items;
  }

  void items(const std::string& id, const std::string& label, const std::vector<ie::Grounding>& places,
             const std::optional<double>& item_score) {
    std::size_t written = 0;
    for (const ie::Grounding& place : places) {
      // Relations name the first place of an item, which has the item's id.
      const std::string place_id = written == 0 ? id : id + "-" + std::to_string(written + 1);
      const auto score = place.score ? place.score : item_score;
      written +=
          std::visit(
              [&](const auto& where) { return write_place(place_id, place.medium, label, where, score); },
              place.place)
              ? 1
              : 0;
    }
    if (written == 0) {
      ++counts_.left_out;
    } else {
      placed_.insert(id);
    }
  }

  bool write_place(const std::string& id, const std::string& medium, const std::string& label,
                   const ie::TextSpan& span, const std::optional<double>& score) {
    if (span.end > text_.size() || span.end <= span.start)
      throw Error("a place reaches outside the text of the document");
    begin(id, medium, "labels", score);
    task_.key("value")
        .begin_object()
        .key("start")
        .integer(static_cast<std::int64_t>(span.start))
        .key("end")
        .integer(static_cast<std::int64_t>(span.end));
    task_.key("text").string(
        ie::to_utf8(std::u32string_view(text_).substr(span.start, span.end - span.start)));
    end("labels", label);
    return true;
  }

  bool write_place(const std::string& id, const std::string& medium, const std::string& label,
                   const ie::Region& region, const std::optional<double>& score) {
    begin(id, medium, "brushlabels", score);
    task_.key("original_width")
        .integer(region.mask.width)
        .key("original_height")
        .integer(region.mask.height)
        .key("image_rotation")
        .integer(0);
    task_.key("value").begin_object().key("format").string("rle").key("rle").begin_array();
    for (const std::uint8_t byte : encode_brush(region.mask)) task_.integer(byte);
    task_.end_array();
    end("brushlabels", label);
    return true;
  }

  bool write_place(const std::string& id, const std::string& medium, const std::string& label,
                   const ie::Segment& segment, const std::optional<double>& score) {
    begin(id, medium, "labels", score);
    task_.key("value")
        .begin_object()
        .key("start")
        .time(segment.start)
        .key("end")
        .time(segment.end)
        .key("channel")
        .integer(0);
    end("labels", label);
    return true;
  }

  // Boxes in hundredths of the picture, frames counted from 1.
  bool write_place(const std::string& id, const std::string& medium, const std::string& label,
                   const ie::Tracklet& tracklet, const std::optional<double>& score) {
    const ie::Medium* known = result_.medium(medium);
    const auto* facts = known != nullptr ? std::get_if<ie::VideoMedium>(&known->facts) : nullptr;
    if (facts == nullptr || facts->width == 0 || facts->height == 0 || tracklet.empty()) return false;
    begin(id, medium, "videorectangle", score);
    const auto& times = facts->frame_times;
    task_.key("value")
        .begin_object()
        .key("framesCount")
        .integer(static_cast<std::int64_t>(times.size()))
        .key("duration")
        .time(times.empty() ? 0 : times.back());
    task_.key("sequence").begin_array();
    for (const ie::TrackletFrame& frame : tracklet) {
      const auto near = std::lower_bound(times.begin(), times.end(), frame.time - 0.001);
      task_.begin_object()
          .key("frame")
          .integer(near - times.begin() + 1)
          .key("time")
          .time(frame.time)
          .key("enabled")
          .boolean(true)
          .key("rotation")
          .integer(0);
      task_.key("x")
          .number(share(frame.box.x, facts->width))
          .key("y")
          .number(share(frame.box.y, facts->height));
      task_.key("width")
          .number(share(frame.box.width, facts->width))
          .key("height")
          .number(share(frame.box.height, facts->height))
          .end_object();
    }
    task_.end_array();
    end("labels", label);
    return true;
  }

  static double share(int pixels, int side) { return std::round(1e6 * pixels / side) / 1e4; }

  void link(const std::string& from, const std::string& to, const std::string& label) {
    if (!placed_.contains(from) || !placed_.contains(to)) {
      ++counts_.left_out;
      return;
    }
    task_.begin_object()
        .key("type")
        .string("relation")
        .key("from_id")
        .string(from)
        .key("to_id")
        .string(to)
        .key("direction")
        .string("right");
    task_.key("labels").begin_array().string(label).end_array().end_object();
    ++counts_.items;
  }

  const ExportOptions& options_;
  ExportCounts& counts_;
  const ie::Document& document_;
  const ie::Result& result_;
  std::u32string text_;
  ie::JsonWriter task_;
  std::set<std::string> placed_;
};

// What the configuration has to name.
struct Controls {
  std::set<std::string> media, items, links;

  void add(const ie::Result& result) {
    for (const ie::Medium& medium : result.media) media.insert(medium.name);
    for (const ie::Entity& entity : result.entities) items.insert(entity.type);
    for (const ie::Relation& relation : result.relations) links.insert(relation.type);
    for (const ie::Event& event : result.events) {
      items.insert(event.type);
      for (const ie::Argument& argument : event.arguments) links.insert(argument.role);
    }
  }

  std::string config() const {
    std::string xml = "<View>\n";
    for (const std::string& medium : media) xml += controls(medium);
    xml += "  <Relations>\n";
    for (const std::string& link : links) xml += "    <Relation value=\"" + xml_escaped(link) + "\"/>\n";
    return xml + "  </Relations>\n</View>\n";
  }

 private:
  std::string labels(const char* tag, const std::string& name, const char* type) const {
    std::string xml =
        std::string("  <") + tag + " name=\"" + name + "_" + type + "\" toName=\"" + name + "\">\n";
    for (const std::string& item : items) xml += "    <Label value=\"" + xml_escaped(item) + "\"/>\n";
    return xml + "  </" + tag + ">\n";
  }

  std::string controls(const std::string& medium) const {
    const std::string name = control(medium),
                      attributes = " name=\"" + name + "\" value=\"$" + name + "\"/>\n";
    switch (*ie::medium_kind(medium)) {
      case ie::MediumKind::kText:
        return "  <Text" + attributes + labels("Labels", name, "labels");
      case ie::MediumKind::kImage:
        return "  <Image" + attributes + labels("BrushLabels", name, "brushlabels");
      case ie::MediumKind::kAudio:
        return medium.find('/') != std::string::npos
                   ? ""
                   : "  <Audio" + attributes + labels("Labels", name, "labels");
      case ie::MediumKind::kVideo:
        return "  <Video" + attributes + "  <VideoRectangle name=\"" + name + "_videorectangle\" toName=\"" +
               name + "\"/>\n" + labels("Labels", name, "labels");
    }
    return "";
  }
};

}  // namespace

void export_label_studio(Export& run) {
  store::WholeFile file(run.options().out / "tasks.json"), config(run.options().out / "config.xml");
  Controls controls;
  std::uint64_t tasks = 0;
  file.write("[");
  run.each([&](const ie::Document& document, const ie::Result& result) {
    const std::string task = TaskWriter(run.options(), run.counts(), document, result).write();
    file.write((tasks++ > 0 ? ",\n" : "\n") + task);
    controls.add(result);
  });
  file.write("\n]\n");
  config.write(controls.config());
  file.commit();
  config.commit();
}

}  // namespace reamo::data
