#include "data/voices.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <mutex>

#include "data/voice_protocol.h"
#include "ie/error.h"
#include "ie/unicode.h"

extern char** environ;

namespace reamo::data {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kMaxAnswerBytes = std::size_t(256) << 20;

struct Utterance16 {  // what the voice process gave
  int sample_rate = 0;
  std::vector<VoiceEvent> events;
  std::vector<std::int16_t> samples;
};

// Beside the running program (as built and as installed), else on the search path.
std::string voice_program() {
  std::error_code failure;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", failure);
  if (!failure) {
    const std::filesystem::path beside = self.parent_path() / "reamo-voice";
    if (std::filesystem::exists(beside, failure)) return beside.string();
  }
  return "reamo-voice";
}

pid_t spawn_voice(int fd) {
  const std::string program = voice_program();
  char* const arguments[] = {const_cast<char*>(program.c_str()), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, fd, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, fd, STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setpgroup(&attributes, 0);  // a group of its own: it and its forks are ended together
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  pid_t pid = 0;
  const int status = posix_spawnp(&pid, program.c_str(), &actions, &attributes, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (status != 0) {
    throw Error("cannot start " + program + " (" + std::strerror(status) +
                "): the voice program belongs beside the program or on the search path");
  }
  return pid;
}

void send_all(int fd, const void* data, std::size_t bytes) {
  const char* at = static_cast<const char*>(data);
  while (bytes > 0) {
    const ssize_t put = send(fd, at, bytes, MSG_NOSIGNAL);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) throw Error("the voice process ended before it read its text");
    at += put;
    bytes -= std::size_t(put);
  }
}

void receive_all(int fd, void* data, std::size_t bytes, Clock::time_point deadline) {
  char* at = static_cast<char*>(data);
  while (bytes > 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd wait{fd, POLLIN, 0};
    const int ready = left > 0 ? poll(&wait, 1, int(left)) : 0;
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) throw Error("the voice process took too long for one utterance and was ended");
    const ssize_t got = recv(fd, at, bytes, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) throw Error("the voice process ended without speech");
    at += got;
    bytes -= std::size_t(got);
  }
}

void check(const synth::Utterance& utterance, const VoiceOptions& options) {
  if (utterance.text.size() > std::min<std::size_t>(options.max_bytes, kMaxTextBytes)) {
    throw Error("a text of " + std::to_string(utterance.text.size()) + " bytes is too long to be spoken at once (limit " +
                std::to_string(options.max_bytes) + ")");
  }
  if (utterance.text.find('\0') != std::string::npos) throw Error("a text to be spoken holds a NUL character");
  if (utterance.voice.empty() || utterance.voice.size() > kMaxVoiceBytes) {
    throw Error("\"" + utterance.voice.substr(0, kMaxVoiceBytes) + "\" is no voice");
  }
}

// The voice process, started when it is first needed and again after it was ended.
class VoiceProcess {
 public:
  ~VoiceProcess() { end(); }

  Utterance16 say(const synth::Utterance& utterance, const VoiceOptions& options) {
    const std::lock_guard lock(mutex_);
    if (socket_ >= 0 && ended()) end();
    if (socket_ < 0) start();
    try {
      return exchange(utterance, options);
    } catch (...) {
      end();  // what it still says belongs to this utterance
      throw;
    }
  }

 private:
  void start() {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
      throw Error(std::string("no socket for the voice process: ") + std::strerror(errno));
    }
    try {
      pid_ = spawn_voice(ends[1]);
    } catch (...) {
      close(ends[0]);
      close(ends[1]);
      throw;
    }
    close(ends[1]);
    socket_ = ends[0];
  }

  // True when it ended by itself.
  bool ended() const {
    pollfd wait{socket_, POLLIN, 0};
    return poll(&wait, 1, 0) != 0;
  }

  void end() {
    if (socket_ < 0) return;
    close(socket_);
    socket_ = -1;
    kill(-pid_, SIGKILL);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

  Utterance16 exchange(const synth::Utterance& utterance, const VoiceOptions& options) {
    const auto deadline = Clock::now() + std::chrono::milliseconds(options.timeout_ms);
    const VoiceRequest request{kVoiceMagic, utterance.rate, utterance.pitch, std::uint32_t(utterance.voice.size()),
                               std::uint32_t(utterance.text.size())};
    std::string message(reinterpret_cast<const char*>(&request), sizeof request);
    message += utterance.voice + utterance.text;
    send_all(socket_, message.data(), message.size());
    VoiceAnswer answer{};
    receive_all(socket_, &answer, sizeof answer, deadline);
    if (answer.magic != kVoiceMagic) throw Error("the voice process answered with something else than speech");
    if (answer.failure == kNoEngine) throw Error("espeak-ng finds no voice data (package espeak-ng-data)");
    if (answer.failure == kNoVoice) throw Error("espeak-ng has no voice \"" + utterance.voice + "\"");
    if (answer.failure != 0 || answer.sample_rate == 0) throw Error("espeak-ng could not speak the text");
    if (std::size_t(answer.samples) * 2 + std::size_t(answer.events) * sizeof(VoiceEvent) > kMaxAnswerBytes) {
      throw Error("the spoken text is too long");
    }
    Utterance16 result;
    result.sample_rate = int(answer.sample_rate);
    result.events.resize(answer.events);
    result.samples.resize(answer.samples);
    receive_all(socket_, result.events.data(), result.events.size() * sizeof(VoiceEvent), deadline);
    receive_all(socket_, result.samples.data(), result.samples.size() * sizeof(std::int16_t), deadline);
    return result;
  }

  std::mutex mutex_;
  int socket_ = -1;
  pid_t pid_ = 0;
};

Utterance16 say(const synth::Utterance& utterance, const VoiceOptions& options) {
  check(utterance, options);
  static VoiceProcess process;
  return process.say(utterance, options);
}

struct WrittenWord {
  std::string text;
  std::size_t start = 0, end = 0;  // code points
  std::int64_t first = -1, last = -1;  // samples of the first and last event inside; -1: none
};

std::vector<WrittenWord> written_words(const std::string& text) {
  const std::u32string points = ie::to_code_points(text);
  std::vector<WrittenWord> words;
  for (std::size_t i = 0; i < points.size();) {
    if (ie::is_space(points[i])) {
      ++i;
      continue;
    }
    WrittenWord word;
    word.start = i;
    while (i < points.size() && !ie::is_space(points[i])) ie::append_utf8(word.text, points[i++]);
    word.end = i;
    words.push_back(std::move(word));
  }
  return words;
}

// Events to words (parity/AUDIO.md section 7).
std::vector<ie::Word> time_words(const std::string& text, const Utterance16& speech) {
  std::vector<WrittenWord> words = written_words(text);
  std::vector<std::int64_t> pauses;
  for (const VoiceEvent& event : speech.events) {
    if (event.kind == kPauseEvent) {
      pauses.push_back(event.sample);
      continue;
    }
    const auto after = std::upper_bound(words.begin(), words.end(), event.position, [](std::int32_t position, const auto& word) {
      return position < std::int64_t(word.start);
    });
    if (after == words.begin()) continue;
    WrittenWord& word = *(after - 1);
    if (word.first < 0) word.first = event.sample;
    if (event.position < std::int64_t(word.end)) word.last = event.sample;  // else stray, on a blank
    if (word.last < 0) word.last = word.first;
  }
  std::sort(pauses.begin(), pauses.end());

  const double rate = speech.sample_rate;
  std::vector<ie::Word> timed;
  for (std::size_t i = 0; i < words.size();) {
    std::size_t next = i + 1;  // words without an event belong to the one before
    while (next < words.size() && words[next].first < 0) ++next;
    const std::int64_t start = std::max<std::int64_t>(words[i].first, 0);
    std::int64_t end = next < words.size() ? words[next].first : std::int64_t(speech.samples.size());
    const auto pause = std::upper_bound(pauses.begin(), pauses.end(), std::max(start, words[i].last));
    if (pause != pauses.end()) end = std::min(end, *pause);
    for (; i < next; ++i) timed.push_back({words[i].text, double(start) / rate, double(std::max(start, end)) / rate, 1.0});
  }
  return timed;
}

}  // namespace

synth::Speech speak(const synth::Utterance& utterance, const VoiceOptions& options) {
  const Utterance16 speech = say(utterance, options);
  signal::Audio audio{speech.sample_rate, 1, 0, std::vector<float>(speech.samples.size())};
  std::transform(speech.samples.begin(), speech.samples.end(), audio.samples.begin(),
                 [](std::int16_t sample) { return float(sample) / 32768.0f; });
  synth::Speech result;
  result.audio = signal::resample(audio, options.sample_rate);
  result.transcript.text = utterance.text;
  result.transcript.words = time_words(utterance.text, speech);
  return result;
}

const std::vector<std::string>& voice_accents() {
  static const std::vector<std::string> accents{"en-us",          "en",           "en-gb-x-rp",       "en-gb-scotland",
                                                "en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-029", "en-us-nyc"};
  return accents;
}

const std::vector<std::string>& voice_variants() {
  static const std::vector<std::string> variants{"",    "+f1", "+f2", "+f3", "+f4", "+f5", "+m1", "+m2",
                                                 "+m3", "+m4", "+m5", "+m6", "+m7", "+m8", "+klatt", "+klatt2"};
  return variants;
}

std::size_t voice_count() { return voice_accents().size() * voice_variants().size(); }

std::string voice_name(std::uint64_t index) {
  index %= voice_count();
  return voice_accents()[index % voice_accents().size()] + voice_variants()[index / voice_accents().size()];
}

}  // namespace reamo::data
