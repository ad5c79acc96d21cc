// Films as sequences of scenes. How the actors of each action move is in film_actions.cpp.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "synth/draw.h"
#include "synth/scene.h"

namespace reamo::synth {
namespace {

constexpr double kElsewhere = -10;  // x of what is not there

SceneObject object_at(const FilmObject& actor, double time) {
  SceneObject object = actor.object;
  const auto& path = actor.path;
  if (path.empty()) return object;
  const auto after = std::find_if(path.begin(), path.end(), [&](const FilmObject::Key& key) { return key.time > time; });
  const FilmObject::Key& left = after == path.begin() ? *after : *(after - 1);
  const FilmObject::Key& right = after == path.end() ? left : *after;
  const double span = right.time - left.time, t = span > 0 ? std::clamp((time - left.time) / span, 0.0, 1.0) : 0;
  object.x = left.x + (right.x - left.x) * t;
  object.y = left.y + (right.y - left.y) * t;
  object.size = left.size + (right.size - left.size) * t;
  object.rotation += left.rotation + (right.rotation - left.rotation) * t;
  if (object.ground < 0) object.ground = object.y + object.size / 2 - 0.01;
  if (!left.visible) object.x = kElsewhere;
  return object;
}

// What one frame shows, far to near.
struct Frame {
  Scene scene;
  View view;
  std::vector<std::size_t> order;  // by object of `scene`: its index in scene_at()
};

Frame frame_at(const Film& film, int index) {
  const double time = index / film.frame_rate;
  const Scene given = scene_at(film, time);
  // By the ground they stand on, also while they are in the air.
  const auto depth = [&](std::size_t i) {
    const SceneObject& object = given.objects[i];
    return object.ground >= 0 ? object.ground : object.y + object.size / 2;
  };
  Frame frame;
  frame.order.resize(given.objects.size());
  std::iota(frame.order.begin(), frame.order.end(), std::size_t(0));
  std::stable_sort(frame.order.begin(), frame.order.end(), [&](std::size_t a, std::size_t b) { return depth(a) < depth(b); });
  frame.scene = given;
  for (std::size_t i = 0; i < frame.order.size(); ++i) frame.scene.objects[i] = given.objects[frame.order[i]];
  frame.view.pan = film.pan_x * time;
  frame.view.grain_seed = std::uint64_t(index);
  return frame;
}

}  // namespace

int frame_count(const Film& film) { return std::max(1, int(std::lround(film.duration * film.frame_rate))); }

Scene scene_at(const Film& film, double time) {
  Scene scene = film.stage;
  scene.objects.clear();
  for (const FilmObject& actor : film.actors) scene.objects.push_back(object_at(actor, time));
  scene.objects.insert(scene.objects.end(), film.stage.objects.begin(), film.stage.objects.end());
  return scene;
}

Drawing draw_frame(const Film& film, const Atlas& atlas, int index, int width, int height) {
  Frame frame = frame_at(film, index);
  Drawing drawn = with_masks(draw_view(frame.scene, atlas, width, height, frame.view), frame.scene, width, height);
  Drawing out;
  out.image = std::move(drawn.image);
  out.objects.resize(frame.order.size());
  for (std::size_t i = 0; i < frame.order.size(); ++i) out.objects[frame.order[i]] = std::move(drawn.objects[i]);
  return out;
}

signal::Image draw_frame_image(const Film& film, const Atlas& atlas, int index, int width, int height) {
  const Frame frame = frame_at(film, index);
  return draw_view(frame.scene, atlas, width, height, frame.view).image;
}

LabelDrawing draw_frame_labels(const Film& film, const Atlas& atlas, int index, int width, int height) {
  const Frame frame = frame_at(film, index);
  LabelDrawing drawn = draw_view(frame.scene, atlas, width, height, frame.view);
  for (std::uint16_t& label : drawn.labels) {
    if (label > 0) label = std::uint16_t(1 + frame.order[label - 1u]);
  }
  std::vector<double> visibility(drawn.visibility.size());
  for (std::size_t i = 0; i < visibility.size(); ++i) visibility[frame.order[i]] = drawn.visibility[i];
  drawn.visibility = std::move(visibility);
  return drawn;
}

}  // namespace reamo::synth
