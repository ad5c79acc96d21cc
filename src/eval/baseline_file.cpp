#include "eval/baseline_file.h"

#include <algorithm>
#include <unordered_map>

#include "eval/baselines.h"
#include "eval/bootstrap.h"
#include "eval/result_lines.h"
#include "ie/document.h"
#include "ie/error.h"

namespace reamo::eval {
namespace {

ie::Result gold_result(const ResultLines& lines, const ResultLine& line) {
  ParsedLine parsed = lines.parse(line);
  if (!parsed.result) {
    throw Error(lines.path().string() + ", line " + std::to_string(line.number) +
                ": a gold document cannot be an error line");
  }
  return std::move(*parsed.result);
}

std::unordered_map<std::string, std::string> texts_of(const std::filesystem::path& path) {
  std::unordered_map<std::string, std::string> texts;
  ResultLines lines(path);
  std::size_t count = 0;
  for (ResultLine line; lines.next(line);) {
    ++count;
    try {
      ie::Document document = ie::read_document(line.text, path.parent_path());
      if (!document.text) continue;
      std::string id = document.id.value_or(std::to_string(count));
      if (!texts.emplace(id, std::move(*document.text)).second) throw Error("the document \"" + id + "\" is there twice");
    } catch (const Error& error) {
      throw Error(path.string() + ", line " + std::to_string(line.number) + ": " + error.what());
    }
  }
  return texts;
}

TypeCounts types_of(const std::filesystem::path& path) {
  TypeCounts counts;
  ResultLines lines(path);
  for (ResultLine line; lines.next(line);) counts.add(gold_result(lines, line));
  return counts;
}

// A number in [low, high], both included.
int between(SplitMix64& random, int low, int high) {
  return low + static_cast<int>(random.index(static_cast<std::size_t>(high - low + 1)));
}

ie::Mask random_box(int height, int width, SplitMix64& random) {
  const int w = between(random, 1, width), h = between(random, 1, height);
  return box_mask({between(random, 0, width - w), between(random, 0, height - h), w, h}, height, width);
}

ie::Segment random_segment(const ie::AudioMedium& audio, SplitMix64& random) {
  const auto share = [&] { return static_cast<double>(random.index(1000)) / 1000; };
  const double whole = audio.end - audio.start, length = whole * (1 + share()) / 2 * share();
  const double start = audio.start + (whole - length) * share();
  return {start, start + length};
}

// Nothing for text and for media without an extent.
std::optional<ie::Grounding> random_place(const ie::Medium& medium, SplitMix64& random) {
  ie::Grounding grounding{medium.name, ie::TextSpan{}, std::nullopt};
  if (const auto* image = std::get_if<ie::ImageMedium>(&medium.facts)) {
    if (image->width < 1 || image->height < 1) return std::nullopt;
    const ie::Mask mask = random_box(image->height, image->width, random);
    grounding.place = ie::Region{mask.box(), mask};
  } else if (const auto* audio = std::get_if<ie::AudioMedium>(&medium.facts)) {
    grounding.place = random_segment(*audio, random);
  } else if (const auto* video = std::get_if<ie::VideoMedium>(&medium.facts)) {
    if (video->width < 1 || video->height < 1) return std::nullopt;
    const ie::Mask mask = random_box(video->height, video->width, random);
    ie::Tracklet tracklet;
    for (const double time : video->frame_times) {
      if (tracklet.empty() || time > tracklet.back().time) tracklet.push_back({time, mask.box(), mask, false});
    }
    grounding.place = std::move(tracklet);
  } else {
    return std::nullopt;
  }
  return grounding;
}

std::uint64_t hash_of(std::string_view text) {  // FNV-1a
  std::uint64_t hash = 0xCBF29CE484222325u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  return hash;
}

void add_random_places(ie::Result& result, std::uint64_t seed) {
  SplitMix64 random(seed ^ hash_of(result.document));
  for (ie::Entity& entity : result.entities) {
    for (const ie::Medium& medium : result.media) {
      auto place = random_place(medium, random);
      if (!place) continue;
      if (random.index(2) == 0) {
        entity.groundings.push_back(std::move(*place));
      } else {
        entity.absent.push_back(medium.name);
      }
    }
  }
}

// What stands in the text stays.
void forget_places(ie::Result& result) {
  const auto is_elsewhere = [](const ie::Grounding& grounding) {
    return !std::holds_alternative<ie::TextSpan>(grounding.place);
  };
  for (ie::Entity& entity : result.entities) {
    std::erase_if(entity.groundings, is_elsewhere);
    entity.absent.clear();
  }
  for (ie::Event& event : result.events) std::erase_if(event.trigger.groundings, is_elsewhere);
}

ie::Result answer_to(ie::Result gold, const BaselineOptions& options, const TypeCounts& types,
                     const std::unordered_map<std::string, std::string>& texts) {
  ie::Result result;
  result.document = gold.document;
  result.tasks = gold.tasks;
  result.schema = gold.schema;
  result.media = gold.media;
  if (options.baseline == Baseline::kCapitalised) {
    const auto text = texts.find(gold.document);
    const auto type = types.most_frequent(gold.schema);
    if (gold.medium("text") && text == texts.end())
      throw Error(options.documents->string() + ": has no text of the document \"" + gold.document + "\"");
    if (gold.medium("text") && type) add_capitalised_entities(result, text->second, *type);
    return result;
  }
  result.entities = std::move(gold.entities);
  result.relations = std::move(gold.relations);
  result.events = std::move(gold.events);
  forget_places(result);
  if (options.baseline == Baseline::kRandom) {
    add_random_places(result, options.seed);
  } else {
    add_guessed_places(result, options.baseline == Baseline::kWhole ? PlaceGuess::kWhole : PlaceGuess::kCentre);
  }
  return result;
}

}  // namespace

const std::vector<NamedBaseline>& baselines() {
  static const std::vector<NamedBaseline> kAll{
      {Baseline::kCapitalised, "capitalised", "capitalised spans of the text, all of the most frequent type"},
      {Baseline::kWhole, "whole", "gold items in the text, everywhere else the whole medium"},
      {Baseline::kCentre, "centre", "gold items in the text, the middle of pictures and frames"},
      {Baseline::kRandom, "random", "gold items in the text, random places elsewhere"}};
  return kAll;
}

std::size_t make_baseline(const BaselineOptions& options, const std::function<void(std::string_view)>& write) {
  std::unordered_map<std::string, std::string> texts;
  TypeCounts types;
  if (options.baseline == Baseline::kCapitalised) {
    if (!options.documents) throw UsageError("the baseline \"capitalised\" reads texts: give --documents");
    texts = texts_of(*options.documents);
    types = types_of(options.types.value_or(options.gold));
  }
  const auto& all = baselines();
  const auto named = std::find_if(all.begin(), all.end(),
                                  [&](const NamedBaseline& b) { return b.baseline == options.baseline; });
  ResultLines lines(options.gold);
  std::size_t count = 0;
  for (ResultLine line; lines.next(line); ++count) {
    ie::Result result = answer_to(gold_result(lines, line), options, types, texts);
    result.model = {"baseline-" + named->name, ""};
    write(ie::write_result(result));
  }
  return count;
}

}  // namespace reamo::eval
