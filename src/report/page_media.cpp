#include "report/page_media.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "ie/error.h"
#include "ie/medium_name.h"
#include "media/read.h"
#include "signal/draw.h"

namespace reamo::report {
namespace {

constexpr int kWaveColumns = 800;
constexpr int kPictureQuality = 90;
constexpr int kFilmQuality = 26;

std::string file_name(const std::filesystem::path& path) {
  const auto name = path.filename().u8string();
  return {name.begin(), name.end()};
}

PageMedium picture(const std::filesystem::path& path, const PageOptions& options) {
  signal::Image image = media::read_image(path, options.limits);
  const double scale = double(options.image_side) / std::max(image.width, image.height);
  if (scale < 1) {
    const int width = std::max(1, int(std::lround(image.width * scale))), height = std::max(1, int(std::lround(image.height * scale)));
    image = signal::resize(image, width, height, signal::Filter::kBicubic);
  }
  return {file_name(path), "image/jpeg", media::encode_jpeg(image, kPictureQuality), 0, {}};
}

std::vector<float> wave(const signal::Audio& audio) {
  std::vector<float> peaks = signal::waveform_peaks(audio, kWaveColumns);
  float largest = 1e-4f;
  for (float peak : peaks) largest = std::max(largest, std::abs(peak));
  for (float& peak : peaks) peak = std::round(peak / largest * 100) / 100;
  return peaks;
}

ie::Warning too_long(const std::string& name, const PageOptions& options) {
  return {"not-in-page", name + " is longer than " + std::to_string(int(options.media_seconds)) + " s: the page shows its places but does not play it", name};
}

PageMedium sound(const std::string& name, const std::filesystem::path& path, const PageOptions& options, std::vector<ie::Warning>& notes) {
  signal::Audio audio = signal::mono(media::read_audio(path, options.limits));
  PageMedium medium{file_name(path), "", {}, audio.start, wave(audio)};
  if (audio.duration() > options.media_seconds) {
    notes.push_back(too_long(name, options));
    return medium;
  }
  audio.start = 0;
  medium.type = "audio/mp4";
  medium.bytes = media::encode_m4a(audio);
  return medium;
}

// A film and, where the result names it, its sound track. What plays starts at the first frame.
void film(const std::string& name, const std::filesystem::path& path, const PageOptions& options, bool with_sound,
          std::map<std::string, PageMedium>& all, std::vector<ie::Warning>& notes) {
  std::optional<signal::Audio> audio = media::read_soundtrack(path, options.limits);
  if (audio) audio = signal::mono(*audio);
  if (audio && with_sound) all[name + "/audio"] = {file_name(path), "", {}, audio->start, wave(*audio)};
  PageMedium medium{file_name(path), "", {}, 0, {}};
  const media::Info info = media::inspect(path, options.limits);
  if (info.duration > options.media_seconds) {
    notes.push_back(too_long(name, options));
    all[name] = std::move(medium);
    return;
  }
  signal::FrameSource source = media::open_video(path, options.limits);
  auto first = source.next();
  if (!first) throw Error("cannot read " + path.string() + ": it holds no frames");
  medium.offset = first->time;
  signal::FrameSource shifted{source.width, source.height, source.frame_rate,
                              [&source, pending = std::move(first), offset = medium.offset]() mutable {
                                auto frame = pending ? std::exchange(pending, std::nullopt) : source.next();
                                if (frame) frame->time -= offset;
                                return frame;
                              }};
  if (audio) {
    audio->start -= medium.offset;
    if (audio->start < 0) audio = signal::slice(*audio, -audio->start, audio->duration());
    if (audio->frames() == 0) audio.reset();
  }
  media::VideoOptions video;
  video.frame_rate = source.frame_rate > 0 ? std::min(source.frame_rate, 120.0) : 25;
  video.quality = kFilmQuality;
  video.max_side = options.video_side;
  medium.type = "video/mp4";
  medium.bytes = media::encode_mp4(std::move(shifted), audio, video);
  all[name] = std::move(medium);
}

}  // namespace

std::map<std::string, PageMedium> page_media(const ie::Result& result, const ie::Document& document, const PageOptions& options,
                                             std::vector<ie::Warning>& notes) {
  std::map<std::string, PageMedium> all;
  for (std::size_t i = 0; i < document.images.size(); ++i) {
    const std::string name = ie::medium_name(ie::MediumKind::kImage, i);
    if (result.medium(name)) all[name] = picture(document.images[i], options);
  }
  for (std::size_t i = 0; i < document.audios.size(); ++i) {
    const std::string name = ie::medium_name(ie::MediumKind::kAudio, i);
    if (result.medium(name)) all[name] = sound(name, document.audios[i], options, notes);
  }
  for (std::size_t i = 0; i < document.videos.size(); ++i) {
    const std::string name = ie::medium_name(ie::MediumKind::kVideo, i);
    if (result.medium(name)) film(name, document.videos[i], options, result.medium(name + "/audio") != nullptr, all, notes);
  }
  return all;
}

}  // namespace reamo::report
