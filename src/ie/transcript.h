// What is said in a recording, word by word.
#pragma once

#include <string>
#include <vector>

namespace reamo::ie {

struct Segment {  // seconds, half-open
  double start = 0, end = 0;
  friend bool operator==(const Segment&, const Segment&) = default;
};

struct Word {
  std::string word;
  double start = 0, end = 0;  // seconds on the recording's clock
  double score = 1;           // 0..1
  friend bool operator==(const Word&, const Word&) = default;
};

struct Transcript {
  std::string text;         // words joined by one space, or the text as given
  std::vector<Word> words;  // in order of time
  friend bool operator==(const Transcript&, const Transcript&) = default;
};

}  // namespace reamo::ie
