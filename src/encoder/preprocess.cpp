#include "encoder/preprocess.h"

#include <algorithm>
#include <cmath>

#include "ie/error.h"
#include "signal/mel.h"

namespace reamo::encoder {
namespace {

namespace F = torch::nn::functional;

__extension__ typedef __int128 Int128;

constexpr std::int64_t kMaxResizedPixels = std::int64_t(64) << 20;

// floor(k * m * rate / divisor) for a double m, exactly.
std::int64_t exact_floor(double m, std::int64_t k, std::int64_t rate, std::int64_t divisor) {
  if (m <= 0 || k == 0) return 0;
  int exponent = 0;
  const auto mantissa = std::int64_t(std::ldexp(std::frexp(m, &exponent), 53));
  exponent -= 53;  // m = mantissa * 2^exponent
  const Int128 numerator = Int128(mantissa) * k * rate;
  if (exponent >= 0) return std::int64_t((numerator << std::min(exponent, 40)) / divisor);
  if (exponent < -90) return 0;
  return std::int64_t(numerator / (Int128(divisor) << -exponent));
}

int divisor_of(int clips, Spacing spacing) { return spacing == Spacing::kInclusive ? std::max(1, clips - 1) : clips; }

// Shorter side to `size`, the longer one in proportion, cut to whole pixels.
signal::Image resize_shorter(const signal::Image& image, int size) {
  const int shorter = std::min(image.width, image.height), longer = std::max(image.width, image.height);
  if (shorter == size) return image;
  const std::int64_t exact = std::int64_t(size) * longer / shorter;
  if (exact * size > kMaxResizedPixels) {
    throw Error("a picture of " + std::to_string(image.width) + " x " + std::to_string(image.height) +
                " pixels is too long for a centre crop");
  }
  const int scaled = int(exact);
  const bool wide = image.width >= image.height;
  return signal::resize(image, wide ? scaled : size, wide ? size : scaled, signal::Filter::kBicubic);
}

// Half to even.
int rounded_half(int n) { return n % 2 == 0 ? n / 2 : (n / 2) + (n / 2) % 2; }

signal::Image pad_to_square(const signal::Image& image) {
  constexpr std::uint8_t kBackground[3] = {122, 116, 104};
  const int side = std::max(image.width, image.height);
  signal::Image square(side, side);
  for (std::size_t i = 0; i < square.rgb.size(); ++i) square.rgb[i] = kBackground[i % 3];
  const int left = (side - image.width) / 2, top = (side - image.height) / 2;
  for (int y = 0; y < image.height; ++y) {
    std::copy_n(image.pixel(0, y), std::size_t(image.width) * 3, square.pixel(left, top + y));
  }
  return square;
}

torch::Tensor pixels(const signal::Image& image) {  // [3, height, width] in 0 .. 255
  const torch::Tensor bytes =
      torch::from_blob(const_cast<std::uint8_t*>(image.rgb.data()), {image.height, image.width, 3}, torch::kUInt8);
  return bytes.permute({2, 0, 1}).to(torch::kFloat32, false, true).contiguous();
}

torch::Tensor normalize(const torch::Tensor& x) {  // [.., 3, frames, height, width] or [3, height, width]
  std::vector<std::int64_t> shape(std::size_t(x.dim()), 1);
  shape[std::size_t(x.dim() == 3 ? 0 : x.dim() - 4)] = 3;
  const torch::Tensor mean = torch::tensor({kImageMean[0], kImageMean[1], kImageMean[2]}, torch::kFloat32).reshape(shape);
  const torch::Tensor deviation =
      torch::tensor({kImageDeviation[0], kImageDeviation[1], kImageDeviation[2]}, torch::kFloat32).reshape(shape);
  return (x - mean) / deviation;
}

void check_frames(const std::vector<signal::Image>& frames) {
  if (frames.empty() || frames[0].empty()) throw Error("a clip without frames cannot be encoded");
  for (const signal::Image& frame : frames) {
    if (frame.width != frames[0].width || frame.height != frames[0].height) throw Error("the frames of a clip differ in size");
  }
}

}  // namespace

FittedImage fit_image(const signal::Image& image, int height, int width, Fit fit) {
  if (image.empty()) throw Error("an empty picture cannot be encoded");
  FittedImage fitted;
  fitted.padded_height = image.height, fitted.padded_width = image.width;
  fitted.top = fitted.left = 0;
  if (fit == Fit::kStretch) {
    fitted.image = signal::resize(image, width, height, signal::Filter::kBicubic);
    fitted.resized_height = height, fitted.resized_width = width;
    return fitted;
  }
  signal::Image source = fit == Fit::kPad ? pad_to_square(image) : image;
  fitted.padded_height = source.height, fitted.padded_width = source.width;
  source = resize_shorter(source, height);
  fitted.resized_height = source.height, fitted.resized_width = source.width;
  fitted.top = rounded_half(source.height - height), fitted.left = rounded_half(source.width - width);
  fitted.image = signal::crop(source, fitted.left, fitted.top, width, height);
  return fitted;
}

torch::Tensor image_tensor(const signal::Image& image) { return normalize(pixels(image) / 255.0f); }

std::vector<std::pair<std::int64_t, std::int64_t>> audio_clip_ranges(std::int64_t samples, int sample_rate, int clips,
                                                                     double seconds, Spacing spacing) {
  const double spare = std::max(double(samples) / sample_rate - seconds, 0.0);
  const auto length = std::int64_t(std::llround(seconds * sample_rate));
  std::vector<std::pair<std::int64_t, std::int64_t>> ranges;
  for (int k = 0; k < clips; ++k) {
    const std::int64_t first = exact_floor(spare, k, sample_rate, divisor_of(clips, spacing));
    ranges.emplace_back(first, first + length);
  }
  return ranges;
}

torch::Tensor audio_tensor(const signal::Audio& audio, const AudioConfig& config, int mels, int frames, Spacing spacing) {
  signal::Audio wave = audio.sample_rate == config.sample_rate ? audio : signal::resample(audio, config.sample_rate);
  const auto samples = std::int64_t(wave.frames());
  signal::LogMelOptions options = signal::imagebind_mel_options();
  options.mels = mels;
  if (samples < options.window) {
    throw Error("a recording of " + std::to_string(samples) + " samples is too short: the sound encoder needs " +
                std::to_string(options.window) + " (25 ms)");
  }
  torch::Tensor out = torch::zeros({config.clips, 1, mels, frames});
  int clip = 0;
  for (auto [first, last] : audio_clip_ranges(samples, config.sample_rate, config.clips, config.clip_seconds, spacing)) {
    last = std::min(last, samples);
    // The clip's mean over all channels is taken off in place: later clips that overlap see it.
    double sum = 0;
    for (int channel = 0; channel < wave.channels; ++channel) {
      for (std::int64_t i = first; i < last; ++i) sum += wave.samples[std::size_t(channel * samples + i)];
    }
    const auto mean = float(sum / (double(last - first) * wave.channels));
    for (int channel = 0; channel < wave.channels; ++channel) {
      for (std::int64_t i = first; i < last; ++i) wave.samples[std::size_t(channel * samples + i)] -= mean;
    }
    const signal::Features bank =
        signal::log_mel(std::span<const float>(&wave.samples[std::size_t(first)], std::size_t(last - first)), options);
    auto values = out.accessor<float, 4>();
    for (int frame = 0; frame < std::min(bank.frames, frames); ++frame) {
      for (int mel = 0; mel < mels; ++mel) values[clip][0][mel][frame] = bank.frame(frame)[mel];
    }
    ++clip;
  }
  return (out - config.mean) / config.deviation;
}

std::vector<ClipFrames> video_clip_frames(std::int64_t frames, double frame_rate, const VideoConfig& config, Spacing spacing) {
  if (frames < 1 || !(frame_rate > 0)) throw Error("a film without frames or frame rate cannot be cut into clips");
  const double spare = std::max(double(frames) / frame_rate - config.clip_seconds, 0.0);
  std::vector<ClipFrames> clips;
  for (int k = 0; k < config.clips; ++k) {
    const long double start = (long double)(spare)*k / divisor_of(config.clips, spacing);
    ClipFrames clip;
    clip.first = std::int64_t(std::ceil(frame_rate * double(start)));
    clip.last = std::min(std::int64_t(std::ceil(frame_rate * double(start + config.clip_seconds))), frames);
    clip.first = std::min(clip.first, frames - 1);
    clip.last = std::max(clip.last, clip.first + 1);
    const std::int64_t count = clip.last - clip.first;
    for (int i = 0; i < config.frames; ++i) {
      // The first and the last and evenly between; a single frame is the middle one.
      clip.picked.push_back(clip.first + (config.frames == 1 ? count / 2 : (count - 1) * i / (config.frames - 1)));
    }
    clips.push_back(std::move(clip));
  }
  return clips;
}

torch::Tensor scale_frames(const std::vector<signal::Image>& frames, int size) {
  check_frames(frames);
  std::vector<torch::Tensor> stack;
  for (const signal::Image& frame : frames) stack.push_back(pixels(frame) / 255.0f);
  const torch::Tensor x = torch::stack(stack);  // [frames, 3, height, width]
  const std::int64_t height = x.size(2), width = x.size(3);
  std::int64_t to_height = size, to_width = size;
  if (height > width) {
    to_height = std::int64_t(std::floor(double(height) / double(width) * size));
  } else {
    to_width = std::int64_t(std::floor(double(width) / double(height) * size));
  }
  if (to_height == height && to_width == width) return x.transpose(0, 1).contiguous();
  const auto options = F::InterpolateFuncOptions().size(std::vector<std::int64_t>{to_height, to_width}).mode(torch::kBilinear).align_corners(false);
  return F::interpolate(x, options).transpose(0, 1).contiguous();
}

torch::Tensor crop_views(const torch::Tensor& scaled, int size, int views) {
  const torch::Tensor x = normalize(scaled);
  const std::int64_t height = x.size(2), width = x.size(3);
  std::vector<torch::Tensor> crops;
  for (int view : views == 1 ? std::vector<int>{1} : std::vector<int>{0, 1, 2}) {
    const std::int64_t spare = std::max(height, width) - size;
    const std::int64_t offset = view == 0 ? 0 : view == 1 ? (spare + 1) / 2 : spare;
    const std::int64_t top = height > width ? offset : (height - size + 1) / 2;
    const std::int64_t left = height > width ? (width - size + 1) / 2 : offset;
    crops.push_back(x.slice(2, top, top + size).slice(3, left, left + size));
  }
  return torch::stack(crops);
}

torch::Tensor video_tensor(const std::vector<std::vector<signal::Image>>& clips, int size, int views, Fit fit) {
  if (clips.empty()) throw Error("a film without clips cannot be encoded");
  std::vector<torch::Tensor> parts;
  for (const std::vector<signal::Image>& frames : clips) {
    if (fit == Fit::kStretch) {
      check_frames(frames);
      std::vector<torch::Tensor> stack;
      for (const signal::Image& frame : frames) stack.push_back(image_tensor(fit_image(frame, size, size, fit).image));
      parts.push_back(torch::stack(stack, 1).unsqueeze(0).expand({views, -1, -1, -1, -1}));
    } else {
      parts.push_back(crop_views(scale_frames(frames, size), size, views));
    }
  }
  return torch::cat(parts);
}

}  // namespace reamo::encoder
