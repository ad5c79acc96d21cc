// Pictures and films of the synthetic world: what stands where, drawn from an atlas of emoji artwork.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ie/mask.h"
#include "signal/image.h"
#include "synth/atlas.h"
#include "synth/random.h"

namespace reamo::synth {

// A thing in a picture. Positions and sizes are fractions of the picture's height (x of its width), so that a scene can
// be drawn at any size.
struct SceneObject {
  int thing = -1;            // index of the story's thing; -1: a distractor
  int kind = 0;              // into Atlas::kinds()
  std::string style;         // artwork: noto, twemoji, emojione, openmoji, fluent3d
  int variant = 0;           // which sprite of kind and style (skin tone, gender)
  double x = 0.5, y = 0.5;   // centre
  double size = 0.3;         // height of the sprite
  double rotation = 0;       // radians
  bool flip = false;
  double hue = 0, brightness = 1, saturation = 1;  // hue: turns added (people: to their clothes only)
  double ground = -1;        // y of the ground below it, where its shadow lies; negative: no shadow
  std::uint64_t finish = 0;  // seed of a change of hand (shading, contrast, outline, grey); 0: as the artwork is
};

struct Scene {
  std::uint64_t background = 0;         // seed of the background (gradients, textures, ground and sky)
  std::vector<SceneObject> objects;     // far to near: later ones hide earlier ones
  double blur = 0, noise = 0;           // pixels at height 240; standard deviation of 255
  int jpeg_quality = 0;                 // 0: none (applied where files are written)
};

struct DrawnObject {
  int thing = -1, kind = 0;
  ie::Mask mask;            // visible pixels only
  double visibility = 1;    // visible share of its drawn pixels
};
struct Drawing {
  signal::Image image;
  std::vector<DrawnObject> objects;  // in the order of Scene::objects
};
Drawing draw(const Scene& scene, const Atlas& atlas, int width, int height);

// The same picture with its masks as one map, without the cost of encoding them.
struct LabelDrawing {
  signal::Image image;
  std::vector<std::uint16_t> labels;     // row-major: 0 background, else 1 + index into Scene::objects
  std::vector<double> visibility;        // by object: visible share of its drawn pixels in the picture; 0 if none are
};
LabelDrawing draw_labels(const Scene& scene, const Atlas& atlas, int width, int height);
// Only the labels and visibilities: `image` stays empty.
LabelDrawing draw_only_labels(const Scene& scene, const Atlas& atlas, int width, int height);

// What a picture is asked to show: things of the story (by kind) and how many strangers beside them.
struct SceneRequest {
  struct Item { int thing; int kind; };
  std::vector<Item> items;
  int distractors = 0;                   // kinds that no item has
  std::vector<std::string> styles = {"noto"};  // one is chosen for each picture
};
Scene compose_scene(const SceneRequest& request, const Atlas& atlas, Random& random);
// 1 to 5 things of any kind, for training what things look like. `kinds` empty = all kinds not held out; `aspect`: width / height.
Scene random_scene(const Atlas& atlas, Random& random, const std::vector<std::string>& styles,
                   const std::vector<int>& kinds = {}, double aspect = 4.0 / 3);

// A film: each object follows a path; what happens is an event of the story.
struct FilmObject {
  SceneObject object;                    // its look; position and size from `path`. ground < 0: it stands on its feet
  struct Key { double time, x, y, size; bool visible; double rotation = 0; };
  std::vector<Key> path;                 // linear between keys; a key's `visible` holds until the next; rotation is added
};
struct Film {
  Scene stage;                           // background and things that do not move
  std::vector<FilmObject> actors;
  double duration = 4, frame_rate = 8;   // seconds, frames a second
  double pan_x = 0;                      // camera pan, fractions of the width a second
};
// How two actors move: "meet", "chase", "attack", "transport", "fall", "give", "leave", "arrive".
std::vector<std::string> film_actions();
struct FilmRequest {
  std::string action;
  std::vector<SceneRequest::Item> actors;  // in the order of the action's roles
  std::vector<SceneRequest::Item> bystanders;
  std::vector<std::string> styles = {"noto"};
};
Film compose_film(const FilmRequest& request, const Atlas& atlas, Random& random);
// The frame at time index / frame_rate with all objects: actors first, then the stage's things.
Drawing draw_frame(const Film& film, const Atlas& atlas, int index, int width, int height);
// The picture of that frame alone, without the cost of its masks.
signal::Image draw_frame_image(const Film& film, const Atlas& atlas, int index, int width, int height);
// That frame with its labels: 0 background, else 1 + index into scene_at() of its time.
LabelDrawing draw_frame_labels(const Film& film, const Atlas& atlas, int index, int width, int height);
int frame_count(const Film& film);
// What stands where at a time, in the order of draw_frame; what is not there is far outside of the picture.
Scene scene_at(const Film& film, double time);

}  // namespace reamo::synth
