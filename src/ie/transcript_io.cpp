#include "ie/transcript_io.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <vector>

#include "ie/error.h"
#include "ie/json_reader.h"
#include "ie/json_writer.h"
#include "ie/subtitles.h"
#include "ie/transcript_json.h"
#include "ie/unicode.h"

namespace reamo::ie {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{64} << 20;
constexpr std::size_t kMaxWords = 1'000'000;

// Praat reads a TextGrid as a stream of strings and free-standing numbers; everything else is for
// people.
class TextGridReader {
 public:
  explicit TextGridReader(std::string_view text) : text_(text) {}

  std::vector<Word> read() {
    if (string("file type") != "ooTextFile") fail("the file type is not \"ooTextFile\"");
    if (string("object class") != "TextGrid") fail("the object is not a \"TextGrid\"");
    number("start");
    number("end");
    const std::size_t tiers = count("number of tiers");
    std::optional<std::vector<Word>> only, named;
    std::size_t interval_tiers = 0;
    for (std::size_t i = 0; i < tiers; ++i) {
      const std::string kind = string("class of a tier"), name = string("name of a tier");
      number("start of a tier");
      number("end of a tier");
      const std::size_t size = count("size of a tier");
      if (kind == "IntervalTier") {
        std::vector<Word> words = read_intervals(size);
        ++interval_tiers;
        std::string lower = name;
        std::transform(lower.begin(), lower.end(), lower.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        if (!named && (lower == "words" || lower == "word")) named = words;
        only = std::move(words);
      } else if (kind == "TextTier") {
        for (std::size_t p = 0; p < size; ++p) {
          number("time of a point");
          string("mark of a point");
        }
      } else {
        fail("a tier is neither an IntervalTier nor a TextTier");
      }
    }
    if (named) return *named;
    if (interval_tiers == 1) return *only;
    fail(interval_tiers == 0 ? "has no interval tier"
                             : "has several interval tiers and none is named \"words\"");
  }

 private:
  [[noreturn]] void fail(const std::string& reason) const {
    const auto line =
        1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at_), '\n');
    throw Error("TextGrid, line " + std::to_string(line) + ": " + reason);
  }

  std::vector<Word> read_intervals(std::size_t size) {
    std::vector<Word> words;
    double last = -1e300;
    for (std::size_t i = 0; i < size; ++i) {
      const double start = number("start of an interval"), end = number("end of an interval");
      if (end < start || start < last - 1e-6) fail("the times of an interval run backwards");
      last = end;
      append_words(words, string("text of an interval"), start, end);
      if (words.size() > kMaxWords) fail("more than 1000000 words");
    }
    return words;
  }

  static bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

  // Moves to the next string or free-standing number; its first character, or NUL at the end.
  char next() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (blank(c)) {
        ++at_;
      } else if (c == '"' || (c >= '0' && c <= '9') || c == '-' || c == '+') {
        return c;
      } else if (c == '!') {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      } else {
        while (at_ < text_.size() && !blank(text_[at_])) ++at_;
      }
    }
    return '\0';
  }

  std::string string(const char* what) {
    if (next() != '"') fail(std::string("expected the ") + what + " in quotation marks");
    std::string value;
    for (++at_;; ++at_) {
      if (at_ >= text_.size()) fail("a string has no end");
      if (text_[at_] != '"') {
        value += text_[at_];
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
        value += text_[at_++];
      } else {
        break;
      }
    }
    ++at_;
    return value;
  }

  double number(const char* what) {
    const char first = next();
    if (first == '\0' || first == '"') fail(std::string("expected the ") + what);
    const std::size_t start = at_ + (first == '+' ? 1 : 0);
    while (at_ < text_.size() && !blank(text_[at_])) ++at_;
    double value = 0;
    const auto [end, error] = std::from_chars(text_.data() + start, text_.data() + at_, value);
    if (error != std::errc() || end != text_.data() + at_ || !std::isfinite(value))
      fail(std::string("the ") + what + " is not a number");
    return value;
  }

  std::size_t count(const char* what) {
    const double value = number(what);
    if (value < 0 || value > 1e7 || value != std::floor(value))
      fail(std::string("the ") + what + " is not a count within 10000000");
    return static_cast<std::size_t>(value);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::string decimal_text(double value) { return JsonWriter().time(value).text(); }

std::string write_text_grid(const Transcript& transcript) {
  struct Interval {
    double start, end;
    std::string text;
  };
  constexpr double kShortest = 0.001;  // seconds; an interval of no length cannot be written
  std::vector<Interval> intervals;
  double at = 0;
  for (const Word& word : transcript.words) {
    const double start = std::max(at, round_to_millisecond(word.start));
    const double end = round_to_millisecond(std::max(word.end, start + kShortest));
    if (start > at) intervals.push_back({at, start, ""});
    std::string quoted;
    for (const char c : word.word) quoted += c == '"' ? "\"\"" : std::string(1, c);
    intervals.push_back({start, end, quoted});
    at = end;
  }
  if (intervals.empty()) intervals.push_back({0, kShortest, ""});
  at = intervals.back().end;
  std::string out = "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\nxmin = 0\nxmax = " +
                    decimal_text(at) +
                    "\ntiers? <exists>\nsize = 1\nitem []:\n    item [1]:\n        class = "
                    "\"IntervalTier\"\n        name = \"words\"\n"
                    "        xmin = 0\n        xmax = " +
                    decimal_text(at) +
                    "\n        intervals: size = " + std::to_string(intervals.size()) + "\n";
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    out += "        intervals [" + std::to_string(i + 1) +
           "]:\n            xmin = " + decimal_text(intervals[i].start) +
           "\n            xmax = " + decimal_text(intervals[i].end) + "\n            text = \"" +
           intervals[i].text + "\"\n";
  }
  return out;
}

}  // namespace

TranscriptFormat transcript_format(std::string_view file_name) {
  std::string name(file_name);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (name.ends_with(".srt")) return TranscriptFormat::kSrt;
  if (name.ends_with(".vtt")) return TranscriptFormat::kWebVtt;
  if (name.ends_with(".textgrid")) return TranscriptFormat::kTextGrid;
  if (name.ends_with(".json")) return TranscriptFormat::kJson;
  throw UsageError(std::string(file_name) +
                   ": a transcript must end in .srt, .vtt, .TextGrid or .json");
}

Transcript read_transcript(std::string_view text, TranscriptFormat format) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.size() > kMaxBytes) throw Error("a transcript is longer than the limit of 64 MiB");
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (text.starts_with("\xFE\xFF") || text.starts_with("\xFF\xFE"))
    throw Error("a transcript is in UTF-16; it must be saved as UTF-8");
  if (!is_valid_utf8(text)) to_code_points(text);  // throws, naming the byte
  if (format == TranscriptFormat::kJson) {
    const auto value = parse_json(text, "transcript", JsonFault::kData);
    return read_transcript(JsonNode(value, "transcript", JsonFault::kData), false);
  }
  Transcript transcript;
  transcript.words = format == TranscriptFormat::kTextGrid
                         ? TextGridReader(text).read()
                         : read_subtitles(text, format == TranscriptFormat::kWebVtt);
  for (const Word& word : transcript.words)
    transcript.text += (transcript.text.empty() ? "" : " ") + word.word;
  return transcript;
}

std::string write_transcript(const Transcript& transcript, TranscriptFormat format,
                             std::size_t words_a_cue) {
  if (format == TranscriptFormat::kJson) {
    JsonWriter writer;
    write_transcript(writer, transcript);
    return std::move(writer).text() + "\n";
  }
  if (transcript.words.empty() && !transcript.text.empty()) {
    throw Error("a transcript without word times can be written as JSON only");
  }
  if (format == TranscriptFormat::kTextGrid) return write_text_grid(transcript);
  return write_subtitles(transcript, format == TranscriptFormat::kWebVtt, words_a_cue);
}

}  // namespace reamo::ie
