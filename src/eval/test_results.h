// A gold result of four media, shared by the tests.
#pragma once

#include <vector>

#include "ie/mask.h"
#include "ie/result.h"

namespace reamo::eval {

inline ie::Mask rectangle(int x, int y, int width, int height) {  // in 10 x 10 pixels
  std::vector<std::uint8_t> pixels(100, 0);
  for (int r = y; r < y + height; ++r) {
    for (int c = x; c < x + width; ++c) pixels[r * 10 + c] = 1;
  }
  return ie::encode(pixels, 10, 10);
}

inline ie::Grounding image(const ie::Mask& mask) { return {"image-0", ie::Region{mask.box(), mask}, {}}; }
inline ie::Grounding text(std::size_t start, std::size_t end) {
  return {"text", ie::TextSpan{start, end}, {}};
}
inline ie::Grounding audio(double start, double end) { return {"audio-0", ie::Segment{start, end}, {}}; }

inline ie::Result gold() {
  ie::Result r;
  r.document = "d1";
  r.tasks = {true, true, true};
  r.media = {{"text", ie::TextMedium{50}},
             {"image-0", ie::ImageMedium{10, 10}},
             {"audio-0", ie::AudioMedium{0, 9}},
             {"video-0", ie::VideoMedium{10, 10, {0, 0.5, 1, 1.5}}},
             {"video-0/audio", ie::AudioMedium{0, 2}}};
  const ie::Mask m = rectangle(0, 0, 4, 4);
  r.entities = {{"e1", "person", "Mary", {}, {text(0, 4), image(m), audio(1, 2)}, {"video-0"}},
                {"e2", "organization", "Bank", {}, {text(10, 14)}, {"image-0"}},
                {"e3",
                 "vehicle",
                 "car",
                 {},
                 {{"video-0", ie::Tracklet{{0, m.box(), m, false}, {0.5, m.box(), m, false}}, {}}},
                 {}}};
  r.relations = {{"r1", "works for", "e1", "e2", {}}};
  r.events = {
      {"v1", "Attack", {}, {"hit", {text(20, 23)}}, {{"attacker", "e1", {}}, {"tool", "e3", {}}}}};
  return r;
}

}  // namespace reamo::eval
