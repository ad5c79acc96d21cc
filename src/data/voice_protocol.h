// What passes between the program and its voice process `reamo-voice`.
#pragma once

#include <cstdint>

namespace reamo::data {

// Request, on standard input: this header, the voice's name, the text (both without terminator). Any number of them, each
// answered before the next; the process ends with its input.
struct VoiceRequest {
  std::uint32_t magic;  // kVoiceMagic
  std::int32_t rate;    // words a minute
  std::int32_t pitch;   // 0..99
  std::uint32_t voice_bytes, text_bytes;
};

// Answer, on standard output: this header, the events, then 16-bit mono samples. `failure`: 0, or why there is nothing.
struct VoiceAnswer {
  std::uint32_t magic;
  std::uint32_t failure;
  std::uint32_t sample_rate, samples, events;
};

struct VoiceEvent {
  std::int32_t kind;      // kWordEvent, kPauseEvent
  std::int32_t position;  // code points of the text before it
  std::int32_t sample;    // index at sample_rate
};

inline constexpr std::uint32_t kVoiceMagic = 0x31564d52;  // "RMV1"
inline constexpr std::int32_t kWordEvent = 1, kPauseEvent = 2;
inline constexpr std::uint32_t kNoEngine = 2, kNoVoice = 3, kNoSpeech = 4;
inline constexpr std::uint32_t kMaxVoiceBytes = 64, kMaxTextBytes = 60000;

}  // namespace reamo::data
