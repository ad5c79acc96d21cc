#include <algorithm>
#include <fstream>

#include "media/ffmpeg.h"
#include "media/image_header.h"
#include "media/read.h"

namespace reamo::media {
namespace {

Info inspect_image(const std::filesystem::path& path, const Limits& limits) {
  const std::vector<std::uint8_t> bytes = load_picture(path, limits);
  const ImageHeader header = read_header({bytes.data(), bytes.size() - AV_INPUT_BUFFER_PADDING_SIZE}, path, limits);
  Info info;
  info.format = name_of(header.format);
  info.video_codec = info.format;
  info.has_video = true;
  info.orientation = header.orientation;
  info.frames = 1;
  info.width = int(header.orientation >= 5 ? header.height : header.width);
  info.height = int(header.orientation >= 5 ? header.width : header.height);
  return info;
}

// "mov,mp4,m4a,3gp,3g2,mj2" and "matroska,webm" by what the file is mostly called.
std::string short_format(const std::string& names) {
  if (names.starts_with("mov,")) return "mp4";
  if (names.starts_with("matroska")) return "matroska";
  return names.substr(0, names.find(','));
}

}  // namespace

Info inspect(const std::filesystem::path& path, const Limits& limits) {
  check_file(path, limits);
  {
    std::ifstream file(path, std::ios::binary);
    std::vector<std::uint8_t> start(64);
    file.read(reinterpret_cast<char*>(start.data()), 64);
    start.resize(std::size_t(file.gcount()));
    if (sniff(start)) return inspect_image(path, limits);
  }
  const Input input(path, limits);
  Info info;
  info.format = short_format(input.context()->iformat->name);
  const AVStream* video = input.video();
  const AVStream* audio = input.audio();
  if (!video && !audio) refuse(path, "it has neither pictures nor sound");
  info.kind = video ? Kind::kVideo : Kind::kAudio;
  const AVStream* main = video ? video : audio;
  if (main->start_time != AV_NOPTS_VALUE) info.start = seconds(main->start_time, main->time_base);
  if (main->duration > 0) {
    info.duration = seconds(main->duration, main->time_base);
  } else if (input.context()->duration > 0) {
    info.duration = double(input.context()->duration) / AV_TIME_BASE;
  }
  if (video) {
    const auto* parameters = video->codecpar;
    check_size(path, parameters->width, parameters->height, limits);
    const bool turned = orientation_of(video) >= 5;
    info.has_video = true;
    info.width = turned ? parameters->height : parameters->width;
    info.height = turned ? parameters->width : parameters->height;
    info.video_codec = avcodec_get_name(parameters->codec_id);
    info.frame_rate = video->avg_frame_rate.num > 0 ? av_q2d(video->avg_frame_rate) : 0;
    info.frames = std::max<std::int64_t>(0, video->nb_frames);
  }
  if (audio) {
    info.has_audio = true;
    info.audio_codec = avcodec_get_name(audio->codecpar->codec_id);
    info.sample_rate = audio->codecpar->sample_rate;
    info.channels = audio->codecpar->ch_layout.nb_channels;
    if (audio->start_time != AV_NOPTS_VALUE) info.audio_start = seconds(audio->start_time, audio->time_base);
    for (unsigned i = 0; i < input.context()->nb_streams; ++i) {
      info.audio_tracks += input.context()->streams[i]->codecpar->codec_type == AVMEDIA_TYPE_AUDIO;
    }
  }
  return info;
}

}  // namespace reamo::media
