// Writes the folder of a result for the page's test: `page_sample OUT`. Real pictures, speech and film where the reference
// data is beside the checkout, drawn ones where it is not; the places are the data's own.
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "ie/align.h"
#include "media/read.h"
#include "media/write.h"
#include "report/page.h"
#include "signal/draw.h"

namespace {

using namespace reamo;
using nlohmann::json;
namespace fs = std::filesystem;

const fs::path kData = REAMO_SHARED_DIR "/data";

json read_json(const fs::path& path) { return json::parse(std::ifstream(path)); }

struct Seen {  // a medium and the masks of its things
  fs::path path;
  std::vector<ie::Mask> masks;
};

ie::Mask disc(int width, int height, double x, double y, double radius) {
  std::vector<std::uint8_t> pixels(std::size_t(width) * height);
  for (int row = 0; row < height; ++row) {
    for (int column = 0; column < width; ++column) pixels[std::size_t(row) * width + column] = std::hypot(column - x, row - y) < radius;
  }
  return ie::encode(pixels, height, width);
}

signal::Image drawn(const ie::Mask& mask) {
  signal::Image image(mask.width, mask.height);
  signal::fill_box(image, {0, 0, image.width, image.height}, {150, 185, 210});
  signal::fill_box(image, {0, image.height / 2, image.width, image.height}, {110, 150, 95});
  signal::fill_mask(image, mask, {150, 90, 50}, 1);
  return image;
}

Seen picture(const fs::path& out) {
  const fs::path folder = kData / "coco_mini/instances";
  if (!fs::exists(folder)) {
    Seen seen{out / "horses.png", {disc(320, 240, 90, 150, 40), disc(320, 240, 220, 160, 30)}};
    media::write_png(seen.path, drawn(ie::unite(seen.masks[0], seen.masks[1])));
    return seen;
  }
  constexpr int kPicture = 78499;
  const json all = read_json(folder / "annotations.json");
  Seen seen;
  for (const auto& image : all["images"]) {
    if (image["id"] == kPicture) seen.path = folder / "images" / image["file_name"].get<std::string>();
  }
  const auto image = media::read_image(seen.path);
  for (const auto& annotation : all["annotations"]) {
    if (annotation["image_id"] != kPicture || !annotation["segmentation"].is_array() || seen.masks.size() == 4) continue;
    ie::Mask mask = ie::encode(std::vector<std::uint8_t>(image.rgb.size() / 3), image.height, image.width);
    for (const auto& polygon : annotation["segmentation"]) {
      mask = ie::unite(mask, ie::mask_from_polygon(polygon.get<std::vector<double>>(), image.height, image.width));
    }
    seen.masks.push_back(mask);
  }
  return seen;
}

struct Film {
  fs::path path;
  int width = 0, height = 0;
  std::vector<double> times;
  ie::Tracklet tracklet;
};

Film film(const fs::path& out) {
  Film result{out / "film.mp4", 0, 0, {}, {}};
  const fs::path folder = kData / "davis/scooter-black";
  const bool real = fs::exists(folder);
  std::vector<signal::Image> frames;
  for (int i = 0; i < 22; ++i) {
    char number[16];
    std::snprintf(number, sizeof number, "%05d", i);
    ie::Mask mask = disc(320, 180, 20 + 13 * i, 90, 25);
    if (real) {
      frames.push_back(media::read_image(folder / "JPEGImages" / (std::string(number) + ".jpg")));
      const auto gold = media::read_image(folder / "Annotations" / (std::string(number) + ".png"));
      std::vector<std::uint8_t> pixels(gold.rgb.size() / 3);
      for (std::size_t p = 0; p < pixels.size(); ++p) pixels[p] = gold.rgb[3 * p] || gold.rgb[3 * p + 1] || gold.rgb[3 * p + 2];
      mask = ie::encode(pixels, gold.height, gold.width);
    } else {
      frames.push_back(drawn(mask));
    }
    const double time = std::round(i / 12.0 * 1000) / 1000;
    result.times.push_back(time);
    // Hidden for a while in the middle; every third place is a guess between seen ones.
    if (i < 10 || i > 12) result.tracklet.push_back({time, mask.box(), mask, i % 9 == 8});
  }
  result.width = frames[0].width;
  result.height = frames[0].height;
  signal::Audio sound{16000, 1, 0.2, {}};
  for (int i = 0; i < 16000; ++i) sound.samples.push_back(float(0.2 * std::sin(i * 0.2) * std::exp(-i / 4000.0)));
  media::write_mp4(result.path, media::from_images(std::move(frames), 12), sound, {.frame_rate = 12});
  return result;
}

struct Speech {
  fs::path path;
  double end = 0;
  ie::Transcript transcript;
};

Speech speech(const fs::path& out) {
  Speech result;
  const fs::path list = kData / "speech/sentences/sentences.json";
  if (fs::exists(list)) {
    const json entry = read_json(list)[0];
    result.path = kData / "speech" / entry["file"].get<std::string>();
    result.transcript.text = entry["text"];
    for (const auto& word : entry["words"]) result.transcript.words.push_back({word["word"], word["start"], word["end"], 0.9});
  } else {
    result.path = out / "speech.wav";
    signal::Audio audio{16000, 1, 0, {}};
    for (int i = 0; i < 48000; ++i) audio.samples.push_back(float(0.4 * std::sin(i * 0.05) * std::sin(i * 0.0004)));
    media::write_wav(result.path, audio);
    result.transcript = {"and mister john dashwood", {{"and", 0.2, 0.4, 1}, {"mister", 0.4, 0.63, 1}, {"john", 0.63, 0.98, 1}, {"dashwood", 0.98, 1.58, 1}}};
  }
  result.end = media::read_audio(result.path).end();
  return result;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) return 2;
  const fs::path out = argv[1];
  fs::create_directories(out);
  ie::Document document;
  document.text =
      "John Dashwood had the leisure to consider how much he might do for his sisters, the Harbor Gazette reported from "
      "Norland Park. Below the hill, horses were standing and lying in the grass above a lake. A man in a suit and a white helmet "
      "rode his scooter past them on the way to the Harbor Gazette.\nNobody wrote </script><img src=x onerror=\"document.title='broken'\"> here.";
  const Seen seen = picture(out);
  const Film moving = film(out);
  const Speech spoken = speech(out);
  document.images = {seen.path};
  document.audios = {spoken.path};
  document.videos = {moving.path};

  ie::Result result;
  result.document = "sample <b>1</b>";
  result.model = {"sample", "0"};
  result.tasks = {true, true, true};
  result.schema.entities = std::vector<ie::EntityType>{{"person", ""}, {"animal", ""}, {"location", ""}, {"organization", ""}, {"vehicle", ""}};
  result.schema.relations = std::vector<ie::RelationType>{{"rides", "", {}, {}}, {"located in", "", {}, {}}};
  result.schema.events = std::vector<ie::EventType>{{"Transport", "", {{"rider", {}}, {"vehicle", {}}, {"passed", {}}}}};
  const auto image = media::read_image(seen.path);
  result.media = {{"text", ie::TextMedium{ie::count_code_points(*document.text)}},
                  {"image-0", ie::ImageMedium{image.width, image.height}},
                  {"audio-0", ie::AudioMedium{0, std::round(spoken.end * 1000) / 1000}},
                  {"video-0", ie::VideoMedium{moving.width, moving.height, moving.times}},
                  {"video-0/audio", ie::AudioMedium{0.2, 1.2}}};

  const auto entity = [&](const std::string& type, const std::string& mention, double score) -> ie::Entity& {
    ie::Entity made{"e" + std::to_string(result.entities.size() + 1), type, mention, score, {}, {}};
    for (const auto& span : ie::find_all(*document.text, mention)) made.groundings.push_back({"text", span, {}});
    result.entities.push_back(made);
    return result.entities.back();
  };
  entity("person", "John Dashwood", 0.97).groundings.push_back({"audio-0", ie::Segment{0.63, 1.58}, 0.92});
  result.entities.back().absent = {"image-0", "video-0"};
  entity("organization", "Harbor Gazette", 0.88);
  entity("location", "Harbor", 0.52);
  entity("location", "Norland Park", 0.81);
  auto& horses = entity("animal", "horses", 0.9);
  for (const auto& mask : seen.masks) horses.groundings.push_back({"image-0", ie::Region{mask.box(), mask}, 0.86});
  entity("location", "lake", 0.66);
  entity("person", "man in a suit", 0.95).groundings.push_back({"video-0", moving.tracklet, 0.79});
  entity("vehicle", "scooter", 0.71);
  entity("person", "</script><img src=x onerror=\"document.title='broken'\">", 0.3);
  result.relations = {{"r1", "rides", "e7", "e8", 0.77}, {"r2", "located in", "e1", "e4", 0.6}};
  ie::Event event{"v1", "Transport", 0.74, {"rode", {{"text", ie::find_all(*document.text, "rode").at(0), {}}}}, {{"rider", "e7", 0.8}, {"vehicle", "e8", 0.7}, {"passed", "e5", {}}}};
  event.trigger.groundings.push_back({"video-0/audio", ie::Segment{0.4, 0.8}, 0.5});
  result.events = {event};
  result.transcripts.emplace();
  (*result.transcripts)["audio-0"] = spoken.transcript;
  result.meta_response = "<UIE> (John Dashwood, person) (Harbor Gazette, organization) </UIE>\n<Module>ImageSegmentation</Module> <Instruction>5: horses</Instruction>";
  result.warnings = std::vector<ie::Warning>{{"low-confidence", "The type of \"Harbor\" is a guess.", "e3"}};
  report::write_folder(result, document, out);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "page_sample: %s\n", error.what());
  return 1;
}
