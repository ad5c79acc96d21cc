// Objects through films in tables like COCO's: YouTube-VIS (a mask for each frame) and TAO (boxes at
// annotated frames).
#include <algorithm>
#include <map>

#include "data/formats/films.h"
#include "data/formats/importers.h"
#include "data/formats/json_items.h"
#include "data/formats/segments.h"
#include "ie/error.h"

namespace reamo::data {
namespace {

using ie::JsonNode;
namespace fs = std::filesystem;

constexpr int kMaxSide = 1 << 20;
constexpr std::size_t kMaxFrames = 100'000;
constexpr double kTaoRate = 30;  // frames a second of the films that TAO numbers

struct Shape {
  std::int64_t frame = 0;  // YouTube-VIS: index; TAO: id of the picture
  Segmentation segmentation;
  std::vector<double> box;  // x, y, width, height; empty: none
};
struct Object {
  std::uint64_t line = 0;
  std::int64_t category = 0;
  std::vector<Shape> shapes;
};
struct Picture {
  std::int64_t id = 0, index = 0;
  std::string file_name;
};
struct Film {
  fs::path from;
  std::string name;
  int width = 0, height = 0;
  std::vector<Picture> pictures;
  std::map<std::int64_t, Object> objects;
};

std::vector<double> numbers_of(const JsonNode& node) {
  std::vector<double> numbers;
  if (node.is_array()) node.each([&](const JsonNode& value) { numbers.push_back(value.number()); });
  if (!numbers.empty() && numbers.size() != 4) node.fail("must have four numbers: x, y, width, height");
  return numbers;
}

class FilmTable {
 public:
  explicit FilmTable(Import& import) : import_(import) {}

  void read(const fs::path& file, const std::string& key, const JsonNode& node) {
    if (key == "videos") return read_film(file, node);
    if (key == "categories") {
      categories_[whole_of(node.at("id"))] = node.at("name").non_empty_string();
    } else if (key == "images") {
      film_of(node).pictures.push_back({whole_of(node.at("id")), whole_of(node.at("frame_index")),
                                        node.at("file_name").non_empty_string()});
      by_picture_ = true;
    } else if (key == "tracks") {
      Object& object = film_of(node).objects[whole_of(node.at("id"))];
      object.category = whole_of(node.at("category_id"));
      object.line = import_.line();
    } else if (key == "annotations") {
      read_annotation(node);
    }
  }

  void add_all() {
    for (auto& [id, film] : films_) {
      if (import_.full()) return;
      import_.record(film.from.empty() ? import_.files().front() : film.from, 0,
                     [&, id = id, &film = film] { add(id, film); });
    }
  }

 private:
  Film& film_of(const JsonNode& node) { return films_[whole_of(node.at("video_id"))]; }

  void read_film(const fs::path& file, const JsonNode& node) {
    Film& film = films_[whole_of(node.at("id"))];
    film.from = file;
    film.width = static_cast<int>(node.at("width").integer(1, kMaxSide));
    film.height = static_cast<int>(node.at("height").integer(1, kMaxSide));
    if (node.has("name")) film.name = node.at("name").string();
    if (!node.has("file_names")) return;
    const std::vector<std::string> names = strings_of(node.at("file_names"));
    if (names.empty() || names.size() > kMaxFrames)
      node.at("file_names").fail("must name 1 to " + std::to_string(kMaxFrames) + " pictures");
    for (std::size_t i = 0; i < names.size(); ++i)
      film.pictures.push_back({static_cast<std::int64_t>(i), static_cast<std::int64_t>(i), names[i]});
    if (film.name.empty()) film.name = fs::path(names.front()).parent_path().filename().string();
  }

  void read_annotation(const JsonNode& node) {
    Film& film = film_of(node);
    Object& object = film.objects[whole_of(node.at(node.has("track_id") ? "track_id" : "id"))];
    object.category = whole_of(node.at("category_id"));
    object.line = import_.line();
    if (node.has("segmentations")) {
      const JsonNode masks = node.at("segmentations");
      for (std::size_t i = 0; i < masks.size(); ++i) {
        Shape shape{static_cast<std::int64_t>(i), read_segmentation(masks.at(i)), {}};
        if (!shape.segmentation.empty()) object.shapes.push_back(std::move(shape));
      }
      return;
    }
    Shape shape{whole_of(node.at("image_id")), {}, numbers_of(node.at("bbox"))};
    if (node.has("segmentation")) shape.segmentation = read_segmentation(node.at("segmentation"));
    object.shapes.push_back(std::move(shape));
  }

  static ie::TrackletFrame frame_of(const Film& film, const Shape& shape, double time) {
    ie::TrackletFrame frame;
    frame.time = time;
    if (!shape.segmentation.empty()) {
      frame.mask = shape.segmentation.mask(film.height, film.width);
      frame.box = frame.mask.box();
    } else {
      if (shape.box.empty()) throw Error("an object has neither mask nor box");
      const auto& b = shape.box;
      frame.box = box_within(b[0], b[1], b[0] + b[2], b[1] + b[3], film.width, film.height);
      frame.mask = box_mask(frame.box, film.width, film.height);
    }
    return frame;
  }

  void add(std::int64_t id, Film& film) {
    if (film.from.empty())
      throw Error("the film " + std::to_string(id) + " has annotations but is not among \"videos\"");
    std::stable_sort(film.pictures.begin(), film.pictures.end(),
                     [](const Picture& a, const Picture& b) { return a.index < b.index; });
    const double rate = by_picture_ ? kTaoRate : import_.options().frame_rate;
    std::vector<FilmFrame> frames;
    std::map<std::int64_t, double> times;
    for (const Picture& picture : film.pictures) {
      if (!frames.empty() && times.contains(picture.id))
        throw Error("the film " + film.name + " has a picture twice");
      const double time = static_cast<double>(picture.index) / rate;
      frames.push_back({import_.media_path(film.from, picture.file_name), time});
      times[picture.id] = time;
    }
    Gold gold = import_.gold(film.name);
    gold.set_tasks({true, false, false});
    const std::string medium = add_film(gold, import_, frames, film.width, film.height);
    for (auto& [number, object] : film.objects) {
      import_.record(film.from, object.line, [&, &object = object] {
        const auto category = categories_.find(object.category);
        if (category == categories_.end())
          throw Error("there is no category " + std::to_string(object.category));
        ie::Tracklet tracklet;
        for (const Shape& shape : object.shapes) {
          const auto time = times.find(shape.frame);
          if (time == times.end()) throw Error("an object stands in a frame that its film does not have");
          ie::TrackletFrame frame = frame_of(film, shape, time->second);
          if (!frame.mask.empty()) tracklet.push_back(std::move(frame));
        }
        std::stable_sort(tracklet.begin(), tracklet.end(),
                         [](const auto& a, const auto& b) { return a.time < b.time; });
        for (std::size_t i = 1; i < tracklet.size(); ++i) {
          if (tracklet[i].time == tracklet[i - 1].time) throw Error("an object stands twice in a frame");
        }
        if (tracklet.empty()) throw Error("an object is in no frame");
        gold.add_entity(category->second, category->second, {{medium, std::move(tracklet), {}}});
      });
    }
    import_.add(std::move(gold));
  }

  Import& import_;
  std::map<std::int64_t, Film> films_;
  std::map<std::int64_t, std::string> categories_;
  bool by_picture_ = false;  // TAO
};

}  // namespace

void import_youtube_vis(Import& import) {
  FilmTable table(import);
  import.each_file([&](const fs::path& file) {
    const auto members = [](const std::string& key) {
      const bool known = key.empty() || key == "videos" || key == "images" || key == "tracks" || key == "annotations" || key == "categories";
  return known ? Member::kElements : Member::kSkip;
};
each_json(import, file, members,
          [&](const std::string& key, const JsonNode& node) { table.read(file, key, node); });
}  // namespace reamo::data
);
table.add_all();
}

void import_tao(Import& import) { import_youtube_vis(import); }

}  // namespace reamo::data
