#include "grounder/visual/tracker.h"

#include <algorithm>
#include <cmath>

#include "grounder/visual/postprocess.h"
#include "grounder/visual/propagation.h"
#include "grounder/visual/tracks.h"
#include "grounder/visual/visual_grounder_impl.h"
#include "ie/error.h"

namespace reamo::grounder {
namespace {

constexpr double kGoOn = 0.5;            // a track that lives goes on with this share of the threshold
constexpr std::int64_t kMaxCells = 4000;  // of the map on which masks are propagated
constexpr double kLostShare = 0.05;      // an object whose area falls below this share of its first area is gone
constexpr double kColorWeight = 1.0;     // of plain colour beside the model's features
constexpr int kEdgeRadius = 6;           // pixels of the model's picture
constexpr double kEdgeSmoothness = 1e-3;

// Reads all frames; calls look(frame, index) for every stride-th and the last.
template <typename Look>
std::vector<double> for_frames(signal::FrameSource& source, const TrackOptions& options, Look look) {
  if (options.stride < 1) throw UsageError("the stride of tracking must be at least 1");
  if (!source.next) throw Error("there is no film to track in");
  std::vector<double> times;
  std::optional<signal::Frame> waiting;  // a frame that was not looked at, in case it is the last
  while (std::optional<signal::Frame> frame = source.next()) {
    if (!times.empty() && frame->time <= times.back()) continue;  // frames stand in order of time
    times.push_back(frame->time);
    const bool due = (times.size() - 1) % std::size_t(options.stride) == 0;
    if (due) look(*frame, times);
    if (options.on_frame) options.on_frame(times.size() - 1, frame->time);
    if (due) waiting.reset();
    else waiting = std::move(frame);
  }
  if (waiting) look(*waiting, times);
  return times;
}

double film_length(const std::vector<double>& times) { return times.empty() ? 0 : times.back() - times.front(); }

// Features for propagation at no more than kMaxCells: the model's, unit length, and colour.
torch::Tensor likeness_features(const SeenImage& seen) {
  torch::Tensor map = seen.features.mask_features[0]
                          .slice(1, 0, seen.cells_high)
                          .slice(2, 0, seen.cells_wide)
                          .to(torch::kFloat32)
                          .cpu();
  map = map / map.norm(2, 0, true).clamp_min(1e-6);
  torch::Tensor both = torch::cat({map, seen.colors * kColorWeight});
  const std::int64_t cells = both.size(1) * both.size(2);
  if (cells <= kMaxCells) return both;
  const double shrink = std::sqrt(double(kMaxCells) / double(cells));
  return torch::adaptive_avg_pool2d(both.unsqueeze(0), {std::max<std::int64_t>(1, std::int64_t(both.size(1) * shrink)),
                                                        std::max<std::int64_t>(1, std::int64_t(both.size(2) * shrink))})[0];
}

// The picture as the model saw it, grey in [0, 1]: [height, width].
torch::Tensor grey_picture(const SeenImage& seen) {
  const torch::Tensor inside =
      seen.model_image.pixels.slice(1, 0, seen.model_image.height).slice(2, 0, seen.model_image.width);
  return inside.mean(0) * 0.225 + 0.45;
}

}  // namespace

TrackResult track(const VisualGrounder& grounder, signal::FrameSource& source, const std::vector<std::string>& phrases,
                  const TrackOptions& options) {
  VisualGrounder::Impl& impl = grounder.impl();
  const double threshold = options.threshold.value_or(impl.config.threshold);
  GroundOptions ground_options;
  ground_options.threshold = threshold * kGoOn;
  ground_options.max_matches = options.max_tracks;
  ground_options.appearance = true;
  std::vector<Tracks> tracks(phrases.size(), Tracks(options));
  TrackResult result;
  result.frame_times = for_frames(source, options, [&](const signal::Frame& frame, const std::vector<double>& times) {
    std::vector<std::vector<Match>> found = impl.ground(impl.look(frame.image), phrases, ground_options);
    for (std::size_t i = 0; i < found.size(); ++i) tracks[i].add(std::move(found[i]), frame.time, times, threshold);
  });
  for (std::size_t i = 0; i < tracks.size(); ++i) {
    std::vector<TrackedObject> objects = std::move(tracks[i]).finish(i, film_length(result.frame_times));
    std::move(objects.begin(), objects.end(), std::back_inserter(result.objects));
  }
  return result;
}

TrackResult track(const VisualGrounder& grounder, signal::FrameSource& source, const std::vector<RegionQuery>& queries,
                  const TrackOptions& options) {
  torch::NoGradGuard no_grad;
  VisualGrounder::Impl& impl = grounder.impl();
  Propagation propagation;
  std::vector<TrackedObject> objects(queries.size());
  std::vector<double> first_area(queries.size(), 0);
  TrackResult result;
  const auto note = [&](std::size_t object, double time, ie::Mask mask, double score, const std::vector<double>& times) {
    ie::Tracklet& tracklet = objects[object].tracklet;
    const bool bridged = !tracklet.empty();
    const double gap = bridged ? time - tracklet.back().time : 0;
    const ie::Box box = mask.box();
    tracklet.push_back({time, box, std::move(mask), false});
    if (bridged && (options.stride > 1 || gap <= options.fill_gap)) fill_between(tracklet, times);
    objects[object].score += score;
  };
  std::vector<int> seen_frames(queries.size(), 0);
  result.frame_times = for_frames(source, options, [&](const signal::Frame& frame, const std::vector<double>& times) {
    const SeenImage seen = impl.look_closely(frame.image);
    const torch::Tensor features = likeness_features(seen);
    const auto on_map = [&](const torch::Tensor& mask) {
      return torch::adaptive_avg_pool2d(mask.to(torch::kFloat32).unsqueeze(0).unsqueeze(0),
                                        {features.size(1), features.size(2)})[0][0];
    };
    if (times.size() == 1) {
      std::vector<torch::Tensor> labels;
      for (std::size_t i = 0; i < queries.size(); ++i) {
        ie::Mask mask;
        if (queries[i].drawing) {
          mask = to_mask(impl.drawing(seen, queries[i]));
        } else {  // a point or a box stands on an object: find its outline
          const std::optional<Match> match = impl.ground(seen, queries[i], {});
          mask = match ? match->mask : to_mask(impl.drawing(seen, queries[i]));
        }
        labels.push_back(on_map(from_mask(mask)));
        first_area[i] = std::max(1.0, double(mask.area()));
        note(i, frame.time, std::move(mask), 1, times);
        ++seen_frames[i];
      }
      if (!labels.empty()) propagation.start(features, torch::stack(labels));
      return;
    }
    if (queries.empty()) return;
    const torch::Tensor labels = propagation.next(features);
    const torch::Tensor grey = grey_picture(seen);
    for (std::size_t i = 0; i < queries.size(); ++i) {
      const torch::Tensor soft = scale_logits(labels.slice(0, std::int64_t(i), std::int64_t(i) + 1),
                                              seen.model_image.height, seen.model_image.width)[0];
      const torch::Tensor sharp = follow_edges(soft, grey, kEdgeRadius, kEdgeSmoothness) - 0.5;
      ie::Mask mask = to_mask(scale_logits(sharp.unsqueeze(0), seen.height, seen.width)[0] > 0);
      if (double(mask.area()) < kLostShare * first_area[i]) continue;
      const torch::Tensor members = labels[std::int64_t(i)] > 0.5;
      const double score = members.any().item<bool>()
                               ? labels[std::int64_t(i)].masked_select(members).mean().item<double>()
                               : 0.5;
      note(i, frame.time, std::move(mask), score, times);
      ++seen_frames[i];
    }
  });
  for (std::size_t i = 0; i < objects.size(); ++i) {
    objects[i].phrase = i;
    if (seen_frames[i] > 0) objects[i].score /= seen_frames[i];
  }
  if (!result.frame_times.empty()) result.objects = std::move(objects);
  return result;
}

}  // namespace reamo::grounder
