#include "media/pixels.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace reamo::media {
namespace {

std::uint8_t clip8(int value) { return std::uint8_t(std::clamp(value, 0, 255)); }

// One colour-difference plane at the size of the picture, with the triangle filters of libjpeg's "fancy upsampling".
class ChromaRows {
 public:
  ChromaRows(const AVFrame& frame, int plane, bool half_width, bool half_height)
      : data_(frame.data[plane]), stride_(frame.linesize[plane]), half_width_(half_width), half_height_(half_height),
        width_(half_width ? (frame.width + 1) / 2 : frame.width), height_(half_height ? (frame.height + 1) / 2 : frame.height),
        sums_(std::size_t(width_)), row_(std::size_t(width_) * 2 + 2) {}

  const std::uint8_t* row(int y) {
    const std::uint8_t* near = source(half_height_ ? y / 2 : y);
    if (!half_height_ && !half_width_) return near;
    if (half_width_ && width_ <= 2) {  // too narrow for the filter: repeated
      for (int x = 0; x < 2 * width_; ++x) row_[x] = near[x / 2];
      return row_.data();
    }
    const std::uint8_t* far = half_height_ ? source(y % 2 == 0 ? y / 2 - 1 : y / 2 + 1) : near;
    if (!half_width_) {
      for (int x = 0; x < width_; ++x) row_[x] = std::uint8_t((3 * near[x] + far[x] + 1 + y % 2) >> 2);
      return row_.data();
    }
    // In quarters (one direction) or sixteenths (both).
    const int shift = half_height_ ? 4 : 2, round_left = half_height_ ? 8 : 1, round_right = half_height_ ? 7 : 2;
    for (int x = 0; x < width_; ++x) sums_[x] = half_height_ ? 3 * near[x] + far[x] : near[x];
    for (int x = 0; x < width_; ++x) {
      const int left = sums_[std::max(0, x - 1)], right = sums_[std::min(width_ - 1, x + 1)];
      row_[2 * x] = std::uint8_t((3 * sums_[x] + left + round_left) >> shift);
      row_[2 * x + 1] = std::uint8_t((3 * sums_[x] + right + round_right) >> shift);
    }
    return row_.data();
  }

 private:
  const std::uint8_t* source(int y) const { return data_ + std::ptrdiff_t(std::clamp(y, 0, height_ - 1)) * stride_; }
  const std::uint8_t* data_;
  int stride_;
  bool half_width_, half_height_;
  int width_, height_;
  std::vector<int> sums_;
  std::vector<std::uint8_t> row_;
};

void jpeg_pixels(const AVFrame& frame, const AVPixFmtDescriptor& format, signal::Image& image) {
  constexpr int kOne = 1 << 16, kHalf = kOne / 2;
  const auto fixed = [](double value) { return int(value * kOne + 0.5); };
  std::array<int, 256> red, green_cr, green_cb, blue;
  for (int i = 0; i < 256; ++i) {
    red[i] = (fixed(1.402) * (i - 128) + kHalf) >> 16;
    blue[i] = (fixed(1.772) * (i - 128) + kHalf) >> 16;
    green_cr[i] = -fixed(0.71414) * (i - 128);
    green_cb[i] = -fixed(0.34414) * (i - 128) + kHalf;
  }
  ChromaRows cb_rows(frame, 1, format.log2_chroma_w == 1, format.log2_chroma_h == 1);
  ChromaRows cr_rows(frame, 2, format.log2_chroma_w == 1, format.log2_chroma_h == 1);
  for (int y = 0; y < frame.height; ++y) {
    const std::uint8_t* luma = frame.data[0] + std::ptrdiff_t(y) * frame.linesize[0];
    const std::uint8_t *cb = cb_rows.row(y), *cr = cr_rows.row(y);
    std::uint8_t* out = image.pixel(0, y);
    for (int x = 0; x < frame.width; ++x, out += 3) {
      out[0] = clip8(luma[x] + red[cr[x]]);
      out[1] = clip8(luma[x] + ((green_cb[cb[x]] + green_cr[cr[x]]) >> 16));
      out[2] = clip8(luma[x] + blue[cb[x]]);
    }
  }
}

void palette_pixels(const AVFrame& frame, Pixels& pixels) {
  const auto* palette = reinterpret_cast<const std::uint32_t*>(frame.data[1]);
  pixels.alpha.resize(std::size_t(frame.width) * frame.height);
  std::size_t index = 0;
  for (int y = 0; y < frame.height; ++y) {
    const std::uint8_t* row = frame.data[0] + std::ptrdiff_t(y) * frame.linesize[0];
    for (int x = 0; x < frame.width; ++x, ++index) {
      const std::uint32_t argb = palette[row[x]];
      for (int c = 0; c < 3; ++c) pixels.image.rgb[index * 3 + c] = std::uint8_t(argb >> (16 - 8 * c));
      pixels.alpha[index] = std::uint8_t(argb >> 24);
    }
  }
}

// Any format of whole components: grey or RGB, packed or planar, 1 to 16 bits, with or without alpha.
void component_pixels(const AVFrame& frame, const AVPixFmtDescriptor& format, bool published_depth, Pixels& pixels) {
  const bool has_alpha = format.flags & AV_PIX_FMT_FLAG_ALPHA;
  const int colours = format.nb_components - has_alpha;  // 1 or 3
  if (has_alpha) pixels.alpha.resize(std::size_t(frame.width) * frame.height);
  std::vector<std::uint16_t> line(std::size_t(frame.width));
  for (int component = 0; component < format.nb_components; ++component) {
    const bool alpha = has_alpha && component == colours;
    const int depth = format.comp[component].depth;
    const std::uint32_t most = (1u << depth) - 1;
    const auto scale = [&](std::uint32_t value) -> std::uint8_t {
      if (frame.format == AV_PIX_FMT_MONOWHITE) value = most - value;
      if (depth == 8) return std::uint8_t(value);
      if (depth > 8 && published_depth && !alpha) return std::uint8_t(colours == 1 ? std::min(value, 255u) : value >> (depth - 8));
      return std::uint8_t((value * 255 + most / 2) / most);
    };
    for (int y = 0; y < frame.height; ++y) {
      av_read_image_line2(line.data(), const_cast<const std::uint8_t**>(frame.data), frame.linesize, &format, 0, y, component,
                          frame.width, 0, sizeof line[0]);
      const std::size_t first = std::size_t(y) * frame.width;
      for (int x = 0; x < frame.width; ++x) {
        const std::uint8_t value = scale(line[x]);
        if (alpha) {
          pixels.alpha[first + x] = value;
        } else if (colours == 1) {
          std::fill_n(&pixels.image.rgb[(first + x) * 3], 3, value);
        } else {
          pixels.image.rgb[(first + x) * 3 + component] = value;
        }
      }
    }
  }
}

// A scaler that knows the colour matrix and range of the frame. Frames that state none are BT.601 below 720 lines, else BT.709.
ScalerPtr make_scaler(const AVFrame& frame, int width, int height, AVPixelFormat to, SwsContext* old, const std::filesystem::path& path) {
  ScalerPtr scaler(sws_getCachedContext(old, frame.width, frame.height, AVPixelFormat(frame.format), width, height, to,
                                        SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP, nullptr, nullptr, nullptr));
  if (!scaler) refuse(path, "its pixel format cannot be converted");
  const bool unknown = frame.colorspace == AVCOL_SPC_UNSPECIFIED || frame.colorspace == AVCOL_SPC_RGB;
  const int space = unknown ? (frame.height >= 720 ? int(AVCOL_SPC_BT709) : int(AVCOL_SPC_SMPTE170M)) : int(frame.colorspace);
  const int* coefficients = sws_getCoefficients(space);
  sws_setColorspaceDetails(scaler.get(), coefficients, frame.color_range == AVCOL_RANGE_JPEG, coefficients, 1, 0, 1 << 16, 1 << 16);
  return scaler;
}

}  // namespace

Pixels picture_pixels(const AVFrame& frame, bool published_depth, const std::filesystem::path& path) {
  const AVPixFmtDescriptor* format = av_pix_fmt_desc_get(AVPixelFormat(frame.format));
  if (!format) refuse(path, "its pixel format is unknown");
  Pixels pixels{signal::Image(frame.width, frame.height), {}};
  const bool rgb = format->flags & AV_PIX_FMT_FLAG_RGB;
  const bool grey = format->nb_components <= 2;
  const bool floating = format->flags & (AV_PIX_FMT_FLAG_FLOAT | AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BAYER);
  const bool full_range = frame.color_range == AVCOL_RANGE_JPEG || frame.format == AV_PIX_FMT_YUVJ420P ||
                          frame.format == AV_PIX_FMT_YUVJ422P || frame.format == AV_PIX_FMT_YUVJ444P || frame.format == AV_PIX_FMT_YUVJ440P;
  if (frame.format == AV_PIX_FMT_PAL8) {
    palette_pixels(frame, pixels);
  } else if ((rgb || grey) && !floating) {
    component_pixels(frame, *format, published_depth, pixels);
  } else if (full_range && format->nb_components == 3 && (format->flags & AV_PIX_FMT_FLAG_PLANAR) && format->comp[0].depth == 8 &&
             format->log2_chroma_w <= 1 && format->log2_chroma_h <= 1) {
    jpeg_pixels(frame, *format, pixels.image);
  } else {
    const ScalerPtr scaler = make_scaler(frame, frame.width, frame.height, AV_PIX_FMT_RGBA, nullptr, path);
    std::vector<std::uint8_t> rgba(std::size_t(frame.width) * frame.height * 4 + 64);
    std::uint8_t* planes[4] = {rgba.data()};
    const int strides[4] = {frame.width * 4};
    sws_scale(scaler.get(), frame.data, frame.linesize, 0, frame.height, planes, strides);
    const bool has_alpha = format->flags & AV_PIX_FMT_FLAG_ALPHA;
    if (has_alpha) pixels.alpha.resize(std::size_t(frame.width) * frame.height);
    for (std::size_t i = 0; i < std::size_t(frame.width) * frame.height; ++i) {
      std::copy_n(&rgba[i * 4], 3, &pixels.image.rgb[i * 3]);
      if (has_alpha) pixels.alpha[i] = rgba[i * 4 + 3];
    }
  }
  if (std::all_of(pixels.alpha.begin(), pixels.alpha.end(), [](std::uint8_t value) { return value == 255; })) pixels.alpha.clear();
  return pixels;
}

signal::Image FilmConverter::convert(const AVFrame& frame, const std::filesystem::path& path) {
  const AVPixFmtDescriptor* format = av_pix_fmt_desc_get(AVPixelFormat(frame.format));
  if (format && (format->flags & AV_PIX_FMT_FLAG_ALPHA || frame.format == AV_PIX_FMT_PAL8) && frame.width == width_ && frame.height == height_) {
    Pixels pixels = picture_pixels(frame, false, path);
    composite(pixels, {255, 255, 255});
    return std::move(pixels.image);
  }
  scaler_ = make_scaler(frame, width_, height_, AV_PIX_FMT_RGB24, scaler_.release(), path);
  signal::Image image(width_, height_);
  // The scaler may write whole vectors: rows are padded to keep it inside the memory.
  const int stride = (width_ * 3 + 63) / 64 * 64;
  std::vector<std::uint8_t> padded(std::size_t(stride) * height_ + 64);
  std::uint8_t* planes[4] = {padded.data()};
  const int strides[4] = {stride};
  sws_scale(scaler_.get(), frame.data, frame.linesize, 0, frame.height, planes, strides);
  for (int y = 0; y < height_; ++y) std::memcpy(image.pixel(0, y), &padded[std::size_t(y) * stride], std::size_t(width_) * 3);
  return image;
}

void composite(Pixels& pixels, const std::uint8_t (&background)[3]) {
  for (std::size_t i = 0; i < pixels.alpha.size(); ++i) {
    const int alpha = pixels.alpha[i];
    for (int c = 0; c < 3; ++c) {
      std::uint8_t& value = pixels.image.rgb[i * 3 + c];
      value = std::uint8_t((value * alpha + background[c] * (255 - alpha) + 127) / 255);
    }
  }
  pixels.alpha.clear();
}

}  // namespace reamo::media
