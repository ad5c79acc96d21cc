#include <algorithm>
#include <cstring>

#include "media/image_header.h"
#include "media/pixels.h"
#include "media/read.h"
#include "signal/warp.h"

namespace reamo::media {
namespace {

AVCodecID codec_of(ImageFormat format) {
  static constexpr AVCodecID kIds[] = {AV_CODEC_ID_PNG, AV_CODEC_ID_MJPEG, AV_CODEC_ID_WEBP, AV_CODEC_ID_BMP, AV_CODEC_ID_GIF, AV_CODEC_ID_TIFF};
  return kIds[int(format)];
}

struct Decoded {
  ImageHeader header;
  Pixels pixels;
};

Decoded decode(const std::filesystem::path& path, const Limits& limits, bool published_depth, Warnings* warnings) {
  std::vector<std::uint8_t> bytes = load_picture(path, limits);
  const std::size_t size = bytes.size() - AV_INPUT_BUFFER_PADDING_SIZE;
  Decoded decoded{read_header({bytes.data(), size}, path, limits), {}};
  const ImageHeader& header = decoded.header;
  std::memset(bytes.data() + header.end, 0, AV_INPUT_BUFFER_PADDING_SIZE);

  const MessageCatcher catcher;
  const AVCodec* codec = avcodec_find_decoder(codec_of(header.format));
  if (!codec) refuse(path, std::string("this FFmpeg cannot decode ") + name_of(header.format));
  const CodecPtr context(avcodec_alloc_context3(codec));
  if (!context) throw std::bad_alloc();
  context->thread_count = 1;
  context->max_pixels = limits.max_pixels;
  if (header.format == ImageFormat::kWebp) context->err_recognition = AV_EF_EXPLODE;
  if (avcodec_open2(context.get(), codec, nullptr) < 0) refuse(path, std::string("the decoder of ") + name_of(header.format) + " does not open");

  const PacketPtr packet = make_packet();
  packet->data = bytes.data();
  packet->size = int(header.end);
  packet->flags = AV_PKT_FLAG_KEY;
  const FramePtr frame = make_frame();
  int code = header.end > std::size_t(INT32_MAX) ? AVERROR_INVALIDDATA : avcodec_send_packet(context.get(), packet.get());
  if (code >= 0) code = avcodec_send_packet(context.get(), nullptr);
  if (code >= 0) code = avcodec_receive_frame(context.get(), frame.get());
  const std::string said = catcher.first();
  if (code < 0) refuse(path, "its image data is damaged (" + (said.empty() || code == AVERROR_EOF ? "nothing could be decoded" + (said.empty() ? "" : ": " + said) : said) + ")");
  check_size(path, frame->width, frame->height, limits);
  if (header.format == ImageFormat::kPng && !said.empty()) refuse(path, "its image data is damaged (" + said + ")");
  if (frame->width != header.width || frame->height != header.height) {
    refuse(path, "its header states " + std::to_string(header.width) + "x" + std::to_string(header.height) + " pixels but it holds " +
                     std::to_string(frame->width) + "x" + std::to_string(frame->height));
  }
  if (warnings) {
    for (const auto& warning : header.warnings) warnings->push_back(path.string() + ": " + warning);
    if (!said.empty() || frame->decode_error_flags) warnings->push_back(path.string() + ": parts of the picture are damaged" + (said.empty() ? "" : " (" + said + ")"));
  }
  decoded.pixels = picture_pixels(*frame, published_depth, path);
  if (header.cmyk) decoded.pixels.alpha.clear();
  return decoded;
}

}  // namespace

ImageOptions published_image_options() {
  ImageOptions options;
  options.apply_orientation = false;
  options.alpha = Alpha::kDrop;
  options.published_depth = true;
  return options;
}

signal::Image read_image(const std::filesystem::path& path, const Limits& limits, const ImageOptions& options, Warnings* warnings) {
  Decoded decoded = decode(path, limits, options.published_depth, warnings);
  if (options.alpha == Alpha::kComposite) composite(decoded.pixels, options.background);
  if (options.apply_orientation && decoded.header.orientation != 1) {
    return signal::apply_orientation(decoded.pixels.image, decoded.header.orientation);
  }
  return std::move(decoded.pixels.image);
}

signal::ImageRgba read_image_rgba(const std::filesystem::path& path, const Limits& limits) {
  const Decoded decoded = decode(path, limits, false, nullptr);
  const auto& [image, alpha] = decoded.pixels;
  signal::ImageRgba result{image.width, image.height, std::vector<std::uint8_t>(image.rgb.size() / 3 * 4)};
  for (std::size_t i = 0; i < image.rgb.size() / 3; ++i) {
    std::copy_n(&image.rgb[i * 3], 3, &result.rgba[i * 4]);
    result.rgba[i * 4 + 3] = alpha.empty() ? 255 : alpha[i];
  }
  return result;
}

}  // namespace reamo::media
