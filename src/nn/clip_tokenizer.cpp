#include "nn/clip_tokenizer.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <queue>
#include <sstream>

#include "ie/error.h"
#include "nn/text_repair.h"
#include "nn/utf8.h"
#include "store/json_limits.h"
#include "store/tensor_file.h"

namespace reamo::nn {
namespace {

constexpr std::string_view kEndOfWord = "</w>";
constexpr std::string_view kStart = "<|startoftext|>";
constexpr std::string_view kEnd = "<|endoftext|>";
constexpr std::size_t kMaxUnpacked = std::size_t(64) << 20;
constexpr std::size_t kMaxMerges = 1000000;

// Printable bytes keep their code point, the other 68 get 256, 257, .. in ascending order.
bool is_printable(int byte) { return (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174; }

const std::array<std::string, 256>& byte_symbols() {
  static const std::array<std::string, 256> symbols = [] {
    std::array<std::string, 256> table;
    std::uint32_t next = 256;
    for (int byte = 0; byte < 256; ++byte) append_utf8(is_printable(byte) ? std::uint32_t(byte) : next++, table[byte]);
    return table;
  }();
  return symbols;
}

// The alphabet in the order of its ids: printable bytes first.
std::vector<std::string> alphabet() {
  std::vector<std::string> symbols;
  for (bool printable : {true, false}) {
    for (int byte = 0; byte < 256; ++byte) {
      if (is_printable(byte) == printable) symbols.push_back(byte_symbols()[byte]);
    }
  }
  return symbols;
}

std::string gunzip(const std::filesystem::path& path) {
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) throw Error(path.string() + " cannot be opened");
  std::string text;
  std::array<char, 65536> buffer;
  int got;
  while ((got = gzread(file, buffer.data(), unsigned(buffer.size()))) > 0) {
    text.append(buffer.data(), std::size_t(got));
    if (text.size() > kMaxUnpacked) break;
  }
  const bool broken = got < 0;
  gzclose(file);
  if (broken) throw Error(path.string() + " is no whole gzip file");
  if (text.size() > kMaxUnpacked) throw Error(path.string() + " unpacks to more than 64 MiB: no merges file");
  return text;
}

std::vector<std::pair<std::string, std::string>> parse_merges(const std::string& text, std::size_t at_most,
                                                              const std::string& where) {
  std::vector<std::pair<std::string, std::string>> merges;
  std::istringstream lines(text);
  std::string line;
  std::getline(lines, line);  // a header
  while (merges.size() < at_most && std::getline(lines, line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty()) continue;
    const std::size_t blank = line.find(' ');
    if (blank == 0 || blank == std::string::npos || blank + 1 == line.size() || line.find(' ', blank + 1) != std::string::npos) {
      throw Error(where + ": line " + std::to_string(merges.size() + 2) + " is no pair of symbols");
    }
    merges.emplace_back(line.substr(0, blank), line.substr(blank + 1));
  }
  return merges;
}

std::string pair_key(const std::string& left, const std::string& right) { return left + ' ' + right; }

// Lower case, runs of white space as one blank, trimmed.
std::vector<std::uint32_t> clean(std::string_view text, bool unescape) {
  std::string repaired = repair_text(text, unescape);
  if (unescape) repaired = unescape_html(unescape_html(repaired));
  std::vector<std::uint32_t> out;
  bool blank = false;
  for (std::uint32_t c : lower_case(decode_utf8(repaired))) {
    if (is_space(c)) {
      blank = true;
    } else {
      if (blank && !out.empty()) out.push_back(' ');
      blank = false;
      out.push_back(c);
    }
  }
  return out;
}

bool starts_with(const std::vector<std::uint32_t>& text, std::size_t at, std::string_view word) {
  if (at + word.size() > text.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (text[at + i] != std::uint32_t(std::uint8_t(word[i]))) return false;
  }
  return true;
}

// End of the piece that begins at `at` (no white space): a marker, an English suffix, letters, one number, anything else.
std::size_t piece_end(const std::vector<std::uint32_t>& text, std::size_t at) {
  for (std::string_view word : {kStart, kEnd, std::string_view("'s"), std::string_view("'t"), std::string_view("'re"),
                                std::string_view("'ve"), std::string_view("'m"), std::string_view("'ll"), std::string_view("'d")}) {
    if (starts_with(text, at, word)) return at + word.size();
  }
  std::size_t end = at;
  if (is_letter(text[at])) {
    while (end < text.size() && is_letter(text[end])) ++end;
    return end;
  }
  if (is_number(text[at])) return at + 1;
  while (end < text.size() && !is_letter(text[end]) && !is_number(text[end]) && !is_space(text[end])) ++end;
  return end;
}

// Calls `use(piece as UTF-8)` for every piece of a cleaned text.
template <typename Use>
void for_each_piece(const std::vector<std::uint32_t>& text, Use use) {
  for (std::size_t at = 0; at < text.size();) {
    if (is_space(text[at])) {
      ++at;
      continue;
    }
    const std::size_t end = piece_end(text, at);
    use(encode_utf8({text.begin() + std::ptrdiff_t(at), text.begin() + std::ptrdiff_t(end)}));
    at = end;
  }
}

std::vector<std::string> symbols_of(const std::string& piece) {
  std::vector<std::string> symbols;
  for (unsigned char byte : piece) symbols.push_back(byte_symbols()[byte]);
  symbols.back() += kEndOfWord;
  return symbols;
}

}  // namespace

ClipTokenizer::ClipTokenizer(std::vector<std::pair<std::string, std::string>> merges) : merges_(std::move(merges)) {
  const std::vector<std::string> symbols = alphabet();
  tokens_ = symbols;
  for (const std::string& symbol : symbols) tokens_.push_back(symbol + std::string(kEndOfWord));
  for (const auto& [left, right] : merges_) tokens_.push_back(left + right);
  tokens_.emplace_back(kStart);
  tokens_.emplace_back(kEnd);
  index_merges("the list of merges");
}

void ClipTokenizer::index_merges(const std::string& where) {
  if (merges_.size() > kMaxMerges) throw Error(where + ": more than a million merges");
  for (std::size_t id = 0; id < tokens_.size(); ++id) id_of_.emplace(tokens_[id], std::int64_t(id));
  for (std::size_t rank = 0; rank < merges_.size(); ++rank) {
    const auto& [left, right] = merges_[rank];
    if (!id_of_.count(left + right)) throw Error(where + ": merge " + std::to_string(rank + 1) + " makes a symbol without an id");
    rank_.emplace(pair_key(left, right), int(rank));
  }
  for (int byte = 0; byte < 256; ++byte) {
    for (const std::string& symbol : {byte_symbols()[byte], byte_symbols()[byte] + std::string(kEndOfWord)}) {
      if (!id_of_.count(symbol)) throw Error(where + ": the symbol of byte " + std::to_string(byte) + " has no id");
    }
  }
  if (!id_of_.count(std::string(kStart)) || !id_of_.count(std::string(kEnd))) throw Error(where + ": the two markers have no ids");
  start_id_ = id_of_.at(std::string(kStart));
  end_id_ = id_of_.at(std::string(kEnd));
}

ClipTokenizer ClipTokenizer::from_gzip_merges(const std::filesystem::path& path, int vocab_size) {
  if (vocab_size < 514) throw Error("a CLIP vocabulary has at least 514 entries, not " + std::to_string(vocab_size));
  return ClipTokenizer(parse_merges(gunzip(path), std::size_t(vocab_size) - 514, path.string()));
}

ClipTokenizer ClipTokenizer::from_vocab_and_merges(const std::filesystem::path& vocab_json,
                                                   const std::filesystem::path& merges_txt) {
  ClipTokenizer tokenizer;
  const nlohmann::json vocabulary = store::parse_json(store::read_file(vocab_json, kMaxUnpacked), vocab_json.string());
  if (!vocabulary.is_object()) throw Error(vocab_json.string() + " is no object of token to id");
  tokenizer.tokens_.resize(vocabulary.size());
  for (const auto& [token, id] : vocabulary.items()) {
    if (!id.is_number_unsigned() || id.get<std::size_t>() >= tokenizer.tokens_.size() ||
        !tokenizer.tokens_[id.get<std::size_t>()].empty()) {
      throw Error(vocab_json.string() + ": the id of '" + token + "' is no free number below " + std::to_string(vocabulary.size()));
    }
    tokenizer.tokens_[id.get<std::size_t>()] = token;
  }
  tokenizer.merges_ = parse_merges(store::read_file(merges_txt, kMaxUnpacked), kMaxMerges + 1, merges_txt.string());
  tokenizer.index_merges(vocab_json.string());
  return tokenizer;
}

ClipTokenizer ClipTokenizer::from_json(const std::filesystem::path& bpe_json) {
  const nlohmann::json json = store::parse_json(store::read_file(bpe_json, kMaxUnpacked), bpe_json.string());
  if (!json.is_object() || json.value("format", "") != "reamo-bpe" || !json.contains("merges") || !json.at("merges").is_array()) {
    throw Error(bpe_json.string() + " is no vocabulary: \"format\": \"reamo-bpe\" and \"merges\" are needed");
  }
  std::string lines = "\n";
  for (const auto& merge : json.at("merges")) {
    if (!merge.is_string() || merge.get_ref<const std::string&>().find('\n') != std::string::npos) {
      throw Error(bpe_json.string() + ": a merge is no string of two symbols");
    }
    lines += merge.get<std::string>() + '\n';
  }
  return ClipTokenizer(parse_merges(lines, kMaxMerges + 1, bpe_json.string()));
}

ClipTokenizer ClipTokenizer::open(const std::filesystem::path& path) {
  if (std::filesystem::is_directory(path)) return from_vocab_and_merges(path / "vocab.json", path / "merges.txt");
  if (path.extension() == ".gz") return from_gzip_merges(path);
  return from_json(path);
}

void ClipTokenizer::save(const std::filesystem::path& bpe_json) const {
  nlohmann::json merges = nlohmann::json::array();
  for (const auto& [left, right] : merges_) merges.push_back(pair_key(left, right));
  store::write_file_whole(bpe_json, nlohmann::json{{"format", "reamo-bpe"}, {"merges", merges}}.dump() + "\n");
}

// Merges the pair of lowest rank, leftmost first, until none is left.
void ClipTokenizer::append_piece(std::vector<std::string> symbols, std::vector<std::int64_t>& out) const {
  struct Candidate {
    int rank;
    std::size_t left, right;
    std::size_t size;  // of the joined symbol: tells candidates that are out of date
    bool operator>(const Candidate& other) const { return rank != other.rank ? rank > other.rank : left > other.left; }
  };
  const std::size_t none = symbols.size();
  std::vector<std::size_t> next(symbols.size()), previous(symbols.size());
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue;
  const auto consider = [&](std::size_t left, std::size_t right) {
    if (left == none || right == none) return;
    const auto found = rank_.find(pair_key(symbols[left], symbols[right]));
    if (found != rank_.end()) queue.push({found->second, left, right, symbols[left].size() + symbols[right].size()});
  };
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    previous[i] = i == 0 ? none : i - 1;
    next[i] = i + 1;
  }
  for (std::size_t i = 0; i + 1 < symbols.size(); ++i) consider(i, i + 1);
  while (!queue.empty()) {
    const Candidate best = queue.top();
    queue.pop();
    if (symbols[best.left].empty() || symbols[best.right].empty() || next[best.left] != best.right ||
        symbols[best.left].size() + symbols[best.right].size() != best.size) {
      continue;
    }
    symbols[best.left] += symbols[best.right];
    symbols[best.right].clear();
    next[best.left] = next[best.right];
    if (next[best.left] != none) previous[next[best.left]] = best.left;
    consider(previous[best.left], best.left);
    consider(best.left, next[best.left]);
  }
  for (const std::string& symbol : symbols) {
    if (!symbol.empty()) out.push_back(id_of_.at(symbol));
  }
}

std::vector<std::int64_t> ClipTokenizer::ids(std::string_view text, bool unescape_html) const {
  std::vector<std::int64_t> out;
  for_each_piece(clean(text, unescape_html), [&](const std::string& piece) {
    if (piece == kStart || piece == kEnd) {
      out.push_back(id_of_.at(piece));
    } else {
      append_piece(symbols_of(piece), out);
    }
  });
  return out;
}

std::vector<std::int64_t> ClipTokenizer::encode(std::string_view text, const ClipTokenizeOptions& options) const {
  const std::size_t length = std::size_t(options.context_length);
  if (options.context_length < 2) throw Error("a context of fewer than 2 tokens has no room for the markers");
  std::vector<std::int64_t> row = ids(text, options.unescape_html);
  if (!options.older_truncation && row.size() > length - 2) row.resize(length - 2);
  row.insert(row.begin(), start_id_);
  row.push_back(end_id_);
  row.resize(length, options.pad_id == ClipTokenizeOptions::kPadWithEnd ? end_id_ : options.pad_id);
  return row;
}

torch::Tensor ClipTokenizer::encode(const std::vector<std::string>& texts, const ClipTokenizeOptions& options) const {
  torch::Tensor rows = torch::empty({std::int64_t(texts.size()), options.context_length}, torch::kInt64);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::vector<std::int64_t> row = encode(texts[i], options);
    std::copy(row.begin(), row.end(), rows.data_ptr<std::int64_t>() + i * row.size());
  }
  return rows;
}

std::string ClipTokenizer::decode(const std::vector<std::int64_t>& ids) const {
  static const std::unordered_map<std::uint32_t, char> byte_of = [] {
    std::unordered_map<std::uint32_t, char> table;
    for (int byte = 0; byte < 256; ++byte) table.emplace(decode_utf8(byte_symbols()[byte])[0], char(byte));
    return table;
  }();
  std::string out;
  for (std::int64_t id : ids) {
    if (id < 0 || id >= vocab_size()) throw Error("token id " + std::to_string(id) + " is outside of the vocabulary");
    if (id == start_id_ || id == end_id_) continue;
    std::string_view symbols = tokens_[std::size_t(id)];
    const bool ends_word = symbols.size() > kEndOfWord.size() && symbols.ends_with(kEndOfWord);
    if (ends_word) symbols.remove_suffix(kEndOfWord.size());
    for (std::uint32_t symbol : decode_utf8(symbols)) {
      const auto byte = byte_of.find(symbol);
      if (byte != byte_of.end()) out += byte->second;
    }
    if (ends_word) out += ' ';
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

ClipTokenizer train_clip_bpe(const std::vector<std::string>& lines, int merges) {
  if (merges < 0) throw Error("the number of merges must not be negative");
  std::map<std::string, std::int64_t> counts;
  for (const std::string& line : lines) {
    for_each_piece(clean(line, true), [&](const std::string& piece) {
      if (piece != kStart && piece != kEnd) ++counts[piece];
    });
  }
  struct Word {
    std::vector<std::string> symbols;
    std::int64_t count;
  };
  std::vector<Word> words;
  for (const auto& [piece, count] : counts) words.push_back({symbols_of(piece), count});

  using Pair = std::pair<std::string, std::string>;
  struct Place {
    std::int64_t count = 0;
    std::vector<std::size_t> words;  // where it stands or once stood
  };
  std::map<Pair, Place> pairs;
  const auto count_word = [&](std::size_t index, std::int64_t sign) {
    const Word& word = words[index];
    for (std::size_t i = 0; i + 1 < word.symbols.size(); ++i) {
      Place& place = pairs[{word.symbols[i], word.symbols[i + 1]}];
      place.count += sign * word.count;
      if (sign > 0 && (place.words.empty() || place.words.back() != index)) place.words.push_back(index);
    }
  };
  for (std::size_t i = 0; i < words.size(); ++i) count_word(i, 1);

  std::vector<Pair> learned;
  while (int(learned.size()) < merges) {
    const auto best = std::max_element(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) {
      return a.second.count != b.second.count ? a.second.count < b.second.count : a.first > b.first;
    });
    if (best == pairs.end() || best->second.count < 1) break;
    const Pair pair = best->first;
    std::vector<std::size_t> places = best->second.words;
    std::sort(places.begin(), places.end());
    places.erase(std::unique(places.begin(), places.end()), places.end());
    learned.push_back(pair);
    for (std::size_t index : places) {
      count_word(index, -1);
      std::vector<std::string>& symbols = words[index].symbols;
      std::vector<std::string> merged;
      for (std::size_t i = 0; i < symbols.size(); ++i) {
        if (i + 1 < symbols.size() && symbols[i] == pair.first && symbols[i + 1] == pair.second) {
          merged.push_back(symbols[i] + symbols[i + 1]);
          ++i;
        } else {
          merged.push_back(symbols[i]);
        }
      }
      symbols = std::move(merged);
      count_word(index, 1);
    }
    pairs.erase(pair);
  }
  return ClipTokenizer(std::move(learned));
}

}  // namespace reamo::nn
