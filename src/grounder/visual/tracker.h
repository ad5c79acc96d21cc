// Follows what phrases or a first-frame drawing name through a film, frame by frame, in bounded memory.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "grounder/visual/visual_grounder.h"
#include "ie/result.h"
#include "signal/image.h"

namespace reamo::grounder {

struct TrackOptions {
  std::optional<double> threshold;  // as GroundOptions
  int stride = 1;                   // looks at every stride-th frame; between them masks are interpolated
  double max_gap = 0.6;             // seconds that an object may be unseen and still be the same; filled where short
  double fill_gap = 0.35;           // gaps up to this are filled with interpolated masks; longer ones are absence
  double min_length = 0.2;          // seconds a track must span (unless the film is shorter)
  int max_tracks = 16;              // a phrase
  // Called after every frame with its index and time; for progress. May throw to stop.
  std::function<void(std::size_t, double)> on_frame;
};

struct TrackedObject {
  std::size_t phrase = 0;  // index of the phrase or prompt
  ie::Tracklet tracklet;   // frames where it is seen or interpolated, in order; other frames: absent
  double score = 0;        // mean probability over the frames where it was seen
};

struct TrackResult {
  std::vector<TrackedObject> objects;  // by phrase, then by score, best first
  std::vector<double> frame_times;     // of every frame read
};

// Reads `source` to its end, one frame at a time; only run-length masks and one vector per track are kept.
TrackResult track(const VisualGrounder& grounder, signal::FrameSource& source, const std::vector<std::string>& phrases,
                  const TrackOptions& options = {});

// Follows what stands under each query in the first frame by propagating its mask through features of the pixels.
TrackResult track(const VisualGrounder& grounder, signal::FrameSource& source, const std::vector<RegionQuery>& queries,
                  const TrackOptions& options = {});

}  // namespace reamo::grounder
