// Where a mention is said: segments of a transcript.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ie/transcript.h"

namespace reamo::grounder {

struct Spoken {
  ie::Segment segment;                     // first word's start to last word's end, seconds
  std::size_t first_word = 0, last_word = 0;  // of the transcript, both included
  double score = 0;                        // likeness of the words (1: the same) times the mean score of the words
};

struct LocateOptions {
  // Least likeness (1 - edit distance / length of the longer) of a fuzzy match; 1 allows only the same words.
  double threshold = 0.7;
};

// Every place where `mention` is said, in order of time, without overlap. Exact words first; else folded (case,
// punctuation, digits as words); else by edit distance over runs of words, the most alike only. Empty: it is not said.
std::vector<Spoken> locate(const ie::Transcript& transcript, std::string_view mention, const LocateOptions& options = {});

}  // namespace reamo::grounder
