// reamo-voice: speaks utterances with espeak-ng until its input ends. The library carries state from one synthesis to the
// next, so that only a fresh process says the same text in the same way again: each utterance is spoken by a fork of the
// process as it stands after the library was set up, which saves most of the cost of a start.
#include <espeak-ng/speak_lib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "data/voice_protocol.h"

namespace {

using namespace reamo::data;

std::vector<std::int16_t> samples;
std::vector<VoiceEvent> events;

int receive(short* wave, int count, espeak_EVENT* event) {
  if (wave != nullptr && count > 0) samples.insert(samples.end(), wave, wave + count);
  for (; event->type != espeakEVENT_LIST_TERMINATED; ++event) {
    if (event->type == espeakEVENT_WORD) {
      events.push_back({kWordEvent, event->text_position - 1, event->sample});
    } else if (event->type == espeakEVENT_PHONEME) {
      // The name of a phoneme is up to 8 bytes, not always terminated.
      const std::string name(event->id.string, strnlen(event->id.string, sizeof event->id.string));
      if (name == "_" || name == "_:") events.push_back({kPauseEvent, event->text_position - 1, event->sample});
    }
  }
  return 0;
}

bool read_all(void* data, std::size_t bytes) {
  char* at = static_cast<char*>(data);
  while (bytes > 0) {
    const ssize_t got = read(STDIN_FILENO, at, bytes);
    if (got <= 0) return false;
    at += got;
    bytes -= std::size_t(got);
  }
  return true;
}

void write_all(const void* data, std::size_t bytes) {
  const char* at = static_cast<const char*>(data);
  while (bytes > 0) {
    const ssize_t put = write(STDOUT_FILENO, at, bytes);
    if (put <= 0) _exit(1);
    at += put;
    bytes -= std::size_t(put);
  }
}

[[noreturn]] void answer(std::uint32_t failure, std::uint32_t sample_rate) {
  if (failure != 0) {
    samples.clear();
    events.clear();
  }
  const VoiceAnswer header{kVoiceMagic, failure, sample_rate, std::uint32_t(samples.size()), std::uint32_t(events.size())};
  write_all(&header, sizeof header);
  write_all(events.data(), events.size() * sizeof(VoiceEvent));
  write_all(samples.data(), samples.size() * sizeof(std::int16_t));
  _exit(0);  // past the library's own exit handlers: they take longer than the speech
}

[[noreturn]] void speak(const VoiceRequest& request, const std::string& voice, const std::string& text, int rate) {
  alarm(60);  // never outlives a stuck caller
  if (espeak_SetVoiceByName(voice.c_str()) != EE_OK) answer(kNoVoice, 0);
  espeak_SetParameter(espeakRATE, request.rate, 0);
  espeak_SetParameter(espeakPITCH, request.pitch, 0);
  espeak_SetSynthCallback(receive);
  if (espeak_Synth(text.c_str(), text.size() + 1, 0, POS_CHARACTER, 0, espeakCHARS_UTF8, nullptr, nullptr) != EE_OK ||
      espeak_Synchronize() != EE_OK) {
    answer(kNoSpeech, 0);
  }
  answer(0, std::uint32_t(rate));
}

}  // namespace

int main() {
  constexpr int kPhonemeEvents = 1, kDoNotExit = 1 << 15;
  const int rate = espeak_Initialize(AUDIO_OUTPUT_SYNCHRONOUS, 200, nullptr, kPhonemeEvents | kDoNotExit);
  VoiceRequest request{};
  while (read_all(&request, sizeof request)) {
    if (request.magic != kVoiceMagic || request.voice_bytes > kMaxVoiceBytes || request.text_bytes > kMaxTextBytes) return 1;
    std::string voice(request.voice_bytes, '\0'), text(request.text_bytes, '\0');
    if (!read_all(voice.data(), voice.size()) || !read_all(text.data(), text.size())) return 1;
    const pid_t child = fork();
    if (child < 0) return 1;
    if (child == 0) {
      if (rate <= 0) answer(kNoEngine, 0);
      speak(request, voice, text, rate);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return 1;  // its answer may be torn: the caller sees the end
  }
  return 0;
}
