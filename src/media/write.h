// Pictures, sound and film to files. Files are written beside and renamed: they appear whole or not at all. The encode_*
// functions give the bytes of the file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ie/mask.h"
#include "signal/audio.h"
#include "signal/image.h"

namespace reamo::media {

using Bytes = std::vector<std::uint8_t>;

Bytes encode_png(const signal::Image& image);
Bytes encode_png(const signal::ImageRgba& image);
Bytes encode_png(const ie::Mask& mask);  // 8-bit grey, 0 and 255
Bytes encode_jpeg(const signal::Image& image, int quality = 90);  // quality 1..100
Bytes encode_wav(const signal::Audio& audio);                     // 16-bit, rounded and clipped

void write_png(const std::filesystem::path& path, const signal::Image& image);
void write_png(const std::filesystem::path& path, const signal::ImageRgba& image);
void write_png(const std::filesystem::path& path, const ie::Mask& mask);
void write_jpeg(const std::filesystem::path& path, const signal::Image& image, int quality = 90);
void write_wav(const std::filesystem::path& path, const signal::Audio& audio);

struct VideoOptions {
  double frame_rate = 25;   // of the output's time base; frames keep their own times
  int quality = 23;         // x264's constant rate factor, lower is better
  int max_side = 0;         // shrunk to fit, 0: as it is
};
// H.264 (MPEG-4 part 2 where FFmpeg has no H.264 encoder) and AAC in MP4 that browsers play from the start. Sides that are odd
// lose one row or column. Frame times must increase. Sound keeps its start relative to the frames.
void write_mp4(const std::filesystem::path& path, signal::FrameSource frames, const std::optional<signal::Audio>& audio = {},
               const VideoOptions& options = {});
// A source of frames in memory at a constant rate, the first at time 0.
signal::FrameSource from_images(std::vector<signal::Image> images, double frame_rate);

// Compressed sound that browsers play (AAC in MP4), or a film, as bytes of the file.
Bytes encode_m4a(const signal::Audio& audio, int bit_rate = 64000);
Bytes encode_mp4(signal::FrameSource frames, const std::optional<signal::Audio>& audio = {}, const VideoOptions& options = {});

// Writes bytes beside `path` and renames them there.
void write_bytes(const std::filesystem::path& path, std::span<const std::uint8_t> bytes);
std::string base64(std::span<const std::uint8_t> bytes);

}  // namespace reamo::media
