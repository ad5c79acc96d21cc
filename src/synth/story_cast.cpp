#include "synth/story_cast.h"

#include <algorithm>
#include <map>

#include "ie/error.h"
#include "synth/atlas.h"
#include "synth/text_frames.h"
#include "synth/world_schema.h"

namespace reamo::synth {
namespace {

// Nouns beside the drawable kinds. The last third is for tests.
const std::map<std::string, std::vector<std::string>>& extra_nouns() {
  static const std::map<std::string, std::vector<std::string>> nouns = {
      {"person", {"lawyer", "carpenter", "nurse", "baker", "driver", "journalist", "waiter", "poet", "soldier", "gardener", "musician", "engineer", "banker", "painter", "plumber", "sailor", "librarian", "tailor", "butcher", "dentist", "translator", "surgeon"}},
      {"animal", {"stray dog", "weasel", "heron", "buffalo", "lizard", "seal", "crow", "donkey", "pigeon", "badger", "moose", "stork"}},
      {"vehicle", {"van", "ferry", "tram", "pickup truck", "minibus", "barge", "hot rod", "cargo plane", "lorry", "caravan"}},
      {"food", {"soup", "omelette", "cheesecake", "porridge", "apple pie", "stew", "lasagne", "yoghurt", "pudding", "goulash"}},
      {"tool", {"knife", "shovel", "crowbar", "drill", "baseball bat", "rope", "chisel", "spear", "rake", "sledgehammer"}},
      {"building", {"warehouse", "school", "villa", "bakery", "barn", "courthouse", "town hall", "chapel", "garage"}},
      {"instrument", {"flute", "cello", "harp", "clarinet", "organ", "mandolin", "oboe", "double bass"}},
      {"clothing", {"jacket", "raincoat", "uniform", "sweater", "apron", "cardigan", "waistcoat", "overcoat"}},
      {"plant", {"oak", "lily", "fern", "birch", "orchid", "thistle", "willow", "bonsai"}},
      {"object", {"suitcase", "candle", "mirror", "ladder", "basket", "carpet", "vase", "pillow"}},
  };
  return nouns;
}

bool ends_with(const std::string& text, std::string_view tail) {
  return text.size() >= tail.size() && text.compare(text.size() - tail.size(), tail.size(), tail) == 0;
}

bool one_of(const std::string& word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_speakable(const std::string& name) {
  return std::all_of(name.begin(), name.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ' ' || c == '\''; }) &&
         !one_of(name.substr(0, name.find(' ')), {"MV", "SS", "HMS"}) && !(name.size() > 1 && name[1] >= 'A' && name[1] <= 'Z');
}

bool is_taken(const Story& story, const Member& member) {
  for (const Member& other : story.members) {
    if (other.name == member.name) return true;
    // Whoever is told to be what a picture shows would be taken for that.
    if (other.drawn && !member.drawn) {
      const std::string& kind = kinds()[std::size_t(other.kind)].name;
      if (kind == member.name || kind == member.description) return true;
    }
    // A name inside another would be found there again.
    if (other.name.find(member.name) != std::string::npos || member.name.find(other.name) != std::string::npos) return true;
    if (!member.nested.empty() && other.name.find(member.nested) != std::string::npos) return true;
    if (!other.nested.empty() && member.name.find(other.nested) != std::string::npos) return true;
  }
  return false;
}

void make_noun(Member& member, const std::string& noun) {
  member.name = noun;
  member.article = indefinite_article(noun);
  member.again = "the ";
  if (member.type == "instrument" && noun.find(' ') == std::string::npos) member.article = "the ";
  member.kind = find_kind(noun);
}

void make_named(Member& member, const Named& named) {
  member.name = named.text;
  member.article = member.again = named.article;
  member.nested = named.nested;
  member.proper = true;
}

bool has_word(const std::string& phrase, std::string_view word) {
  std::size_t at = phrase.find(word), end = at + word.size();
  return at != std::string::npos && (at == 0 || phrase[at - 1] == ' ') && (end == phrase.size() || phrase[end] == ' ');
}

// "old woman" can only be she.
void set_gender(Member& member, const std::string& noun) {
  for (std::string_view word : {"woman", "girl", "princess", "queen", "mother", "bride", "witch", "mermaid"})
    if (noun.find(word) != std::string::npos) { member.gender = Gender::kFemale; return; }
  for (std::string_view word : {"man", "boy", "prince", "king", "father", "groom", "wizard", "waiter", "lord"})
    if (has_word(noun, word)) member.gender = Gender::kMale;
}

Member draft(const std::string& type, Split split, bool speakable, Random& random) {
  Member member;
  member.type = type;
  if (type == "person") {
    if (random.chance(0.22)) {
      make_noun(member, random.pick(common_nouns(type, split)));
      member.gender = random.chance(0.5) ? Gender::kFemale : Gender::kMale;
      set_gender(member, member.name);
      return member;
    }
    PersonName name = person_name(random, split);
    member.name = name.full;
    member.gender = name.gender;
    member.proper = true;
    if (random.chance(0.6)) member.description = random.pick(common_nouns(type, split));
    set_gender(member, member.description);
    if (member.gender != name.gender) {
      member.description.clear();
      member.gender = name.gender;
    }
    member.kind = find_kind(member.description);
  } else if (type == "organization") {
    make_named(member, organization_name(random, split));
  } else if (type == "location") {
    make_named(member, location_name(random, split));
    member.lead = "in ";
  } else if (type == "building") {
    if (random.chance(0.6)) make_named(member, building_name(random, split));
    else make_noun(member, random.pick(common_nouns(type, split)));
    member.lead = random.chance(0.6) ? "at " : "in ";
  } else if (type == "product") {
    make_named(member, product_name(random, split));
  } else if (type == "artwork") {
    make_named(member, artwork_name(random, split));
  } else if (type == "award") {
    make_named(member, award_name(random, split));
  } else if (type == "vehicle" && random.chance(0.12)) {
    make_named(member, vehicle_name(random, split));
  } else if (type == "date") {
    DateText date = speakable ? spoken_date_text(random) : date_text(random);
    member.name = date.text;
    member.lead = date.lead;
  } else if (type == "amount") {
    member.name = speakable ? spoken_amount_text(random) : amount_text(random);
  } else {
    make_noun(member, random.pick(common_nouns(type, split)));
  }
  return member;
}

double weight(const std::string& type) {
  if (type == "person") return 6;
  if (type == "organization" || type == "animal" || type == "location") return 2.5;
  if (type == "vehicle" || type == "product") return 1.5;
  return 1;
}

bool contains(const std::vector<int>& items, int item) { return std::find(items.begin(), items.end(), item) != items.end(); }

const std::vector<std::string>& types_of(const FrameRole& role, const EventSpec& event) {
  return role.types.empty() ? event.roles[role.role].types : role.types;
}

}  // namespace

std::string indefinite_article(const std::string& noun) {
  if (noun.empty()) return "";
  std::string last = noun.substr(noun.rfind(' ') == std::string::npos ? 0 : noun.rfind(' ') + 1);
  bool plural = last.size() > 3 && last.back() == 's' && !ends_with(last, "ss") && !ends_with(last, "us") && !one_of(last, {"bus", "canvas", "compass", "lens", "gas", "tennis"});
  bool mass = one_of(last, {"bread", "rice", "soup", "porridge", "cheese", "butter", "salt", "honey", "milk", "tea", "sake", "bacon", "spaghetti", "meat", "garlic", "ginger", "corn", "popcorn", "ice", "water", "stew", "pudding",
                            "yoghurt", "goulash", "curry", "sushi", "jewelry", "clothing", "wine", "beer", "wood", "luggage", "chocolate", "broccoli", "money", "juice", "fire", "glass of milk", "hair", "seaweed", "toast"});
  if (ends_with(noun, "glass of milk") || noun.find(" of ") != std::string::npos) plural = mass = false;
  if (plural || mass) return "some ";
  bool vowel = std::string_view("aeiou").find(noun[0]) != std::string_view::npos;
  if (noun.rfind("uni", 0) == 0 || noun.rfind("uku", 0) == 0 || noun.rfind("eu", 0) == 0 || noun.rfind("one-", 0) == 0) vowel = false;
  if (noun.rfind("hour", 0) == 0 || noun.rfind("heir", 0) == 0) vowel = true;
  return vowel ? "an " : "a ";
}

const std::vector<std::string>& common_nouns(const std::string& type, Split split) {
  static const auto table = [] {
    std::map<std::pair<std::string, bool>, std::vector<std::string>> all;
    for (bool test : {false, true})
      for (const auto& [name, nouns] : extra_nouns()) {
        std::vector<std::string>& list = all[{name, test}];
        std::size_t known = nouns.size() - nouns.size() / 3;
        list.assign(nouns.begin() + (test ? long(known) : 0), test ? nouns.end() : nouns.begin() + long(known));
      }
    for (const Kind& kind : kinds())
      for (bool test : {false, true})
        if (test || !kind.held_out) all[{kind.entity_type, test}].push_back(kind.name);
    return all;
  }();
  auto found = table.find({type, split == Split::kTest});
  if (found == table.end()) throw Error("no nouns for the type '" + type + "'");
  return found->second;
}

int add_member(Story& story, const std::string& type, Random& random) {
  Member member;
  for (int attempt = 0; attempt < 200; ++attempt) {
    member = draft(type, story.split, story.speakable, random);
    if (story.speakable && (!is_speakable(member.name) || !member.nested.empty())) continue;
    if (!is_taken(story, member)) break;
  }
  if (!member.nested.empty()) {
    Member place;
    place.type = "location";
    place.name = member.nested;
    place.lead = "in ";
    place.proper = true;
    story.members.push_back(place);
    member.nested_member = int(story.members.size()) - 1;
  }
  story.members.push_back(member);
  return int(story.members.size()) - 1;
}

int add_drawn_member(Story& story, int kind, Random& random) {
  Member member;
  member.type = kinds()[kind].entity_type;
  make_noun(member, kinds()[kind].name);
  member.kind = kind;
  member.drawn = true;
  if (member.type == "building") member.lead = "at ";
  member.gender = random.chance(0.5) ? Gender::kFemale : Gender::kMale;
  set_gender(member, member.name);
  story.members.push_back(member);
  return int(story.members.size()) - 1;
}

void name_person(Story& story, int member, Random& random) {
  for (int attempt = 0; attempt < 200; ++attempt) {
    Member named = story.members[std::size_t(member)];
    PersonName name = person_name(random, story.split);
    named.name = name.full;
    named.gender = name.gender;
    named.description = kinds()[std::size_t(named.kind)].name;
    set_gender(named, named.description);
    if (named.gender != name.gender) continue;
    named.article = named.again = "";
    named.proper = true;
    if ((story.speakable && !is_speakable(named.name)) || is_taken(story, named)) continue;
    story.members[std::size_t(member)] = named;
    return;
  }
}

int find_member(Story& story, const std::vector<std::string>& types, const std::vector<int>& without, Random& random) {
  bool fleeting = types[0] == "date" || types[0] == "amount";
  if (random.chance(fleeting ? 0.05 : 0.45)) {
    std::vector<int> fitting;
    for (std::size_t i = 0; i < story.members.size(); ++i) {
      const Member& member = story.members[i];
      if (std::find(types.begin(), types.end(), member.type) != types.end() && !contains(without, int(i))) fitting.push_back(int(i));
    }
    if (!fitting.empty()) return random.pick(fitting);
  }
  double total = 0;
  for (const std::string& type : types) total += weight(type);
  double at = random.uniform() * total;
  for (const std::string& type : types)
    if ((at -= weight(type)) < 0) return add_member(story, type, random);
  return add_member(story, types.back(), random);
}

bool add_event(Story& story, Random& random) {
  int spec = int(random.index(event_specs().size()));
  const EventSpec& event = event_specs()[spec];
  std::vector<int> fitting;
  for (int i : frames_of(spec)) {
    bool test = event_frames()[i].test_only;
    if (!test || story.split == Split::kTest) fitting.push_back(i);
  }
  if (fitting.empty()) return false;
  StoryEvent made{spec, random.pick(fitting), {}};
  const EventFrame& frame = event_frames()[made.frame];
  std::vector<int> used;
  auto argue = [&](const FrameRole& role) {
    int member = find_member(story, types_of(role, event), used, random);
    used.push_back(member);
    made.arguments.emplace_back(role.role, member);
  };
  if (frame.form == EventFrame::Form::kNoun) {
    // The first argument always, the second mostly, the rest sometimes.
    for (std::size_t i = 0; i < frame.extras.size(); ++i) {
      bool pair = i == 1 && frame.extras[0].role == frame.extras[1].role;
      if (i == 0 || pair || random.chance(i == 1 ? 0.75 : 0.35)) argue(frame.extras[i]);
    }
  } else {
    // Sometimes two or three do it, or it is done to two.
    const bool apart = frame.object.role != frame.subject.role;
    argue(frame.subject);
    if (frame.form == EventFrame::Form::kTogether) argue(frame.subject);
    else if (apart)
      for (double chance = 0.1; random.chance(chance); chance = 0.25) argue(frame.subject);
    if (frame.object.role >= 0) {
      argue(frame.object);
      if (apart)
        for (double chance = 0.1; random.chance(chance); chance = 0.25) argue(frame.object);
    }
    for (const FrameRole& role : frame.extras)
      if (role.required || random.chance(0.4)) argue(role);
  }
  story.events.push_back(std::move(made));
  return true;
}

bool add_relation(Story& story, Random& random) {
  int spec = int(random.index(relation_specs().size()));
  const RelationSpec& relation = relation_specs()[spec];
  int head = find_member(story, relation.head, {}, random);
  std::vector<int> without = {head};
  for (const StoryRelation& other : story.relations) {
    if (other.head == head) without.push_back(other.tail);
    if (other.tail == head) without.push_back(other.head);
  }
  int tail = find_member(story, relation.tail, without, random);
  // What pictures show of drawn things is not for luck to say.
  if (relation.visual && story.members[std::size_t(head)].drawn && story.members[std::size_t(tail)].drawn) return false;
  story.relations.push_back({spec, head, tail});
  return true;
}

}  // namespace reamo::synth
