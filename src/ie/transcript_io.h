// Transcripts in the formats of subtitle and phonetics tools.
#pragma once

#include <string>
#include <string_view>

#include "ie/transcript.h"

namespace reamo::ie {

enum class TranscriptFormat { kSrt, kWebVtt, kTextGrid, kJson };

// By the ending of a file name: .srt, .vtt, .TextGrid, .json (any case). Throws UsageError on another one.
TranscriptFormat transcript_format(std::string_view file_name);

// Reads a whole file's text; a byte order mark is dropped.
// SRT and WebVTT: markup is dropped; words get times in proportion to their letters inside their cue, unless WebVTT
// gives word times (`<00:01.200>`); overlapping cues are taken in order of time.
// TextGrid (long and short form, UTF-8): the interval tier named "words" or "word", else the only interval tier; empty
// intervals are silence.
// JSON: {"text": "...", "words": [{"word", "start", "end", "score"?}]}; words may be missing: times are then to be aligned.
// Throws Error with the line (or JSON pointer) and the reason: times that run backwards, missing parts, over a limit
// (64 MiB, 1,000,000 words).
Transcript read_transcript(std::string_view text, TranscriptFormat format);

// SRT and WebVTT get a cue for every `words_a_cue` words or pause of a second; TextGrid one tier "words" from 0;
// JSON everything. read(write(x)) keeps JSON exactly and TextGrid words and times (to 1 ms).
std::string write_transcript(const Transcript& transcript, TranscriptFormat format, std::size_t words_a_cue = 10);

}  // namespace reamo::ie
