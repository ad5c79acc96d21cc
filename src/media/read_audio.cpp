#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>

#include "media/ffmpeg.h"
#include "media/read.h"

namespace reamo::media {
namespace {

constexpr double kGap = 0.05;  // seconds: shorter jumps of the time stamps are rounding

float to_float(const std::uint8_t* data, AVSampleFormat format, std::size_t index) {
  const auto read = [&]<typename T>(T) {
    T value;
    std::memcpy(&value, data + index * sizeof(T), sizeof(T));
    return value;
  };
  switch (av_get_packed_sample_fmt(format)) {
    case AV_SAMPLE_FMT_U8: return float(int(data[index]) - 128) / 128;
    case AV_SAMPLE_FMT_S16: return float(read(std::int16_t())) / 32768;
    case AV_SAMPLE_FMT_S32: return float(double(read(std::int32_t())) / 2147483648.0);
    case AV_SAMPLE_FMT_S64: return float(double(read(std::int64_t())) / 9223372036854775808.0);
    case AV_SAMPLE_FMT_FLT: return read(float());
    case AV_SAMPLE_FMT_DBL: return float(read(double()));
    default: return 0;
  }
}

// Collects decoded frames channel by channel and keeps them on the clock of their time stamps.
class Collector {
 public:
  Collector(const Input& input, AVRational time_base, const Limits& limits) : input_(input), time_base_(time_base), limits_(limits) {}

  void add(const AVFrame& frame) {
    const auto format = AVSampleFormat(frame.format);
    const int channels = frame.ch_layout.nb_channels;
    if (planes_.empty()) {
      if (frame.sample_rate <= 0 || channels <= 0) refuse(input_.path(), "its sample rate or channel count is not positive");
      if (channels > limits_.max_channels) {
        refuse(input_.path(), std::to_string(channels) + " channels are more than the limit of " + std::to_string(limits_.max_channels));
      }
      rate_ = frame.sample_rate;
      planes_.resize(std::size_t(channels));
      start_ = frame.pts == AV_NOPTS_VALUE ? 0 : seconds(frame.pts, time_base_);
    } else if (frame.sample_rate != rate_ || std::size_t(channels) != planes_.size()) {
      refuse(input_.path(), "its sample rate or channel count changes in the middle");
    }
    fill_gap(frame);
    reserve(std::size_t(frame.nb_samples));
    const bool planar = av_sample_fmt_is_planar(format);
    for (int channel = 0; channel < channels; ++channel) {
      const std::uint8_t* data = frame.extended_data[planar ? channel : 0];
      for (int i = 0; i < frame.nb_samples; ++i) {
        const float value = to_float(data, format, planar ? std::size_t(i) : std::size_t(i) * channels + channel);
        broken_ += !std::isfinite(value);
        planes_[std::size_t(channel)].push_back(std::isfinite(value) ? value : 0);
      }
    }
  }

  bool empty() const { return planes_.empty() || planes_[0].empty(); }
  std::size_t broken() const { return broken_; }
  std::size_t filled() const { return filled_; }

  signal::Audio take() {
    signal::Audio audio{rate_, int(planes_.size()), start_, {}};
    audio.samples.reserve(planes_.size() * planes_[0].size());
    for (auto& plane : planes_) {
      audio.samples.insert(audio.samples.end(), plane.begin(), plane.end());
      std::vector<float>().swap(plane);
    }
    return audio;
  }

 private:
  void reserve(std::size_t more) const {
    const double total = double(planes_[0].size() + more);
    if (total / rate_ > limits_.max_seconds) {
      refuse(input_.path(), "it is longer than the limit of " + std::to_string(int(limits_.max_seconds)) + " seconds (--max-seconds)");
    }
    if (total * double(planes_.size()) > double(limits_.max_samples)) {
      refuse(input_.path(), "it has more samples than the limit of " + std::to_string(limits_.max_samples) + " (--max-samples)");
    }
  }

  void fill_gap(const AVFrame& frame) {
    if (frame.pts == AV_NOPTS_VALUE) return;
    const double expected = (seconds(frame.pts, time_base_) - start_) * rate_;
    const double missing = expected - double(planes_[0].size());
    if (missing <= kGap * rate_) return;
    if (missing > limits_.max_seconds * rate_) refuse(input_.path(), "its time stamps jump over the limit of --max-seconds");
    reserve(std::size_t(missing));
    filled_ += std::size_t(missing);
    for (auto& plane : planes_) plane.resize(plane.size() + std::size_t(missing));
  }

  const Input& input_;
  AVRational time_base_;
  const Limits& limits_;
  int rate_ = 0;
  double start_ = 0;
  std::vector<std::vector<float>> planes_;
  std::size_t broken_ = 0, filled_ = 0;
};

// Whether the data chunk of a WAV file claims more bytes than the file has. A claim of 0xffffffff is that of a stream.
bool wav_is_cut(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const auto size = std::filesystem::file_size(path);
  const auto read32 = [&] {
    std::uint8_t bytes[4] = {};
    file.read(reinterpret_cast<char*>(bytes), 4);
    return std::uint64_t(bytes[0]) | std::uint64_t(bytes[1]) << 8 | std::uint64_t(bytes[2]) << 16 | std::uint64_t(bytes[3]) << 24;
  };
  constexpr std::uint64_t kData = 0x61746164;  // "data"
  for (std::uint64_t at = 12; at + 8 <= size;) {
    file.seekg(std::streamoff(at));
    const std::uint64_t tag = read32(), length = read32();
    if (tag == kData) return length != 0xffffffff && at + 8 + length > size;
    at += 8 + length + (length & 1);
  }
  return false;
}

signal::Audio decode(Input& input, const AVStream* stream, const Limits& limits, Warnings* warnings) {
  const std::string format = input.context()->iformat->name;
  const double stated = stream->duration > 0 ? seconds(stream->duration, stream->time_base) : 0;
  // The length in a WAV header may be that of a stream which was never finished.
  if (format != "wav" && stated > limits.max_seconds) {
    refuse(input.path(), "it is " + std::to_string(std::int64_t(stated)) + " seconds long, more than the limit of " +
                             std::to_string(std::int64_t(limits.max_seconds)) + " (--max-seconds)");
  }
  const CodecPtr decoder = input.open_decoder(stream, limits);
  Collector collector(input, stream->time_base, limits);
  const PacketPtr packet = make_packet();
  const FramePtr frame = make_frame();
  const MessageCatcher catcher;
  bool damaged = false;
  std::size_t bad_packets = 0;
  const auto receive = [&] {
    while (avcodec_receive_frame(decoder.get(), frame.get()) >= 0) {
      collector.add(*frame);
      av_frame_unref(frame.get());
    }
  };
  while (input.read(packet.get(), stream, damaged)) {
    if (avcodec_send_packet(decoder.get(), packet.get()) < 0) ++bad_packets;
    av_packet_unref(packet.get());
    receive();
  }
  avcodec_send_packet(decoder.get(), nullptr);
  receive();

  if (collector.empty()) {
    refuse(input.path(), bad_packets || damaged ? "its sound is truncated or damaged and nothing could be decoded" : "it holds no sound samples");
  }
  const std::size_t broken = collector.broken(), filled = collector.filled();
  signal::Audio audio = collector.take();
  if (warnings) {
    const std::string name = input.path().string() + ": ";
    if (broken) warnings->push_back(name + std::to_string(broken) + " samples are not finite numbers and were set to 0");
    if (filled) warnings->push_back(name + "gaps of " + std::to_string(double(filled) / audio.sample_rate) + " s in the sound were filled with silence");
    if (bad_packets || damaged || !catcher.messages().empty()) {
      warnings->push_back(name + "parts of the sound are damaged" + (catcher.first().empty() ? "" : " (" + catcher.first() + ")"));
    }
    if (format == "wav" && wav_is_cut(input.path())) warnings->push_back(name + "its header states more sound than the file holds");
    if (stated > 0 && audio.duration() < stated - std::max(0.1, 0.01 * stated)) {
      warnings->push_back(name + "it holds " + std::to_string(audio.duration()) + " s of sound although its header states " + std::to_string(stated) + " s");
    }
  }
  return audio;
}

}  // namespace

signal::Audio read_audio(const std::filesystem::path& path, const Limits& limits, Warnings* warnings) {
  Input input(path, limits);
  const AVStream* stream = input.audio();
  if (!stream) refuse(path, "it has no sound track");
  return decode(input, stream, limits, warnings);
}

std::optional<signal::Audio> read_soundtrack(const std::filesystem::path& path, const Limits& limits, Warnings* warnings) {
  Input input(path, limits);
  const AVStream* stream = input.audio();
  if (!stream) return std::nullopt;
  return decode(input, stream, limits, warnings);
}

}  // namespace reamo::media
