// How much of a foreign file is accepted.
#pragma once

#include <cstdint>

namespace reamo::media {

// Checked before memory is taken. A file over a limit is refused with a message that names the limit's option.
struct Limits {
  std::int64_t max_pixels = std::int64_t(256) << 20;         // per picture or frame (--max-pixels)
  double max_seconds = 4 * 3600;                             // of sound or film (--max-seconds)
  std::int64_t max_frames = 1'000'000;                       // of film (--max-frames)
  std::int64_t max_samples = std::int64_t(1) << 30;          // of sound, all channels together (--max-samples)
  std::int64_t max_bytes = std::int64_t(16) << 30;           // of the file (--max-bytes)
  int max_channels = 64;                                     // of sound
  double timeout = 120;  // seconds that opening, or decoding of one frame, may take (--media-timeout)
};

}  // namespace reamo::media
