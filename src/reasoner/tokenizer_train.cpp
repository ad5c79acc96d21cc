#include <algorithm>
#include <cctype>
#include <cstdio>
#include <map>
#include <queue>
#include <set>
#include <sstream>
#include <tuple>

#include "ie/error.h"
#include "reasoner/piece_model.h"
#include "reasoner/tokenizer.h"
#include "store/tensor_file.h"

namespace reamo::reasoner {
namespace {

bool is_ascii_punctuation(unsigned char c) { return c > 0x20 && c < 0x7f && !std::isalnum(c); }

// Length in bytes of the punctuation character at `at`, 0 if it is none: ASCII, the Latin-1 quotation marks, U+2010..U+205E and
// U+3001..U+303F.
std::size_t punctuation_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0; };
  const unsigned char c = byte(at);
  if (is_ascii_punctuation(c)) return 1;
  if (c == 0xC2 && (byte(at + 1) == 0xAB || byte(at + 1) == 0xBB)) return 2;
  if (c == 0xE2 && (byte(at + 1) == 0x80 || byte(at + 1) == 0x81) && byte(at + 2) >= 0x80) return 3;
  if (c == 0xE3 && byte(at + 1) == 0x80 && byte(at + 2) > 0x80) return 3;
  return 0;
}

// Every punctuation character a word of its own, runs of blanks one space.
std::string separated(std::string_view line) {
  std::string out;
  const auto blank = [&] {
    if (!out.empty() && out.back() != ' ') out += ' ';
  };
  for (std::size_t at = 0; at < line.size();) {
    if (const std::size_t length = punctuation_length(line, at)) {
      blank();
      out.append(line.substr(at, length));
      out += ' ';
      at += length;
    } else if (static_cast<unsigned char>(line[at]) <= 0x20) {
      blank();
      ++at;
    } else {
      out += line[at++];
    }
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

// A stretch within which pieces may grow: a word with its space, without digits, which stand alone.
struct Stretch {
  std::vector<std::int32_t> symbols;
  std::int64_t count = 0;
};

// Splits a word ("▁Mary", "▁1984") into characters of stretches.
std::vector<std::vector<std::string>> stretches(std::string_view word) {
  std::vector<std::vector<std::string>> out{{std::string(kSpacePiece)}};
  bool digit = false;
  for (std::size_t at = 0; at < word.size();) {
    const std::size_t length = std::max<std::size_t>(1, utf8_length(word, at));
    const bool is_digit = length == 1 && std::isdigit(static_cast<unsigned char>(word[at])) != 0;
    if (is_digit || digit) out.emplace_back();
    out.back().emplace_back(word.substr(at, length));
    digit = is_digit;
    at += length;
  }
  return out;
}

using PairKey = std::pair<std::int32_t, std::int32_t>;

// Byte-pair merging: the most frequent pair first, the first in order of symbols among equals.
std::vector<std::string> learn_merges(std::vector<Stretch>& stretches, std::vector<std::string>& symbols, std::size_t wanted) {
  std::map<PairKey, std::int64_t> counts;
  std::map<PairKey, std::set<std::size_t>> where;
  const auto add = [&](std::size_t index, std::size_t at, std::int64_t sign) {
    const auto& s = stretches[index].symbols;
    const PairKey key{s[at], s[at + 1]};
    counts[key] += sign * stretches[index].count;
    if (sign > 0) where[key].insert(index);
  };
  for (std::size_t i = 0; i < stretches.size(); ++i) {
    for (std::size_t at = 0; at + 1 < stretches[i].symbols.size(); ++at) add(i, at, 1);
  }
  std::priority_queue<std::tuple<std::int64_t, std::int32_t, std::int32_t>> queue;  // symbols negated
  const auto offer = [&](const PairKey& key) { queue.emplace(counts[key], -key.first, -key.second); };
  for (const auto& [key, count] : counts) offer(key);
  std::vector<std::string> merges;
  while (merges.size() < wanted && !queue.empty()) {
    const auto [count, left, right] = queue.top();
    queue.pop();
    const PairKey key{-left, -right};
    if (count < 2) break;
    if (counts[key] != count) continue;  // out of date; a newer entry is in the queue
    const auto merged = static_cast<std::int32_t>(symbols.size());
    symbols.push_back(symbols[std::size_t(key.first)] + symbols[std::size_t(key.second)]);
    merges.push_back(symbols.back());
    std::set<PairKey> touched;
    const std::set<std::size_t> places = std::move(where[key]);
    for (const std::size_t index : places) {
      auto& s = stretches[index].symbols;
      for (std::size_t at = 0; at + 1 < s.size(); ++at) {
        touched.insert({s[at], s[at + 1]});
        add(index, at, -1);
      }
      std::vector<std::int32_t> joined;
      for (std::size_t at = 0; at < s.size(); ++at) {
        if (at + 1 < s.size() && s[at] == key.first && s[at + 1] == key.second) {
          joined.push_back(merged);
          ++at;
        } else {
          joined.push_back(s[at]);
        }
      }
      s = std::move(joined);
      for (std::size_t at = 0; at + 1 < s.size(); ++at) {
        touched.insert({s[at], s[at + 1]});
        add(index, at, 1);
      }
    }
    counts.erase(key);
    for (const PairKey& pair : touched) {
      if (pair != key) offer(pair);
    }
  }
  return merges;
}

}  // namespace

void train_tokenizer(const std::vector<std::string>& lines, int vocabulary, const std::filesystem::path& model) {
  std::map<std::string, std::int64_t> words;
  for (const std::string& line : lines) {
    std::istringstream stream(separated(line));
    for (std::string word; stream >> word;) ++words[word];
  }
  if (words.empty()) throw Error(model.string() + ": no text to train a tokenizer on");

  // Characters: all of printable ASCII, and the most frequent others until 99.98 % of the text is covered.
  std::map<std::string, std::int64_t> characters;
  std::map<std::vector<std::string>, std::int64_t> parts;
  std::int64_t total = 0;
  for (const auto& [word, count] : words) {
    for (auto& part : stretches(word)) {
      for (const std::string& character : part) characters[character] += count;
      total += count * static_cast<std::int64_t>(part.size());
      parts[std::move(part)] += count;
    }
  }
  std::vector<std::pair<std::int64_t, std::string>> by_count;
  for (const auto& [character, count] : characters) by_count.emplace_back(-count, character);
  std::sort(by_count.begin(), by_count.end());
  std::vector<std::string> alphabet;
  std::int64_t covered = 0;
  for (const auto& [count, character] : by_count) {
    if (static_cast<double>(covered) > 0.9998 * static_cast<double>(total) && character.size() > 1) continue;
    covered -= count;
    if (utf8_length(character, 0) == character.size()) alphabet.push_back(character);
  }
  for (char c = '!'; c <= '~'; ++c) {
    if (std::find(alphabet.begin(), alphabet.end(), std::string(1, c)) == alphabet.end()) alphabet.emplace_back(1, c);
  }
  const auto fixed = static_cast<std::int64_t>(3 + 256 + alphabet.size());
  if (vocabulary <= fixed) {
    throw Error(model.string() + ": a vocabulary of " + std::to_string(vocabulary) + " is too small, the characters alone need " +
                std::to_string(fixed));
  }
  std::vector<std::string> symbols = alphabet;
  std::map<std::string, std::int32_t> index;
  for (std::size_t i = 0; i < symbols.size(); ++i) index[symbols[i]] = static_cast<std::int32_t>(i);
  std::vector<Stretch> list;
  for (const auto& [part, count] : parts) {
    Stretch stretch{{}, count};
    const auto flush = [&] {
      if (stretch.symbols.size() > 1) list.push_back(stretch);
      stretch.symbols.clear();
    };
    for (const std::string& character : part) {
      const auto found = index.find(character);
      if (found == index.end()) flush();
      else stretch.symbols.push_back(found->second);
    }
    flush();
  }
  const std::vector<std::string> merges = learn_merges(list, symbols, static_cast<std::size_t>(vocabulary - fixed));

  std::vector<Piece> pieces{{"<unk>", 0, PieceType::kUnknown}, {"<s>", 0, PieceType::kControl}, {"</s>", 0, PieceType::kControl}};
  for (int byte = 0; byte < 256; ++byte) {
    char name[8];
    std::snprintf(name, sizeof name, "<0x%02X>", byte);
    pieces.push_back({name, 0, PieceType::kByte});
  }
  float score = 0;
  for (const std::string& merge : merges) pieces.push_back({merge, score--, PieceType::kNormal});
  for (const std::string& character : alphabet) pieces.push_back({character, score--, PieceType::kNormal});
  store::write_file_whole(model, PieceModel::make(std::move(pieces)).serialize());
}

const std::vector<std::string>& compact_tokens() {
  static const std::vector<std::string> kTokens{
      "<UIE>",    "</UIE>", "<Module>", "</Module>", "<Instruction>", "</Instruction>",
      "ImageSegmentation", "AudioSegmentation", "VideoTracking", "Type:", "Trigger:",
      "<ner>", "<types>", "<re>", "<ee>", "<media>", "<speech>", "<text>", "<example>", "<answer>"};
  return kTokens;
}

}  // namespace reamo::reasoner
