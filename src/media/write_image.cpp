#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include <unistd.h>

#include "media/ffmpeg.h"
#include "media/write.h"

namespace reamo::media {
namespace {

// Encodes one frame; `fill` writes its planes.
template <typename Fill>
Bytes encode_picture(AVCodecID id, AVPixelFormat format, int width, int height, int quality_scale, Fill fill) {
  if (width <= 0 || height <= 0) throw std::invalid_argument("a picture of no pixels cannot be written");
  const MessageCatcher catcher;
  const AVCodec* codec = avcodec_find_encoder(id);
  if (!codec) throw Error(std::string("this FFmpeg has no encoder for ") + avcodec_get_name(id));
  const CodecPtr context(avcodec_alloc_context3(codec));
  if (!context) throw std::bad_alloc();
  context->width = width;
  context->height = height;
  context->pix_fmt = format;
  context->time_base = {1, 25};
  context->thread_count = 1;
  context->color_range = AVCOL_RANGE_JPEG;
  if (quality_scale > 0) {
    context->flags |= AV_CODEC_FLAG_QSCALE | AV_CODEC_FLAG_BITEXACT;
    context->global_quality = quality_scale * FF_QP2LAMBDA;
    context->qmin = context->qmax = quality_scale;
  }
  if (avcodec_open2(context.get(), codec, nullptr) < 0) throw Error("the encoder does not take a picture of this size");
  const FramePtr frame = make_frame();
  frame->width = width;
  frame->height = height;
  frame->format = format;
  frame->pts = 0;
  frame->color_range = AVCOL_RANGE_JPEG;
  if (quality_scale > 0) frame->quality = context->global_quality;
  if (av_frame_get_buffer(frame.get(), 0) < 0) throw std::bad_alloc();
  fill(*frame);
  const PacketPtr packet = make_packet();
  int code = avcodec_send_frame(context.get(), frame.get());
  if (code >= 0) code = avcodec_send_frame(context.get(), nullptr);
  if (code >= 0) code = avcodec_receive_packet(context.get(), packet.get());
  if (code < 0) throw Error("the picture could not be encoded (" + error_text(code) + ")");
  return {packet->data, packet->data + packet->size};
}

Bytes encode_rows(AVPixelFormat format, int width, int height, int pixel_bytes, const std::uint8_t* pixels) {
  return encode_picture(AV_CODEC_ID_PNG, format, width, height, 0, [&](AVFrame& frame) {
    const std::size_t row = std::size_t(width) * pixel_bytes;
    for (int y = 0; y < height; ++y) std::memcpy(frame.data[0] + std::ptrdiff_t(y) * frame.linesize[0], pixels + row * y, row);
  });
}

void append(Bytes& bytes, std::uint32_t value, int count) {
  for (int i = 0; i < count; ++i) bytes.push_back(std::uint8_t(value >> (8 * i)));
}

}  // namespace

Bytes encode_png(const signal::Image& image) { return encode_rows(AV_PIX_FMT_RGB24, image.width, image.height, 3, image.rgb.data()); }
Bytes encode_png(const signal::ImageRgba& image) { return encode_rows(AV_PIX_FMT_RGBA, image.width, image.height, 4, image.rgba.data()); }

Bytes encode_png(const ie::Mask& mask) {
  std::vector<std::uint8_t> pixels = ie::decode(mask);
  for (auto& pixel : pixels) pixel = pixel ? 255 : 0;
  return encode_rows(AV_PIX_FMT_GRAY8, mask.width, mask.height, 1, pixels.data());
}

Bytes encode_jpeg(const signal::Image& image, int quality) {
  // The encoder's scale runs from 1 (finest) to 31.
  const int scale = std::clamp(int(std::lround(1 + (100 - std::clamp(quality, 1, 100)) * 0.3)), 1, 31);
  return encode_picture(AV_CODEC_ID_MJPEG, AV_PIX_FMT_YUVJ444P, image.width, image.height, scale, [&](AVFrame& frame) {
    for (int y = 0; y < image.height; ++y) {
      std::uint8_t* rows[3];
      for (int plane = 0; plane < 3; ++plane) rows[plane] = frame.data[plane] + std::ptrdiff_t(y) * frame.linesize[plane];
      for (int x = 0; x < image.width; ++x) {
        const std::uint8_t* pixel = image.pixel(x, y);
        const double r = pixel[0], g = pixel[1], b = pixel[2];
        const auto round8 = [](double value) { return std::uint8_t(std::clamp(value + 0.5, 0.0, 255.0)); };
        rows[0][x] = round8(0.299 * r + 0.587 * g + 0.114 * b);
        rows[1][x] = round8(128 - 0.168735892 * r - 0.331264108 * g + 0.5 * b);
        rows[2][x] = round8(128 + 0.5 * r - 0.418687589 * g - 0.081312411 * b);
      }
    }
  });
}

Bytes encode_wav(const signal::Audio& audio) {
  const std::size_t frames = audio.frames();
  const std::size_t data = frames * audio.channels * 2;
  if (data > 0xffffffffu - 44) throw Error("the sound is too long for a WAV file (4 GB)");
  Bytes bytes;
  bytes.reserve(44 + data);
  const auto tag = [&](const char* name) { bytes.insert(bytes.end(), name, name + 4); };
  tag("RIFF");
  append(bytes, std::uint32_t(36 + data), 4);
  tag("WAVE");
  tag("fmt ");
  append(bytes, 16, 4);
  append(bytes, 1, 2);
  append(bytes, std::uint32_t(audio.channels), 2);
  append(bytes, std::uint32_t(audio.sample_rate), 4);
  append(bytes, std::uint32_t(audio.sample_rate * audio.channels * 2), 4);
  append(bytes, std::uint32_t(audio.channels * 2), 2);
  append(bytes, 16, 2);
  tag("data");
  append(bytes, std::uint32_t(data), 4);
  for (std::size_t i = 0; i < frames; ++i) {
    for (int channel = 0; channel < audio.channels; ++channel) {
      const float value = audio.samples[channel * frames + i];
      const long sample = std::isfinite(value) ? std::clamp(std::lround(double(value) * 32768), -32768L, 32767L) : 0;
      append(bytes, std::uint32_t(sample), 2);
    }
  }
  return bytes;
}

void write_bytes(const std::filesystem::path& path, std::span<const std::uint8_t> bytes) {
  std::filesystem::path beside = path;
  beside += ".part-" + std::to_string(getpid());
  std::ofstream file(beside, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()), std::streamsize(bytes.size()));
  file.close();
  std::error_code error;
  if (file) {
    std::filesystem::rename(beside, path, error);
    if (!error) return;
  }
  std::error_code ignored;
  std::filesystem::remove(beside, ignored);
  throw Error("cannot write " + path.string() + (error ? ": " + error.message() : ": the folder is missing, full or not writable"));
}

void write_png(const std::filesystem::path& path, const signal::Image& image) { write_bytes(path, encode_png(image)); }
void write_png(const std::filesystem::path& path, const signal::ImageRgba& image) { write_bytes(path, encode_png(image)); }
void write_png(const std::filesystem::path& path, const ie::Mask& mask) { write_bytes(path, encode_png(mask)); }
void write_jpeg(const std::filesystem::path& path, const signal::Image& image, int quality) { write_bytes(path, encode_jpeg(image, quality)); }
void write_wav(const std::filesystem::path& path, const signal::Audio& audio) { write_bytes(path, encode_wav(audio)); }

std::string base64(std::span<const std::uint8_t> bytes) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (k < left ? bytes[i + k] : 0);
    for (std::size_t k = 0; k < 4; ++k) text += k <= left ? kDigits[group >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

}  // namespace reamo::media
