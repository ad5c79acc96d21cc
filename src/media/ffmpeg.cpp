#include "media/ffmpeg.h"

#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <mutex>
#include <new>
#include <system_error>

namespace reamo::media {
namespace {

// Containers whose readers are opened: none of them names other files or addresses.
constexpr const char* kFormats =
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,wav,w64,flac,mp3,ogg,aac,gif,mpegts,mpeg,flv,asf,aiff,caf,au,amr";
constexpr const char* kCodecs =
    "h264,hevc,vp8,vp9,libdav1d,av1,libaom-av1,mpeg4,mpeg1video,mpeg2video,h263,msmpeg4,msmpeg4v2,wmv1,wmv2,wmv3,vc1,flv,"
    "theora,mjpeg,gif,png,prores,dnxhd,ffv1,rawvideo,vp6,vp6f,"
    "pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_u8,pcm_s8,pcm_f32le,pcm_f32be,pcm_f64le,pcm_f64be,"
    "pcm_mulaw,pcm_alaw,adpcm_ima_wav,adpcm_ima_qt,adpcm_ms,aac,aac_latm,mp3,mp3float,mp2,mp2float,vorbis,libvorbis,opus,"
    "libopus,flac,alac,ac3,eac3,amrnb,amrwb,libopencore_amrnb,libopencore_amrwb,wmav1,wmav2";

thread_local std::vector<std::string>* current_messages = nullptr;

void catch_message(void* object, int level, const char* format, va_list arguments) {
  constexpr std::size_t kMost = 16;
  if (level > AV_LOG_ERROR || !current_messages || current_messages->size() >= kMost) return;
  char line[512];
  int prefix = 0;
  av_log_format_line2(object, level, format, arguments, line, sizeof line, &prefix);
  std::string text(line);
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  if (!text.empty()) current_messages->push_back(std::move(text));
}

std::string name(const std::filesystem::path& path) { return path.string(); }

}  // namespace

FramePtr make_frame() {
  FramePtr frame(av_frame_alloc());
  if (!frame) throw std::bad_alloc();
  return frame;
}

PacketPtr make_packet() {
  PacketPtr packet(av_packet_alloc());
  if (!packet) throw std::bad_alloc();
  return packet;
}

std::string error_text(int code) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(code, text, sizeof text);
  return text;
}

void refuse(const std::filesystem::path& path, std::string_view reason) {
  throw Error("cannot read " + name(path) + ": " + std::string(reason));
}

MessageCatcher::MessageCatcher() : outer_(current_messages) {
  static std::once_flag once;
  std::call_once(once, [] { av_log_set_callback(catch_message); });
  current_messages = &messages_;
}
MessageCatcher::~MessageCatcher() { current_messages = outer_; }

std::string MessageCatcher::first() const {
  if (messages_.empty()) return "";
  // "[png @ 0x55..] text": the address is of no use to anyone.
  const std::string& line = messages_.front();
  const auto end = line.find("] ");
  return line.starts_with("[") && end != std::string::npos ? line.substr(end + 2) : line;
}

void check_file(const std::filesystem::path& path, const Limits& limits) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) refuse(path, "there is no such file");
  if (std::filesystem::is_directory(status)) refuse(path, "it is a folder");
  if (!std::filesystem::is_regular_file(status)) refuse(path, "it is not a regular file");
  const auto size = std::filesystem::file_size(path, error);
  if (error) refuse(path, error.message());
  if (size == 0) refuse(path, "the file is empty");
  if (std::int64_t(size) > limits.max_bytes) {
    refuse(path, "it has " + std::to_string(size) + " bytes, more than the limit of " + std::to_string(limits.max_bytes) +
                     " (--max-bytes)");
  }
}

void check_size(const std::filesystem::path& path, std::int64_t width, std::int64_t height, const Limits& limits) {
  const std::string size = std::to_string(width) + "x" + std::to_string(height);
  if (width <= 0 || height <= 0) refuse(path, "its header states a size of " + size + " pixels");
  if (width > limits.max_pixels / height) {
    refuse(path, "a size of " + size + " pixels is more than the limit of " + std::to_string(limits.max_pixels) +
                     " pixels (--max-pixels)");
  }
}

int Input::interrupted(void* self) {
  return std::chrono::steady_clock::now() > static_cast<Input*>(self)->deadline_;
}

void Input::restart_clock() {
  deadline_ = std::chrono::steady_clock::now() + std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                                                     std::chrono::duration<double>(timeout_));
}

Input::Input(const std::filesystem::path& path, const Limits& limits) : path_(path), timeout_(limits.timeout) {
  check_file(path, limits);
  restart_clock();
  const MessageCatcher catcher;
  AVIOContext* file = nullptr;
  const AVIOInterruptCB interrupt{&Input::interrupted, this};
  const int found_file = avio_open2(&file, ("file:" + std::filesystem::absolute(path).string()).c_str(), AVIO_FLAG_READ, &interrupt, nullptr);
  if (found_file < 0) refuse(path, "it cannot be opened (" + error_text(found_file) + ")");
  AVFormatContext* format = avformat_alloc_context();
  if (!format) throw std::bad_alloc();
  format->pb = file;
  format->interrupt_callback = interrupt;
  format->io_open = [](AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**) { return AVERROR(EPERM); };
  format->probesize = 10 << 20;
  format->max_streams = 64;
  format->protocol_whitelist = av_strdup("file");
  format->format_whitelist = av_strdup(kFormats);
  format->codec_whitelist = av_strdup(kCodecs);
  // Frees the context when it fails, not the file.
  const int opened = avformat_open_input(&format, "", nullptr, nullptr);
  if (opened < 0) {
    avio_closep(&file);
    const std::string said = catcher.first();
    if (opened == AVERROR_EXIT) refuse(path, "it did not open within the time limit (--media-timeout)");
    if (said.find("moov atom not found") != std::string::npos) {
      refuse(path, "the file is truncated: its index (moov) is missing");
    }
    if (opened == AVERROR(EINVAL) || (opened == AVERROR_INVALIDDATA && said.empty())) {
      refuse(path, "it is not sound or film of a known format, or its header is broken");
    }
    refuse(path, "its header is broken (" + (said.empty() ? error_text(opened) : said) + ")");
  }
  format_.reset(format);
  const int found = avformat_find_stream_info(format, nullptr);
  if (found < 0) refuse(path, "its streams cannot be read (" + (catcher.first().empty() ? error_text(found) : catcher.first()) + ")");
}

AVStream* Input::video() const {
  for (unsigned i = 0; i < format_->nb_streams; ++i) {
    AVStream* stream = format_->streams[i];
    if (stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO && !(stream->disposition & AV_DISPOSITION_ATTACHED_PIC)) return stream;
  }
  return nullptr;
}

AVStream* Input::audio() const {
  AVStream* first = nullptr;
  for (unsigned i = 0; i < format_->nb_streams; ++i) {
    AVStream* stream = format_->streams[i];
    if (stream->codecpar->codec_type != AVMEDIA_TYPE_AUDIO) continue;
    if (stream->disposition & AV_DISPOSITION_DEFAULT) return stream;
    if (!first) first = stream;
  }
  return first;
}

CodecPtr Input::open_decoder(const AVStream* stream, const Limits& limits) const {
  const AVCodecParameters* parameters = stream->codecpar;
  const AVCodec* codec = avcodec_find_decoder(parameters->codec_id);
  if (!codec) refuse(path_, "there is no decoder for its codec " + std::string(avcodec_get_name(parameters->codec_id)));
  CodecPtr context(avcodec_alloc_context3(codec));
  if (!context) throw std::bad_alloc();
  if (avcodec_parameters_to_context(context.get(), parameters) < 0) refuse(path_, "its codec parameters are broken");
  context->pkt_timebase = stream->time_base;
  context->max_pixels = limits.max_pixels;
  context->thread_count = 1;
  context->codec_whitelist = av_strdup(kCodecs);
  const MessageCatcher catcher;
  const int opened = avcodec_open2(context.get(), codec, nullptr);
  if (opened < 0) {
    refuse(path_, "its codec " + std::string(codec->name) + " cannot be opened (" +
                      (catcher.first().empty() ? error_text(opened) : catcher.first()) + ")");
  }
  return context;
}

bool Input::read(AVPacket* packet, const AVStream* stream, bool& damaged) {
  restart_clock();
  while (true) {
    const int code = av_read_frame(format_.get(), packet);
    if (code == AVERROR_EOF) return false;
    if (code == AVERROR_EXIT) refuse(path_, "reading took longer than the time limit (--media-timeout)");
    if (code < 0) {
      damaged = true;
      return false;
    }
    if (packet->stream_index == stream->index) return true;
    av_packet_unref(packet);
  }
}

double seconds(std::int64_t ticks, AVRational base) { return double(ticks) * base.num / base.den; }

int orientation_of(const std::int32_t* matrix) {
  // Row vectors: x' = a x + c y, y' = b x + d y.
  const double a = matrix[0], b = matrix[1], c = matrix[3], d = matrix[4];
  if (std::abs(a) + std::abs(d) >= std::abs(b) + std::abs(c)) {
    if (a >= 0) return d >= 0 ? 1 : 4;
    return d >= 0 ? 2 : 3;
  }
  if (c >= 0) return b >= 0 ? 5 : 8;
  return b >= 0 ? 6 : 7;
}

int orientation_of(const AVStream* stream) {
  std::size_t size = 0;
  const auto* data = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
  if (!data || size < 9 * sizeof(std::int32_t)) return 1;
  return orientation_of(reinterpret_cast<const std::int32_t*>(data));
}

}  // namespace reamo::media
