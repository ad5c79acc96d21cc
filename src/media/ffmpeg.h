// FFmpeg's C objects with owners, its errors as sentences, its messages caught. Included by this folder's sources only.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/display.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
}

#include "ie/error.h"
#include "media/limits.h"

namespace reamo::media {

struct FrameDeleter { void operator()(AVFrame* frame) const { av_frame_free(&frame); } };
struct PacketDeleter { void operator()(AVPacket* packet) const { av_packet_free(&packet); } };
struct CodecDeleter { void operator()(AVCodecContext* codec) const { avcodec_free_context(&codec); } };
struct InputDeleter {
  void operator()(AVFormatContext* format) const {
    AVIOContext* file = format->pb;
    avformat_close_input(&format);
    avio_closep(&file);
  }
};
struct ScalerDeleter { void operator()(SwsContext* scaler) const { sws_freeContext(scaler); } };
using FramePtr = std::unique_ptr<AVFrame, FrameDeleter>;
using PacketPtr = std::unique_ptr<AVPacket, PacketDeleter>;
using CodecPtr = std::unique_ptr<AVCodecContext, CodecDeleter>;
using InputPtr = std::unique_ptr<AVFormatContext, InputDeleter>;
using ScalerPtr = std::unique_ptr<SwsContext, ScalerDeleter>;

FramePtr make_frame();
PacketPtr make_packet();

// FFmpeg's words for an error code.
std::string error_text(int code);
// "cannot read PATH: reason".
[[noreturn]] void refuse(const std::filesystem::path& path, std::string_view reason);

// While it lives, what FFmpeg reports as an error on this thread is kept here; nothing is ever printed.
class MessageCatcher {
 public:
  MessageCatcher();
  ~MessageCatcher();
  MessageCatcher(const MessageCatcher&) = delete;
  MessageCatcher& operator=(const MessageCatcher&) = delete;
  const std::vector<std::string>& messages() const { return messages_; }
  // The first message without its line end, or "".
  std::string first() const;

 private:
  std::vector<std::string> messages_;
  std::vector<std::string>* outer_;
};

// Refuses what is missing, a folder, a pipe or device, empty, or longer than limits.max_bytes.
void check_file(const std::filesystem::path& path, const Limits& limits);
// Refuses sizes without pixels or over limits.max_pixels.
void check_size(const std::filesystem::path& path, std::int64_t width, std::int64_t height, const Limits& limits);

// A container opened under the rules of read.h, with a deadline for every operation. FFmpeg sees its bytes, not its name, and
// cannot open anything else.
class Input {
 public:
  Input(const std::filesystem::path& path, const Limits& limits);
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  const std::filesystem::path& path() const { return path_; }
  AVFormatContext* context() const { return format_.get(); }
  // First film stream that is no cover picture; first sound stream marked as default, else the first. nullptr: none.
  AVStream* video() const;
  AVStream* audio() const;
  // A decoder for the stream. Refuses codecs that are not meant.
  CodecPtr open_decoder(const AVStream* stream, const Limits& limits) const;
  // The next packet of `stream`; false at the end. `damaged` is set when reading ended by an error.
  bool read(AVPacket* packet, const AVStream* stream, bool& damaged);
  // Gives the next operation the full time.
  void restart_clock();

 private:
  static int interrupted(void* self);
  std::filesystem::path path_;
  double timeout_;
  std::chrono::steady_clock::time_point deadline_;
  InputPtr format_;
};

double seconds(std::int64_t ticks, AVRational base);
// EXIF orientation (1..8) of a display matrix.
int orientation_of(const std::int32_t* matrix);
int orientation_of(const AVStream* stream);

}  // namespace reamo::media
