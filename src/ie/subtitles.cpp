#include "ie/subtitles.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <optional>

#include "ie/error.h"
#include "ie/unicode.h"

namespace reamo::ie {
namespace {

constexpr std::size_t kMaxWords = 1'000'000;

std::string_view trim(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<int> digits(std::string_view text, std::size_t fewest, std::size_t most) {
  if (text.size() < fewest || text.size() > most) return std::nullopt;
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

// "01:02:03,450", "02:03.450": seconds.
std::optional<double> clock_time(std::string_view text) {
  const std::size_t point = text.find_first_of(",.");
  if (point == std::string_view::npos) return std::nullopt;
  const auto milliseconds = digits(text.substr(point + 1), 3, 3);
  const std::string_view whole = text.substr(0, point);
  const std::size_t last = whole.rfind(':');
  if (!milliseconds || last == std::string_view::npos) return std::nullopt;
  const std::size_t first = whole.find(':');
  const auto seconds = digits(whole.substr(last + 1), 2, 2);
  const auto hours = first == last ? std::optional<int>(0) : digits(whole.substr(0, first), 1, 6);
  const auto minutes = digits(
      first == last ? whole.substr(0, last) : whole.substr(first + 1, last - first - 1), 1, 2);
  if (!hours || !minutes || !seconds || *minutes > 59 || *seconds > 59) return std::nullopt;
  return (*hours * 3600.0 * 1000 + (*minutes * 60 + *seconds) * 1000.0 + *milliseconds) / 1000;
}

std::string without_entities(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kEntities{
      {{"&amp;", "&"},
       {"&lt;", "<"},
       {"&gt;", ">"},
       {"&nbsp;", " "},
       {"&lrm;", ""},
       {"&rlm;", ""},
       {"&quot;", "\""}}};
  std::string plain;
  for (std::size_t i = 0; i < text.size();) {
    const auto entity = std::find_if(kEntities.begin(), kEntities.end(), [&](const auto& e) {
      return text.substr(i).starts_with(e.first);
    });
    if (text[i] == '&' && entity != kEntities.end()) {
      plain += entity->second;
      i += entity->first.size();
    } else {
      plain += text[i++];
    }
  }
  return plain;
}

// The words of a cue; `<00:01.200>` inside WebVTT text begins what follows it.
std::vector<Word> cue_words(std::string_view text, double start, double end, bool is_webvtt,
                            std::size_t line) {
  std::vector<Word> words;
  std::string plain;
  double from = start;
  const auto flush = [&](double until) {
    append_words(words, is_webvtt ? without_entities(plain) : plain, from, until);
    plain.clear();
    from = until;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char closing = text[i] == '<'                                                 ? '>'
                         : text[i] == '{' && i + 1 < text.size() && text[i + 1] == '\\' ? '}'
                                                                                        : '\0';
    const std::size_t close = closing ? text.find(closing, i) : std::string_view::npos;
    const bool is_markup =
        close != std::string_view::npos && i + 1 < text.size() && text[i + 1] != ' ';
    if (!is_markup) {
      plain += text[i];
      continue;
    }
    const auto time =
        is_webvtt && closing == '>' ? clock_time(text.substr(i + 1, close - i - 1)) : std::nullopt;
    if (time) {
      if (*time < from || *time > end) {
        throw Error("WebVTT, line " + std::to_string(line) +
                    ": a word's time is outside its cue or runs backwards");
      }
      flush(*time);
    }
    i = close;
  }
  flush(end);
  return words;
}

class CueReader {
 public:
  CueReader(std::string_view text, bool is_webvtt) : rest_(text), is_webvtt_(is_webvtt) {}

  std::vector<Word> read() {
    if (is_webvtt_) read_header();
    while (next_block()) read_block();
    std::stable_sort(cues_.begin(), cues_.end(),
                     [](const Cue& a, const Cue& b) { return a.start < b.start; });
    std::vector<Word> words;
    for (Cue& cue : cues_) words.insert(words.end(), cue.words.begin(), cue.words.end());
    std::stable_sort(words.begin(), words.end(),
                     [](const Word& a, const Word& b) { return a.start < b.start; });
    return words;
  }

 private:
  struct Cue {
    double start = 0;
    std::vector<Word> words;
  };

  [[noreturn]] void fail(std::size_t line, const std::string& reason) const {
    throw Error(std::string(is_webvtt_ ? "WebVTT" : "SRT") + ", line " + std::to_string(line) +
                ": " + reason);
  }

  bool next_line(std::string_view& line) {
    if (rest_.empty()) return false;
    ++line_;
    const std::size_t end = rest_.find('\n');
    line = trim(rest_.substr(0, end));
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    return true;
  }

  void read_header() {
    std::string_view line;
    if (!next_line(line) || !line.starts_with("WEBVTT") ||
        (line.size() > 6 && line[6] != ' ' && line[6] != '\t')) {
      fail(1, "the file does not begin with WEBVTT");
    }
    while (next_line(line) && !line.empty()) {
    }
  }

  // The lines up to the next empty one.
  bool next_block() {
    block_.clear();
    std::string_view line;
    while (next_line(line)) {
      if (line.empty() && block_.empty()) continue;
      if (line.empty()) break;
      if (block_.empty()) block_line_ = line_;
      block_.push_back(line);
    }
    return !block_.empty();
  }

  void read_block() {
    if (is_webvtt_ && (block_[0].starts_with("NOTE") || block_[0].starts_with("STYLE") ||
                       block_[0].starts_with("REGION")))
      return;
    const std::size_t timing = block_[0].find("-->") != std::string_view::npos ? 0 : 1;
    const std::size_t line = block_line_ + timing;
    if (timing >= block_.size() || block_[timing].find("-->") == std::string_view::npos) {
      fail(line, "expected two times with \"-->\" between them");
    }
    const std::size_t arrow = block_[timing].find("-->");
    const std::string_view after = trim(block_[timing].substr(arrow + 3));
    const auto start = clock_time(trim(block_[timing].substr(0, arrow)));
    const auto end = clock_time(after.substr(0, after.find_first_of(" \t")));
    if (!start || !end) fail(line, "a time is not of the form 00:00:00,000");
    if (*end < *start) fail(line, "the cue ends before it starts");
    std::string text;
    for (std::size_t i = timing + 1; i < block_.size(); ++i) text += std::string(block_[i]) + "\n";
    cues_.push_back({*start, cue_words(text, *start, *end, is_webvtt_, line)});
    total_ += cues_.back().words.size();
    if (total_ > kMaxWords) fail(line, "more than 1000000 words");
  }

  std::string_view rest_;
  bool is_webvtt_;
  std::size_t line_ = 0, block_line_ = 0, total_ = 0;
  std::vector<std::string_view> block_;
  std::vector<Cue> cues_;
};

std::string clock_text(double seconds, char point) {
  const long long ms = std::llround(std::max(0.0, seconds) * 1000);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%02lld:%02lld:%02lld%c%03lld", ms / 3600000,
                ms / 60000 % 60, ms / 1000 % 60, point, ms % 1000);
  return text.data();
}

std::string cue_text(std::string_view word, bool is_webvtt) {
  std::string text;
  for (const char c : word) {
    if (c == '\n' || c == '\r')
      text += ' ';
    else if (is_webvtt && c == '&')
      text += "&amp;";
    else if (is_webvtt && c == '<')
      text += "&lt;";
    else if (is_webvtt && c == '>')
      text += "&gt;";
    else
      text += c;
  }
  return text;
}

}  // namespace

void append_words(std::vector<Word>& words, std::string_view text, double start, double end) {
  const std::u32string points = to_code_points(text);
  std::vector<std::u32string> parts;
  std::size_t letters = 0;
  bool in_word = false;
  for (const char32_t c : points) {
    if (is_space(c)) {
      in_word = false;
      continue;
    }
    if (!in_word) parts.emplace_back();
    in_word = true;
    parts.back().push_back(c);
    ++letters;
  }
  std::size_t before = 0;
  const auto at = [&](std::size_t n) {
    return n == letters
               ? end
               : start + (end - start) * static_cast<double>(n) / static_cast<double>(letters);
  };
  for (const std::u32string& part : parts) {
    words.push_back({to_utf8(part), at(before), at(before + part.size()), 1});
    before += part.size();
  }
}

std::vector<Word> read_subtitles(std::string_view text, bool is_webvtt) {
  return CueReader(text, is_webvtt).read();
}

std::string write_subtitles(const Transcript& transcript, bool is_webvtt, std::size_t words_a_cue) {
  constexpr double kPause = 1.0;  // seconds of silence that end a cue
  const auto& words = transcript.words;
  std::string out = is_webvtt ? "WEBVTT\n" : "";
  const char point = is_webvtt ? '.' : ',';
  std::size_t number = 0;
  for (std::size_t first = 0; first < words.size();) {
    std::size_t last = first;
    while (last + 1 < words.size() && last + 1 - first < std::max<std::size_t>(1, words_a_cue) &&
           words[last + 1].start - words[last].end < kPause) {
      ++last;
    }
    if (is_webvtt || number > 0) out += "\n";
    ++number;
    if (!is_webvtt) out += std::to_string(number) + "\n";
    out += clock_text(words[first].start, point) + " --> " +
           clock_text(std::max(words[first].start, words[last].end), point) + "\n";
    for (std::size_t i = first; i <= last; ++i) {
      if (i > first) out += is_webvtt ? " <" + clock_text(words[i].start, point) + ">" : " ";
      out += cue_text(words[i].word, is_webvtt);
    }
    out += "\n";
    first = last + 1;
  }
  return out;
}

}  // namespace reamo::ie
