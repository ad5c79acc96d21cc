#include "grounder/audio/word_times.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "ie/error.h"

namespace reamo::grounder {
namespace {

// Frames of a word's characters, from the first one's start to the last one's end, and its mean log-probability.
struct WordFrames {
  std::string word;
  FrameSpan span;
  double log_prob = 0;
};

double frame_start(double frame) { return kListenerFrameSeconds * (frame - 0.5) + kListenerFrameMiddle; }

// CTC characters stand inside the word: its start and end lie in the gaps between. With the heads, a start is the best frame
// of the gap before it and the end is where the word before stops being inside a word; without, half of a short gap.
std::vector<ie::Word> place(const ListenerFrames& frames, const std::vector<WordFrames>& words) {
  constexpr int kReach = 5;        // frames that a word reaches beyond its characters where nothing says how far
  constexpr int kEarly = 15;       // frames before its first character where a word may start
  const int total = frames.log_probs.frames;
  std::vector<double> starts(words.size()), ends(words.size());  // in frames
  for (std::size_t i = 0; i < words.size(); ++i) {
    const int first = words[i].span.begin;
    const int before = i == 0 ? -1 : words[i - 1].span.end - 1;  // last character of the word before
    if (!frames.starts.empty()) {
      int best = first;
      for (int frame = std::max({before + 1, first - kEarly, 0}); frame <= std::min(first + 1, total - 1); ++frame) {
        if (frames.starts[frame] > frames.starts[best]) best = frame;
      }
      starts[i] = best;
    } else {
      starts[i] = std::max(first - kReach, 0);
      if (i > 0) starts[i] = std::max(starts[i], (before + 1 + first) / 2.0);
    }
  }
  for (std::size_t i = 0; i < words.size(); ++i) {
    const int last = words[i].span.end;  // one past the last character
    const double limit = i + 1 < words.size() ? std::max(starts[i + 1], double(last)) : total;
    if (!frames.inside.empty()) {
      int frame = last;
      while (frame < limit && frames.inside[std::min(frame, total - 1)] > 0) ++frame;
      ends[i] = limit - frame <= 2 && i + 1 < words.size() ? limit : frame;
    } else {
      ends[i] = std::min(limit, double(last + kReach));
    }
    ends[i] = std::max(ends[i], starts[i] + 1);
  }
  std::vector<ie::Word> timed;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const double start = std::max(0.0, frame_start(starts[i]));
    double end = frame_start(ends[i]);
    if (i + 1 < words.size()) end = std::min(end, std::max(frame_start(starts[i + 1]), start + kListenerFrameSeconds));
    timed.push_back({words[i].word, start, end, std::clamp(std::exp(words[i].log_prob), 0.0, 1.0)});
  }
  return timed;
}

std::string lower(std::string symbol) {
  for (char& c : symbol) {
    if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
  }
  return symbol;
}

}  // namespace

ListenerFrames listener_frames(const ListenerOutput& output, int row, int frames) {
  const torch::Tensor log_probs = output.log_probs[row].to(torch::kCPU, torch::kFloat32).contiguous();
  const int total = frames < 0 ? int(log_probs.size(0)) : std::min(frames, int(log_probs.size(0)));
  ListenerFrames result;
  result.log_probs.frames = total;
  result.log_probs.symbols = int(log_probs.size(1));
  const float* values = log_probs.data_ptr<float>();
  result.log_probs.values.assign(values, values + std::size_t(total) * log_probs.size(1));
  const auto copy = [&](const torch::Tensor& logits) {
    if (!logits.defined()) return std::vector<float>();
    const torch::Tensor line = logits[row].to(torch::kCPU, torch::kFloat32).contiguous();
    return std::vector<float>(line.data_ptr<float>(), line.data_ptr<float>() + total);
  };
  result.starts = copy(output.starts);
  result.inside = copy(output.inside);
  return result;
}

std::vector<ie::Word> decode_words(const ListenerFrames& frames, const ListenerConfig& config) {
  std::vector<WordFrames> words;
  bool open = false;
  int characters = 0;
  const auto close = [&] {
    if (open) words.back().log_prob /= characters;
    open = false;
  };
  for (const CtcToken& token : ctc_greedy(frames.log_probs, config.blank)) {
    const std::string& symbol = config.symbols[std::size_t(token.symbol)];
    if (symbol == config.word_break) {
      close();
      continue;
    }
    if (symbol.size() != 1) continue;  // <unk> and the like
    if (!open) {
      words.push_back({"", {token.span.begin, token.span.end}, 0});
      open = true;
      characters = 0;
    }
    words.back().word += lower(symbol);
    words.back().span.end = token.span.end;
    words.back().log_prob += token.score;
    ++characters;
  }
  close();
  return place(frames, words);
}

std::vector<ie::Word> align_words(const ListenerFrames& frames, const ListenerConfig& config,
                                  const std::vector<std::string>& words, double* score) {
  if (words.empty()) return {};
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  const CtcAlignment alignment = ctc_align(frames.log_probs, symbol_ids(config, text), config.blank);
  if (score != nullptr) *score = alignment.score / frames.log_probs.frames;
  std::vector<WordFrames> placed;
  std::size_t at = 0;
  for (const std::string& word : words) {
    WordFrames one{word, {alignment.spans[at].begin, alignment.spans[at + word.size() - 1].end}, 0};
    for (std::size_t i = at; i < at + word.size(); ++i) one.log_prob += alignment.token_scores[i] / double(word.size());
    placed.push_back(std::move(one));
    at += word.size() + 1;  // and the word break
  }
  return place(frames, placed);
}

}  // namespace reamo::grounder
