// The LLaMA tokenizer (SentencePiece BPE with byte fallback), as the slow Hugging Face class reads and writes text, and
// the placeholders of media. Source: parity/LLM.md 5 and 6.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reamo::reasoner {

using Ids = std::vector<std::int64_t>;

// Stand where features of a medium are spliced in; never in the vocabulary.
inline constexpr std::int64_t kImageToken = -200;
inline constexpr std::int64_t kVideoToken = -300;
inline constexpr std::int64_t kAudioToken = -400;

struct TokenizerOptions {
  bool legacy = true;                     // `legacy` of tokenizer_config.json; absent means true
  std::vector<std::string> added_tokens;  // take the ids after the base vocabulary, in this order
};

class Tokenizer {
 public:
  // Throws Error naming the file when it is missing or no SentencePiece model.
  static Tokenizer load(const std::filesystem::path& model, TokenizerOptions options = {});

  // Plain SentencePiece: dummy prefix, no special tokens.
  Ids encode_raw(std::string_view text) const;
  // Text that is only text: special and added tokens in it are plain characters. With `space_before` the first word
  // starts with the space piece "▁", as it does in the middle of a sentence.
  Ids encode_text(std::string_view text, bool space_before = true) const;
  // The slow Hugging Face tokenizer: special and added tokens are recognised; `<s>` in front.
  Ids encode(std::string_view text) const;
  // encode() around <image>, <video>, <audio>, which become kImageToken, kVideoToken, kAudioToken.
  Ids encode_placeholders(std::string_view text) const;

  std::string decode_raw(std::span<const std::int64_t> ids) const;
  std::string decode(std::span<const std::int64_t> ids, bool skip_special = false) const;

  // The bytes a token stands for: "▁" as a space, byte pieces as their byte, added tokens as their text, control
  // pieces as nothing. The concatenation over encode_text(t) is " " + t.
  const std::string& token_bytes(std::int64_t id) const;
  std::string piece(std::int64_t id) const;
  // The id of a piece or added token, -1 if there is none.
  std::int64_t find(std::string_view piece) const;

  std::int64_t size() const;       // with added tokens
  std::int64_t base_size() const;  // of the SentencePiece model
  std::int64_t bos() const;
  std::int64_t eos() const;
  std::int64_t unk() const;
  std::int64_t pad() const { return unk(); }  // as REAMO sets it
  bool is_special(std::int64_t id) const;     // <s>, </s>, <unk> and the added tokens
  bool is_byte(std::int64_t id) const;        // <0x41>
  const TokenizerOptions& options() const;

 private:
  struct Parts;
  std::shared_ptr<const Parts> parts_;
};

// Trains a LLaMA-style BPE model (byte fallback, split digits, identity normalisation) on lines of text and writes it.
// Punctuation is never merged with anything but the space before it, so that mentions begin and end at token borders.
// `vocabulary` counts the special and byte pieces, not the added tokens.
void train_tokenizer(const std::vector<std::string>& lines, int vocabulary, const std::filesystem::path& model);

// The tokens that the compact prompt and its answers add to a small vocabulary: tags, module names, task marks.
const std::vector<std::string>& compact_tokens();

}  // namespace reamo::reasoner
