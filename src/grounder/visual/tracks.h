// Tracks of one phrase: objects found frame by frame joined to identities (parity/SEEM.md section 7.13 says what the
// published program lacks).
#pragma once

#include <vector>

#include "grounder/grounding.h"
#include "grounder/visual/tracker.h"
#include "ie/result.h"

namespace reamo::grounder {

// A mask between `a` (share 0) and `b` (share 1): both are moved and scaled to the box between theirs, then mixed.
ie::Mask interpolate_mask(const ie::Mask& a, const ie::Mask& b, double share);
// Puts interpolated frames between the last two frames of `tracklet`, at those of `frame_times` that lie between.
void fill_between(ie::Tracklet& tracklet, const std::vector<double>& frame_times);

class Tracks {
 public:
  explicit Tracks(const TrackOptions& options) : options_(options) {}
  // What was found at `time`, the last of `frame_times`. `threshold`: a new track starts from this score; one that lives
  // goes on with less.
  void add(std::vector<Match> found, double time, const std::vector<double>& frame_times, double threshold);
  // Best first; what is too short is dropped.
  std::vector<TrackedObject> finish(std::size_t phrase, double film_length) &&;

 private:
  struct Track {
    ie::Tracklet tracklet;
    std::vector<float> appearance;
    double last_time = 0, velocity_x = 0, velocity_y = 0;  // of the box's centre, pixels a second
    double score_sum = 0;
    int seen = 0;
  };
  double affinity(const Track& track, const Match& match, double time) const;
  void append(Track& track, Match&& match, double time, const std::vector<double>& frame_times);

  TrackOptions options_;
  std::vector<Track> live_, ended_;
  bool looked_ = false;
  double last_look_ = 0;
};

}  // namespace reamo::grounder
