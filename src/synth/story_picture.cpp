#include "synth/story_picture.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "ie/error.h"
#include "synth/compose.h"
#include "synth/describe.h"
#include "synth/world_schema.h"

namespace reamo::synth {
namespace {

using Types = std::vector<std::string>;

const Types kBeings = {"person", "animal"};
const Types kHeld = {"tool", "food", "instrument", "plant", "object", "clothing"};
const Types kGifts = {"food", "plant", "object", "clothing"};
const Types kAnything = {"person", "animal", "vehicle", "food", "plant", "tool", "clothing", "instrument", "building", "object"};

bool contains(const std::vector<int>& items, int item) { return std::find(items.begin(), items.end(), item) != items.end(); }
bool contains(const Types& types, const std::string& type) { return std::find(types.begin(), types.end(), type) != types.end(); }

// Finds and makes the drawn members of one picture or film.
class Drawer {
 public:
  Drawer(Story& story, const DrawingRules& rules, const Atlas& atlas, Random& random) : story_(story), rules_(rules), atlas_(atlas), random_(random) {}

  // A member of one of the types that is not in this picture yet.
  int member(const Types& types) {
    if (rules_.may_reuse && random_.chance(0.5)) {
      std::vector<int> fitting;
      for (int m = 0; m < int(story_.members.size()); ++m) {
        const Member& member = story_.members[std::size_t(m)];
        if (member.drawn && contains(types, member.type) && !contains(shown_, m)) fitting.push_back(m);
      }
      if (!fitting.empty()) return shown_.emplace_back(random_.pick(fitting));
    }
    int made = add_drawn_member(story_, kind(types), random_);
    if (story_.members[std::size_t(made)].type == "person" && random_.chance(rules_.named)) name_person(story_, made, random_);
    return shown_.emplace_back(made);
  }
  const std::vector<int>& shown() const { return shown_; }

 private:
  int kind(const Types& types) {
    const std::string& type = random_.pick(types);
    for (int attempt = 0; attempt < 4000; ++attempt) {
      int k = int(random_.index(kinds().size()));
      const Kind& kind = kinds()[std::size_t(k)];
      bool right = attempt < 1000 ? kind.entity_type == type : contains(types, kind.entity_type);
      if (!right || (kind.held_out && story_.split == Split::kTrain)) continue;
      if (!std::all_of(rules_.styles.begin(), rules_.styles.end(), [&](const std::string& style) { return atlas_.has(k, style); })) continue;
      bool taken = std::any_of(story_.members.begin(), story_.members.end(), [&](const Member& m) {
        return m.kind == k || m.name.find(kind.name) != std::string::npos || kind.name.find(m.name) != std::string::npos;
      });
      if (!taken) return k;
    }
    throw Error("the atlas has too few kinds of " + type + " for a story");
  }

  Story& story_;
  const DrawingRules& rules_;
  const Atlas& atlas_;
  Random& random_;
  std::vector<int> shown_;
};

struct Edges { double left, top, right, bottom; };  // in picture heights

// Places the objects of a scene by hand.
class Arranger {
 public:
  Arranger(Scene& scene, const Atlas& atlas, Random& random) : scene_(scene), atlas_(atlas), random_(random), stage_(stage_of(scene.background)) {}

  SceneObject& object(int thing) {
    for (SceneObject& o : scene_.objects)
      if (o.thing == thing) return o;
    throw Error("a thing of the story is missing in its picture");
  }

  void stand_at(int thing, double x, double feet) {
    stand(object(thing), atlas_, stage_, x, feet, scale_);
  }
  double width(int thing) { return width_of(object(thing), atlas_); }
  double feet() { return stage_.place == Place::kTexture ? random_.uniform(0.6, 0.9) : random_.uniform(std::min(0.9, stage_.horizon + 0.25), 0.94); }

  void next_to(int left, int right, double x, double feet) {
    stand_at(left, x, feet);
    stand_at(right, x, feet);
    double gap = random_.uniform(0.008, 0.03), l = width(left), r = width(right);
    object(left).x = x - (gap + l) / 2 + (l - r) / 4;
    object(right).x = object(left).x + l / 2 + gap + r / 2;
  }

  // The held thing in front of the body.
  void hold(int holder, int held, double side) {
    const SceneObject& a = object(holder);
    SceneObject& b = object(held);
    resize(b, std::clamp(a.size * random_.uniform(0.38, 0.52), 0.12, 0.32));
    b.x = a.x + side * width(holder) * random_.uniform(0.18, 0.32);
    b.y = a.y + a.size * random_.uniform(0.12, 0.28);
    b.ground = -1;
    front_.push_back({held, holder});
  }

  void ride(int rider, int mount) {
    SceneObject& a = object(rider);
    const SceneObject& b = object(mount);
    double longer = std::max(b.size, width(mount) * kAspect);
    resize(a, std::clamp(longer * random_.uniform(0.55, 0.8), 0.12, 0.42));
    a.x = b.x + width(mount) * random_.uniform(-0.12, 0.12);
    a.y = b.y - b.size / 2 + b.size * random_.uniform(0.22, 0.38) - a.size / 2;
    a.ground = -1;
    // In a vehicle the feet are hidden, on an animal they are seen.
    if (kinds()[std::size_t(b.kind)].entity_type == "vehicle") front_.push_back({mount, rider});
    else front_.push_back({rider, mount});
  }

  void hide(int hidden, int front, double x, double feet) {
    stand_at(front, x, feet);
    stand_at(hidden, x, feet - random_.uniform(0.03, 0.06));
    SceneObject& a = object(hidden);
    // Large enough that the part in sight says what it is.
    const double least = 0.6 * object(front).size, lowest = a.y + a.size / 2;
    if (a.size < least) resize(a, least), a.y = lowest - a.size / 2;
    double side = random_.chance(0.5) ? 1 : -1;
    a.x = x + side * (width(front) / 2 + width(hidden) * random_.uniform(-0.05, 0.15));
    front_.push_back({front, hidden});
  }

  // Everything else far enough from the group and from each other; false where there is no room.
  bool scatter(const std::vector<int>& group, const std::vector<int>& others) {
    std::vector<int> placed = group;
    for (int thing : others) {
      bool found = false;
      for (int attempt = 0; attempt < 60 && !found; ++attempt) {
        stand_at(thing, random_.uniform(0.1, 0.9), feet());
        SceneObject& o = object(thing);
        if (stage_.place == Place::kTexture) o.y = random_.uniform(0.2, 0.8);
        found = inside(thing) && std::all_of(placed.begin(), placed.end(), [&](int other) { return distance(thing, other) > 0.11; });
      }
      if (!found) return false;
      placed.push_back(thing);
    }
    return true;
  }

  bool inside(int thing) {
    Edges e = edges(thing);
    return e.left > -0.02 && e.right < kAspect + 0.02 && e.top > -0.02 && e.bottom < 1.02;
  }

  // Far to near, then the orders that holding, riding and hiding ask for.
  void sort() {
    sort_by_depth(scene_.objects);
    for (const auto& [near, far] : front_) {
      auto at = [&](int thing) { return std::find_if(scene_.objects.begin(), scene_.objects.end(), [&](const SceneObject& o) { return o.thing == thing; }); };
      auto n = at(near), f = at(far);
      if (n < f) std::rotate(n, n + 1, f + 1);
    }
  }

  void set_scale(double scale) { scale_ = scale; }
  void clear() { front_.clear(); }

 private:
  // `longer`: of the longer side, in picture heights.
  void resize(SceneObject& o, double longer) {
    double ratio = std::max(o.size, width_of(o, atlas_) * kAspect) / o.size;
    o.size = longer / ratio;
  }
  Edges edges(int thing) {
    const SceneObject& o = object(thing);
    double half = width(thing) * kAspect / 2;
    return {o.x * kAspect - half, o.y - o.size / 2, o.x * kAspect + half, o.y + o.size / 2};
  }
  double distance(int a, int b) {
    Edges p = edges(a), q = edges(b);
    double dx = std::max({p.left - q.right, q.left - p.right, 0.0}), dy = std::max({p.top - q.bottom, q.top - p.bottom, 0.0});
    return std::sqrt(dx * dx + dy * dy);
  }

  Scene& scene_;
  const Atlas& atlas_;
  Random& random_;
  Stage stage_;
  double scale_ = 1;
  std::vector<std::pair<int, int>> front_;  // nearer, farther
};

int role(int event, const char* name) { return find_role(event_specs()[std::size_t(event)], name); }

// The plan of an arranged picture: which members stand in which relation.
struct Arrangement {
  enum class Form { kScatter, kNextTo, kHold, kRide, kHide, kHoldNextTo };
  Form form = Form::kScatter;
  int a = -1, b = -1, c = -1;  // left or holder or rider or hidden; the other; what `a` holds
  std::vector<int> others;
  bool a_left = true;
};

Arrangement plan_arrangement(Drawer& drawer, Random& random) {
  using Form = Arrangement::Form;
  Arrangement plan;
  double form = random.uniform();
  if (form < 0.1) {
    plan.form = Form::kScatter;
  } else if (form < 0.3) {
    plan.form = Form::kNextTo;
    bool beings = random.chance(0.6);
    plan.a = drawer.member(beings ? kBeings : kAnything);
    plan.b = drawer.member(beings ? kBeings : kAnything);
  } else if (form < 0.45) {
    plan.form = Form::kHold;
    plan.a = drawer.member({"person"});
    plan.c = drawer.member(random.chance(0.4) ? Types{"instrument"} : kHeld);
  } else if (form < 0.62) {
    plan.form = Form::kRide;
    plan.a = drawer.member(kBeings);
    plan.b = drawer.member(random.chance(0.65) ? Types{"vehicle"} : Types{"animal"});
  } else if (form < 0.72) {
    plan.form = Form::kHide;
    plan.a = drawer.member({"person", "animal", "vehicle", "plant", "object"});
    plan.b = drawer.member({"vehicle", "building", "plant", "animal", "object", "person"});
  } else {
    plan.form = Form::kHoldNextTo;
    plan.a = drawer.member({"person"});
    plan.b = drawer.member(kBeings);
    plan.c = drawer.member(random.chance(0.55) ? Types{"tool"} : kGifts);
    plan.a_left = random.chance(0.5);
  }
  int more = plan.form == Form::kScatter ? random.between(2, 4) : random.between(0, plan.form == Form::kHoldNextTo ? 1 : 2);
  for (int i = 0; i < more; ++i) plan.others.push_back(drawer.member(kAnything));
  return plan;
}

bool place(const Arrangement& plan, Arranger& arranger, Random& random) {
  using Form = Arrangement::Form;
  arranger.clear();
  double x = random.uniform(0.25, 0.75), feet = arranger.feet();
  std::vector<int> group;
  switch (plan.form) {
    case Form::kScatter: break;
    case Form::kNextTo: arranger.next_to(plan.a, plan.b, x, feet); group = {plan.a, plan.b}; break;
    case Form::kHold:
      arranger.stand_at(plan.a, x, feet);
      arranger.hold(plan.a, plan.c, random.chance(0.5) ? 1 : -1);
      group = {plan.a, plan.c};
      break;
    case Form::kRide:
      arranger.stand_at(plan.b, x, feet);
      arranger.ride(plan.a, plan.b);
      group = {plan.a, plan.b};
      break;
    case Form::kHide: arranger.hide(plan.a, plan.b, x, feet); group = {plan.a, plan.b}; break;
    case Form::kHoldNextTo:
      arranger.next_to(plan.a_left ? plan.a : plan.b, plan.a_left ? plan.b : plan.a, x, feet);
      // On the far side of the body, so that the thing is not between the two.
      arranger.hold(plan.a, plan.c, plan.a_left ? -1 : 1);
      group = {plan.a, plan.b, plan.c};
      break;
  }
  for (int thing : group)
    if (!arranger.inside(thing)) return false;
  return arranger.scatter(group, plan.others);
}

// Adds to the story what the arrangement shows.
void read_off(const Arrangement& plan, Story& story, Shown& shown) {
  using Form = Arrangement::Form;
  auto type = [&](int m) -> const std::string& { return story.members[std::size_t(m)].type; };
  auto relation = [&](const char* name, int head, int tail) {
    int spec = find_relation_spec(name);
    const RelationSpec& r = relation_specs()[std::size_t(spec)];
    if (!contains(r.head, type(head)) || !contains(r.tail, type(tail))) return;
    shown.relations.push_back(int(story.relations.size()));
    story.relations.push_back({spec, head, tail});
  };
  auto event = [&](const char* name, std::vector<std::pair<const char*, int>> arguments) {
    StoryEvent made{find_event_spec(name), -1, {}};
    for (const auto& [role_name, member] : arguments) made.arguments.emplace_back(role(made.spec, role_name), member);
    shown.events.push_back(int(story.events.size()));
    story.events.push_back(std::move(made));
  };
  bool beings = plan.a >= 0 && plan.b >= 0 && contains(kBeings, type(plan.a)) && contains(kBeings, type(plan.b));
  switch (plan.form) {
    case Form::kScatter: break;
    case Form::kNextTo:
      relation("next to", plan.a, plan.b);
      if (beings) event("Meet", {{"participant", plan.a}, {"participant", plan.b}});
      break;
    case Form::kHold:
      relation("holding", plan.a, plan.c);
      if (type(plan.c) == "instrument") event("Perform", {{"performer", plan.a}, {"instrument", plan.c}});
      break;
    case Form::kRide:
      relation("riding", plan.a, plan.b);
      if (type(plan.b) == "vehicle") event("Transport", {{"carrier", plan.b}, {"cargo", plan.a}});
      break;
    case Form::kHide: relation("behind", plan.a, plan.b); break;
    case Form::kHoldNextTo:
      relation("holding", plan.a, plan.c);
      relation("next to", plan.a_left ? plan.a : plan.b, plan.a_left ? plan.b : plan.a);
      if (type(plan.c) == "tool") event("Attack", {{"attacker", plan.a}, {"victim", plan.b}, {"weapon", plan.c}});
      else event("Give", {{"giver", plan.a}, {"gift", plan.c}, {"recipient", plan.b}});
      break;
  }
}

SceneRequest request_of(const std::vector<int>& members, const Story& story, const DrawingRules& rules) {
  SceneRequest request;
  for (int m : members) request.items.push_back({m, story.members[std::size_t(m)].kind});
  request.styles = rules.styles;
  return request;
}

void find_phrases(const Scene& scene, const Atlas& atlas, const Story& story, Shown& shown, Random& random) {
  Wording wording = story.split == Split::kTest ? Wording::kTest : Wording::kTraining;
  for (std::size_t i = 0; i < scene.objects.size(); ++i) {
    std::vector<std::string> phrases = describe(scene, atlas, i, wording);
    if (phrases.empty()) continue;
    shown.phrases[scene.objects[i].thing] = random.chance(0.6) ? phrases.front() : random.pick(phrases);
  }
}

}  // namespace

Picture make_picture(Story& story, const std::string& medium, bool arranged, const DrawingRules& rules, const Atlas& atlas, Random& random) {
  Picture picture;
  picture.shown.medium = medium;
  Drawer drawer(story, rules, atlas, random);
  if (!arranged) {
    for (int n = random.between(1, 4); n > 0; --n) drawer.member(kAnything);
    picture.scene = compose_scene(request_of(drawer.shown(), story, rules), atlas, random);
  } else {
    Arrangement plan = plan_arrangement(drawer, random);
    picture.scene = compose_scene(request_of(drawer.shown(), story, rules), atlas, random);
    Arranger arranger(picture.scene, atlas, random);
    bool placed = false;
    double scale = 1.15;
    for (int attempt = 0; attempt < 80 && !placed; ++attempt) {
      arranger.set_scale(scale);
      placed = place(plan, arranger, random);
      if (attempt % 8 == 7) scale *= 0.88;
    }
    if (placed) {
      arranger.sort();
      read_off(plan, story, picture.shown);
    } else {
      picture.as_planned = false;
    }
  }
  picture.shown.members = drawer.shown();
  find_phrases(picture.scene, atlas, story, picture.shown, random);
  return picture;
}

MadeFilm make_film(Story& story, const std::string& medium, const DrawingRules& rules, const Atlas& atlas, Random& random) {
  std::vector<int> specs;
  for (std::size_t i = 0; i < event_specs().size(); ++i)
    if (!event_specs()[i].action.empty()) specs.push_back(int(i));
  StoryEvent event{random.pick(specs), -1, {}};
  const EventSpec& spec = event_specs()[std::size_t(event.spec)];
  MadeFilm made;
  made.shown.medium = medium;
  Drawer drawer(story, rules, atlas, random);
  FilmRequest request;
  request.action = spec.action;
  request.styles = rules.styles;
  for (const std::string& actor : spec.actors) {
    Types types;
    if (spec.name == "Meet" || spec.name == "Attack") types = kBeings;
    else if (spec.name == "Transport") types = actor == "carrier" ? Types{"vehicle"} : Types{"person", "animal", "food", "object", "plant"};
    else if (spec.name == "Fall") types = {"person", "animal", "object", "food", "plant"};
    else if (spec.name == "Give") types = actor == "gift" ? kGifts : Types{"person"};
    else types = {"person", "animal", "vehicle"};
    int member = drawer.member(types);
    request.actors.push_back({member, story.members[std::size_t(member)].kind});
    event.arguments.emplace_back(find_role(spec, actor), member);
  }
  if (spec.name == "Attack" && random.chance(0.6)) {
    int weapon = drawer.member({"tool"});
    request.actors.push_back({weapon, story.members[std::size_t(weapon)].kind});
    event.arguments.emplace_back(find_role(spec, "weapon"), weapon);
  }
  for (int n = random.between(0, 2); n > 0; --n) {
    int member = drawer.member(kAnything);
    request.bystanders.push_back({member, story.members[std::size_t(member)].kind});
  }
  made.film = compose_film(request, atlas, random);
  made.shown.members = drawer.shown();
  made.shown.events = {int(story.events.size())};
  story.events.push_back(std::move(event));
  // Every kind is there once, so its words alone are enough.
  for (int m : made.shown.members) {
    const Kind& kind = kinds()[std::size_t(story.members[std::size_t(m)].kind)];
    std::string phrase = kind.name;
    if (!kind.descriptions.empty() && random.chance(0.3)) phrase = random.pick(kind.descriptions);
    if (story.split == Split::kTest && !kind.test_descriptions.empty() && random.chance(0.3)) phrase = random.pick(kind.test_descriptions);
    made.shown.phrases[m] = phrase;
  }
  return made;
}

}  // namespace reamo::synth
