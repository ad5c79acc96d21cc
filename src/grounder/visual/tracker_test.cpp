#include "grounder/visual/tracker.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <numeric>

#include "grounder/visual/assignment.h"
#include "grounder/visual/test_world.h"
#include "grounder/visual/tracks.h"

namespace reamo::grounder {
namespace {

constexpr int kWidth = 128, kHeight = 96;

// A red square that crosses, another red one that stands still, a blue one that leaves at frame 8.
std::vector<Square> squares_at(int frame) {
  std::vector<Square> squares = {{0, {10, 60, 28, 28}}, {0, {4 + 6 * frame, 8, 30, 30}}};
  if (frame < 8) squares.push_back({2, {92, 56, 28, 28}});
  return squares;
}

signal::FrameSource film(int frames) {
  signal::FrameSource source{kWidth, kHeight, 10, {}};
  source.next = [frame = 0, frames]() mutable -> std::optional<signal::Frame> {
    if (frame >= frames) return std::nullopt;
    signal::Frame next{draw_squares(kWidth, kHeight, squares_at(frame), unsigned(frame)), frame * 0.1};
    ++frame;
    return next;
  };
  return source;
}

double mean_j(const ie::Tracklet& tracklet, std::size_t square, int from, int to) {
  double sum = 0;
  for (int frame = from; frame < to; ++frame) {
    const ie::Mask gold = square_mask(kWidth, kHeight, squares_at(frame), square);
    for (const ie::TrackletFrame& at : tracklet) {
      if (std::abs(at.time - frame * 0.1) < 1e-9) sum += ie::iou(at.mask, gold);
    }
  }
  return sum / (to - from);
}

TEST(Tracker, KeepsIdentitiesAndSeesAbsence) {
  signal::FrameSource source = film(15);
  const TrackResult result = track(square_grounder(), source, kSquareNames);
  EXPECT_EQ(result.frame_times.size(), 15u);
  std::vector<const TrackedObject*> red, blue;
  for (const TrackedObject& object : result.objects) {
    EXPECT_NE(object.phrase, 1u);  // nothing is green
    (object.phrase == 0 ? red : blue).push_back(&object);
  }
  ASSERT_EQ(red.size(), 2u);
  ASSERT_EQ(blue.size(), 1u);
  const bool still_first = mean_j(red[0]->tracklet, 0, 0, 15) > mean_j(red[1]->tracklet, 0, 0, 15);
  EXPECT_GT(mean_j(red[still_first ? 0 : 1]->tracklet, 0, 0, 15), 0.55);
  EXPECT_GT(mean_j(red[still_first ? 1 : 0]->tracklet, 1, 0, 15), 0.55);
  EXPECT_NEAR(blue[0]->tracklet.back().time, 0.7, 0.11);  // gone afterwards
  EXPECT_GT(blue[0]->score, 0.5);
}

TEST(Tracker, SkippedFramesAreInterpolated) {
  signal::FrameSource source = film(8);
  TrackOptions options;
  options.stride = 3;
  const TrackResult result = track(square_grounder(), source, {kSquareNames[2]}, options);
  ASSERT_EQ(result.objects.size(), 1u);
  const ie::Tracklet& tracklet = result.objects[0].tracklet;
  ASSERT_EQ(tracklet.size(), 8u);
  for (std::size_t i = 0; i < tracklet.size(); ++i) {
    EXPECT_EQ(tracklet[i].interpolated, i % 3 != 0 && i != 7) << i;  // the last frame is always looked at
    EXPECT_EQ(tracklet[i].box, tracklet[i].mask.box());
  }
  EXPECT_GT(mean_j(tracklet, 2, 0, 8), 0.55);
}

TEST(Tracker, CarriesAFirstFrameDrawingAlong) {
  signal::FrameSource source = film(12);
  RegionQuery query;
  query.drawing = square_mask(kWidth, kHeight, squares_at(0), 1);
  const TrackResult result = track(square_grounder(), source, std::vector<RegionQuery>{query});
  ASSERT_EQ(result.objects.size(), 1u);
  EXPECT_GT(mean_j(result.objects[0].tracklet, 1, 0, 12), 0.55);
}

TEST(Tracker, NothingComesOfNothing) {
  signal::FrameSource empty{kWidth, kHeight, 10, [] { return std::optional<signal::Frame>(); }};
  EXPECT_TRUE(track(square_grounder(), empty, kSquareNames).objects.empty());
}

TEST(Tracks, ShortGapsAreFilledAndLongOnesAreAbsence) {
  const auto at = [](int x) {
    Match match;
    match.mask = square_mask(kWidth, kHeight, {{0, {x, 20, 20, 20}}}, 0);
    match.box = match.mask.box();
    match.score = 0.9;
    match.appearance = {1, 0};
    return match;
  };
  TrackOptions options;
  Tracks tracks(options);
  std::vector<double> times;
  for (int frame = 0; frame < 14; ++frame) {
    times.push_back(frame * 0.1);
    const bool seen = frame < 3 || frame == 5 || frame >= 10;  // gaps of 0.3 and 0.5 seconds
    tracks.add(seen ? std::vector<Match>{at(10 + 4 * frame)} : std::vector<Match>{}, times.back(), times, 0.5);
  }
  const auto objects = std::move(tracks).finish(0, 1.3);
  ASSERT_EQ(objects.size(), 1u);
  std::vector<int> frames, interpolated;
  for (const ie::TrackletFrame& frame : objects[0].tracklet) {
    frames.push_back(int(std::lround(frame.time * 10)));
    if (frame.interpolated) interpolated.push_back(frames.back());
  }
  EXPECT_EQ(frames, (std::vector<int>{0, 1, 2, 3, 4, 5, 10, 11, 12, 13}));
  EXPECT_EQ(interpolated, (std::vector<int>{3, 4}));
  EXPECT_NEAR(objects[0].tracklet[3].box.x, 22, 1);
}

TEST(Tracks, FramesFarApartStillMakeOneTrack) {
  Tracks tracks{TrackOptions()};
  std::vector<double> times;
  for (int frame = 0; frame < 5; ++frame) {  // one frame in two seconds
    times.push_back(frame * 2.0);
    Match match;
    match.mask = square_mask(kWidth, kHeight, {{0, {10 + 3 * frame, 20, 20, 20}}}, 0);
    match.box = match.mask.box();
    match.score = 0.9;
    match.appearance = {1, 0};
    tracks.add({match}, times.back(), times, 0.5);
  }
  const auto objects = std::move(tracks).finish(0, 8);
  ASSERT_EQ(objects.size(), 1u);
  EXPECT_EQ(objects[0].tracklet.size(), 5u);
}

RC_GTEST_PROP(Assignment, IsNoWorseThanAnyPermutation, ()) {
  const std::size_t rows = *rc::gen::inRange<std::size_t>(1, 6), columns = *rc::gen::inRange<std::size_t>(1, 6);
  std::vector<std::vector<double>> cost(rows, std::vector<double>(columns));
  for (auto& row : cost) {
    for (double& value : row) value = *rc::gen::inRange(-20, 20);
  }
  const std::vector<int> chosen = assign(cost);
  double sum = 0;
  std::vector<int> used(columns, 0);
  std::size_t given = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    if (chosen[i] < 0) continue;
    sum += cost[i][std::size_t(chosen[i])];
    RC_ASSERT(++used[std::size_t(chosen[i])] == 1);
    ++given;
  }
  RC_ASSERT(given == std::min(rows, columns));
  std::vector<std::size_t> order(std::max(rows, columns));
  std::iota(order.begin(), order.end(), 0);
  do {
    double other = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
      if (i < rows && order[i] < columns) other += cost[i][order[i]];
    }
    RC_ASSERT(sum <= other + 1e-9);
  } while (std::next_permutation(order.begin(), order.end()));
}

}  // namespace
}  // namespace reamo::grounder
