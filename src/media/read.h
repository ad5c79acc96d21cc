// Files to pictures, sound and film, through FFmpeg. Only local files and a fixed list of containers and codecs are opened:
// no network, no playlists, no file name patterns. The content decides the format, never the file name. Every refusal is a
// reamo::Error of one sentence naming the file and the reason. What was read although the file is damaged is told as a
// warning.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "media/limits.h"
#include "signal/audio.h"
#include "signal/image.h"

namespace reamo::media {

enum class Kind { kImage, kAudio, kVideo };

// What a file holds, from its headers.
struct Info {
  Kind kind = Kind::kImage;
  std::string format;              // "png", "jpeg", "wav", "mp4", ..
  std::string video_codec, audio_codec;  // "" where there is none
  int width = 0, height = 0;       // as displayed: orientation applied, stored pixels (no sample aspect ratio)
  double frame_rate = 0;           // average, frames a second; 0 if unknown
  std::int64_t frames = 0;         // pictures of the film as the container counts them; 0 if unknown
  double start = 0, duration = 0;  // seconds, of the film, else of the sound; duration 0 if unknown
  int sample_rate = 0, channels = 0, audio_tracks = 0;
  double audio_start = 0;          // seconds, presentation time of the first sample as the container states it
  int orientation = 1;             // EXIF orientation of a picture, 1..8
  bool has_audio = false, has_video = false;
};
Info inspect(const std::filesystem::path& path, const Limits& limits = {});

using Warnings = std::vector<std::string>;  // one sentence each

// What becomes of transparency: dropped (the colours stored under it are kept, as published preprocessing does) or
// laid over `background`.
enum class Alpha { kDrop, kComposite };
struct ImageOptions {
  bool apply_orientation = true;  // EXIF orientation; published preprocessing ignores it
  Alpha alpha = Alpha::kComposite;
  std::uint8_t background[3] = {255, 255, 255};
  bool published_depth = false;   // 16-bit colours: the high byte; 16-bit grey: above 255 becomes 255. Else value / 257
};
// Options of the published preprocessing (parity/IMAGEBIND.md section 4).
ImageOptions published_image_options();

// PNG, JPEG, WebP, BMP, GIF (first frame), TIFF. A film's first frame is not a picture: refused.
signal::Image read_image(const std::filesystem::path& path, const Limits& limits = {}, const ImageOptions& options = {},
                         Warnings* warnings = nullptr);
signal::ImageRgba read_image_rgba(const std::filesystem::path& path, const Limits& limits = {});

// The first sound track of a sound file or film (WAV, FLAC, MP3, Ogg, AAC, Opus, ..) at its own rate and channels. Gaps
// in the time stamps are filled with silence. `start` is the time of the first sample heard (encoder delay skipped).
// Samples that are no numbers become 0, with a warning. A file without sound is an Error.
signal::Audio read_audio(const std::filesystem::path& path, const Limits& limits = {}, Warnings* warnings = nullptr);

// A film as a stream of frames at their presentation times, rotation applied; the file is open as long as the source
// lives. `warnings` must live as long. A file without pictures is an Error; damage in the middle ends the stream with a
// warning, at the beginning is an Error. An animated GIF is a film too.
signal::FrameSource open_video(const std::filesystem::path& path, const Limits& limits = {}, Warnings* warnings = nullptr);

// Sound of a film; nullopt when it has none.
std::optional<signal::Audio> read_soundtrack(const std::filesystem::path& path, const Limits& limits = {},
                                             Warnings* warnings = nullptr);

// Presentation times of all frames, from the packets, without decoding; increasing.
std::vector<double> frame_times(const std::filesystem::path& path, const Limits& limits = {});

}  // namespace reamo::media
