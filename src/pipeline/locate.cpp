#include "pipeline/locate.h"

#include <algorithm>
#include <set>

#include "grounder/audio/locate.h"
#include "grounder/visual/tracker.h"
#include "ie/align.h"

namespace reamo::pipeline {
namespace {

// One thing to look for in one medium.
struct Wanted {
  std::size_t item;
  std::string phrase;
};
using WantedByMedium = std::map<std::string, std::vector<Wanted>>;

bool is_image(const Perceived& perceived, const std::string& medium) { return perceived.images.count(medium) != 0; }
bool is_video(const Perceived& perceived, const std::string& medium) { return perceived.videos.count(medium) != 0; }

std::vector<std::string> media_of(ie::GrounderModule module, const Perceived& perceived) {
  std::vector<std::string> names;
  for (const ie::Medium& medium : perceived.media) {
    const bool fits = module == ie::GrounderModule::kImageSegmentation  ? is_image(perceived, medium.name)
                      : module == ie::GrounderModule::kVideoTracking    ? is_video(perceived, medium.name)
                                                                        : std::holds_alternative<ie::AudioMedium>(medium.facts);
    if (fits) names.push_back(medium.name);
  }
  return names;
}

class Locator {
 public:
  Locator(const ie::MetaResponse& response, const Perceived& perceived, Model& model, std::optional<double> threshold,
          const media::Limits& limits)
      : response_(response), perceived_(perceived), model_(model), threshold_(threshold), limits_(limits) {}

  Located run() {
    for (const ie::Call& call : response_.calls) collect(call);
    collect_mentions();
    for (const auto& [medium, wanted] : images_) in_image(medium, wanted);
    for (const auto& [medium, wanted] : videos_) in_video(medium, wanted);
    for (const auto& [medium, wanted] : audios_) in_audio(medium, wanted);
    for (auto& [item, places] : located_.items) settle(places);
    return std::move(located_);
  }

 private:
  void warn(const std::string& code, const std::string& message, const std::string& where) {
    located_.warnings.push_back({code, message, where});
  }

  void collect(const ie::Call& call) {
    const std::vector<std::string> fitting = media_of(call.module, perceived_);
    for (const ie::Instruction& instruction : call.instructions) {
      const std::string where = std::string(ie::module_name(call.module)) + " instruction " + std::to_string(instruction.number);
      if (instruction.number < 1 || instruction.number > response_.items.size()) {
        warn("unknown_item", "an instruction names item " + std::to_string(instruction.number) + ", which is not there", where);
        continue;
      }
      const std::size_t item = instruction.number - 1;
      const bool event = std::holds_alternative<ie::EventItem>(response_.items[item]);
      if (std::holds_alternative<ie::RelationItem>(response_.items[item]) ||
          (event && call.module != ie::GrounderModule::kAudioSegmentation)) {
        warn("not_groundable", "only entities, and triggers in sound, have a place", where);
        continue;
      }
      if (instruction.medium && std::find(fitting.begin(), fitting.end(), *instruction.medium) == fitting.end()) {
        warn("unknown_medium", "there is no medium " + *instruction.medium + " for this module", where);
        continue;
      }
      auto& target = call.module == ie::GrounderModule::kImageSegmentation ? images_
                     : call.module == ie::GrounderModule::kVideoTracking   ? videos_
                                                                           : audios_;
      for (const std::string& medium : instruction.medium ? std::vector<std::string>{*instruction.medium} : fitting) {
        target[medium].push_back({item, instruction.phrase});
      }
    }
  }

  // Every mention is looked up in every transcript: the words are there with their times.
  void collect_mentions() {
    for (const auto& [medium, transcript] : perceived_.transcripts) {
      for (std::size_t item = 0; item < response_.items.size(); ++item) {
        const auto* entity = std::get_if<ie::EntityItem>(&response_.items[item]);
        const auto* event = std::get_if<ie::EventItem>(&response_.items[item]);
        if (entity != nullptr) add_unless_there(audios_[medium], {item, entity->mention});
        if (event != nullptr) add_unless_there(audios_[medium], {item, event->trigger});
      }
    }
  }
  static void add_unless_there(std::vector<Wanted>& list, const Wanted& wanted) {
    const bool there = std::any_of(list.begin(), list.end(), [&](const Wanted& w) { return w.item == wanted.item; });
    if (!there) list.push_back(wanted);
  }

  // Each phrase once, with the items that ask for it.
  struct Phrase {
    std::string text;
    std::vector<std::size_t> items;
  };
  static std::vector<Phrase> by_phrase(const std::vector<Wanted>& wanted) {
    std::vector<Phrase> phrases;
    for (const Wanted& one : wanted) {
      auto found = std::find_if(phrases.begin(), phrases.end(), [&](const Phrase& p) { return ie::fold(p.text) == ie::fold(one.phrase); });
      if (found == phrases.end()) found = phrases.insert(phrases.end(), {one.phrase, {}});
      if (std::find(found->items.begin(), found->items.end(), one.item) == found->items.end()) found->items.push_back(one.item);
    }
    return phrases;
  }

  // An item alone with its phrase gets all objects that match; of several, the k-th gets the k-th best.
  void give(const std::string& medium, const Phrase& phrase, std::vector<ie::Grounding> groundings) {
    for (std::size_t k = 0; k < phrase.items.size(); ++k) {
      Places& places = located_.items[phrase.items[k]];
      const std::size_t before = places.groundings.size();
      if (phrase.items.size() == 1) {
        places.groundings.insert(places.groundings.end(), groundings.begin(), groundings.end());
      } else if (k < groundings.size()) {
        places.groundings.push_back(groundings[k]);
      }
      if (places.groundings.size() == before && std::holds_alternative<ie::EntityItem>(response_.items[phrase.items[k]])) {
        places.absent.push_back(medium);
      }
    }
  }

  // Looked for in other words, a thing may be missed by some and found by others: then it is not absent.
  static void settle(Places& places) {
    std::vector<std::string> absent;
    for (const std::string& medium : places.absent) {
      const bool found = std::any_of(places.groundings.begin(), places.groundings.end(), [&](const ie::Grounding& g) { return g.medium == medium; });
      if (!found && std::find(absent.begin(), absent.end(), medium) == absent.end()) absent.push_back(medium);
    }
    places.absent = std::move(absent);
  }

  void in_image(const std::string& medium, const std::vector<Wanted>& wanted) {
    const std::vector<Phrase> phrases = by_phrase(wanted);
    if (!model_.has("visual")) return warn("no_visual_grounder", "the model has no visual grounder; nothing was looked for in pictures", medium);
    std::vector<std::string> texts;
    for (const Phrase& phrase : phrases) texts.push_back(phrase.text);
    const auto matches = model_.visual().ground(perceived_.images.at(medium), texts, {.threshold = threshold_});
    for (std::size_t p = 0; p < phrases.size(); ++p) {
      std::vector<ie::Grounding> groundings;
      for (const grounder::Match& match : matches[p]) groundings.push_back({medium, ie::Region{match.box, match.mask}, match.score});
      give(medium, phrases[p], std::move(groundings));
    }
  }

  void in_video(const std::string& medium, const std::vector<Wanted>& wanted) {
    const std::vector<Phrase> phrases = by_phrase(wanted);
    if (!model_.has("visual")) return warn("no_visual_grounder", "the model has no visual grounder; nothing was tracked", medium);
    std::vector<std::string> texts;
    for (const Phrase& phrase : phrases) texts.push_back(phrase.text);
    signal::FrameSource source = media::open_video(perceived_.videos.at(medium), limits_);
    grounder::TrackOptions options;
    options.threshold = threshold_;
    const grounder::TrackResult tracks = grounder::track(model_.visual(), source, texts, options);
    std::vector<std::vector<ie::Grounding>> found(phrases.size());
    for (const grounder::TrackedObject& object : tracks.objects) found[object.phrase].push_back({medium, object.tracklet, object.score});
    for (std::size_t p = 0; p < phrases.size(); ++p) give(medium, phrases[p], std::move(found[p]));
  }

  void in_audio(const std::string& medium, const std::vector<Wanted>& wanted) {
    const auto transcript = perceived_.transcripts.find(medium);
    if (transcript == perceived_.transcripts.end()) {  // said in a warning where the transcript was to be made
      const auto speech = perceived_.speech.find(medium);
      if (speech == perceived_.speech.end()) return;
      std::vector<ie::Grounding> utterances;
      for (const ie::Segment& segment : speech->second) utterances.push_back({medium, segment, std::nullopt});
      for (const Wanted& one : wanted) give(medium, {one.phrase, {one.item}}, utterances);
      return;
    }
    for (const Wanted& one : wanted) {
      std::vector<grounder::Spoken> spoken = grounder::locate(transcript->second, one.phrase);
      const std::string* mention = nullptr;
      if (const auto* entity = std::get_if<ie::EntityItem>(&response_.items[one.item])) mention = &entity->mention;
      if (const auto* event = std::get_if<ie::EventItem>(&response_.items[one.item])) mention = &event->trigger;
      if (spoken.empty() && mention != nullptr && *mention != one.phrase) spoken = grounder::locate(transcript->second, *mention);
      std::vector<ie::Grounding> groundings;
      for (const grounder::Spoken& place : spoken) {
        if (place.score >= threshold_.value_or(0)) groundings.push_back({medium, place.segment, place.score});
      }
      give(medium, {one.phrase, {one.item}}, std::move(groundings));
    }
  }

  const ie::MetaResponse& response_;
  const Perceived& perceived_;
  Model& model_;
  std::optional<double> threshold_;
  media::Limits limits_;
  WantedByMedium images_, videos_, audios_;
  Located located_;
};

}  // namespace

Located locate(const ie::MetaResponse& response, const Perceived& perceived, Model& model, std::optional<double> threshold,
               const media::Limits& limits) {
  return Locator(response, perceived, model, threshold, limits).run();
}

}  // namespace reamo::pipeline
