#include "synth/background.h"

#include <cstdlib>
#include <vector>

#include "synth/noise.h"
#include "synth/random.h"

namespace reamo::synth {
namespace {

struct Sky {
  Rgb top, bottom, light;
  int cloud;  // strength of clouds, of 256
};
const std::vector<Sky> kSkies = {
    {{86, 150, 226}, {196, 226, 246}, {255, 255, 255}, 190}, {{120, 182, 236}, {222, 238, 248}, {255, 255, 250}, 120},
    {{150, 166, 180}, {206, 214, 218}, {232, 236, 240}, 150}, {{110, 110, 170}, {250, 190, 140}, {255, 232, 208}, 110},
    {{70, 78, 132}, {214, 148, 150}, {236, 214, 222}, 90},    {{22, 30, 64}, {64, 76, 118}, {176, 186, 220}, 50},
    {{168, 208, 226}, {244, 240, 220}, {255, 250, 238}, 80},  {{54, 118, 190}, {150, 200, 230}, {250, 252, 255}, 40},
    {{196, 190, 184}, {226, 222, 214}, {240, 238, 234}, 60}};
struct Ground {
  Rgb far, near;
  int grain;  // contrast of its texture, of 256
};
const std::vector<Ground> kGrounds = {{{150, 186, 110}, {84, 142, 62}, 60},   {{132, 168, 96}, {62, 112, 48}, 80},
                                      {{226, 210, 164}, {206, 178, 120}, 46}, {{232, 238, 246}, {214, 224, 238}, 24},
                                      {{170, 142, 110}, {120, 90, 62}, 70},   {{190, 186, 120}, {160, 150, 72}, 70},
                                      {{96, 150, 186}, {44, 98, 150}, 60},    {{150, 156, 150}, {110, 116, 108}, 50}};
const std::vector<Rgb> kWalls = {{236, 228, 210}, {214, 224, 226}, {226, 206, 196}, {206, 216, 196}, {188, 198, 214},
                                 {240, 236, 228}, {214, 196, 214}, {198, 178, 152}, {150, 166, 176}, {232, 214, 170}};
const std::vector<Rgb> kFloors = {{170, 122, 80}, {140, 98, 66}, {190, 152, 108}, {176, 176, 172}, {120, 116, 116}, {206, 192, 172}, {112, 84, 66}};
const std::vector<Rgb> kTextures = {{70, 96, 140}, {160, 150, 130}, {210, 214, 206}, {120, 150, 120}, {190, 150, 140}, {90, 88, 96}, {228, 220, 190},
                                    {150, 130, 170}, {110, 160, 170}, {200, 186, 200}};

Rgb vary(const Rgb& color, Random& random, int amount) {
  Rgb out;
  const int all = random.between(-amount, amount);
  for (int c = 0; c < 3; ++c) out[c] = std::uint8_t(std::clamp(color[c] + all + random.between(-amount / 2, amount / 2), 0, 255));
  return out;
}

void put(std::uint8_t* pixel, const Rgb& color) { pixel[0] = color[0], pixel[1] = color[1], pixel[2] = color[2]; }
void put(std::uint8_t* pixel, const Rgb& color, int brighter) {
  for (int c = 0; c < 3; ++c) pixel[c] = std::uint8_t(std::clamp(color[c] + brighter, 0, 255));
}

// Everything a painter of one place needs.
struct Canvas {
  signal::Image& image;
  int offset;        // pixels
  int horizon;       // row
  std::int64_t unit;  // 16.16 noise units a pixel where one unit is the picture's height
  std::vector<std::uint8_t> coarse, fine;

  Canvas(signal::Image& picture, int shift, double line)
      : image(picture), offset(shift), horizon(int(line * picture.height)), unit(65536 / std::max(1, picture.height)),
        coarse(std::size_t(picture.width)), fine(std::size_t(picture.width)) {}
};

void paint_sky(Canvas& canvas, const Sky& sky, Random& random) {
  NoiseRow big(std::uint32_t(random.next())), small(std::uint32_t(random.next()));
  const int width = canvas.image.width, rows = std::min(canvas.horizon + 1, canvas.image.height);
  const int threshold = random.between(120, 165);
  const std::int64_t u = std::int64_t(canvas.offset) * canvas.unit;
  for (int y = 0; y < rows; ++y) {
    const Rgb base = mix(sky.top, sky.bottom, y * 256 / std::max(1, rows));
    big.fill(u * 3, canvas.unit * 3, y * canvas.unit * 8, width, canvas.coarse.data());
    small.fill(u * 9, canvas.unit * 9, y * canvas.unit * 20, width, canvas.fine.data());
    for (int x = 0; x < width; ++x) {
      const int density = std::clamp((canvas.coarse[x] * 3 + canvas.fine[x]) / 4 - threshold, 0, 64) * 4;
      put(canvas.image.pixel(x, y), mix(base, Rgb{250, 250, 252}, (density * sky.cloud) >> 8));
    }
  }
}

// A ridge of hills, trees or roofs: `height` fraction of the picture, drawn down to the horizon.
void paint_ridge(Canvas& canvas, const Rgb& color, double height, int frequency, std::uint32_t seed, int grain) {
  NoiseRow texture(seed + 1);
  const int width = canvas.image.width;
  std::vector<int> top(static_cast<std::size_t>(width));
  const int rise = int(height * canvas.image.height);
  int highest = canvas.horizon;
  for (int x = 0; x < width; ++x) {
    const std::int64_t u = std::int64_t(x + canvas.offset) * canvas.unit;
    const int profile = (noise_at(u * frequency, seed) * 3 + noise_at(u * frequency * 4, seed + 7)) / 4;
    top[x] = canvas.horizon - rise * profile / 255;
    highest = std::min(highest, top[x]);
  }
  for (int y = std::max(0, highest); y < std::min(canvas.horizon + 1, canvas.image.height); ++y) {
    texture.fill(std::int64_t(canvas.offset) * canvas.unit * 30, canvas.unit * 30, y * canvas.unit * 30, width, canvas.fine.data());
    for (int x = 0; x < width; ++x)
      if (y >= top[x]) put(canvas.image.pixel(x, y), color, ((canvas.fine[x] - 128) * grain) >> 8);
  }
}

// The ground in perspective: its texture grows towards the viewer.
void paint_ground(Canvas& canvas, const Ground& ground, Random& random, int from) {
  NoiseRow big(std::uint32_t(random.next())), small(std::uint32_t(random.next()));
  const int width = canvas.image.width, height = canvas.image.height;
  for (int y = std::max(0, from); y < height; ++y) {
    const int depth = 26 + (y - canvas.horizon) * 230 / std::max(1, height - canvas.horizon);  // 26 far .. 256 near
    const std::int64_t step = canvas.unit * 5 * 256 / depth, v = (std::int64_t(65536) * 900) / depth;
    const std::int64_t u = step * (canvas.offset - width / 2);
    big.fill(u, step, v, width, canvas.coarse.data());
    small.fill(u * 6, step * 6, v * 5, width, canvas.fine.data());
    const Rgb base = mix(ground.far, ground.near, depth);
    for (int x = 0; x < width; ++x) {
      const int bump = (canvas.coarse[x] - 128) + (canvas.fine[x] - 128);
      put(canvas.image.pixel(x, y), base, (bump * ground.grain) >> 9);
    }
  }
}

void paint_nature(Canvas& canvas, const Sky& sky, Random& random) {
  paint_sky(canvas, sky, random);
  Ground ground = random.pick(kGrounds);
  ground.far = vary(ground.far, random, 14), ground.near = vary(ground.near, random, 14);
  for (Rgb* color : {&ground.far, &ground.near})
    for (int c = 0; c < 3; ++c) (*color)[c] = std::uint8_t((*color)[c] * sky.light[c] / 255);
  const int ridges = random.between(0, 2);
  for (int i = 0; i < ridges; ++i) {
    const Rgb hill = mix(mix(sky.bottom, Rgb{90, 120, 110}, 110 + 50 * i), ground.far, 60 + 40 * i);
    paint_ridge(canvas, vary(hill, random, 8), random.uniform(0.08, 0.26) / (i + 1), random.between(1, 4 + 4 * i), std::uint32_t(random.next()), 20 + 24 * i);
  }
  paint_ground(canvas, ground, random, canvas.horizon);
}

void paint_street(Canvas& canvas, const Sky& sky, Random& random) {
  paint_sky(canvas, sky, random);
  const int width = canvas.image.width, height = canvas.image.height;
  const auto seed = std::uint32_t(random.next());
  const Rgb haze = mix(sky.bottom, Rgb{150, 146, 142}, 150), windows = random.chance(0.3) ? Rgb{236, 214, 150} : mix(haze, Rgb{70, 84, 104}, 130);
  const int block = std::max(6, int(random.uniform(0.18, 0.34) * height)), pane = std::max(3, height / random.between(26, 40));
  for (int x = 0; x < width; ++x) {
    const int at = x + canvas.offset + block * 1000, house = at / block, inside = at % block;
    const std::uint32_t look = hash32(std::uint32_t(house), 1, seed);
    const int top = canvas.horizon - int((60 + look % 160) * std::uint32_t(canvas.horizon) / 256);
    const Rgb wall = mix(haze, Rgb{std::uint8_t(look >> 8), std::uint8_t(look >> 16), std::uint8_t(look >> 24)}, 46);
    for (int y = std::max(0, top); y < std::min(canvas.horizon + 1, height); ++y) {
      const bool window = inside % pane > pane / 2 && (y - top) % pane > pane / 2 && inside > pane / 2 && inside < block - pane / 2;
      put(canvas.image.pixel(x, y), window ? windows : wall, inside == 0 ? -20 : 0);
    }
  }
  Ground paving{{176, 172, 166}, {150, 146, 142}, 30};
  for (Rgb* color : {&paving.far, &paving.near})
    for (int c = 0; c < 3; ++c) (*color)[c] = std::uint8_t((*color)[c] * sky.light[c] / 255);
  paint_ground(canvas, paving, random, canvas.horizon);
  // A road across: asphalt with a dashed line.
  const int road_top = canvas.horizon + (height - canvas.horizon) * random.between(20, 34) / 100;
  const int road_bottom = canvas.horizon + (height - canvas.horizon) * random.between(74, 92) / 100;
  paint_ground(canvas, {mix(paving.far, Rgb{70, 72, 78}, 190), mix(paving.near, Rgb{60, 62, 68}, 200), 26}, random, road_top);
  const int middle = (road_top + road_bottom) / 2, dash = std::max(4, height / 7);
  for (int y = road_top; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      if (y >= road_bottom) put(canvas.image.pixel(x, y), paving.near, int(hash32(std::uint32_t(x + canvas.offset), std::uint32_t(y), seed) % 15) - 7 - (y == road_bottom ? 30 : 0));
      else if (std::abs(y - middle) <= height / 120 && (x + canvas.offset + dash * 1000) % dash < dash / 2) put(canvas.image.pixel(x, y), Rgb{214, 212, 204});
    }
}

void paint_room(Canvas& canvas, const Rgb& light, Random& random) {
  const int width = canvas.image.width, height = canvas.image.height;
  const Rgb wall = vary(random.pick(kWalls), random, 14), floor = vary(random.pick(kFloors), random, 14);
  const int pattern = random.between(0, 3), period = std::max(4, int(random.uniform(0.06, 0.16) * height)), tilt = random.between(8, 20);
  NoiseRow plaster(std::uint32_t(random.next())), wood(std::uint32_t(random.next()));
  for (int y = 0; y < std::min(canvas.horizon, height); ++y) {
    plaster.fill(std::int64_t(canvas.offset) * canvas.unit * 3, canvas.unit * 3, y * canvas.unit * 3, width, canvas.coarse.data());
    for (int x = 0; x < width; ++x) {
      const int at = x + canvas.offset + period * 1000;
      int change = (canvas.coarse[x] - 128) / 12 - y * 14 / height;
      if (pattern == 1) change -= at % period < period / 2 ? tilt : 0;
      if (pattern == 2) {
        const int dx = at % period - period / 2, dy = y % period - period / 2;
        change -= dx * dx + dy * dy < period * period / 20 ? tilt + 8 : 0;
      }
      if (pattern == 3) change -= (at / period + y / period) % 2 ? tilt / 2 : 0;
      if (y >= canvas.horizon - std::max(2, height / 40)) change += 22;  // skirting board
      put(canvas.image.pixel(x, y), wall, change);
    }
  }
  const bool tiles = random.chance(0.4);
  for (int y = std::max(0, canvas.horizon); y < height; ++y) {
    const int depth = 90 + (y - canvas.horizon) * 166 / std::max(1, height - canvas.horizon);
    const std::int64_t step = canvas.unit * 6 * 256 / depth, v = std::int64_t(65536) * 2600 / depth, left = step * (canvas.offset - width / 2);
    wood.fill(tiles ? left * 2 : left * 8, tiles ? step * 2 : step * 8, tiles ? v : v / 4, width, canvas.coarse.data());
    const int seam_row = tiles ? int(v >> 16) & 1 : 0;
    for (int x = 0; x < width; ++x) {
      const std::int64_t u = left + step * x;
      const int board = int((u >> 16) & 1) ^ seam_row;
      const bool seam = !tiles && (u & 0xFFFF) < step;
      put(canvas.image.pixel(x, y), floor, (canvas.coarse[x] - 128) / 7 + (board ? 7 : -7) - (seam ? 24 : 0) + depth / 16 - 12 - (y == canvas.horizon ? 30 : 0));
    }
  }
  for (std::size_t i = 0; i < canvas.image.rgb.size(); ++i) canvas.image.rgb[i] = std::uint8_t(canvas.image.rgb[i] * light[i % 3] / 255);
}

void paint_texture(Canvas& canvas, Random& random) {
  const int width = canvas.image.width, height = canvas.image.height;
  const Rgb one = vary(random.pick(kTextures), random, 30), two = vary(random.pick(kTextures), random, 30);
  const int scale = random.between(2, 10), stripes = random.chance(0.35) ? random.between(4, 14) : 0, slant = random.between(-2, 2);
  const int along = random.between(0, 2);  // gradient: none, down, across
  NoiseRow big(std::uint32_t(random.next())), small(std::uint32_t(random.next()));
  const std::int64_t u = std::int64_t(canvas.offset) * canvas.unit;
  for (int y = 0; y < height; ++y) {
    big.fill(u * scale, canvas.unit * scale, y * canvas.unit * scale, width, canvas.coarse.data());
    small.fill(u * scale * 5, canvas.unit * scale * 5, y * canvas.unit * scale * 5, width, canvas.fine.data());
    for (int x = 0; x < width; ++x) {
      int t = (canvas.coarse[x] * 3 + canvas.fine[x]) / 4;
      if (along == 1) t = (t + y * 255 / height) / 2;
      if (along == 2) t = (t + (x * 255 / width)) / 2;
      if (stripes) t = (t + (((x + canvas.offset + height * 64 + slant * y) * stripes / height) % 2) * 255) / 2;
      put(canvas.image.pixel(x, y), mix(one, two, t));
    }
  }
}

const Sky& sky_of(std::uint64_t seed) {
  Random random = Random(seed).stream("sky");
  return kSkies[random.index(kSkies.size())];
}

}  // namespace

Stage stage_of(std::uint64_t seed) {
  Random random = Random(seed).stream("stage");
  Stage stage;
  const double which = random.uniform();
  stage.place = which < 0.48 ? Place::kNature : which < 0.64 ? Place::kStreet : which < 0.86 ? Place::kRoom : Place::kTexture;
  stage.horizon = random.uniform(0.3, 0.58);
  if (stage.place == Place::kRoom) stage.horizon = random.uniform(0.5, 0.68);
  if (stage.place == Place::kTexture) stage.horizon = 0.3;
  else if (stage.place != Place::kRoom) stage.light = sky_of(seed).light;
  else if (random.chance(0.4)) stage.light = random.chance(0.5) ? Rgb{255, 236, 206} : Rgb{206, 212, 226};
  return stage;
}

void paint_background(std::uint64_t seed, signal::Image& image, int offset) {
  const Stage stage = stage_of(seed);
  Canvas canvas(image, offset, stage.horizon);
  Random random = Random(seed).stream("paint");
  switch (stage.place) {
    case Place::kNature: paint_nature(canvas, sky_of(seed), random); break;
    case Place::kStreet: paint_street(canvas, sky_of(seed), random); break;
    case Place::kRoom: paint_room(canvas, stage.light, random); break;
    case Place::kTexture: paint_texture(canvas, random); break;
  }
}

}  // namespace reamo::synth
