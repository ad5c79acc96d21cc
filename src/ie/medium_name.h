// The names of media in results: text, image-0, audio-1, video-0, video-0/audio (DESIGN 3.2).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace reamo::ie {

enum class MediumKind { kText, kImage, kAudio, kVideo };

// nullopt: not a name of a medium. A video's sound track is audio.
std::optional<MediumKind> medium_kind(std::string_view name);
// "image-0" and so on; "text" of kText whatever the index.
std::string medium_name(MediumKind kind, std::size_t index);

}  // namespace reamo::ie
