#include "synth/describe.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <set>
#include <string_view>

#include "synth/color.h"
#include "synth/sprite.h"

namespace reamo::synth {
namespace {

enum ColorName { kRed, kOrange, kYellow, kGreen, kBlue, kPurple, kPink, kBrown, kBlack, kWhite, kGrey, kColorCount };
constexpr std::array<const char*, kColorCount> kColorNames = {"red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white", "grey"};

ColorName name_of(const Hsv& color) {
  if (color.value < 60) return kBlack;
  if (color.saturation < 40) return color.value > 205 ? kWhite : color.value < 85 ? kBlack : kGrey;
  const int hue = color.hue;  // red 0, yellow 256, green 512, cyan 768, blue 1024, magenta 1280
  if (hue < 36 || hue >= 1490) return color.saturation < 130 && color.value > 170 ? kPink : kRed;
  if (hue < 165) return color.value < 165 ? kBrown : kOrange;
  if (hue < 290) return color.value < 120 ? kBrown : kYellow;
  if (hue < 700) return kGreen;
  if (hue < 1090) return kBlue;
  if (hue < 1290) return kPurple;
  return color.value > 150 ? kPink : kPurple;
}

const Kind& kind_of(const SceneObject& object) { return kinds()[std::size_t(object.kind)]; }
bool is_person(const SceneObject& object) { return kind_of(object).entity_type == "person"; }

std::optional<ColorName> clear_color(const SceneObject& object, const Atlas& atlas) {
  const auto& sprites = atlas.sprites(object.kind, object.style);
  signal::ImageRgba sprite = sprites[std::size_t(object.variant) % sprites.size()];
  const bool person = is_person(object);
  color_sprite(sprite, object, person, {255, 255, 255});
  std::array<int, kColorCount> counts{};
  int all = 0;
  // Of people the lower part, where clothes are, without skin.
  for (int y = person ? sprite.height * 11 / 20 : 0; y < sprite.height; ++y)
    for (int x = 0; x < sprite.width; ++x) {
      const std::uint8_t* pixel = &sprite.rgba[(std::size_t(y) * sprite.width + x) * 4];
      if (pixel[3] < kOpaque) continue;
      const Hsv color = to_hsv(pixel[0], pixel[1], pixel[2]);
      if (person && color.saturation >= 40 && is_skin_hue(color.hue)) continue;
      ++counts[std::size_t(name_of(color))];
      ++all;
    }
  if (all < 60) return std::nullopt;
  const auto most = std::max_element(counts.begin(), counts.end());
  int second = 0;
  for (auto at = counts.begin(); at != counts.end(); ++at)
    if (at != most) second = std::max(second, *at);
  if (*most * 100 < all * 48 || second * 10 > *most * 6) return std::nullopt;
  return ColorName(most - counts.begin());
}

// Words for the kind, plainest first.
std::vector<std::string> words_of(const Kind& kind, Wording wording) {
  std::vector<std::string> words = {kind.name};
  words.insert(words.end(), kind.descriptions.begin(), kind.descriptions.end());
  if (wording == Wording::kTest) words.insert(words.end(), kind.test_descriptions.begin(), kind.test_descriptions.end());
  return words;
}

// "red balloon" does not fit a balloon that has been given another colour.
bool names_lost_color(const std::string& words, const SceneObject& object) {
  const double turned = std::abs(object.hue - std::round(object.hue));
  if (turned < 0.03 && object.finish == 0) return false;
  const std::string padded = " " + words + " ";
  static constexpr std::array<std::string_view, 16> colors = {" red ", " orange ", " yellow ", " green ", " blue ", " purple ", " pink ", " brown ", " black ",
                                                              " white ", " grey ", " golden ", " silver ", " gold ", " colourful ", " bright "};
  return std::any_of(colors.begin(), colors.end(), [&](std::string_view color) { return padded.find(color) != std::string::npos; });
}

// Words that fit the object as it looks.
std::vector<std::string> words_of(const SceneObject& object, Wording wording) {
  std::vector<std::string> words = words_of(kind_of(object), wording);
  std::erase_if(words, [&](const std::string& word) { return word != kind_of(object).name && names_lost_color(word, object); });
  return words;
}

void add_new(std::vector<std::string>& phrases, std::string phrase) {
  if (std::find(phrases.begin(), phrases.end(), phrase) == phrases.end()) phrases.push_back(std::move(phrase));
}

std::string with_color(const SceneObject& object, ColorName color, const std::string& noun) {
  return is_person(object) ? noun + " in " + kColorNames[color] : std::string(kColorNames[color]) + " " + noun;
}

std::vector<std::size_t> of_kind(const Scene& scene, int kind) {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < scene.objects.size(); ++i)
    if (scene.objects[i].kind == kind) all.push_back(i);
  return all;
}

// The larger side of the drawn thing would need the sprite; of one kind the height tells enough.
struct Distinction {
  std::string before, after;  // words around the noun
};

// What sets `object` apart from the others of its kind, clearly enough for a person to agree.
std::vector<Distinction> distinctions(const Scene& scene, const std::vector<std::size_t>& same, std::size_t object) {
  std::vector<Distinction> found;
  const auto extreme = [&](auto measure, double margin, bool relative) {  // +1 the greatest, -1 the least, 0 neither
    const double mine = measure(scene.objects[object]);
    bool most = true, least = true;
    for (const std::size_t other : same) {
      if (other == object) continue;
      const double theirs = measure(scene.objects[other]);
      most &= relative ? mine > theirs * (1 + margin) : mine > theirs + margin;
      least &= relative ? mine * (1 + margin) < theirs : mine + margin < theirs;
    }
    return most ? 1 : least ? -1 : 0;
  };
  const bool two = same.size() == 2;
  const int across = extreme([](const SceneObject& o) { return o.x; }, 0.1, false);
  if (across != 0) found.push_back({"", across < 0 ? " on the left" : " on the right"});
  if (across != 0) found.push_back({across < 0 ? "left " : "right ", ""});
  const int size = extreme([](const SceneObject& o) { return o.size; }, 0.25, true);
  if (size > 0) found.push_back({two ? "larger " : "largest ", ""});
  if (size < 0) found.push_back({two ? "smaller " : "smallest ", ""});
  const int down = extreme([](const SceneObject& o) { return o.y + o.size / 2; }, 0.12, false);
  if (down > 0) found.push_back({"", " in front"});
  if (down < 0) found.push_back({"", " further back"});
  if (same.size() == 3 && across == 0) {
    const double mine = scene.objects[object].x;
    int left = 0, right = 0;
    for (const std::size_t other : same) {
      left += scene.objects[other].x < mine - 0.08;
      right += scene.objects[other].x > mine + 0.08;
    }
    if (left == 1 && right == 1) found.push_back({"", " in the middle"});
  }
  return found;
}

// All words by which any object of the scene could be called, folded.
std::set<std::string> names_present(const Scene& scene) {
  std::set<std::string> names;
  for (const SceneObject& object : scene.objects) {
    for (const std::string& word : words_of(kind_of(object), Wording::kTest)) names.insert(word);
    names.insert(kind_of(object).entity_type);
  }
  return names;
}

// Kinds that others are also called by: a taxi is a car, so "car" is not absent where a taxi is.
bool may_be_called(const Scene& scene, const Kind& absent) {
  using Names = std::set<std::string_view>;
  static const std::vector<Names> alike = {{"car", "taxi", "police car", "racing car"},
                                           {"delivery truck", "pickup truck", "fire engine"},
                                           {"cargo ship", "cruise ship", "sailboat"},
                                           {"scooter", "motorcycle", "kick scooter"},
                                           {"metro train", "tram", "steam locomotive"},
                                           {"fir tree", "leafy tree", "christmas tree", "palm tree"},
                                           {"house", "hut", "temple"},
                                           {"child", "baby"},
                                           {"red-haired woman", "blond woman", "old woman", "woman in headscarf"},
                                           {"man with beard", "old man", "groom", "man in turban"},
                                           {"sunflower", "daisy", "bouquet"},
                                           {"drum", "long drum"},
                                           {"glasses", "sunglasses"},
                                           {"coat", "kimono", "dress"},
                                           {"sneaker", "leather shoe", "boot", "high-heeled shoe"},
                                           {"baseball cap", "top hat", "lady's hat", "graduation cap"},
                                           {"bear", "teddy bear", "polar bear"},
                                           {"robot", "snowman"},
                                           {"suitcase", "briefcase", "handbag", "backpack"},
                                           {"postbox", "package", "gift"},
                                           {"camera", "film camera"},
                                           {"telephone", "mobile phone"},
                                           {"microphone", "headphones"},
                                           {"shamrock", "seedling", "potted plant"}};
  return std::any_of(scene.objects.begin(), scene.objects.end(), [&](const SceneObject& object) {
    return std::any_of(alike.begin(), alike.end(), [&](const Names& names) { return names.count(absent.name) && names.count(kind_of(object).name); });
  });
}

}  // namespace

std::string color_of(const SceneObject& object, const Atlas& atlas) {
  const std::optional<ColorName> color = clear_color(object, atlas);
  return color ? kColorNames[*color] : "";
}

std::vector<std::string> describe(const Scene& scene, const Atlas& atlas, std::size_t index, Wording wording) {
  const SceneObject& object = scene.objects.at(index);
  const std::vector<std::size_t> same = of_kind(scene, object.kind);
  const std::vector<std::string> words = words_of(object, wording);
  const std::optional<ColorName> color = clear_color(object, atlas);
  std::vector<std::string> phrases;
  if (same.size() == 1) {
    phrases = words;
    if (color) add_new(phrases, with_color(object, *color, words[0]));
    const auto alone = std::count_if(scene.objects.begin(), scene.objects.end(), [&](const SceneObject& other) {
      return kind_of(other).entity_type == kind_of(object).entity_type;
    });
    if (alone == 1 && kind_of(object).entity_type != "object") add_new(phrases, kind_of(object).entity_type);
    return phrases;
  }
  const bool colored_alone = color && std::all_of(same.begin(), same.end(), [&](std::size_t other) {
    if (other == index) return true;
    const std::optional<ColorName> theirs = clear_color(scene.objects[other], atlas);
    return theirs && *theirs != *color;
  });
  if (colored_alone)
    for (const std::string& word : words) add_new(phrases, with_color(object, *color, word));
  for (const Distinction& distinction : distinctions(scene, same, index)) {
    add_new(phrases, distinction.before + words[0] + distinction.after);
    if (words.size() > 1 && distinction.after.empty()) add_new(phrases, distinction.before + words[1]);
  }
  return phrases;
}

std::vector<SetPhrase> describe_sets(const Scene& scene) {
  std::vector<SetPhrase> sets;
  std::set<int> seen;
  std::set<std::string> types;
  for (const SceneObject& object : scene.objects) {
    if (seen.insert(object.kind).second) {
      std::vector<std::size_t> same = of_kind(scene, object.kind);
      if (same.size() > 1) sets.push_back({kind_of(object).plural, std::move(same)});
    }
    const std::string& type = kind_of(object).entity_type;
    if (type == "object" || !types.insert(type).second) continue;
    std::vector<std::size_t> members;
    for (std::size_t i = 0; i < scene.objects.size(); ++i)
      if (kind_of(scene.objects[i]).entity_type == type) members.push_back(i);
    if (members.size() > 1 && type != "food" && type != "clothing") sets.push_back({plural_of(type), std::move(members)});
  }
  return sets;
}

std::vector<std::string> near_misses(const Scene& scene, const Atlas& atlas, std::size_t index) {
  const SceneObject& object = scene.objects.at(index);
  const Kind& kind = kind_of(object);
  std::vector<std::string> phrases;
  const std::set<std::string> present = names_present(scene);
  // The same thing in a colour that none of its kind has; only where the colours of all are clear.
  std::set<int> colors;
  bool clear = true;
  for (const std::size_t other : of_kind(scene, object.kind)) {
    const std::optional<ColorName> color = clear_color(scene.objects[other], atlas);
    clear &= color.has_value();
    if (color) colors.insert(*color);
  }
  if (clear)
    for (const ColorName color : {kRed, kGreen, kBlue, kYellow, kPurple, kPink, kBlack, kWhite}) {
      const auto close = [&](int a, int b) { return colors.count(a) && color == b; };
      if (colors.count(color) || close(kPink, kPurple) || close(kPurple, kPink) || close(kOrange, kRed) || close(kOrange, kYellow) ||
          close(kBrown, kRed) || close(kGrey, kWhite) || close(kGrey, kBlack) || close(kPink, kRed) || close(kRed, kPink) ||
          close(kPurple, kBlue) || close(kBlue, kPurple) || close(kBrown, kYellow))
        continue;
      const std::string phrase = with_color(object, color, kind.name);
      if (!present.count(phrase)) phrases.push_back(phrase);
    }
  // Its neighbours of the same group.
  for (const Kind& other : kinds())
    if (other.group == kind.group && !present.count(other.name) && !other.held_out && !may_be_called(scene, other)) phrases.push_back(other.name);
  return phrases;
}

std::string absent_phrase(const Scene& scene, Random& random, Wording wording) {
  const std::set<std::string> present = names_present(scene);
  while (true) {
    const Kind& kind = kinds()[random.index(kinds().size())];
    if (kind.held_out && wording == Wording::kTraining) continue;
    if (present.count(kind.name) || may_be_called(scene, kind)) continue;
    return random.pick(words_of(kind, wording));
  }
}

}  // namespace reamo::synth
