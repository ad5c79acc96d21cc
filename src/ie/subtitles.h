// SRT and WebVTT cues.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ie/transcript.h"

namespace reamo::ie {

// Throws Error with the line and the reason.
std::vector<Word> read_subtitles(std::string_view text, bool is_webvtt);
std::string write_subtitles(const Transcript& transcript, bool is_webvtt, std::size_t words_a_cue);

// Splits `text` at white space and gives each word its share of [start, end) by its number of characters.
void append_words(std::vector<Word>& words, std::string_view text, double start, double end);

}  // namespace reamo::ie
