#include "data/formats/films.h"

#include <algorithm>
#include <cstdio>

#include "ie/error.h"
#include "media/read.h"
#include "media/write.h"

namespace reamo::data {
namespace {

namespace fs = std::filesystem;

std::vector<double> times_of(const std::vector<FilmFrame>& frames) {
  std::vector<double> times;
  for (const FilmFrame& frame : frames) times.push_back(frame.time);
  return times;
}

fs::path new_film(const Import& import) {
  const fs::path folder = import.options().out / "media";
  fs::create_directories(folder);
  for (std::uint64_t n = 1;; ++n) {
    char name[40];
    std::snprintf(name, sizeof name, "film-%06llu.mp4", static_cast<unsigned long long>(n));
    if (!fs::exists(folder / name)) return fs::absolute(folder / name);
  }
}

}  // namespace

std::string add_film(Gold& gold, const Import& import, const std::vector<FilmFrame>& frames, int width,
                     int height) {
  if (frames.empty()) throw Error("the film has no pictures");
  const auto missing = std::find_if(frames.begin(), frames.end(),
                                    [](const FilmFrame& frame) { return !is_file(frame.picture); });
  if (missing != frames.end()) {
    const bool none = std::none_of(frames.begin(), frames.end(),
                                   [](const FilmFrame& frame) { return is_file(frame.picture); });
    if (!none || import.options().images)
      throw Error("the picture " + missing->picture.string() + " of the film is missing");
    return gold.add_video(frames.front().picture.parent_path(), width, height, times_of(frames));
  }
  if (width % 2 != 0 || height % 2 != 0)
    throw Error("a film of " + std::to_string(width) + " x " + std::to_string(height) +
                " pixels has an odd side");
  const double length = frames.back().time - frames.front().time;
  const double rate =
      length > 0 ? static_cast<double>(frames.size() - 1) / length : import.options().frame_rate;
  std::size_t next = 0;
  signal::FrameSource source;
  source.width = width;
  source.height = height;
  source.frame_rate = rate;
  source.next = [&]() -> std::optional<signal::Frame> {
    if (next == frames.size()) return std::nullopt;
    const FilmFrame& frame = frames[next++];
    signal::Image image = media::read_image(frame.picture, import.options().media);
    if (image.width != width || image.height != height)
      throw Error("the picture " + frame.picture.string() + " does not have the size of its film");
    return signal::Frame{std::move(image), frame.time};
  };
  const fs::path path = new_film(import);
  media::VideoOptions options;
  options.frame_rate = rate;
  options.quality = 18;
  media::write_mp4(path, std::move(source), {}, options);
  return gold.add_video(path, width, height, times_of(frames));
}

std::string add_film_file(Gold& gold, const Import& import, const fs::path& annotations,
                          const std::string& name) {
  const fs::path path = import.media_path(annotations, name);
  if (!import.options().images) return gold.add_video(path, 0, 0, {});
  if (!is_file(path)) throw Error("the film " + name + " is not in " + path.parent_path().string());
  const media::Info info = media::inspect(path, import.options().media);
  return gold.add_video(path, info.width, info.height, media::frame_times(path, import.options().media));
}

}  // namespace reamo::data
