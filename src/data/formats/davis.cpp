// DAVIS and YouTube-VOS: a folder of PNG for each film, pixels are object numbers; and VidSitu's events.
#include <algorithm>
#include <map>

#include "data/formats/films.h"
#include "data/formats/importers.h"
#include "data/formats/indexed_png.h"
#include "data/formats/json_items.h"
#include "data/formats/text_lines.h"
#include "ie/error.h"
#include "store/tensor_file.h"

namespace reamo::data {
namespace {

using ie::JsonNode;
namespace fs = std::filesystem;

constexpr std::size_t kMaxFactsBytes = std::size_t{16} << 20;
constexpr std::string_view kPictures = "JPEGImages";

// What meta.json, beside the folder of masks, says of a film.
struct Facts {
  double frame_rate = 0;
  std::string sentence;
  std::map<int, std::string> labels;  // by object number
};

Facts read_facts(const fs::path& masks) {
  Facts facts;
  const fs::path path = masks.parent_path() / "meta.json";
  if (!is_file(path)) return facts;
  const auto value =
      ie::parse_json(store::read_file(path, kMaxFactsBytes), "meta.json", ie::JsonFault::kData);
  const JsonNode node(value, "meta.json", ie::JsonFault::kData);
  if (node.has("fps")) facts.frame_rate = node.at("fps").number(0.001, 1000);
  if (node.has("sentence")) facts.sentence = node.at("sentence").string();
  if (node.has("objects")) {
    node.at("objects").each([&](const JsonNode& object) {
      facts.labels[static_cast<int>(object.at("id").integer(1, 255))] = object.at("label").non_empty_string();
    });
  }
  return facts;
}

std::string film_name(const fs::path& masks) {
  const std::string name = masks.filename().string();
  return name == "Annotations" || name == "masks" ? masks.parent_path().filename().string() : name;
}

// The picture of a mask: in --images (or its folder of the film's name), else where "Annotations" of the path
// is "JPEGImages".
fs::path picture_of(const Import& import, const fs::path& mask) {
  const std::string name = mask.stem().string() + ".jpg";
  if (import.options().images) {
    const fs::path own = *import.options().images / film_name(mask.parent_path()) / name;
    return is_file(own) ? own : *import.options().images / name;
  }
  fs::path path;
  for (const fs::path& part : mask.parent_path()) path /= part == "Annotations" ? fs::path(kPictures) : part;
  return path / name;
}

void read_film(Import& import, const fs::path& folder, const std::vector<fs::path>& masks) {
  const Facts facts = read_facts(folder);
  const double rate = facts.frame_rate > 0 ? facts.frame_rate : import.options().frame_rate;
  std::map<int, ie::Tracklet> tracklets;
  std::vector<FilmFrame> frames;
  int width = 0, height = 0;
  for (const fs::path& mask : masks) {
    const NumberImage image = read_number_png(mask, import.options().media);
    if (frames.empty()) {
      width = image.width;
      height = image.height;
    } else if (image.width != width || image.height != height) {
      throw Error(mask.string() + ": does not have the size of the masks before");
    }
    const double time = static_cast<double>(frames.size()) / rate;
    frames.push_back({picture_of(import, mask), time});
    bool used[256] = {};
    for (const std::uint8_t number : image.numbers) used[number] = true;
    std::vector<std::uint8_t> pixels(image.numbers.size());
    for (int number = 1; number < 255; ++number) {  // 0: background, 255: not to be judged
      if (!used[number]) continue;
      std::transform(image.numbers.begin(), image.numbers.end(), pixels.begin(),
                     [&](std::uint8_t n) { return n == number; });
      ie::TrackletFrame frame;
      frame.time = time;
      frame.mask = ie::encode(pixels, height, width);
      frame.box = frame.mask.box();
      tracklets[number].push_back(std::move(frame));
    }
  }
  Gold gold = import.gold(film_name(folder));
  gold.set_tasks({true, false, false});
  if (!facts.sentence.empty()) gold.set_text(facts.sentence);
  const std::string medium = add_film(gold, import, frames, width, height);
  for (auto& [number, tracklet] : tracklets) {
    const auto label = facts.labels.find(number);
    const std::string name = label != facts.labels.end() ? label->second : "object";
    gold.add_entity(name, name, {{medium, std::move(tracklet), {}}});
  }
  import.add(std::move(gold));
}

// VidSitu: films of five events, {"vid_seg_int"?: film, "Ev1": {"VerbID": "run.01", "Args": {"Arg0 (runner)":
// "man", ..}}, ..}.
std::string role_of(const std::string& argument) {
  const auto from = argument.find('('), to = argument.rfind(')');
  if (from != std::string::npos && to != std::string::npos && to > from + 1)
    return argument.substr(from + 1, to - from - 1);
  return argument;
}

void read_vidsitu(Import& import, const fs::path& file, const JsonNode& node) {
  const std::string film = node.at("vid_seg_int").non_empty_string();
  Gold gold = import.gold(film);
  gold.set_tasks({false, false, true});
  add_film_file(gold, import, file, film + ".mp4");
  std::map<std::string, std::string> ids;
  for (int i = 1; i <= 5; ++i) {
    const std::string key = "Ev" + std::to_string(i);
    if (!node.has(key)) continue;
    const JsonNode mention = node.at(key);
    const std::string verb = mention.at(mention.has("VerbID") ? "VerbID" : "Verb").non_empty_string();
    const std::string type = verb.substr(0, verb.find('.'));
    gold.add_event(type, import.labels()(type, LabelKind::kEvent));
    if (!mention.has("Args")) continue;
    mention.at("Args").each_member([&](const std::string& argument, const JsonNode& filler) {
      const std::string words = filler.string();
      if (words.empty()) return;
      std::string& id = ids[words];
      if (id.empty()) id = gold.add_entity(kUntyped, words);
      gold.add_argument(gold.result().events.back(), role_of(argument), id);
    });
  }
  import.add(std::move(gold));
}

}  // namespace

void import_davis(Import& import) {
  std::map<fs::path, std::vector<fs::path>> films;
  for (const fs::path& file : import.files()) films[file.parent_path()].push_back(file);
  for (auto& [folder, masks] : films) {
    if (import.full()) return;
    std::sort(masks.begin(), masks.end());
    import.record(folder, 0, [&, &folder = folder, &masks = masks] { read_film(import, folder, masks);
  });
}
}  // namespace reamo::data

void import_vidsitu(Import& import) {
  import.each_file([&](const fs::path& file) {
    each_json(import, file, whole_root, [&](const std::string&, const JsonNode& node) {
      if (!node.is_array()) return read_vidsitu(import, file, node);
  node.each([&](const JsonNode& part) { read_vidsitu(import, file, part); });
});
});
}

}  // namespace reamo::data
