#include "synth/compose.h"

#include <algorithm>
#include <cmath>

#include "ie/error.h"
#include "synth/proportions.h"

namespace reamo::synth {
namespace {

const signal::ImageRgba& sprite_of(const SceneObject& object, const Atlas& atlas) {
  const auto& sprites = atlas.sprites(object.kind, object.style);
  return sprites[std::size_t(object.variant) % sprites.size()];
}

// Overlap of two objects' boxes as a share of the smaller one.
double overlap(const SceneObject& a, const SceneObject& b, const Atlas& atlas, double aspect) {
  const double aw = width_of(a, atlas, aspect), bw = width_of(b, atlas, aspect);
  const double w = std::min(a.x + aw / 2, b.x + bw / 2) - std::max(a.x - aw / 2, b.x - bw / 2);
  const double h = std::min(a.y + a.size / 2, b.y + b.size / 2) - std::max(a.y - a.size / 2, b.y - b.size / 2);
  if (w <= 0 || h <= 0) return 0;
  return w * h / std::max(1e-9, std::min(aw * a.size, bw * b.size));
}

// Finds places for all objects; false if some would be hidden too much.
bool place_all(std::vector<SceneObject>& objects, const Atlas& atlas, const Stage& stage, double aspect, double scale, double tolerance,
               Random& random) {
  std::vector<SceneObject> placed;
  std::vector<std::size_t> order(objects.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {  // the large ones first
    const double left = proportion_of(objects[a].kind).size, right = proportion_of(objects[b].kind).size;
    return left != right ? left > right : a < b;
  });
  for (const std::size_t i : order) {
    SceneObject& object = objects[i];
    const Proportion& proportion = proportion_of(object.kind);
    bool found = false;
    for (int attempt = 0; attempt < 24 && !found; ++attempt) {
      const bool in_air = proportion.flies && stage.place != Place::kTexture && random.chance(0.65);
      // Large things stand rather far away, small ones rather near.
      const double near = std::clamp(random.uniform() * 0.8 + (1.1 - proportion.size) * 0.35, 0.0, 1.0);
      const double feet = stage.place == Place::kTexture ? random.uniform(0.32, 0.98) : stage.horizon + 0.05 + (0.93 - stage.horizon) * near;
      stand(object, atlas, stage, 0.5, std::min(feet, 0.985), scale);
      if (in_air) {
        const double feet_of_shadow = object.ground;
        object.y = random.uniform(object.size / 2, std::max(object.size / 2 + 0.01, stage.horizon - object.size / 4));
        object.ground = stage.place == Place::kRoom ? feet_of_shadow : -1;
      }
      const double half = width_of(object, atlas, aspect) / 2;
      // Now and then something is cut by the picture's edge.
      const double margin = random.chance(0.08) ? half * 0.4 : half;
      object.x = margin >= 0.5 ? 0.5 : random.uniform(margin, 1 - margin);
      if (object.y - object.size / 2 < -0.02) object.y = object.size / 2;
      found = std::all_of(placed.begin(), placed.end(), [&](const SceneObject& other) { return overlap(object, other, atlas, aspect) <= tolerance; });
    }
    if (!found) return false;
    placed.push_back(object);
  }
  return true;
}

void arrange(Scene& scene, const Atlas& atlas, double aspect, double minimum_visibility, Random& random) {
  const Stage stage = stage_of(scene.background);
  const bool crowded = random.chance(0.45);
  double scale = random.uniform(0.85, 1.2) * (scene.objects.size() <= 2 ? 1.15 : scene.objects.size() >= 6 ? 0.8 : 1);
  std::vector<SceneObject> best;
  double best_visibility = -1;
  for (int attempt = 0; attempt < 12 && best_visibility < minimum_visibility; ++attempt) {
    const double tolerance = attempt == 11 ? 1 : crowded ? 0.2 + 0.04 * attempt : 0.03 + 0.03 * attempt;
    std::vector<SceneObject> objects = scene.objects;
    const bool placed = place_all(objects, atlas, stage, aspect, scale, tolerance, random);
    scale *= 0.93;
    if (!placed && attempt < 11) continue;
    Scene trial;
    trial.objects = objects;
    sort_by_depth(trial.objects);
    const LabelDrawing drawn = draw_only_labels(trial, atlas, int(96 * aspect + 0.5), 96);
    const double visibility = *std::min_element(drawn.visibility.begin(), drawn.visibility.end());
    if (visibility > best_visibility) best_visibility = visibility, best = std::move(trial.objects);
  }
  scene.objects = std::move(best);
}

void weather(Scene& scene, Random& random) {
  scene.blur = random.chance(0.4) ? random.uniform(0, 0.9) : 0;
  scene.noise = random.chance(0.6) ? random.uniform(0, 9) : 0;
  scene.jpeg_quality = random.chance(0.5) ? random.between(60, 95) : 0;
}

// Kinds that the atlas can draw in some style.
std::vector<int> drawable(const Atlas& atlas, const std::string& style) {
  std::vector<int> all;
  for (int kind = 0; kind < int(kinds().size()); ++kind)
    if (!kinds()[std::size_t(kind)].held_out && atlas.has(kind, style)) all.push_back(kind);
  return all;
}

}  // namespace

std::string choose_style(const Atlas& atlas, const std::vector<std::string>& styles, const std::vector<int>& wanted, Random& random) {
  std::vector<std::string> best;
  std::size_t most = 0;
  for (const std::string& style : styles) {
    const auto count = std::size_t(std::count_if(wanted.begin(), wanted.end(), [&](int kind) { return atlas.has(kind, style); }));
    if (count > most) best.clear(), most = count;
    if (count == most && count > 0) best.push_back(style);
  }
  if (wanted.empty()) best = styles;
  if (best.empty()) {
    std::string list;
    for (const std::string& style : styles) list += (list.empty() ? "" : ", ") + style;
    throw Error("the atlas has no artwork of the wanted things in " + (list.empty() ? "no style" : list));
  }
  return random.pick(best);
}

std::uint64_t choose_background(const std::vector<int>& wanted, Random& random) {
  const bool outdoors = std::any_of(wanted.begin(), wanted.end(), [](int kind) {
    const std::string& type = kinds()[std::size_t(kind)].entity_type;
    return type == "building" || type == "vehicle";
  });
  std::uint64_t seed = random.next();
  for (int attempt = 0; attempt < 4 && outdoors && stage_of(seed).place == Place::kRoom; ++attempt) seed = random.next();
  return seed;
}

SceneObject make_look(int kind, int thing, const std::string& style, const Atlas& atlas, Random& random) {
  SceneObject object;
  object.thing = thing;
  object.kind = kind;
  object.style = style;
  if (!atlas.has(kind, style))
    for (const std::string& other : atlas.styles())
      if (atlas.has(kind, other)) object.style = other;
  object.variant = int(random.index(atlas.sprites(kind, object.style).size()));
  object.flip = random.chance(0.5);
  const Proportion& proportion = proportion_of(kind);
  object.hue = random.chance(proportion.recolor) ? random.uniform() : random.uniform(-0.015, 0.015);
  object.brightness = random.uniform(0.86, 1.08);
  object.saturation = random.uniform(0.8, 1.15);
  const std::string& type = kinds()[std::size_t(kind)].entity_type;
  if (type == "food" || type == "tool" || type == "object" || type == "clothing" || type == "instrument")
    object.rotation = random.chance(0.5) ? random.uniform(-0.35, 0.35) : 0;
  else if (type != "building") object.rotation = random.chance(0.4) ? random.uniform(-0.1, 0.1) : 0;
  return object;
}

double width_of(const SceneObject& object, const Atlas& atlas, double aspect) {
  const signal::ImageRgba& sprite = sprite_of(object, atlas);
  return object.size * sprite.width / sprite.height / aspect;
}

double size_at(const SceneObject& object, const Atlas& atlas, const Stage& stage, double feet, double scale) {
  const signal::ImageRgba& sprite = sprite_of(object, atlas);
  const double depth = stage.place == Place::kTexture ? 0.8 : std::clamp((feet - stage.horizon) / (1 - stage.horizon), 0.0, 1.0);
  const double longer = std::clamp(0.42 * scale * proportion_of(object.kind).size * (0.62 + 0.42 * depth), 0.14, 0.74);
  const double height = longer * sprite.height / std::max(sprite.width, sprite.height);
  return std::max(height, 0.06);
}

void stand(SceneObject& object, const Atlas& atlas, const Stage& stage, double x, double feet, double scale) {
  object.size = size_at(object, atlas, stage, feet, scale);
  object.x = x;
  object.y = feet - object.size / 2;
  object.ground = feet - 0.01;
}

void sort_by_depth(std::vector<SceneObject>& objects) {
  std::stable_sort(objects.begin(), objects.end(), [](const SceneObject& a, const SceneObject& b) {
    return a.y + a.size / 2 < b.y + b.size / 2;
  });
}

Scene compose_scene(const SceneRequest& request, const Atlas& atlas, Random& random) {
  Scene scene;
  std::vector<int> wanted;
  for (const SceneRequest::Item& item : request.items) wanted.push_back(item.kind);
  scene.background = choose_background(wanted, random);
  const std::string style = choose_style(atlas, request.styles, wanted, random);
  for (const SceneRequest::Item& item : request.items) scene.objects.push_back(make_look(item.kind, item.thing, style, atlas, random));
  std::vector<int> others = drawable(atlas, style);
  std::erase_if(others, [&](int kind) { return std::find(wanted.begin(), wanted.end(), kind) != wanted.end(); });
  for (int i = 0; i < request.distractors && !others.empty(); ++i) {
    const std::size_t at = random.index(others.size());
    scene.objects.push_back(make_look(others[at], -1, style, atlas, random));
    others.erase(others.begin() + std::ptrdiff_t(at));
  }
  if (!scene.objects.empty()) arrange(scene, atlas, kAspect, 0.5, random);
  weather(scene, random);
  return scene;
}

Scene random_scene(const Atlas& atlas, Random& random, const std::vector<std::string>& styles, const std::vector<int>& allowed,
                   double aspect) {
  Scene scene;
  scene.background = random.next();
  const std::string style = choose_style(atlas, styles, {}, random);
  std::vector<int> pool = drawable(atlas, style);
  if (!allowed.empty()) {
    pool.clear();
    for (int kind : allowed)
      if (atlas.has(kind, style)) pool.push_back(kind);
  }
  if (pool.empty()) throw Error("the atlas has none of the wanted kinds in style " + style);
  const int count = random.between(1, 5);
  int previous = -1;
  for (int i = 0; i < count; ++i) {
    // Now and then one more of the same kind, so that looks and places must tell them apart.
    const int kind = previous >= 0 && random.chance(0.16) ? previous : random.pick(pool);
    scene.objects.push_back(make_look(kind, -1, style, atlas, random));
    previous = kind;
  }
  arrange(scene, atlas, aspect, 0.35, random);
  weather(scene, random);
  return scene;
}

}  // namespace reamo::synth
