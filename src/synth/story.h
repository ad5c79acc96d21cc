// One seed, one story; every medium is a view of it, and so gold is exact.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ie/document.h"
#include "ie/meta_response.h"
#include "ie/result.h"
#include "ie/schema.h"
#include "ie/transcript.h"
#include "signal/audio.h"
#include "synth/random.h"
#include "synth/scene.h"

namespace reamo::synth {

enum class Split { kTrain, kTest };

struct Combination {  // which media an instance has
  bool text = false, image = false, audio = false, video = false;
  std::string name() const;  // "text+image+audio"
};
const std::vector<Combination>& combinations();  // all 15

struct InstanceOptions {
  std::uint64_t seed = 1;
  Split split = Split::kTrain;
  std::optional<Combination> combination;        // else by index
  std::vector<std::string> artwork = {"noto"};
  double renamed_schema = 0.5;                   // share of instances with a renamed or cut-down schema
  double unrelated = 0.1;                        // share of instances where a medium shows another story
  std::optional<ie::Tasks> tasks;                // what is asked; else by luck
};

struct Utterance {      // what is said in a recording, and how
  std::string text;
  std::string voice;    // espeak-ng voice
  int rate = 160, pitch = 50;  // words a minute; 0..99
  double noise = 0;     // standard deviation, full scale 1
};

// Everything about one instance, before pixels and samples are made.
struct Instance {
  std::string id;
  Combination combination;
  ie::Schema schema;
  std::optional<std::string> text;
  std::vector<Scene> images;
  std::vector<Utterance> audios;
  std::vector<Film> videos;      // silent
  // Gold without places in pixels and seconds: text spans, and for each entity the media that show it.
  ie::Result gold;
  // What the reasoner should say: items and calls with phrases (phrases say what is to be seen).
  ie::MetaResponse response;
  // For each entity of gold: index of the thing in scenes and films (SceneObject::thing), -1: never drawn.
  std::vector<int> things;
  // For each entity and trigger of gold, by id: words of the utterance that say it, [first, last] by audio.
  struct Spoken { std::string id; int audio; std::size_t first_word, last_word; };
  std::vector<Spoken> spoken;
};
Instance make_instance(const InstanceOptions& options, std::uint64_t index, const Atlas& atlas);

// The words of an utterance as a listener writes them: lower-case a-z and ', one space between words.
std::string heard_text(std::string_view utterance);
// The same with the mistakes of a listener: letters dropped, doubled or mistaken, words joined or split. `rate`: mistakes a
// letter.
std::string noisy_transcript(std::string_view utterance, Random& random, double rate = 0.04);

// Text only, cheap: for the reasoner's first stage. The same grammar, names and schemas.
Instance make_text_instance(const InstanceOptions& options, std::uint64_t index);

// The world's own schema.
const ie::Schema& world_schema();

// A voice: the utterance as samples, with the time of every written word.
struct Speech {
  signal::Audio audio;
  ie::Transcript transcript;
};
using Speaker = std::function<Speech(const Utterance&)>;

// Gold with every place: masks of drawn images, tracklets, seconds of spoken mentions.
struct Rendered {
  std::vector<Drawing> images;
  std::vector<Speech> audios;
  std::vector<std::vector<Drawing>> videos;  // frames
  ie::Result gold;                            // complete, DESIGN 3.4
};
struct RenderSize { int image_width = 320, image_height = 240, video_width = 240, video_height = 180; };
Rendered render(const Instance& instance, const Atlas& atlas, const Speaker& speaker, const RenderSize& size = {});

}  // namespace reamo::synth
