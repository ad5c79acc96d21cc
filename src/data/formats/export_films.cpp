// youtube-vis and davis.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "data/formats/export_items.h"
#include "data/formats/exporters.h"
#include "data/formats/indexed_png.h"
#include "ie/error.h"
#include "ie/json_writer.h"
#include "ie/medium_name.h"
#include "store/whole_file.h"

namespace reamo::data {
namespace {

namespace fs = std::filesystem;

struct Track {
  const ie::Entity* entity;
  const ie::Tracklet* tracklet;
  std::optional<double> score;
};
struct FilmPage {
  const ie::VideoMedium* facts = nullptr;
  std::string name;
  std::vector<Track> tracks;
};

std::vector<FilmPage> pages_of(Export& run, const ie::Document& document, const ie::Result& result) {
  std::vector<FilmPage> pages;
  for (std::size_t i = 0; i < document.videos.size(); ++i) {
    const ie::Medium* medium = result.medium(ie::medium_name(ie::MediumKind::kVideo, i));
    FilmPage page;
    page.facts = medium != nullptr ? std::get_if<ie::VideoMedium>(&medium->facts) : nullptr;
    if (page.facts == nullptr)
      throw Error("the results do not know the document's film " + std::to_string(i));
    page.name = run.file_name(result.document + (document.videos.size() > 1 ? "-" + std::to_string(i) : ""));
    for (const ie::Entity& entity : result.entities) {
      for (const ie::Grounding& place : entity.groundings) {
        const auto* tracklet = std::get_if<ie::Tracklet>(&place.place);
        if (tracklet != nullptr && place.medium == medium->name)
          page.tracks.push_back({&entity, tracklet, place.score});
      }
    }
    pages.push_back(std::move(page));
  }
  return pages;
}

// The frame of a tracklet at a time of the film.
const ie::TrackletFrame* frame_at(const ie::Tracklet& tracklet, double time) {
  constexpr double kMillisecond = 0.001;
  const auto near = std::lower_bound(tracklet.begin(), tracklet.end(), time - kMillisecond,
                                     [](const auto& frame, double t) { return frame.time < t; });
  return near != tracklet.end() && near->time <= time + kMillisecond ? &*near : nullptr;
}

double frame_rate(const std::vector<double>& times) {
  return times.size() > 1 && times.back() > times.front()
             ? static_cast<double>(times.size() - 1) / (times.back() - times.front())
             : 0;
}

std::string numbered(std::size_t index, const char* ending) {
  char name[32];
  std::snprintf(name, sizeof name, "%05zu%s", index, ending);
  return name;
}

std::string track_json(const Track& track, const ie::VideoMedium& facts, std::int64_t id, std::int64_t film,
                       std::int64_t category, bool predicted) {
  ie::JsonWriter object;
  object.begin_object()
      .key("id")
      .integer(id)
      .key("video_id")
      .integer(film)
      .key("category_id")
      .integer(category)
      .key("iscrowd")
      .integer(0);
  object.key("height")
      .integer(facts.height)
      .key("width")
      .integer(facts.width)
      .key("mention")
      .string(track.entity->mention);
  const auto score = track.score ? track.score : track.entity->score;
  if (predicted && score) object.key("score").number(*score);
  object.key("bboxes").begin_array();
  for (const double time : facts.frame_times) {
    const ie::TrackletFrame* frame = frame_at(*track.tracklet, time);
    if (frame == nullptr) {
      object.null();
    } else {
      object.begin_array()
          .integer(frame->box.x)
          .integer(frame->box.y)
          .integer(frame->box.width)
          .integer(frame->box.height)
          .end_array();
    }
  }
  object.end_array().key("segmentations").begin_array();
  for (const double time : facts.frame_times) {
    const ie::TrackletFrame* frame = frame_at(*track.tracklet, time);
    if (frame == nullptr) {
      object.null();
      continue;
    }
    object.begin_object().key("size").begin_array().integer(facts.height).integer(facts.width).end_array();
    object.key("counts").string(ie::to_string(frame->mask)).end_object();
  }
  object.end_array().end_object();
  return std::move(object).text();
}

// Object numbers of a frame; where two stand in one pixel, the later.
NumberImage numbers_at(const FilmPage& page, double time) {
  NumberImage image{page.facts->width, page.facts->height,
                    std::vector<std::uint8_t>(static_cast<std::size_t>(page.facts->width) *
                                              static_cast<std::size_t>(page.facts->height))};
  for (std::size_t i = 0; i < page.tracks.size(); ++i) {
    const ie::TrackletFrame* frame = frame_at(*page.tracks[i].tracklet, time);
    if (frame == nullptr) continue;
    const std::vector<std::uint8_t> pixels = ie::decode(frame->mask);
    for (std::size_t p = 0; p < pixels.size(); ++p) {
      if (pixels[p] != 0) image.numbers[p] = static_cast<std::uint8_t>(i + 1);
    }
  }
  return image;
}

std::string facts_json(const FilmPage& page, const ie::Document& document) {
  ie::JsonWriter facts;
  facts.begin_object()
      .key("name")
      .string(page.name)
      .key("width")
      .integer(page.facts->width)
      .key("height")
      .integer(page.facts->height);
  facts.key("frames").integer(static_cast<std::int64_t>(page.facts->frame_times.size()));
  if (const double rate = frame_rate(page.facts->frame_times); rate > 0)
    facts.key("fps").number(std::round(rate * 1000) / 1000);
  if (document.text) facts.key("sentence").string(*document.text);
  facts.key("objects").begin_array();
  for (std::size_t i = 0; i < page.tracks.size(); ++i) {
    facts.begin_object()
        .key("id")
        .integer(static_cast<std::int64_t>(i) + 1)
        .key("label")
        .string(page.tracks[i].entity->type)
        .end_object();
  }
  facts.end_array().end_object();
  return std::move(facts).text() + "\n";
}

void write_whole(const fs::path& path, const std::string& bytes) {
  store::WholeFile file(path);
  file.write(bytes);
  file.commit();
}

}  // namespace

void export_youtube_vis(Export& run) {
  store::WholeFile file(run.options().out / "annotations.json");
  Categories categories;
  std::string annotations;
  std::int64_t films = 0, objects = 0;
  file.write("{\"videos\": [");
  run.each([&](const ie::Document& document, const ie::Result& result) {
    for (const FilmPage& page : pages_of(run, document, result)) {
      ++films;
      ie::JsonWriter film;
      film.begin_object()
          .key("id")
          .integer(films)
          .key("width")
          .integer(page.facts->width)
          .key("height")
          .integer(page.facts->height);
      film.key("length")
          .integer(static_cast<std::int64_t>(page.facts->frame_times.size()))
          .key("document")
          .string(result.document);
      film.key("file_names").begin_array();
      for (std::size_t i = 0; i < page.facts->frame_times.size(); ++i)
        film.string(page.name + "/" + numbered(i, ".jpg"));
      film.end_array().end_object();
      file.write((films > 1 ? ",\n" : "\n") + film.text());
      for (const Track& track : page.tracks) {
        const auto category = categories.number(track.entity->type);
        ++objects;
        annotations += (objects > 1 ? ",\n" : "\n") +
                       track_json(track, *page.facts, objects, films, category, run.options().predicted);
        ++run.counts().items;
      }
    }
    run.counts().left_out += items_without<ie::Tracklet>(result);
  });
  file.write("\n], \"annotations\": [" + annotations + "\n], \"categories\": " + categories.json() + "}\n");
  file.commit();
}

void export_davis(Export& run) {
  constexpr std::size_t kMaxObjects = 254;  // 255 is not to be judged
  run.each([&](const ie::Document& document, const ie::Result& result) {
    for (FilmPage& page : pages_of(run, document, result)) {
      if (page.tracks.size() > kMaxObjects) {
        run.counts().left_out += page.tracks.size() - kMaxObjects;
        page.tracks.resize(kMaxObjects);
      }
      const fs::path folder = run.options().out / page.name;
      fs::create_directories(folder / "Annotations");
      for (std::size_t i = 0; i < page.facts->frame_times.size(); ++i) {
        write_whole(folder / "Annotations" / numbered(i, ".png"),
                    number_png(numbers_at(page, page.facts->frame_times[i])));
      }
      write_whole(folder / "meta.json", facts_json(page, document));
      run.counts().items += page.tracks.size();
    }
    run.counts().left_out += items_without<ie::Tracklet>(result);
  });
}

}  // namespace reamo::data
