extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/imgutils.h>
#include <libswscale/swscale.h>
}

#include <algorithm>
#include <memory>

#include "data/atlas_artwork.h"
#include "ie/error.h"
#include "store/tensor_file.h"

namespace reamo::data {
namespace {

constexpr std::size_t kMaxBytes = std::size_t(4) << 20;
constexpr int kMaxSide = 2048;

struct Release {
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(SwsContext* scaler) const { sws_freeContext(scaler); }
};

signal::ImageRgba decode_webp(const std::string& bytes, const std::string& what) {
  const std::unique_ptr<AVCodecContext, Release> context(avcodec_alloc_context3(avcodec_find_decoder(AV_CODEC_ID_WEBP)));
  const std::unique_ptr<AVPacket, Release> packet(av_packet_alloc());
  const std::unique_ptr<AVFrame, Release> frame(av_frame_alloc());
  if (!context || !packet || !frame || avcodec_open2(context.get(), nullptr, nullptr) < 0)
    throw Error("this FFmpeg has no webp decoder, which " + what + " needs");
  if (av_new_packet(packet.get(), int(bytes.size())) < 0) throw Error("out of memory at " + what);
  std::copy(bytes.begin(), bytes.end(), packet->data);
  if (avcodec_send_packet(context.get(), packet.get()) < 0 || avcodec_receive_frame(context.get(), frame.get()) < 0 ||
      frame->width < 1 || frame->height < 1 || frame->width > kMaxSide || frame->height > kMaxSide)
    throw Error(what + " is no webp picture of at most 2048 pixels");
  const std::unique_ptr<SwsContext, Release> scaler(sws_getContext(frame->width, frame->height, AVPixelFormat(frame->format),
                                                                   frame->width, frame->height, AV_PIX_FMT_RGBA, SWS_BILINEAR,
                                                                   nullptr, nullptr, nullptr));
  if (!scaler) throw Error(what + " has pixels that cannot be converted");
  signal::ImageRgba out{frame->width, frame->height, std::vector<std::uint8_t>(std::size_t(frame->width) * frame->height * 4)};
  std::uint8_t* planes[4] = {out.rgba.data()};
  const int strides[4] = {frame->width * 4};
  sws_scale(scaler.get(), frame->data, frame->linesize, 0, frame->height, planes, strides);
  return out;
}

}  // namespace

Artwork open_webp_artwork(const std::filesystem::path& folder) {
  return [=](const std::string& code_points) -> std::optional<signal::ImageRgba> {
    for (const std::string& name : {code_points, without_selectors(code_points)}) {
      const std::filesystem::path path = folder / (name + ".webp");
      if (std::filesystem::exists(path)) return decode_webp(store::read_file(path, kMaxBytes), path.string());
    }
    return std::nullopt;
  };
}

}  // namespace reamo::data
