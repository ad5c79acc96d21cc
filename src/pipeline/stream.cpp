#include "pipeline/stream.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <set>
#include <stdexcept>

#include "ie/error.h"
#include "store/json_limits.h"

namespace reamo::pipeline {
namespace {

volatile std::sig_atomic_t stop_signal = 0;
void request_stop(int signal) { stop_signal = signal; }

// While a stream runs: a closed pipe is an error code, and an interrupt lets the line at hand be finished.
class StreamSignals {
 public:
  StreamSignals() {
    stop_signal = 0;
    struct sigaction action {};
    action.sa_handler = request_stop;
    sigaction(SIGINT, &action, &interrupt_);
    sigaction(SIGTERM, &action, &terminate_);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, &pipe_);
  }
  ~StreamSignals() {
    sigaction(SIGINT, &interrupt_, nullptr);
    sigaction(SIGTERM, &terminate_, nullptr);
    sigaction(SIGPIPE, &pipe_, nullptr);
  }

 private:
  struct sigaction interrupt_ {}, terminate_ {}, pipe_ {};
};

// What an output file already holds.
struct Held {
  std::set<std::string> ids;
  std::set<std::size_t> lines;  // error lines, by the line of their document
};

// The output, written line by line. Owns the descriptor unless it is standard output.
class Output {
 public:
  explicit Output(const StreamOptions& options) : path_(options.output) {
    if (path_ == "-") {
      fd_ = STDOUT_FILENO;
      return;
    }
    if (options.resume) held_ = read_held();
    fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | (options.resume ? O_APPEND : O_TRUNC), 0666);
    if (fd_ < 0) throw Error(path_.string() + ": cannot be written (" + std::strerror(errno) + ")");
  }
  ~Output() {
    if (fd_ > STDERR_FILENO) ::close(fd_);
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  const Held& held() const { return held_; }

  // False when the reader has gone away.
  bool write_line(std::string line) {
    line += '\n';
    std::size_t at = 0;
    while (at < line.size()) {
      const ssize_t n = ::write(fd_, line.data() + at, line.size() - at);
      if (n >= 0) {
        at += std::size_t(n);
      } else if (errno == EPIPE) {
        return false;
      } else if (errno != EINTR) {
        const std::string reason = std::strerror(errno);
        if (at > 0 && path_ != "-") cut_torn_line();
        throw Error(path_.string() + ": cannot be written (" + reason + ")");
      }
    }
    return true;
  }

 private:
  Held read_held() {
    Held held;
    if (!std::filesystem::exists(path_)) return held;
    cut_torn_line();
    std::FILE* file = std::fopen(path_.c_str(), "rb");
    if (file == nullptr) throw Error(path_.string() + ": cannot be read (" + std::strerror(errno) + ")");
    char* buffer = nullptr;
    std::size_t capacity = 0, number = 0;
    ssize_t size;
    std::string failure;
    while ((size = ::getline(&buffer, &capacity, file)) > 0) {
      ++number;
      const auto json = nlohmann::json::parse(buffer, buffer + size, nullptr, false);
      if (!json.is_object() || !json.contains("document")) {
        failure = path_.string() + ": line " + std::to_string(number) + " is not a line of a former run; not resuming into it";
        break;
      }
      if (json.contains("error")) {
        held.lines.insert(json.value("line", std::size_t(0)));
      } else if (json["document"].is_string()) {
        held.ids.insert(json["document"].get<std::string>());
      }
    }
    std::free(buffer);
    std::fclose(file);
    if (!failure.empty()) throw Error(failure);
    return held;
  }

  // Removes what stands after the last newline.
  void cut_torn_line() {
    const int fd = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
    if (fd < 0) throw Error(path_.string() + ": cannot be read (" + std::strerror(errno) + ")");
    off_t end = ::lseek(fd, 0, SEEK_END);
    char last = '\n';
    off_t at = end;
    while (at > 0 && ::pread(fd, &last, 1, at - 1) == 1 && last != '\n') --at;
    const bool cut = at == end || ::ftruncate(fd, at) == 0;
    ::close(fd);
    if (!cut) throw Error(path_.string() + ": its torn last line cannot be cut (" + std::strerror(errno) + ")");
  }

  std::filesystem::path path_;
  int fd_ = -1;
  Held held_;
};

// A line of at most `limit` bytes; what is longer is read past and reported through `too_long`.
bool read_line(std::istream& input, std::string& line, std::size_t limit, bool& too_long) {
  line.clear();
  too_long = false;
  std::streambuf* buffer = input.rdbuf();
  int c = buffer->sbumpc();
  if (c == std::char_traits<char>::eof()) return false;
  for (; c != std::char_traits<char>::eof() && c != '\n'; c = buffer->sbumpc()) {
    if (line.size() < limit) {
      line += char(c);
    } else {
      too_long = true;
    }
  }
  return true;
}

std::string error_line(const std::string* id, std::size_t line, const std::string& message) {
  nlohmann::ordered_json json;
  json["document"] = id != nullptr ? nlohmann::ordered_json(*id) : nlohmann::ordered_json(nullptr);
  json["line"] = line;
  json["error"] = message;
  const auto text = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return text;
}

// One document of the batch at hand: ready to process, or failed already.
struct Pending {
  StreamDocument item;
  std::string error;
  bool has_id = false;
};

class Runner {
 public:
  Runner(const StreamOptions& options, const StreamProcess& process)
      : options_(options), process_(process), output_(options), start_(std::chrono::steady_clock::now()) {}

  void take(const std::string& line, std::size_t number, bool too_long) {
    Pending pending;
    pending.item.line = number;
    if (too_long) {
      pending.error = "the line is over " + std::to_string(options_.max_line) + " bytes";
    } else {
      try {
        pending.item.document = ie::read_document(line, options_.base);
        if (!pending.item.document.id) pending.item.document.id = std::to_string(number);
        pending.has_id = true;
        if (!seen_.insert(*pending.item.document.id).second) {
          pending.error = "the id " + *pending.item.document.id + " was there before";
        }
      } catch (const Error& error) {
        pending.error = error.what();
      }
    }
    const bool done = pending.error.empty() ? output_.held().ids.count(*pending.item.document.id) != 0 ||
                                                  output_.held().lines.count(number) != 0
                                            : output_.held().lines.count(number) != 0;
    if (done) {
      ++report_.skipped;
      return;
    }
    batch_.push_back(std::move(pending));
    if (batch_.size() >= options_.batch) flush();
  }

  void flush() {
    std::vector<StreamDocument> ready;
    for (const Pending& pending : batch_) {
      if (pending.error.empty()) ready.push_back(pending.item);
    }
    std::vector<StreamOutcome> outcomes;
    if (!ready.empty()) outcomes = process_(ready);
    if (outcomes.size() != ready.size()) throw std::logic_error("a stream process must answer every document");
    std::size_t next = 0;
    for (Pending& pending : batch_) {
      StreamOutcome outcome;
      if (pending.error.empty()) {
        outcome = std::move(outcomes[next++]);
      } else {
        outcome.error = pending.error;
      }
      if (!outcome.error.empty()) {
        outcome.line = error_line(pending.has_id ? &*pending.item.document.id : nullptr, pending.item.line, outcome.error);
        ++report_.failed;
      }
      if (!output_.write_line(std::move(outcome.line))) {
        report_.interrupted = true;
        break;
      }
      ++report_.written;
      if (stop_signal != 0) break;
    }
    batch_.clear();
    if (options_.progress && ::isatty(STDERR_FILENO)) {
      const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
      std::fprintf(stderr, "\r%zu documents, %.1f a second, %zu failed ", report_.written, report_.written / seconds, report_.failed);
    }
  }

  bool stopped() const { return report_.interrupted || stop_signal != 0; }
  StreamReport report() const {
    StreamReport report = report_;
    report.interrupted = stopped();
    return report;
  }

 private:
  const StreamOptions& options_;
  const StreamProcess& process_;
  Output output_;
  std::chrono::steady_clock::time_point start_;
  std::set<std::string> seen_;
  std::vector<Pending> batch_;
  StreamReport report_;
};

}  // namespace

StreamReport run_stream(std::istream& input, const StreamOptions& options, const StreamProcess& process) {
  StreamSignals signals;
  Runner runner(options, process);
  std::string line;
  std::size_t number = 0;
  bool too_long = false;
  while (!runner.stopped() && read_line(input, line, options.max_line, too_long)) {
    ++number;
    if ((number - 1) % options.shards != options.shard - 1) continue;
    if (!too_long && line.find_first_not_of(" \t\r") == std::string::npos) continue;
    runner.take(line, number, too_long);
  }
  if (!runner.stopped()) runner.flush();
  return runner.report();
}

std::pair<std::size_t, std::size_t> parse_shard(const std::string& text) {
  std::size_t shard = 0, shards = 0;
  int used = 0;
  if (std::sscanf(text.c_str(), "%zu/%zu%n", &shard, &shards, &used) != 2 || std::size_t(used) != text.size() || shard < 1 ||
      shard > shards || text.find('-') != std::string::npos) {
    throw UsageError("--shard " + text + ": must be i/n with 1 <= i <= n, as 2/8");
  }
  return {shard, shards};
}

}  // namespace reamo::pipeline
