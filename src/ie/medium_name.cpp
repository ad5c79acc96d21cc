#include "ie/medium_name.h"

#include <algorithm>

namespace reamo::ie {
namespace {

bool is_index(std::string_view digits) {
  if (digits.empty() || digits.size() > 9 || (digits.size() > 1 && digits[0] == '0')) return false;
  return std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::optional<MediumKind> medium_kind(std::string_view name) {
  constexpr std::string_view kSoundTrack = "/audio";
  if (name == "text") return MediumKind::kText;
  if (name.starts_with("image-") && is_index(name.substr(6))) return MediumKind::kImage;
  if (name.starts_with("audio-") && is_index(name.substr(6))) return MediumKind::kAudio;
  if (!name.starts_with("video-")) return std::nullopt;
  const bool is_sound = name.ends_with(kSoundTrack);
  const std::string_view digits =
      name.substr(6, name.size() - 6 - (is_sound ? kSoundTrack.size() : 0));
  if (!is_index(digits)) return std::nullopt;
  return is_sound ? MediumKind::kAudio : MediumKind::kVideo;
}

std::string medium_name(MediumKind kind, std::size_t index) {
  switch (kind) {
    case MediumKind::kImage:
      return "image-" + std::to_string(index);
    case MediumKind::kAudio:
      return "audio-" + std::to_string(index);
    case MediumKind::kVideo:
      return "video-" + std::to_string(index);
    case MediumKind::kText:
      break;
  }
  return "text";
}

}  // namespace reamo::ie
