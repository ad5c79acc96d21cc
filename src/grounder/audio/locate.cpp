#include "grounder/audio/locate.h"

#include <algorithm>
#include <numeric>

#include "grounder/audio/speech_text.h"

namespace reamo::grounder {
namespace {

using Strings = std::vector<std::string>;

// Words of a transcript as they are spoken, and to which written word each belongs.
struct Flat {
  Strings words;
  std::vector<std::size_t> owner;
};

Flat flatten(const ie::Transcript& transcript) {
  Flat flat;
  for (std::size_t i = 0; i < transcript.words.size(); ++i) {
    for (const SpokenWord& word : spoken_words(transcript.words[i].word)) {
      for (const std::string& spoken : word.spoken) {
        flat.words.push_back(spoken);
        flat.owner.push_back(i);
      }
    }
  }
  return flat;
}

Strings split(std::string_view text) {
  Strings words;
  for (const SpokenWord& word : spoken_words(text)) words.push_back(word.written);
  return words;
}

Strings spoken(std::string_view text, YearStyle style) {
  Strings words;
  for (const SpokenWord& word : spoken_words(text, style)) words.insert(words.end(), word.spoken.begin(), word.spoken.end());
  return words;
}

Spoken found(const ie::Transcript& transcript, std::size_t first, std::size_t last, double likeness) {
  double score = 0;
  for (std::size_t i = first; i <= last; ++i) score += transcript.words[i].score / double(last - first + 1);
  return {{transcript.words[first].start, transcript.words[last].end}, first, last, likeness * std::clamp(score, 0.0, 1.0)};
}

// Places where `wanted` stands word by word in `words`.
std::vector<std::size_t> runs(const Strings& words, const Strings& wanted) {
  std::vector<std::size_t> starts;
  if (wanted.empty()) return starts;
  for (std::size_t i = 0; i + wanted.size() <= words.size();) {
    if (std::equal(wanted.begin(), wanted.end(), words.begin() + std::ptrdiff_t(i))) {
      starts.push_back(i);
      i += wanted.size();
    } else {
      ++i;
    }
  }
  return starts;
}

double likeness(const std::string& a, const std::string& b) {
  const std::size_t longer = std::max(a.size(), b.size()), shorter = std::min(a.size(), b.size());
  if (longer == 0) return 1;
  if (2 * shorter < longer) return 0;
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t(0));
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return 1 - double(row[b.size()]) / double(longer);
}

// Runs of spoken words that are most like the mention: up to one word fewer or two more than it has, since a listener splits and
// joins words; compared without blanks.
std::vector<Spoken> fuzzy(const ie::Transcript& transcript, const Flat& flat, const Strings& wanted, double threshold) {
  const std::string target = std::accumulate(wanted.begin(), wanted.end(), std::string());
  if (target.empty()) return {};
  struct Run {
    std::size_t first, last;
    double likeness;
  };
  std::vector<Run> candidates;
  double best = threshold;
  const std::size_t fewest = wanted.size() > 1 ? wanted.size() - 1 : 1;
  for (std::size_t i = 0; i < flat.words.size(); ++i) {
    std::string said;
    for (std::size_t k = 0; k < wanted.size() + 2 && i + k < flat.words.size(); ++k) {
      said += flat.words[i + k];
      if (k + 1 < fewest) continue;
      const double alike = likeness(said, target);
      if (alike < best) continue;
      if (alike > best + 1e-9) candidates.clear();
      best = alike;
      candidates.push_back({i, i + k, alike});
    }
  }
  std::vector<Spoken> result;
  std::size_t free = 0;
  for (const Run& run : candidates) {
    if (run.first < free) continue;
    result.push_back(found(transcript, flat.owner[run.first], flat.owner[run.last], run.likeness));
    free = run.last + 1;
  }
  return result;
}

}  // namespace

std::vector<Spoken> locate(const ie::Transcript& transcript, std::string_view mention, const LocateOptions& options) {
  std::vector<Spoken> result;
  Strings written;
  for (const ie::Word& word : transcript.words) written.push_back(word.word);
  const Strings exact = split(mention);
  for (const std::size_t start : runs(written, exact)) result.push_back(found(transcript, start, start + exact.size() - 1, 1));
  if (!result.empty()) return result;

  const Flat flat = flatten(transcript);
  for (const YearStyle style : {YearStyle::kPairs, YearStyle::kCardinal, YearStyle::kHundreds}) {
    const Strings wanted = spoken(mention, style);
    for (const std::size_t start : runs(flat.words, wanted)) {
      result.push_back(found(transcript, flat.owner[start], flat.owner[start + wanted.size() - 1], 1));
    }
    if (!result.empty()) return result;
  }
  if (options.threshold >= 1) return {};
  return fuzzy(transcript, flat, spoken(mention, YearStyle::kPairs), options.threshold);
}

}  // namespace reamo::grounder
