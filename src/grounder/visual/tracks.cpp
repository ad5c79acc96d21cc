#include "grounder/visual/tracks.h"

#include <algorithm>
#include <cmath>

#include "grounder/visual/assignment.h"

namespace reamo::grounder {
namespace {

// Weights of the three signs of identity, and how much of them two sightings of one object must show.
constexpr double kOverlapWeight = 0.5, kAppearanceWeight = 0.3, kPlaceWeight = 0.2;
constexpr double kLowestAffinity = 0.3;
constexpr double kAppearanceMemory = 0.8;  // share of the old vector that stays
constexpr double kVelocityMemory = 0.5;
constexpr double kStepSlack = 1.5;

struct Point {
  double x, y;
};
Point centre(const ie::Box& box) { return {box.x + box.width / 2.0, box.y + box.height / 2.0}; }

double dot(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) sum += double(a[i]) * b[i];
  return sum;
}

// The mask within its box, as it would look in `target` (real numbers), sampled at pixel (x, y).
struct Stretched {
  std::vector<std::uint8_t> pixels;
  int width;
  ie::Box box;
  explicit Stretched(const ie::Mask& mask) : pixels(ie::decode(mask)), width(mask.width), box(mask.box()) {}
  double at(double u, double v) const {  // u, v in [0, 1) of the box
    const int x = box.x + std::clamp(int(u * box.width), 0, box.width - 1);
    const int y = box.y + std::clamp(int(v * box.height), 0, box.height - 1);
    return pixels[std::size_t(y) * width + x] != 0 ? 1 : 0;
  }
};

}  // namespace

ie::Mask interpolate_mask(const ie::Mask& a, const ie::Mask& b, double share) {
  if (a.empty() || b.empty()) return share < 0.5 ? a : b;
  const Stretched from(a), to(b);
  const auto mix = [&](double x, double y) { return (1 - share) * x + share * y; };
  const double left = mix(from.box.x, to.box.x), top = mix(from.box.y, to.box.y);
  const double width = mix(from.box.width, to.box.width), height = mix(from.box.height, to.box.height);
  std::vector<std::uint8_t> pixels(std::size_t(a.width) * a.height, 0);
  for (int y = std::max(0, int(top)); y < std::min(double(a.height), top + height); ++y) {
    for (int x = std::max(0, int(left)); x < std::min(double(a.width), left + width); ++x) {
      const double u = (x + 0.5 - left) / width, v = (y + 0.5 - top) / height;
      if (u < 0 || v < 0 || u >= 1 || v >= 1) continue;
      if (mix(from.at(u, v), to.at(u, v)) >= 0.5) pixels[std::size_t(y) * a.width + x] = 1;
    }
  }
  const ie::Mask mask = ie::encode(pixels, a.height, a.width);
  return mask.empty() ? (share < 0.5 ? a : b) : mask;
}

void fill_between(ie::Tracklet& tracklet, const std::vector<double>& frame_times) {
  if (tracklet.size() < 2) return;
  const ie::TrackletFrame last = tracklet.back();
  tracklet.pop_back();
  const ie::TrackletFrame before = tracklet.back();
  auto time = std::upper_bound(frame_times.begin(), frame_times.end(), before.time);
  for (; time != frame_times.end() && *time < last.time; ++time) {
    ie::TrackletFrame frame;
    frame.time = *time;
    frame.mask = interpolate_mask(before.mask, last.mask, (*time - before.time) / (last.time - before.time));
    frame.box = frame.mask.box();
    frame.interpolated = true;
    tracklet.push_back(std::move(frame));
  }
  tracklet.push_back(last);
}

double Tracks::affinity(const Track& track, const Match& match, double time) const {
  const ie::TrackletFrame& last = track.tracklet.back();
  const double gap = time - track.last_time;
  const Point was = centre(last.box), is = centre(match.box);
  const Point expected = {was.x + track.velocity_x * gap, was.y + track.velocity_y * gap};
  // Overlap after moving the last mask's box to where it should be; of masks while little time has passed.
  ie::Box moved = last.box;
  moved.x += int(std::lround(expected.x - was.x));
  moved.y += int(std::lround(expected.y - was.y));
  const double overlap = std::max(ie::iou(last.mask, match.mask), ie::box_iou(moved, match.box));
  const double size = std::max(8.0, std::sqrt(double(last.box.width) * last.box.height));
  const double distance = std::hypot(is.x - expected.x, is.y - expected.y) / (size * (1 + gap / 0.2));
  const double look = std::max(0.0, dot(track.appearance, match.appearance));
  return kOverlapWeight * overlap + kAppearanceWeight * look * look + kPlaceWeight * std::exp(-distance);
}

void Tracks::append(Track& track, Match&& match, double time, const std::vector<double>& frame_times) {
  if (!track.tracklet.empty()) {
    const double gap = time - track.last_time;
    const Point was = centre(track.tracklet.back().box), is = centre(match.box);
    const double fresh = track.seen == 1 ? 1 : 1 - kVelocityMemory;
    track.velocity_x += fresh * ((is.x - was.x) / gap - track.velocity_x);
    track.velocity_y += fresh * ((is.y - was.y) / gap - track.velocity_y);
  }
  const double gap = time - track.last_time;
  const bool bridged = !track.tracklet.empty();
  track.tracklet.push_back({time, match.box, std::move(match.mask), false});
  // Frames that were skipped by the stride lie within one step, whatever the frame rate.
  const auto before = std::lower_bound(frame_times.begin(), frame_times.end(), track.last_time);
  const bool one_step = std::distance(before, frame_times.end()) <= options_.stride + 1;
  if (bridged && (gap <= options_.fill_gap || one_step)) fill_between(track.tracklet, frame_times);
  if (track.appearance.empty()) track.appearance = match.appearance;
  double norm = 0;
  for (std::size_t i = 0; i < std::min(track.appearance.size(), match.appearance.size()); ++i) {
    track.appearance[i] =
        float(kAppearanceMemory * track.appearance[i] + (1 - kAppearanceMemory) * match.appearance[i]);
    norm += double(track.appearance[i]) * track.appearance[i];
  }
  for (float& value : track.appearance) value = float(value / std::max(1e-6, std::sqrt(norm)));
  track.last_time = time;
  track.score_sum += match.score;
  ++track.seen;
}

void Tracks::add(std::vector<Match> found, double time, const std::vector<double>& frame_times, double threshold) {
  // However far apart the frames are, an object seen in the last one looked at may go on.
  const double longest_gap = std::max(options_.max_gap, looked_ ? kStepSlack * (time - last_look_) : 0.0);
  looked_ = true;
  last_look_ = time;
  for (std::size_t i = 0; i < live_.size();) {
    if (time - live_[i].last_time <= longest_gap) {
      ++i;
      continue;
    }
    ended_.push_back(std::move(live_[i]));
    live_.erase(live_.begin() + std::ptrdiff_t(i));
  }
  std::vector<std::vector<double>> cost(live_.size(), std::vector<double>(found.size()));
  for (std::size_t i = 0; i < live_.size(); ++i) {
    for (std::size_t j = 0; j < found.size(); ++j) cost[i][j] = 1 - affinity(live_[i], found[j], time);
  }
  const std::vector<int> chosen = assign(cost);
  std::vector<char> taken(found.size(), 0);
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (chosen[i] < 0 || 1 - cost[i][std::size_t(chosen[i])] < kLowestAffinity) continue;
    taken[std::size_t(chosen[i])] = 1;
    append(live_[i], std::move(found[std::size_t(chosen[i])]), time, frame_times);
  }
  for (std::size_t j = 0; j < found.size(); ++j) {
    if (taken[j] || found[j].score < threshold) continue;
    if (int(live_.size()) >= options_.max_tracks) break;
    Track track;
    track.last_time = time;
    append(track, std::move(found[j]), time, frame_times);
    live_.push_back(std::move(track));
  }
}

std::vector<TrackedObject> Tracks::finish(std::size_t phrase, double film_length) && {
  for (Track& track : live_) ended_.push_back(std::move(track));
  std::vector<TrackedObject> objects;
  const double needed = std::min(options_.min_length, film_length / 2);
  for (Track& track : ended_) {
    if (track.tracklet.back().time - track.tracklet.front().time < needed) continue;
    objects.push_back({phrase, std::move(track.tracklet), track.score_sum / track.seen});
  }
  std::stable_sort(objects.begin(), objects.end(), [](const TrackedObject& a, const TrackedObject& b) {
    return a.score * std::sqrt(double(a.tracklet.size())) > b.score * std::sqrt(double(b.tracklet.size()));
  });
  if (objects.size() > std::size_t(options_.max_tracks)) objects.resize(std::size_t(options_.max_tracks));
  return objects;
}

}  // namespace reamo::grounder
