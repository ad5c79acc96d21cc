#include "synth/story.h"

#include <algorithm>
#include <set>

#include "ie/error.h"
#include "synth/story_checks.h"
#include "synth/world_schema.h"

namespace reamo::synth {
namespace {

// What the story holds, as specs: a cut-down schema keeps most of it.
SchemaPlan schema_plan(const Story& story, const InstanceOptions& options, Random& random) {
  SchemaPlan plan;
  plan.tasks = choose_tasks(random);
  // A task without anything to find is asked only now and then.
  for (int attempt = 0; attempt < 6; ++attempt) {
    bool vain = (!plan.tasks.ner && !(plan.tasks.re && !story.relations.empty()) && !(plan.tasks.ee && !story.events.empty()));
    if (!vain || random.chance(0.1)) break;
    plan.tasks = choose_tasks(random);
  }
  if (options.tasks) plan.tasks = *options.tasks;
  plan.split = options.split;
  plan.renamed = random.chance(options.renamed_schema);
  std::set<int> entities, relations, events;
  for (const Member& member : story.members) entities.insert(find_entity_spec(member.type));
  for (const StoryRelation& relation : story.relations) relations.insert(relation.spec);
  for (const StoryEvent& event : story.events) events.insert(event.spec);
  plan.entities.assign(entities.begin(), entities.end());
  plan.relations.assign(relations.begin(), relations.end());
  plan.events.assign(events.begin(), events.end());
  return plan;
}

Style text_style(Random& random) {
  double form = random.uniform();
  if (form < 0.4) return Style::kNews;
  if (form < 0.7) return Style::kReport;
  if (form < 0.85) return Style::kTweet;
  return Style::kChat;
}

Instance try_text_instance(const InstanceOptions& options, std::uint64_t index, Random random, bool& good) {
  Story story;
  story.split = options.split;
  Random cast = random.stream("cast"), words = random.stream("words"), asked = random.stream("schema");
  WritingPlan plan;
  plan.style = text_style(cast);
  static const std::vector<int> kFacts = {0, 1, 1, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 5, 5, 6, 7};
  int facts = cast.pick(kFacts);
  if (plan.style == Style::kTweet) facts = std::min(facts, 2);
  for (int i = 0; i < facts; ++i) {
    if (cast.chance(0.5)) add_event(story, cast);
    else add_relation(story, cast);
  }
  for (int i = 0; i < int(story.events.size()); ++i) plan.events.push_back(i);
  for (int i = 0; i < int(story.relations.size()); ++i) plan.relations.push_back(i);
  plan.extra = facts == 0 ? 1.8 : plan.style == Style::kTweet ? 0.3 : 0.7;

  GoldRequest request;
  request.story = &story;
  request.id = (options.split == Split::kTest ? "test-" : "train-") + std::to_string(options.seed) + "-text-" + std::to_string(index);
  request.told.push_back({"text", write_text(story, plan, words)});
  AskedSchema schema = ask(schema_plan(story, options, asked), asked);
  request.asked = &schema;
  Gold gold = make_gold(request);

  Instance instance;
  instance.id = request.id;
  instance.combination.text = true;
  instance.schema = schema.schema;
  instance.text = request.told[0].written.text;
  good = is_unambiguous(gold, &*instance.text) && !instance.text->empty();
  instance.things.assign(gold.members.size(), -1);
  instance.gold = std::move(gold.result);
  instance.response = std::move(gold.response);
  return instance;
}

}  // namespace

std::string Combination::name() const {
  std::string out;
  auto add = [&](bool has, const char* medium) {
    if (!has) return;
    if (!out.empty()) out += '+';
    out += medium;
  };
  add(text, "text");
  add(image, "image");
  add(audio, "audio");
  add(video, "video");
  return out;
}

const std::vector<Combination>& combinations() {
  static const std::vector<Combination> all = [] {
    std::vector<Combination> out;
    for (int bits = 1; bits < 16; ++bits) out.push_back({bool(bits & 1), bool(bits & 2), bool(bits & 4), bool(bits & 8)});
    return out;
  }();
  return all;
}

Instance make_text_instance(const InstanceOptions& options, std::uint64_t index) {
  Random random = Random(options.seed).stream(options.split == Split::kTest ? "test-text" : "train-text", index);
  for (std::uint64_t attempt = 0; attempt < 100; ++attempt) {
    bool good = false;
    Instance instance = try_text_instance(options, index, random.stream("attempt", attempt), good);
    if (good) return instance;
  }
  throw Error("no unambiguous text for seed " + std::to_string(options.seed) + ", index " + std::to_string(index));
}

}  // namespace reamo::synth
