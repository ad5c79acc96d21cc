// Byte-level BPE of CLIP, as the text towers of ImageBind and SEEM use it (parity/IMAGEBIND.md 7, parity/SEEM.md 3.1).
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace reamo::nn {

struct ClipTokenizeOptions {
  int context_length = 77;
  // What fills a row behind the end id: ImageBind 0, SEEM the end id (kPadWithEnd).
  static constexpr std::int64_t kPadWithEnd = -1;
  std::int64_t pad_id = 0;
  // REAMO's copy of ImageBind: start + content + end is cut at the context length, so a long text loses its end id.
  bool older_truncation = false;
  // ImageBind undoes HTML entities twice, SEEM does not.
  bool unescape_html = true;
};

class ClipTokenizer {
 public:
  // Published merges: one header line, then a pair a line; merges behind `vocab_size` are ignored.
  static ClipTokenizer from_gzip_merges(const std::filesystem::path& path, int vocab_size = 49408);
  // As Hugging Face writes it: token -> id, and the pairs.
  static ClipTokenizer from_vocab_and_merges(const std::filesystem::path& vocab_json,
                                             const std::filesystem::path& merges_txt);
  // Our own {"format": "reamo-bpe", "merges": ["a b", ..]}.
  static ClipTokenizer from_json(const std::filesystem::path& bpe_json);
  // Any of the three by name: *.gz, *.json, or a folder with vocab.json and merges.txt.
  static ClipTokenizer open(const std::filesystem::path& path);
  explicit ClipTokenizer(std::vector<std::pair<std::string, std::string>> merges);

  void save(const std::filesystem::path& bpe_json) const;

  int vocab_size() const { return int(tokens_.size()); }
  // The symbols by id, in the byte alphabet, and the merges in order of rank.
  const std::vector<std::string>& tokens() const { return tokens_; }
  const std::vector<std::pair<std::string, std::string>>& merges() const { return merges_; }
  std::int64_t start_id() const { return start_id_; }
  std::int64_t end_id() const { return end_id_; }

  // Ids of a text without markers, not cut.
  std::vector<std::int64_t> ids(std::string_view text, bool unescape_html = true) const;
  // One row of `context_length` ids.
  std::vector<std::int64_t> encode(std::string_view text, const ClipTokenizeOptions& options = {}) const;
  // [texts, context_length], int64.
  torch::Tensor encode(const std::vector<std::string>& texts, const ClipTokenizeOptions& options = {}) const;
  // The text of ids: words in lower case separated by blanks, markers left out.
  std::string decode(const std::vector<std::int64_t>& ids) const;

 private:
  ClipTokenizer() = default;
  void index_merges(const std::string& where);
  void append_piece(std::vector<std::string> symbols, std::vector<std::int64_t>& out) const;

  std::vector<std::pair<std::string, std::string>> merges_;
  std::vector<std::string> tokens_;                      // by id
  std::unordered_map<std::string, std::int64_t> id_of_;  // token -> id
  std::unordered_map<std::string, int> rank_;            // "left right" -> merge rank
  std::int64_t start_id_ = 0, end_id_ = 0;
};

// Learns `merges` merges from lines of text, as CLIP's vocabulary is built: most frequent pair first, ties by text.
ClipTokenizer train_clip_bpe(const std::vector<std::string>& lines, int merges);

}  // namespace reamo::nn
