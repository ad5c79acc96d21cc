#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <system_error>

#include <unistd.h>

#include "media/ffmpeg.h"
#include "media/write.h"

namespace reamo::media {
namespace {

constexpr AVRational kVideoClock = {1, 90000};

struct OutputDeleter {
  void operator()(AVFormatContext* format) const { avformat_free_context(format); }
};
using OutputPtr = std::unique_ptr<AVFormatContext, OutputDeleter>;

void check(int code, const char* what) {
  if (code < 0) throw Error(std::string(what) + " failed (" + error_text(code) + ")");
}

CodecPtr make_encoder(const AVCodec* codec) {
  CodecPtr context(avcodec_alloc_context3(codec));
  if (!context) throw std::bad_alloc();
  context->thread_count = 1;
  return context;
}

// The pictures of the film.
class VideoTrack {
 public:
  VideoTrack(AVFormatContext* format, const signal::FrameSource& source, const VideoOptions& options)
      : format_(format), options_(options) {
    if (!(options_.frame_rate > 0 && options_.frame_rate <= 1000)) throw std::invalid_argument("a film needs a frame rate up to 1000");
    const double longest = std::max(source.width, source.height);
    const double scale = options.max_side > 0 && longest > options.max_side ? options.max_side / longest : 1;
    width_ = even(int(source.width * scale + 0.5));
    height_ = even(int(source.height * scale + 0.5));
    const AVCodec* codec = avcodec_find_encoder(AV_CODEC_ID_H264);
    const bool h264 = codec != nullptr;
    if (!codec) codec = avcodec_find_encoder(AV_CODEC_ID_MPEG4);
    if (!codec) throw Error("this FFmpeg has neither an H.264 nor an MPEG-4 encoder");
    encoder_ = make_encoder(codec);
    encoder_->width = width_;
    encoder_->height = height_;
    encoder_->pix_fmt = AV_PIX_FMT_YUV420P;
    encoder_->time_base = h264 ? kVideoClock : AVRational{1, 30000};
    encoder_->framerate = av_d2q(options.frame_rate, 1 << 16);
    encoder_->gop_size = std::max(1, int(options.frame_rate * 2));
    encoder_->color_range = AVCOL_RANGE_MPEG;
    encoder_->colorspace = AVCOL_SPC_SMPTE170M;
    encoder_->color_primaries = AVCOL_PRI_SMPTE170M;
    encoder_->color_trc = AVCOL_TRC_SMPTE170M;
    if (format->oformat->flags & AVFMT_GLOBALHEADER) encoder_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    if (h264) {
      av_opt_set(encoder_->priv_data, "preset", "veryfast", 0);
      // Rate control by macroblock trees gives other bytes for the same frames from call to call (x264 164).
      av_opt_set(encoder_->priv_data, "mbtree", "0", 0);
      av_opt_set(encoder_->priv_data, "crf", std::to_string(options.quality).c_str(), 0);
    } else {
      encoder_->flags |= AV_CODEC_FLAG_QSCALE;
      encoder_->global_quality = FF_QP2LAMBDA * std::clamp(options.quality / 5, 2, 31);
    }
    check(avcodec_open2(encoder_.get(), codec, nullptr), "opening the film encoder");
    stream_ = avformat_new_stream(format, nullptr);
    if (!stream_) throw std::bad_alloc();
    stream_->time_base = encoder_->time_base;
    stream_->avg_frame_rate = encoder_->framerate;
    check(avcodec_parameters_from_context(stream_->codecpar, encoder_.get()), "describing the film");
  }

  // The time up to which frames were given, in seconds.
  double time() const { return time_; }

  void add(const signal::Frame& frame) {
    if (frame.image.width <= 0 || frame.image.height <= 0) throw std::invalid_argument("a frame of no pixels cannot be written");
    const FramePtr out = make_frame();
    out->width = width_;
    out->height = height_;
    out->format = encoder_->pix_fmt;
    out->color_range = AVCOL_RANGE_MPEG;
    out->colorspace = AVCOL_SPC_SMPTE170M;
    check(av_frame_get_buffer(out.get(), 0), "taking memory for a frame");
    // A row or column that an odd size has too many is cut, not squeezed.
    const bool same_scale = std::abs(frame.image.width - width_) <= 1 && std::abs(frame.image.height - height_) <= 1;
    const int from_width = same_scale ? std::min(frame.image.width, width_) : frame.image.width;
    const int from_height = same_scale ? std::min(frame.image.height, height_) : frame.image.height;
    scaler_.reset(sws_getCachedContext(scaler_.release(), from_width, from_height, AV_PIX_FMT_RGB24, width_, height_,
                                       encoder_->pix_fmt, SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP, nullptr, nullptr, nullptr));
    if (!scaler_) throw Error("the frames cannot be converted for the film encoder");
    const int* matrix = sws_getCoefficients(AVCOL_SPC_SMPTE170M);
    sws_setColorspaceDetails(scaler_.get(), matrix, 1, matrix, 0, 0, 1 << 16, 1 << 16);
    const std::uint8_t* planes[4] = {frame.image.rgb.data()};
    const int strides[4] = {frame.image.width * 3};
    sws_scale(scaler_.get(), planes, strides, 0, from_height, out->data, out->linesize);
    out->pts = std::llround(frame.time / av_q2d(encoder_->time_base));
    if (out->pts < 0) throw Error("a film cannot start before time 0");
    if (any_ && out->pts <= last_) throw Error("the times of the film's frames do not increase");
    last_ = out->pts;
    any_ = true;
    time_ = frame.time;
    check(avcodec_send_frame(encoder_.get(), out.get()), "encoding a frame");
    drain();
  }

  void finish() {
    if (!any_) throw Error("a film needs at least one frame");
    check(avcodec_send_frame(encoder_.get(), nullptr), "finishing the film");
    drain();
  }

 private:
  static int even(int side) { return std::max(2, side & ~1); }

  void drain() {
    const PacketPtr packet = make_packet();
    while (avcodec_receive_packet(encoder_.get(), packet.get()) >= 0) {
      packet->stream_index = stream_->index;
      packet->duration = std::llround(1 / options_.frame_rate / av_q2d(encoder_->time_base));
      av_packet_rescale_ts(packet.get(), encoder_->time_base, stream_->time_base);
      check(av_interleaved_write_frame(format_, packet.get()), "writing the film");
    }
  }

  AVFormatContext* format_;
  VideoOptions options_;
  int width_ = 0, height_ = 0;
  CodecPtr encoder_;
  AVStream* stream_ = nullptr;
  ScalerPtr scaler_;
  bool any_ = false;
  std::int64_t last_ = 0;
  double time_ = 0;
};

// The sound: AAC, one or two channels.
class AudioTrack {
 public:
  AudioTrack(AVFormatContext* format, const signal::Audio& audio, int bit_rate) : format_(format) {
    const AVCodec* codec = avcodec_find_encoder(AV_CODEC_ID_AAC);
    if (!codec) throw Error("this FFmpeg has no AAC encoder");
    audio_ = signal::resample(audio.channels > 2 ? signal::mono(audio) : audio, encodable_rate(codec, audio.sample_rate));
    encoder_ = make_encoder(codec);
    encoder_->sample_fmt = AV_SAMPLE_FMT_FLTP;
    encoder_->sample_rate = audio_.sample_rate;
    av_channel_layout_default(&encoder_->ch_layout, audio_.channels);
    encoder_->bit_rate = std::int64_t(bit_rate) * audio_.channels;
    encoder_->time_base = {1, audio_.sample_rate};
    if (format->oformat->flags & AVFMT_GLOBALHEADER) encoder_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    check(avcodec_open2(encoder_.get(), codec, nullptr), "opening the sound encoder");
    stream_ = avformat_new_stream(format, nullptr);
    if (!stream_) throw std::bad_alloc();
    stream_->time_base = encoder_->time_base;
    check(avcodec_parameters_from_context(stream_->codecpar, encoder_.get()), "describing the sound");
    start_ = std::max<std::int64_t>(0, std::llround(audio.start * audio_.sample_rate));
  }

  // Encodes the samples up to a time in seconds.
  void advance(double time) {
    const auto frames = std::int64_t(audio_.frames());
    const int block = encoder_->frame_size > 0 ? encoder_->frame_size : 1024;
    while (done_ < frames && double(start_ + done_) / audio_.sample_rate <= time) {
      const int count = int(std::min<std::int64_t>(block, frames - done_));
      const FramePtr frame = make_frame();
      frame->nb_samples = count;
      frame->format = AV_SAMPLE_FMT_FLTP;
      frame->sample_rate = audio_.sample_rate;
      check(av_channel_layout_copy(&frame->ch_layout, &encoder_->ch_layout), "taking memory for sound");
      check(av_frame_get_buffer(frame.get(), 0), "taking memory for sound");
      for (int channel = 0; channel < audio_.channels; ++channel) {
        std::memcpy(frame->extended_data[channel], &audio_.samples[std::size_t(channel * frames + done_)], std::size_t(count) * sizeof(float));
      }
      frame->pts = start_ + done_;
      done_ += count;
      check(avcodec_send_frame(encoder_.get(), frame.get()), "encoding sound");
      drain();
    }
  }

  void finish() {
    advance(INFINITY);
    check(avcodec_send_frame(encoder_.get(), nullptr), "finishing the sound");
    drain();
  }

 private:
  static int encodable_rate(const AVCodec* codec, int rate) {
    int best = 0;
    for (const int* known = codec->supported_samplerates; known && *known; ++known) {
      if (*known == rate) return rate;
      if (*known > rate && (best == 0 || *known < best)) best = *known;
    }
    return best > 0 ? best : 48000;
  }

  void drain() {
    const PacketPtr packet = make_packet();
    while (avcodec_receive_packet(encoder_.get(), packet.get()) >= 0) {
      packet->stream_index = stream_->index;
      av_packet_rescale_ts(packet.get(), encoder_->time_base, stream_->time_base);
      check(av_interleaved_write_frame(format_, packet.get()), "writing the sound");
    }
  }

  AVFormatContext* format_;
  signal::Audio audio_;
  CodecPtr encoder_;
  AVStream* stream_ = nullptr;
  std::int64_t start_ = 0, done_ = 0;
};

// Writes a film (frames given) or sound alone into `format`, whose pb is open.
void mux(AVFormatContext* format, signal::FrameSource* frames, const signal::Audio* audio, const VideoOptions& options,
         int audio_bit_rate, bool index_first) {
  std::unique_ptr<VideoTrack> pictures;
  std::unique_ptr<AudioTrack> sound;
  if (frames) pictures = std::make_unique<VideoTrack>(format, *frames, options);
  if (audio && audio->frames() > 0) sound = std::make_unique<AudioTrack>(format, *audio, audio_bit_rate);
  format->flags |= AVFMT_FLAG_BITEXACT;
  AVDictionary* settings = nullptr;
  if (index_first) av_dict_set(&settings, "movflags", "+faststart", 0);
  const int begun = avformat_write_header(format, &settings);
  av_dict_free(&settings);
  check(begun, "starting the film");
  while (frames) {
    const auto frame = frames->next();
    if (!frame) break;
    pictures->add(*frame);
    if (sound) sound->advance(pictures->time());
  }
  if (pictures) pictures->finish();
  if (sound) sound->finish();
  check(av_write_trailer(format), "finishing the film");
}

OutputPtr make_output(const std::string& name) {
  AVFormatContext* format = nullptr;
  avformat_alloc_output_context2(&format, nullptr, "mp4", name.empty() ? nullptr : name.c_str());
  if (!format) throw Error("this FFmpeg cannot write MP4");
  return OutputPtr(format);
}

Bytes mux_to_memory(signal::FrameSource* frames, const signal::Audio* audio, const VideoOptions& options, int audio_bit_rate) {
  const MessageCatcher catcher;
  const OutputPtr format = make_output("");
  check(avio_open_dyn_buf(&format->pb), "taking memory for the film");
  const auto close = [&] {
    std::uint8_t* data = nullptr;
    const int size = avio_close_dyn_buf(format->pb, &data);
    format->pb = nullptr;
    Bytes bytes(data, data + size);
    av_free(data);
    return bytes;
  };
  try {
    mux(format.get(), frames, audio, options, audio_bit_rate, false);
  } catch (...) {
    close();
    throw;
  }
  return close();
}

}  // namespace

signal::FrameSource from_images(std::vector<signal::Image> images, double frame_rate) {
  if (images.empty()) return {0, 0, frame_rate, [] { return std::optional<signal::Frame>(); }};
  const auto shared = std::make_shared<std::vector<signal::Image>>(std::move(images));
  const int width = (*shared)[0].width, height = (*shared)[0].height;
  return {width, height, frame_rate, [shared, frame_rate, index = std::size_t(0)]() mutable -> std::optional<signal::Frame> {
            if (index >= shared->size()) return std::nullopt;
            const double time = double(index) / frame_rate;
            return signal::Frame{std::move((*shared)[index++]), time};
          }};
}

void write_mp4(const std::filesystem::path& path, signal::FrameSource frames, const std::optional<signal::Audio>& audio, const VideoOptions& options) {
  const MessageCatcher catcher;
  std::filesystem::path beside = path;
  beside += ".part-" + std::to_string(getpid());
  try {
    const OutputPtr format = make_output("file:" + std::filesystem::absolute(beside).string());
    if (avio_open(&format->pb, format->url, AVIO_FLAG_WRITE) < 0) throw Error("the folder is missing, full or not writable");
    try {
      mux(format.get(), &frames, audio ? &*audio : nullptr, options, 64000, true);
    } catch (...) {
      avio_closep(&format->pb);
      throw;
    }
    check(avio_closep(&format->pb), "closing the file");
    std::filesystem::rename(beside, path);
  } catch (const std::exception& error) {
    std::error_code ignored;
    std::filesystem::remove(beside, ignored);
    throw Error("cannot write " + path.string() + ": " + error.what());
  }
}

Bytes encode_mp4(signal::FrameSource frames, const std::optional<signal::Audio>& audio, const VideoOptions& options) {
  return mux_to_memory(&frames, audio ? &*audio : nullptr, options, 64000);
}

Bytes encode_m4a(const signal::Audio& audio, int bit_rate) {
  if (audio.frames() == 0) throw std::invalid_argument("sound without samples cannot be written");
  return mux_to_memory(nullptr, &audio, {}, bit_rate);
}

}  // namespace reamo::media
