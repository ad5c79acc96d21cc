#include <algorithm>
#include <set>

#include "ie/error.h"
#include "synth/story.h"
#include "synth/story_checks.h"
#include "synth/story_picture.h"
#include "synth/world_schema.h"

namespace reamo::synth {
namespace {

// Accents and speakers that espeak-ng speaks safely; the last fourth of each is for tests.
const std::vector<std::string> kAccents = {"en-us", "en", "en-gb-x-rp", "en-gb-scotland", "en-gb-x-gbclan", "en-us-nyc", "en-029", "en-gb-x-gbcwmd"};
const std::vector<std::string> kSpeakers = {"", "+f1", "+f2", "+f3", "+m1", "+m2", "+m3", "+m4", "+f4", "+m5", "+f5", "+m6"};

template <typename T>
const T& split_pick(const std::vector<T>& all, Split split, Random& random) {
  std::size_t known = all.size() - all.size() / 4;
  if (split == Split::kTest && random.chance(0.5)) return all[known + random.index(all.size() - known)];
  return all[random.index(known)];
}

class InstanceMaker {
 public:
  InstanceMaker(const InstanceOptions& options, const Combination& combination, const Atlas& atlas, Random random)
      : options_(options), has_(combination), atlas_(atlas), random_(random) {}

  // False where the story came out ambiguous; then another attempt is due.
  bool run(const std::string& id, Instance& instance) {
    Random plans = random_.stream("plan");
    instance.id = id;
    instance.combination = has_;
    story_.split = options_.split;
    story_.speakable = has_.audio;
    related_ = !plans.chance(options_.unrelated);
    choose_task(plans);
    if (has_.video) film(instance);
    if (has_.image && !pictures(instance, plans)) return false;
    tell(instance);
    return gold(instance);
  }

 private:
  int media() const { return has_.text + has_.image + has_.audio + has_.video; }
  bool is_told() const { return has_.text || has_.audio; }

  void choose_task(Random& random) {
    tasks_ = options_.tasks ? *options_.tasks : choose_tasks(random);
    if (options_.tasks) return;
    // A film alone shows no relations.
    if (has_.video && media() == 1 && tasks_.re) tasks_ = random.chance(0.3) ? ie::Tasks{true, false, false} : random.chance(0.6) ? ie::Tasks{true, false, true} : ie::Tasks{false, false, true};
  }

  DrawingRules rules() const {
    DrawingRules rules;
    rules.styles = options_.artwork;
    rules.may_reuse = related_;
    rules.named = is_told() && related_ ? 0.55 : 0;
    return rules;
  }

  void film(Instance& instance) {
    Random random = random_.stream("film");
    MadeFilm made = make_film(story_, "video-0", rules(), atlas_, random);
    instance.videos.push_back(std::move(made.film));
    shown_.push_back(std::move(made.shown));
  }

  bool pictures(Instance& instance, Random& plans) {
    int count = plans.chance(0.1) ? 2 : 1;
    for (int i = 0; i < count; ++i) {
      Random random = random_.stream("picture", std::uint64_t(i));
      std::string medium = "image-";
      medium += char('0' + i);
      // Where only names are asked, some pictures are composed freely.
      bool arranged = tasks_.re || tasks_.ee || plans.chance(0.3);
      Picture picture = make_picture(story_, medium, arranged, rules(), atlas_, random);
      if (!picture.as_planned) return false;
      instance.images.push_back(std::move(picture.scene));
      shown_.push_back(std::move(picture.shown));
    }
    return true;
  }

  // Adds facts of the story that no picture shows.
  void add_facts(int count, Random& random) {
    for (int i = 0; i < count; ++i) {
      bool event = tasks_.ee == tasks_.re ? random.chance(0.5) : tasks_.ee ? random.chance(0.7) : random.chance(0.3);
      if (event) add_event(story_, random);
      else add_relation(story_, random);
    }
  }

  // Facts that a picture shows are told too, now and then; drawn members are mentioned, named ones always.
  void mention_drawn(WritingPlan& plan, Random& random, double facts, double members, bool describe) {
    if (!related_) return;
    for (const Shown& shown : shown_) {
      for (int r : shown.relations)
        if (random.chance(facts)) plan.relations.push_back(r);
      for (int e : shown.events)
        if (random.chance(facts)) plan.events.push_back(e);
    }
    for (int m = 0; m < int(story_.members.size()); ++m) {
      const Member& member = story_.members[std::size_t(m)];
      if (!member.drawn) continue;
      if (member.proper && describe) {
        plan.described.push_back(m);
        plan.mentioned.push_back(m);
      } else if (random.chance(members)) {
        plan.mentioned.push_back(m);
      }
    }
  }

  static void unique(std::vector<int>& items) {
    std::sort(items.begin(), items.end());
    items.erase(std::unique(items.begin(), items.end()), items.end());
  }

  // What is said aloud is short: two or three facts, one more mention.
  void shorten(WritingPlan& plan, Random& random) const {
    const std::size_t most = random.chance(0.2) ? 3 : 2;
    while (plan.relations.size() + plan.events.size() > most) {
      std::vector<int>& longer = plan.events.size() > plan.relations.size() ? plan.events : plan.relations;
      longer.erase(longer.begin() + long(random.index(longer.size())));
    }
    std::erase_if(plan.mentioned, [&](int m) { return std::find(plan.described.begin(), plan.described.end(), m) == plan.described.end() && random.chance(0.6); });
  }

  void tell(Instance& instance) {
    const std::size_t drawn_relations = story_.relations.size(), drawn_events = story_.events.size();
    auto news = [&](WritingPlan& plan, std::size_t relations, std::size_t events) {
      for (std::size_t r = relations; r < story_.relations.size(); ++r) plan.relations.push_back(int(r));
      for (std::size_t e = events; e < story_.events.size(); ++e) plan.events.push_back(int(e));
    };
    if (has_.text) {
      Random random = random_.stream("text");
      WritingPlan plan;
      double form = random.uniform();
      plan.style = form < 0.4 ? Style::kNews : form < 0.75 ? Style::kReport : form < 0.88 ? Style::kTweet : Style::kChat;
      add_facts(plan.style == Style::kTweet ? random.between(0, 1) : random.between(0, media() > 1 ? 3 : 5), random);
      news(plan, drawn_relations, drawn_events);
      mention_drawn(plan, random, 0.45, 0.3, true);
      plan.extra = plan.style == Style::kTweet ? 0.3 : 0.6;
      unique(plan.relations), unique(plan.events);
      told_.push_back({"text", write_text(story_, plan, random)});
      instance.text = told_.back().written.text;
    }
    if (has_.audio) {
      Random random = random_.stream("speech");
      WritingPlan plan;
      plan.style = Style::kSpoken;
      const std::size_t relations = story_.relations.size(), events = story_.events.size();
      // Some of what the text tells is said as well, and something new.
      if (related_ && has_.text) {
        for (std::size_t r = drawn_relations; r < relations; ++r)
          if (random.chance(0.35)) plan.relations.push_back(int(r));
        for (std::size_t e = drawn_events; e < events; ++e)
          if (random.chance(0.35)) plan.events.push_back(int(e));
      }
      int told = int(plan.relations.size() + plan.events.size());
      add_facts(std::max(told == 0 ? 1 : 0, random.between(1, 2) - told / 2), random);
      news(plan, relations, events);
      mention_drawn(plan, random, has_.text ? 0.2 : 0.4, has_.text ? 0.1 : 0.3, !has_.text);
      plan.extra = 0.1;
      unique(plan.relations), unique(plan.events);
      shorten(plan, random);
      told_.push_back({"audio-0", write_text(story_, plan, random)});
      Utterance utterance;
      utterance.text = told_.back().written.text;
      utterance.voice = split_pick(kAccents, options_.split, random) + split_pick(kSpeakers, options_.split, random);
      utterance.rate = random.between(130, 190);
      utterance.pitch = random.between(30, 70);
      utterance.noise = random.chance(0.5) ? random.uniform(0, 0.015) : 0;
      instance.audios.push_back(std::move(utterance));
    }
  }

  SchemaPlan schema_plan(Random& random) const {
    SchemaPlan plan;
    plan.tasks = tasks_;
    plan.split = options_.split;
    plan.renamed = random.chance(options_.renamed_schema);
    std::set<int> entities, relations, events;
    for (const Member& member : story_.members) entities.insert(find_entity_spec(member.type));
    for (const StoryRelation& relation : story_.relations) relations.insert(relation.spec);
    for (const StoryEvent& event : story_.events) events.insert(event.spec);
    plan.entities.assign(entities.begin(), entities.end());
    plan.relations.assign(relations.begin(), relations.end());
    plan.events.assign(events.begin(), events.end());
    return plan;
  }

  bool gold(Instance& instance) {
    Random random = random_.stream("schema");
    AskedSchema asked = ask(schema_plan(random), random);
    GoldRequest request{&story_, instance.id, told_, shown_, &asked};
    Gold gold = make_gold(request);
    if (instance.text && instance.text->empty()) return false;
    if (!is_unambiguous(gold, instance.text ? &*instance.text : nullptr)) return false;
    // Names of drawn people that nothing tells would be unknowable.
    for (std::size_t i = 0; i < gold.members.size(); ++i) {
      const Member& member = story_.members[std::size_t(gold.members[i])];
      instance.things.push_back(member.drawn ? gold.members[i] : -1);
      if (member.drawn && member.proper && gold.result.entities[i].mention.empty()) return false;
    }
    // Empty gold is rare where there is much to see and hear.
    if (gold.result.entities.empty() && gold.result.events.empty() && random.chance(0.85)) return false;
    for (const Told& told : told_)
      if (told.medium != "text") find_spoken(instance, gold, told.written);
    instance.schema = std::move(asked.schema);
    instance.gold = std::move(gold.result);
    instance.response = std::move(gold.response);
    return true;
  }

  // Words are runs without white space; utterances are ASCII, so a code point is a byte.
  void find_spoken(Instance& instance, const Gold& gold, const Written& written) const {
    std::vector<std::size_t> word(written.text.size() + 1, 0);
    std::size_t count = 0;
    for (std::size_t i = 0; i < written.text.size(); ++i) {
      bool space = written.text[i] == ' ' || written.text[i] == '\n';
      if (!space && i > 0 && (written.text[i - 1] == ' ' || written.text[i - 1] == '\n')) ++count;
      word[i] = count;
    }
    for (const Mark& mark : written.marks) {
      const std::vector<int>& indices = mark.what == Mark::What::kEntity ? gold.members : gold.events;
      auto found = std::find(indices.begin(), indices.end(), mark.index);
      if (found == indices.end()) continue;
      std::size_t at = std::size_t(found - indices.begin());
      const std::string& id = mark.what == Mark::What::kEntity ? gold.result.entities[at].id : gold.result.events[at].id;
      instance.spoken.push_back({id, 0, word[mark.start], word[mark.end - 1]});
    }
  }

  const InstanceOptions& options_;
  const Combination has_;
  const Atlas& atlas_;
  Random random_;
  Story story_;
  std::vector<Told> told_;
  std::vector<Shown> shown_;
  ie::Tasks tasks_;
  bool related_ = true;
};

}  // namespace

Instance make_instance(const InstanceOptions& options, std::uint64_t index, const Atlas& atlas) {
  const bool test = options.split == Split::kTest;
  const Combination combination = options.combination ? *options.combination : combinations()[index % combinations().size()];
  std::string id = test ? "test-" : "train-";
  id += std::to_string(options.seed) + "-" + std::to_string(index);
  Random random = Random(options.seed).stream(test ? "test" : "train", index).stream(combination.name());
  for (std::uint64_t attempt = 0; attempt < 200; ++attempt) {
    Instance instance;
    if (InstanceMaker(options, combination, atlas, random.stream("attempt", attempt)).run(id, instance)) return instance;
  }
  throw Error("no unambiguous story for seed " + std::to_string(options.seed) + ", index " + std::to_string(index));
}

}  // namespace reamo::synth
