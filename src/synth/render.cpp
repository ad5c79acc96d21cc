#include <algorithm>
#include <cmath>
#include <map>

#include "ie/error.h"
#include "synth/story.h"

namespace reamo::synth {
namespace {

// Below this many pixels a thing counts as not to be seen.
constexpr std::uint64_t kLeastArea = 12;

double milliseconds(double seconds) { return std::round(seconds * 1000) / 1000; }

// White noise of the given deviation, about normal: the sum of twelve uniform numbers.
void add_noise(signal::Audio& audio, double deviation, Random random) {
  if (deviation <= 0) return;
  for (float& sample : audio.samples) {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += random.uniform();
    sample = float(std::clamp(sample + deviation * sum, -1.0, 1.0));
  }
}

class Renderer {
 public:
  Renderer(const Instance& instance, const Atlas& atlas, const Speaker& speaker, const RenderSize& size)
      : instance_(instance), atlas_(atlas), speaker_(speaker), size_(size) {}

  Rendered run() {
    out_.gold = instance_.gold;
    for (std::size_t i = 0; i < instance_.images.size(); ++i) image(i);
    for (std::size_t i = 0; i < instance_.audios.size(); ++i) audio(i);
    for (std::size_t i = 0; i < instance_.videos.size(); ++i) video(i);
    return std::move(out_);
  }

 private:
  static std::string name(const char* kind, std::size_t i) { return std::string(kind) + "-" + std::to_string(i); }

  template <typename T>
  T& facts(const std::string& medium) {
    for (ie::Medium& m : out_.gold.media)
      if (m.name == medium) return std::get<T>(m.facts);
    throw Error("the gold of " + instance_.id + " lacks the medium " + medium);
  }

  static bool is_looked_for(const ie::Entity& entity, const std::string& medium) {
    return std::find(entity.absent.begin(), entity.absent.end(), medium) != entity.absent.end();
  }
  static void set_absent(ie::Entity& entity, const std::string& medium) {
    if (!is_looked_for(entity, medium)) entity.absent.push_back(medium);
  }

  void image(std::size_t i) {
    const std::string medium = name("image", i);
    Drawing drawing = draw(instance_.images[i], atlas_, size_.image_width, size_.image_height);
    facts<ie::ImageMedium>(medium) = {drawing.image.width, drawing.image.height};
    for (std::size_t e = 0; e < out_.gold.entities.size(); ++e) {
      if (instance_.things[e] < 0) continue;
      for (const DrawnObject& object : drawing.objects) {
        if (object.thing != instance_.things[e]) continue;
        if (object.mask.area() >= kLeastArea) out_.gold.entities[e].groundings.push_back({medium, ie::Region{object.mask.box(), object.mask}, std::nullopt});
        else set_absent(out_.gold.entities[e], medium);
      }
    }
    out_.images.push_back(std::move(drawing));
  }

  void audio(std::size_t i) {
    const std::string medium = name("audio", i);
    const Utterance& utterance = instance_.audios[i];
    if (!speaker_) throw Error("a speaker is needed to render " + instance_.id);
    Speech speech = speaker_(utterance);
    add_noise(speech.audio, utterance.noise, Random(1).stream(instance_.id, i));
    facts<ie::AudioMedium>(medium) = {milliseconds(speech.audio.start), milliseconds(speech.audio.end())};
    for (ie::Word& word : speech.transcript.words) word.start = milliseconds(word.start), word.end = milliseconds(word.end);
    const std::vector<ie::Word>& words = speech.transcript.words;
    for (const Instance::Spoken& spoken : instance_.spoken) {
      if (spoken.audio != int(i)) continue;
      if (spoken.last_word >= words.size()) throw Error("the voice gave " + std::to_string(words.size()) + " words for '" + utterance.text + "'");
      ie::Grounding grounding{medium, ie::Segment{words[spoken.first_word].start, words[spoken.last_word].end}, std::nullopt};
      for (ie::Entity& entity : out_.gold.entities)
        if (entity.id == spoken.id) entity.groundings.push_back(grounding);
      for (ie::Event& event : out_.gold.events)
        if (event.id == spoken.id) event.trigger.groundings.push_back(grounding);
    }
    if (!out_.gold.transcripts) out_.gold.transcripts.emplace();
    (*out_.gold.transcripts)[medium] = speech.transcript;
    out_.audios.push_back(std::move(speech));
  }

  void video(std::size_t i) {
    const std::string medium = name("video", i);
    const Film& film = instance_.videos[i];
    std::vector<Drawing> frames;
    std::map<int, ie::Tracklet> tracklets;
    ie::VideoMedium video{size_.video_width, size_.video_height, {}};
    for (int f = 0; f < frame_count(film); ++f) {
      video.frame_times.push_back(milliseconds(f / film.frame_rate));
      frames.push_back(draw_frame(film, atlas_, f, size_.video_width, size_.video_height));
      for (const DrawnObject& object : frames.back().objects)
        if (object.thing >= 0 && object.mask.area() >= kLeastArea)
          tracklets[object.thing].push_back({video.frame_times.back(), object.mask.box(), object.mask, false});
    }
    facts<ie::VideoMedium>(medium) = video;
    for (std::size_t e = 0; e < out_.gold.entities.size(); ++e) {
      ie::Entity& entity = out_.gold.entities[e];
      auto tracklet = tracklets.find(instance_.things[e]);
      if (instance_.things[e] >= 0 && tracklet != tracklets.end()) entity.groundings.push_back({medium, tracklet->second, std::nullopt});
      else if (instance_.things[e] >= 0) set_absent(entity, medium);
    }
    out_.videos.push_back(std::move(frames));
  }

  const Instance& instance_;
  const Atlas& atlas_;
  const Speaker& speaker_;
  const RenderSize& size_;
  Rendered out_;
};

}  // namespace

Rendered render(const Instance& instance, const Atlas& atlas, const Speaker& speaker, const RenderSize& size) {
  return Renderer(instance, atlas, speaker, size).run();
}

}  // namespace reamo::synth
