#include <algorithm>
#include <memory>

#include "media/ffmpeg.h"
#include "media/pixels.h"
#include "media/read.h"
#include "signal/warp.h"

namespace reamo::media {
namespace {

double stated_rate(const AVStream* stream) {
  const AVRational rate = stream->avg_frame_rate.num > 0 ? stream->avg_frame_rate : stream->r_frame_rate;
  return rate.num > 0 && rate.den > 0 ? av_q2d(rate) : 0;
}

void check_length(const Input& input, const AVStream* stream, const Limits& limits) {
  const double duration = stream->duration > 0 ? seconds(stream->duration, stream->time_base) : 0;
  if (duration > limits.max_seconds) {
    refuse(input.path(), "it is " + std::to_string(std::int64_t(duration)) + " seconds long, more than the limit of " +
                             std::to_string(std::int64_t(limits.max_seconds)) + " (--max-seconds)");
  }
  if (stream->nb_frames > limits.max_frames) {
    refuse(input.path(), "it has " + std::to_string(stream->nb_frames) + " frames, more than the limit of " +
                             std::to_string(limits.max_frames) + " (--max-frames)");
  }
}

// One open film; FrameSource::next holds it.
class Film {
 public:
  Film(const std::filesystem::path& path, const Limits& limits, Warnings* warnings)
      : limits_(limits), warnings_(warnings), input_(path, limits), stream_(input_.video()), packet_(make_packet()), frame_(make_frame()) {
    if (!stream_) refuse(path, "it has no video stream");
    check_length(input_, stream_, limits);
    orientation_ = orientation_of(stream_);
    rate_ = stated_rate(stream_);
    decoder_ = input_.open_decoder(stream_, limits);
    const MessageCatcher catcher;
    if (!decode_next()) {
      refuse(path, damaged_ ? "the film is truncated or damaged: no frame could be decoded" : "it holds no frames");
    }
    check_size(path, frame_->width, frame_->height, limits);
    stored_width_ = frame_->width;
    stored_height_ = frame_->height;
    converter_ = std::make_unique<FilmConverter>(stored_width_, stored_height_);
  }

  int width() const { return orientation_ >= 5 ? stored_height_ : stored_width_; }
  int height() const { return orientation_ >= 5 ? stored_width_ : stored_height_; }
  double rate() const { return rate_; }

  std::optional<signal::Frame> next() {
    const MessageCatcher catcher;
    while (pending_ || decode_next()) {
      pending_ = false;
      const double time = time_of(*frame_);
      if (count_ > 0 && time <= last_time_) {
        ++dropped_;
        continue;
      }
      if (++count_ > limits_.max_frames) refuse(input_.path(), "it has more frames than the limit of " + std::to_string(limits_.max_frames) + " (--max-frames)");
      if (count_ == 1) first_time_ = time;
      if (time - first_time_ > limits_.max_seconds) refuse(input_.path(), "it is longer than the limit of --max-seconds");
      last_time_ = time;
      bad_frames_ += (frame_->flags & AV_FRAME_FLAG_CORRUPT) || frame_->decode_error_flags;
      signal::Frame result{converter_->convert(*frame_, input_.path()), time};
      if (orientation_ != 1) result.image = signal::apply_orientation(result.image, orientation_);
      return result;
    }
    finish();
    return std::nullopt;
  }

 private:
  // The next decoded frame into frame_.
  bool decode_next() {
    while (true) {
      av_frame_unref(frame_.get());
      const int code = avcodec_receive_frame(decoder_.get(), frame_.get());
      if (code >= 0) {
        pending_ = true;
        return true;
      }
      if (code != AVERROR(EAGAIN) || drained_) {
        if (code != AVERROR_EOF && code != AVERROR(EAGAIN) && !drained_) {
          damaged_ = true;  // one frame is lost; go on with the next packet
        } else {
          return false;
        }
      }
      av_packet_unref(packet_.get());
      if (input_.read(packet_.get(), stream_, damaged_)) {
        if (avcodec_send_packet(decoder_.get(), packet_.get()) < 0) damaged_ = true;
      } else {
        avcodec_send_packet(decoder_.get(), nullptr);
        drained_ = true;
      }
    }
  }

  double time_of(const AVFrame& frame) const {
    if (frame.best_effort_timestamp != AV_NOPTS_VALUE) return seconds(frame.best_effort_timestamp, stream_->time_base);
    return count_ == 0 ? 0 : last_time_ + 1 / (rate_ > 0 ? rate_ : 25);
  }

  void finish() {
    if (finished_ || !warnings_) return;
    finished_ = true;
    const std::string name = input_.path().string() + ": ";
    std::int64_t stated = 0;  // shown frames that the container's index lists
    for (int i = 0; i < avformat_index_get_entries_count(stream_); ++i) {
      stated += !(avformat_index_get_entry(stream_, i)->flags & AVINDEX_DISCARD_FRAME);
    }
    if (count_ + dropped_ < stated) {
      warnings_->push_back(name + "the film is damaged or truncated: " + std::to_string(count_) + " of " + std::to_string(stated) + " frames could be read");
    } else if (damaged_) {
      warnings_->push_back(name + "the film is damaged or truncated: it ends after " + std::to_string(count_) + " frames");
    } else if (bad_frames_) {
      warnings_->push_back(name + std::to_string(bad_frames_) + " frames are damaged");
    }
    if (dropped_) warnings_->push_back(name + std::to_string(dropped_) + " frames whose time does not increase were left out");
  }

  Limits limits_;
  Warnings* warnings_;
  Input input_;
  AVStream* stream_;
  PacketPtr packet_;
  FramePtr frame_;
  CodecPtr decoder_;
  std::unique_ptr<FilmConverter> converter_;
  int orientation_ = 1, stored_width_ = 0, stored_height_ = 0;
  double rate_ = 0, first_time_ = 0, last_time_ = 0;
  std::int64_t count_ = 0, dropped_ = 0, bad_frames_ = 0;
  bool pending_ = false, damaged_ = false, drained_ = false, finished_ = false;
};

}  // namespace

signal::FrameSource open_video(const std::filesystem::path& path, const Limits& limits, Warnings* warnings) {
  const auto film = std::make_shared<Film>(path, limits, warnings);
  return {film->width(), film->height(), film->rate(), [film] { return film->next(); }};
}

std::vector<double> frame_times(const std::filesystem::path& path, const Limits& limits) {
  Input input(path, limits);
  const AVStream* stream = input.video();
  if (!stream) refuse(path, "it has no video stream");
  check_length(input, stream, limits);
  const PacketPtr packet = make_packet();
  const MessageCatcher catcher;
  std::vector<double> times;
  bool damaged = false;
  while (input.read(packet.get(), stream, damaged)) {
    const auto ticks = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;
    const bool shown = ticks != AV_NOPTS_VALUE && !(packet->flags & AV_PKT_FLAG_DISCARD);
    if (shown) times.push_back(seconds(ticks, stream->time_base));
    av_packet_unref(packet.get());
    if (std::int64_t(times.size()) > limits.max_frames) refuse(path, "it has more frames than the limit of --max-frames");
  }
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
  return times;
}

}  // namespace reamo::media
