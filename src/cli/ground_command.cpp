// reamo ground: where phrases, points or a box stand in one medium.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "grounder/audio/locate.h"
#include "grounder/visual/tracker.h"
#include "ie/error.h"
#include "media/read.h"
#include "pipeline/model.h"

namespace reamo::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Arguments {
  std::string model, image, audio, video, box;
  std::vector<std::string> phrases, points;
  std::optional<double> threshold;
};

Json to_json(const ie::Box& box) { return {box.x, box.y, box.width, box.height}; }
Json to_json(const ie::Mask& mask) { return {{"size", {mask.height, mask.width}}, {"counts", ie::to_string(mask)}}; }

std::vector<int> numbers(const std::string& option, const std::string& text, std::size_t count) {
  std::vector<int> values;
  std::size_t at = 0;
  while (at <= text.size()) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    int value = 0, used = 0;
    const std::string part = text.substr(at, comma - at);
    if (std::sscanf(part.c_str(), "%d%n", &value, &used) != 1 || std::size_t(used) != part.size()) {
      throw UsageError(option + " " + text + ": must be " + std::to_string(count) + " whole numbers separated by commas");
    }
    values.push_back(value);
    at = comma + 1;
  }
  if (values.size() != count) throw UsageError(option + " " + text + ": must be " + std::to_string(count) + " whole numbers separated by commas");
  return values;
}

std::optional<grounder::RegionQuery> region(const Arguments& a) {
  if (a.points.empty() && a.box.empty()) return std::nullopt;
  grounder::RegionQuery query;
  for (const std::string& point : a.points) {
    const std::vector<int> xy = numbers("--point", point, 2);
    query.points.push_back({xy[0], xy[1]});
  }
  if (!a.box.empty()) {
    const std::vector<int> b = numbers("--box", a.box, 4);
    query.box = ie::Box{b[0], b[1], b[2], b[3]};
  }
  return query;
}

Json match_json(const grounder::Match& match) {
  return {{"box", to_json(match.box)}, {"mask", to_json(match.mask)}, {"score", match.score}};
}

Json tracks_json(const grounder::TrackResult& tracks, std::size_t phrase) {
  Json list = Json::array();
  for (const grounder::TrackedObject& object : tracks.objects) {
    if (object.phrase != phrase) continue;
    Json frames = Json::array();
    for (const ie::TrackletFrame& frame : object.tracklet) {
      frames.push_back({{"time", frame.time}, {"box", to_json(frame.box)}, {"mask", to_json(frame.mask)}, {"interpolated", frame.interpolated}});
    }
    list.push_back({{"score", object.score}, {"tracklet", frames}});
  }
  return list;
}

int run(const Arguments& a, const CommonOptions& common) {
  const int media_given = int(!a.image.empty()) + int(!a.audio.empty()) + int(!a.video.empty());
  if (media_given != 1) throw UsageError("give exactly one of --image, --audio, --video");
  const auto query = region(a);
  if (a.phrases.empty() && !query) throw UsageError("nothing to look for: give --phrase, --point or --box");
  if (query && !a.audio.empty()) throw UsageError("--point and --box are for pictures and films");
  pipeline::Model model(find_model(a.model), common.device);
  Json result;
  for (const std::string& phrase : a.phrases) result["phrases"].push_back({{"phrase", phrase}, {"places", Json::array()}});
  if (!a.image.empty()) {
    const signal::Image image = media::read_image(a.image);
    if (!a.phrases.empty()) {
      const auto matches = model.visual().ground(image, a.phrases, {.threshold = a.threshold});
      for (std::size_t i = 0; i < matches.size(); ++i) {
        for (const grounder::Match& match : matches[i]) result["phrases"][i]["places"].push_back(match_json(match));
      }
    }
    if (query) {
      const auto match = model.visual().ground(image, *query, {.threshold = a.threshold});
      result["region"] = match ? match_json(*match) : Json(nullptr);
    }
  } else if (!a.video.empty()) {
    grounder::TrackOptions options;
    options.threshold = a.threshold;
    if (!a.phrases.empty()) {
      signal::FrameSource source = media::open_video(a.video);
      const grounder::TrackResult tracks = grounder::track(model.visual(), source, a.phrases, options);
      for (std::size_t i = 0; i < a.phrases.size(); ++i) result["phrases"][i]["places"] = tracks_json(tracks, i);
    }
    if (query) {
      signal::FrameSource source = media::open_video(a.video);
      result["region"] = tracks_json(grounder::track(model.visual(), source, std::vector<grounder::RegionQuery>{*query}, options), 0);
    }
  } else {
    const ie::Transcript transcript = model.listener().transcribe(media::read_audio(a.audio));
    for (std::size_t i = 0; i < a.phrases.size(); ++i) {
      for (const grounder::Spoken& place : grounder::locate(transcript, a.phrases[i])) {
        if (place.score < a.threshold.value_or(0)) continue;
        result["phrases"][i]["places"].push_back({{"start", place.segment.start}, {"end", place.segment.end}, {"score", place.score}});
      }
    }
    result["transcript"] = transcript.text;
  }
  std::printf("%s\n", result.dump().c_str());
  return 0;
}

}  // namespace

Command ground_command(CLI::App& program) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* app = program.add_subcommand("ground", "where phrases stand in a picture, a recording or a film");
  app->add_option("-m,--model", arguments->model, "model folder (default: $REAMO_MODEL, else the bundled one)");
  app->add_option("--image", arguments->image);
  app->add_option("--audio", arguments->audio);
  app->add_option("--video", arguments->video);
  app->add_option("--phrase", arguments->phrases, "what to look for; may be given several times")->take_all();
  app->add_option("--point", arguments->points, "x,y on the thing meant")->take_all();
  app->add_option("--box", arguments->box, "x,y,width,height around the thing meant");
  app->add_option("--threshold", arguments->threshold, "least score, 0 to 1")->check(CLI::Range(0.0, 1.0));
  return {app, [arguments](const CommonOptions& common) { return run(*arguments, common); }};
}

}  // namespace reamo::cli
