// From pictures, frames and sound to the tensors that the towers take (parity/IMAGEBIND.md 4 to 6).
#pragma once

#include <torch/torch.h>

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "encoder/config.h"
#include "signal/audio.h"
#include "signal/image.h"

namespace reamo::encoder {

constexpr std::array<double, 3> kImageMean = {0.48145466, 0.4578275, 0.40821073};
constexpr std::array<double, 3> kImageDeviation = {0.26862954, 0.26130258, 0.27577711};

// A picture at the model's size, and what was done on the way.
struct FittedImage {
  signal::Image image;             // height x width
  int resized_height, resized_width;
  int top, left;                   // of the crop
  int padded_height, padded_width; // before resizing (kPad), else the picture's own
};
// `height` and `width` of the model's input; kCrop and kPad need a square.
FittedImage fit_image(const signal::Image& image, int height, int width, Fit fit);
// (pixel / 255 - mean) / deviation, [3, height, width].
torch::Tensor image_tensor(const signal::Image& image);

// Clip k of `clips` starts at k (duration - seconds) / (clips - 1) or, exclusive, / clips. Sample ranges [first, last)
// before clipping to the recording; exact arithmetic.
std::vector<std::pair<std::int64_t, std::int64_t>> audio_clip_ranges(std::int64_t samples, int sample_rate, int clips,
                                                                     double seconds, Spacing spacing);
// [clips, 1, mels, frames]: filter bank of channel 0, normalised. Error under 400 samples (at 16 kHz).
torch::Tensor audio_tensor(const signal::Audio& audio, const AudioConfig& config, int mels, int frames, Spacing spacing);

struct ClipFrames {
  std::int64_t first, last;          // range [first, last) of the clip
  std::vector<std::int64_t> picked;  // the frames used
};
std::vector<ClipFrames> video_clip_frames(std::int64_t frames, double frame_rate, const VideoConfig& config, Spacing spacing);

// Frames of one clip in [0, 1] with the shorter side at `size`: bilinear, no antialias. [3, frames, height, width]
torch::Tensor scale_frames(const std::vector<signal::Image>& frames, int size);
// Normalised crops at the start, centre and end of the longer side (one view: the centre). [views, 3, frames, size, size]
torch::Tensor crop_views(const torch::Tensor& scaled, int size, int views);
// All clips, clip-major: [clips * views, 3, frames, size, size]. With kStretch each frame is stretched as a picture is.
torch::Tensor video_tensor(const std::vector<std::vector<signal::Image>>& clips, int size, int views, Fit fit);

}  // namespace reamo::encoder
