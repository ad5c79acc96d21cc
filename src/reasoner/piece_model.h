// SentencePiece BPE models: the file, encoding and decoding (LLM.md 5.1, 5.2, 5.5). Written here because the library brings its own copy
// of protobuf, which cannot live in one program with LibTorch's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace reamo::reasoner {

inline constexpr std::string_view kSpacePiece = "\xE2\x96\x81";  // U+2581, a space in pieces

enum class PieceType : std::uint8_t { kNormal = 1, kUnknown, kControl, kUserDefined, kUnused, kByte };

struct Piece {
  std::string text;
  float score = 0;
  PieceType type = PieceType::kNormal;
};

class PieceModel {
 public:
  // Reads the serialized model; `where` names the file in the error. Refuses models that are not BPE or normalise text.
  static PieceModel parse(std::string_view bytes, const std::string& where);
  // The pieces in order: unknown, begin, end, then 256 byte pieces, then the rest.
  static PieceModel make(std::vector<Piece> pieces);
  std::string serialize() const;

  // `prefix`: the dummy space in front, as the model says. Invalid UTF-8 becomes U+FFFD.
  std::vector<std::int64_t> encode(std::string_view text, bool prefix) const;
  // Pieces by text, so that texts outside the vocabulary are written as they stand. `prefix`: a leading space is dropped, as the model says.
  std::string decode(const std::vector<std::string>& pieces, bool prefix) const;

  const std::vector<Piece>& pieces() const { return pieces_; }
  std::int64_t find(std::string_view piece) const;  // -1: none
  std::int64_t unk() const { return unk_; }
  std::int64_t bos() const { return bos_; }
  std::int64_t eos() const { return eos_; }

 private:
  void index();
  std::int64_t mergeable(std::string_view piece) const;

  std::vector<Piece> pieces_;
  std::unordered_map<std::string, std::int64_t> by_text_;
  std::vector<std::string> user_defined_;  // longest first
  std::int64_t bytes_[256] = {};
  std::int64_t unk_ = 0, bos_ = 1, eos_ = 2, pad_ = -1;
  bool byte_fallback_ = false, dummy_prefix_ = true, remove_extra_spaces_ = true;
  std::string unk_surface_ = " \xE2\x81\x87 ";
};

// Length of the UTF-8 character at `at`; 0 if the bytes there are none.
std::size_t utf8_length(std::string_view text, std::size_t at);

}  // namespace reamo::reasoner
