#include <algorithm>
#include <cmath>
#include <map>

#include "ie/error.h"
#include "synth/compose.h"
#include "synth/proportions.h"

namespace reamo::synth {
namespace {

constexpr double kBeat = 0.25;  // seconds between two steps of a walk

// An actor while its path is written: where it stands and when.
class Actor {
 public:
  Actor(SceneObject look, const Atlas& atlas, double feet, double size) : feet_(feet), atlas_(&atlas) {
    film_.object = std::move(look);
    film_.object.rotation = 0;
    film_.object.size = size;
    lively_ = kinds()[std::size_t(film_.object.kind)].entity_type == "person" || kinds()[std::size_t(film_.object.kind)].entity_type == "animal";
  }

  double half_width() const { return width_of(film_.object, *atlas_) / 2; }
  double size() const { return film_.object.size; }
  double feet() const { return feet_; }
  double x() const { return film_.path.empty() ? 0.5 : film_.path.back().x; }
  double time() const { return film_.path.empty() ? 0 : film_.path.back().time; }
  FilmObject& film() { return film_; }

  // Emoji look to the left.
  Actor& face(bool right) {
    film_.object.flip = right;
    return *this;
  }
  Actor& at(double time, double x, double lift = 0, double rotation = 0, double scale = 1) {
    const double size = film_.object.size * scale;
    film_.path.push_back({time, x, feet_ - size / 2 - lift, size, true, rotation});
    return *this;
  }
  Actor& hide(double time) {
    if (!film_.path.empty()) {
      FilmObject::Key key = film_.path.back();
      key.time = std::max(time, key.time), key.visible = false;
      film_.path.push_back(key);
    }
    return *this;
  }
  // Goes to x until `until`, in steps; `scale` is reached on the way, feet move with the depth.
  Actor& walk(double until, double x, double feet = -1, double scale = 1) {
    const double from_time = time(), from_x = this->x(), from_feet = feet_;
    const double from_scale = film_.path.empty() ? 1 : film_.path.back().size / film_.object.size;
    const int steps = std::max(1, int(std::lround((until - from_time) / kBeat)));
    for (int i = 1; i <= steps; ++i) {
      const double t = double(i) / steps;
      if (feet >= 0) feet_ = from_feet + (feet - from_feet) * t;
      const bool up = lively_ && i % 2 == 1 && i < steps;
      at(from_time + (until - from_time) * t, from_x + (x - from_x) * t, up ? 0.05 * size() : 0, lively_ ? (i % 2 ? 0.06 : -0.06) : 0,
         from_scale + (scale - from_scale) * t);
    }
    return *this;
  }
  Actor& rest(double until) {
    if (until <= time() || film_.path.empty()) return *this;
    FilmObject::Key key = film_.path.back();
    key.time = until;
    film_.path.push_back(key);
    return *this;
  }

 private:
  FilmObject film_;
  double feet_;
  const Atlas* atlas_;
  bool lively_;
};

struct Director {
  Film film;
  std::vector<Actor> actors;
  double end;  // seconds
  double ground;
  Random& random;

  double entry(const Actor& actor, bool left) const { return left ? -actor.half_width() - 0.03 : 1 + actor.half_width() + 0.03; }

  void meet() {
    const double together = end * random.uniform(0.4, 0.6), middle = random.uniform(0.42, 0.58);
    Actor &one = actors[0], &other = actors[1];
    const double apart = (one.half_width() + other.half_width()) * random.uniform(0.92, 1.06);
    one.face(true).at(0, entry(one, true) + random.uniform(0, 0.2)).walk(together, middle - apart / 2);
    other.face(false).at(0, entry(other, false) - random.uniform(0, 0.2)).walk(together * random.uniform(0.8, 1), middle + apart / 2);
    for (Actor* actor : {&one, &other})  // they nod to each other
      for (double t = actor->time() + 0.5; t + 0.5 < end; t += 0.5) {
        actor->at(t, actor->x(), 0, 0.08);
        actor->at(t + 0.25, actor->x(), 0.02 * actor->size(), -0.04);
      }
  }

  void chase() {
    const bool right = random.chance(0.5);
    Actor &hunter = actors[0], &prey = actors[1];
    const double sign = right ? 1 : -1, gap = hunter.half_width() + prey.half_width() + random.uniform(0.1, 0.2);
    const bool follow = random.chance(0.5);  // the camera goes with them
    const double start = right ? 0.14 : 0.86;
    const double way = follow ? random.uniform(0.9, 1.4) : 0.7 - gap;
    if (follow) film.pan_x = sign * std::max(0.0, way - 0.25) / end;
    hunter.face(right).at(0, start).walk(end, start + sign * (way + gap * 0.35));
    prey.face(right).at(0, start + sign * gap).walk(end, start + sign * (way + gap));
  }

  void attack() {
    const bool right = random.chance(0.5);
    Actor &attacker = actors[0], &victim = actors[1];
    const double sign = right ? 1 : -1, place = right ? random.uniform(0.55, 0.7) : random.uniform(0.3, 0.45);
    const double reach = attacker.half_width() + victim.half_width();
    const double near = place - sign * reach * 1.15, there = end * random.uniform(0.3, 0.45);
    attacker.face(right).at(0, place - sign * (reach + random.uniform(0.25, 0.4))).walk(there, near);
    victim.face(!right).at(0, place).rest(there);
    double t = there;
    for (int blow = 0; t + 0.75 <= end; ++blow, t += 0.75) {
      attacker.at(t + 0.25, place - sign * reach * 0.75, 0.03, sign * 0.25).at(t + 0.5, near, 0, -sign * 0.1);
      victim.at(t + 0.25, place, 0, 0).at(t + 0.375, place + sign * 0.05, 0.02, sign * 0.3).at(t + 0.625, place, 0, 0);
      if (actors.size() > 2) {
        Actor& weapon = actors[2];
        if (blow == 0) weapon.face(right).at(0, attacker.film().path.front().x + sign * attacker.half_width(), 0.12).at(there, near + sign * attacker.half_width(), 0.12);
        weapon.at(t + 0.25, place - sign * victim.half_width() * 0.6, 0.16, sign * 0.9).at(t + 0.5, near + sign * attacker.half_width(), 0.14, -sign * 0.3);
      }
    }
    if (random.chance(0.5) && victim.time() + 0.4 < end) victim.at(end, place + sign * 0.06, -0.02, sign * 1.4);
  }

  void transport() {
    const bool right = random.chance(0.5);
    Actor &carrier = actors[0], &cargo = actors[1];
    const double from = entry(carrier, right) + (right ? 0.22 : -0.22), to = right ? random.uniform(0.72, 0.88) : random.uniform(0.12, 0.28);
    carrier.face(right).at(0, from).walk(end * 0.85, to);
    carrier.rest(end);
    // It lies on top of what carries it, a little in front of it, and comes along.
    cargo.face(right);
    cargo.film().object.ground = carrier.feet() + 0.001;
    for (const FilmObject::Key& key : carrier.film().path) {
      FilmObject::Key mine = key;
      mine.size = cargo.size();
      mine.y = key.y - key.size / 2 - cargo.size() * 0.28;
      cargo.film().path.push_back(mine);
    }
    if (random.chance(0.4)) film.pan_x = (right ? 1 : -1) * random.uniform(0.02, 0.05);
  }

  void fall() {
    Actor& faller = actors[0];
    const double x = random.uniform(0.3, 0.7), sign = random.chance(0.5) ? 1 : -1;
    double t = end * random.uniform(0.2, 0.4);
    faller.film().object.ground = faller.feet();
    if (random.chance(0.6)) {  // from above, faster and faster
      const double height = std::max(0.1, faller.feet() - faller.size() - 0.03);
      faller.at(0, x - sign * 0.05, height).at(t, x, height);
      const double drop = random.uniform(0.6, 1.0);
      for (int i = 1; i <= 6; ++i) faller.at(t + drop * i / 6, x + sign * 0.02 * i, height * (1 - i * i / 36.0), sign * 0.25 * i);
      t += drop;
      faller.at(t + 0.15, x + sign * 0.14, 0.05, sign * 1.5).at(t + 0.3, x + sign * 0.16, -faller.size() * 0.1, sign * 1.5);
    } else {  // on its way it tumbles
      faller.face(sign > 0).at(0, x - sign * 0.35).walk(t, x);
      faller.at(t + 0.2, x + sign * 0.05, 0.03, sign * 0.5).at(t + 0.45, x + sign * 0.1, -faller.size() * 0.12, sign * 1.5);
    }
    faller.rest(end);
  }

  void give() {
    const bool right = random.chance(0.5);
    const double sign = right ? 1 : -1;
    Actor &giver = actors[0], &gift = actors[1], &taker = actors[2];
    const double taker_x = right ? random.uniform(0.64, 0.74) : random.uniform(0.26, 0.36);
    const double reach = giver.half_width() + taker.half_width() + 2 * gift.half_width();
    const double giver_x = taker_x - sign * reach, arrive = end * random.uniform(0.3, 0.4), handed = arrive + end * 0.25;
    const double hand = gift.half_width() + giver.half_width() * 0.7, hold = giver.size() * 0.2;
    giver.face(right).at(0, giver_x - sign * random.uniform(0.25, 0.35)).walk(arrive, giver_x);
    taker.face(!right).at(0, taker_x).rest(handed);
    gift.film().object.ground = std::max(giver.feet(), taker.feet()) + 0.002;
    for (const FilmObject::Key& key : giver.film().path) gift.at(key.time, key.x + sign * hand, hold);
    gift.at((arrive + handed) / 2, (giver_x + taker_x) / 2, hold + 0.05);
    const double taken = taker_x - sign * (gift.half_width() + taker.half_width() * 0.6);
    gift.at(handed, taken, hold);
    giver.rest(handed);
    if (random.chance(0.5)) giver.walk(end, giver_x - sign * 0.3);
    if (random.chance(0.4)) {  // and carries it away
      taker.walk(end, taker_x + sign * 0.2);
      const auto path = taker.film().path;
      for (const FilmObject::Key& key : path)
        if (key.time > handed) gift.at(key.time, key.x + taken - taker_x, hold);
    }
    taker.rest(end), giver.rest(end), gift.rest(end);
  }

  void leave() {
    Actor& actor = actors[0];
    const bool left = random.chance(0.5);
    const double start = random.uniform(0.4, 0.6), wait = end * random.uniform(0.15, 0.3);
    actor.face(!left).at(0, start).rest(wait);
    if (random.chance(0.7)) {
      const double gone = end * random.uniform(0.75, 0.9);
      actor.walk(gone, entry(actor, left)).hide(gone);
    } else {  // into the distance
      actor.walk(end, left ? 0.25 : 0.75, std::max(ground, actor.feet() - (actor.feet() - ground) * 0.9), 0.45);
    }
  }

  void arrive() {
    Actor& actor = actors[0];
    const bool left = random.chance(0.5);
    const double place = random.uniform(0.4, 0.6), comes = end * random.uniform(0.1, 0.25), there = end * random.uniform(0.6, 0.8);
    actor.face(left).at(0, entry(actor, left));
    actor.hide(0);
    actor.at(comes, entry(actor, left)).walk(there, place);
    actor.rest(end);
  }
};

struct Action {
  std::size_t actors;  // that take part; more stand by
  void (Director::*play)();
};
const std::map<std::string, Action>& actions() {
  static const std::map<std::string, Action> all = {{"meet", {2, &Director::meet}},           {"chase", {2, &Director::chase}}, {"attack", {2, &Director::attack}},
                                                    {"transport", {2, &Director::transport}}, {"fall", {1, &Director::fall}},   {"give", {3, &Director::give}},
                                                    {"leave", {1, &Director::leave}},         {"arrive", {1, &Director::arrive}}};
  return all;
}

// Something that stands there: buildings and the like far away, others near the sides.
SceneObject bystander(const SceneRequest::Item& item, const std::string& style, const Atlas& atlas, const Stage& stage, double x, Random& random) {
  SceneObject object = make_look(item.kind, item.thing, style, atlas, random);
  object.rotation = 0;
  const bool large = proportion_of(item.kind).size > 1.2;
  stand(object, atlas, stage, x, stage.horizon + (1 - stage.horizon) * (large ? random.uniform(0.08, 0.2) : random.uniform(0.12, 0.35)), 0.9);
  const double half = width_of(object, atlas) / 2;
  object.x = std::clamp(object.x, std::min(0.5, half), std::max(0.5, 1 - half));
  return object;
}

}  // namespace

std::vector<std::string> film_actions() {
  std::vector<std::string> names;
  for (const auto& entry : actions()) names.push_back(entry.first);
  return names;
}

Film compose_film(const FilmRequest& request, const Atlas& atlas, Random& random) {
  const auto found = actions().find(request.action);
  if (found == actions().end()) throw Error("there is no action '" + request.action + "' for a film");
  const Action& action = found->second;
  if (request.actors.size() < action.actors)
    throw Error("the action '" + request.action + "' needs " + std::to_string(action.actors) + " actors, not " + std::to_string(request.actors.size()));
  std::vector<int> wanted;
  for (const auto& item : request.actors) wanted.push_back(item.kind);
  for (const auto& item : request.bystanders) wanted.push_back(item.kind);
  const std::string style = choose_style(atlas, request.styles, wanted, random);

  Director director{{}, {}, random.between(5, 10) * 0.5, 0, random};
  Film& film = director.film;
  film.duration = director.end;
  do film.stage.background = choose_background(wanted, random);
  while (stage_of(film.stage.background).place == Place::kTexture);
  const Stage stage = stage_of(film.stage.background);
  director.ground = stage.horizon + 0.06;
  const double feet = stage.horizon + (0.97 - stage.horizon) * random.uniform(0.6, 0.9), scale = random.uniform(0.8, 1.0);

  // Attacks may have a weapon as third actor.
  const std::size_t taking_part = std::min(request.actors.size(), action.actors + (request.action == "attack" ? 1 : 0));
  for (std::size_t i = 0; i < taking_part; ++i) {
    SceneObject look = make_look(request.actors[i].kind, request.actors[i].thing, style, atlas, random);
    const double mine = feet + random.uniform(-0.02, 0.02) + 0.003 * double(i);
    double size = size_at(look, atlas, stage, mine, scale);
    look.size = size;
    const double width = width_of(look, atlas);
    double limit = 0.4;                                                       // of the width, so that there is room to move
    if (request.action == "transport" && i == 1) limit = 0.22, size *= 0.75;  // what is carried
    if (request.action == "give" && i == 1) limit = 0.17;
    if (request.action == "give" && i != 1) limit = 0.26;
    if (request.action == "attack" && i == 2) limit = 0.2, size *= 0.9;
    size *= std::min(1.0, limit / width);
    director.actors.emplace_back(std::move(look), atlas, mine, size);
  }
  (director.*action.play)();
  for (Actor& actor : director.actors) film.actors.push_back(std::move(actor.film()));

  std::vector<SceneRequest::Item> others(request.actors.begin() + std::ptrdiff_t(taking_part), request.actors.end());
  others.insert(others.end(), request.bystanders.begin(), request.bystanders.end());
  for (std::size_t i = 0; i < others.size(); ++i)
    film.stage.objects.push_back(bystander(others[i], style, atlas, stage, (double(i) + random.uniform(0.3, 0.7)) / double(others.size()), random));
  // Now and then a tree or the like stands before the way and hides who passes.
  if (taking_part < 3 && request.action != "fall" && random.chance(0.35)) {
    std::vector<int> screens;
    for (const char* name : {"leafy tree", "fir tree", "cactus", "palm tree", "tent"}) {
      const int kind = find_kind(name);
      if (kind >= 0 && atlas.has(kind, style) && std::find(wanted.begin(), wanted.end(), kind) == wanted.end()) screens.push_back(kind);
    }
    if (!screens.empty()) {
      SceneObject screen = make_look(random.pick(screens), -1, style, atlas, random);
      screen.rotation = 0;
      stand(screen, atlas, stage, random.chance(0.5) ? random.uniform(0.12, 0.32) : random.uniform(0.68, 0.88), std::min(0.99, feet + 0.07), scale * 0.85);
      film.stage.objects.push_back(std::move(screen));
    }
  }
  sort_by_depth(film.stage.objects);
  film.stage.noise = random.chance(0.4) ? random.uniform(0, 5) : 0;
  film.stage.blur = random.chance(0.25) ? random.uniform(0, 0.7) : 0;
  return film;
}

}  // namespace reamo::synth
