// The protobuf of a SentencePiece model: field 1 pieces, 2 trainer spec, 3 normalizer spec.
#include <bit>
#include <cstring>
#include <optional>

#include "ie/error.h"
#include "reasoner/piece_model.h"

namespace reamo::reasoner {
namespace {

constexpr std::size_t kMaxPieces = 4'000'000, kMaxPieceBytes = 4096;

// One field of a message.
struct Field {
  std::uint32_t number = 0;
  std::uint64_t value = 0;  // varint or fixed bits
  std::string_view bytes;   // length-delimited
};

class Message {
 public:
  Message(std::string_view bytes, const std::string& where) : bytes_(bytes), where_(where) {}

  std::optional<Field> next() {
    if (bytes_.empty()) return std::nullopt;
    const std::uint64_t key = varint();
    Field field;
    field.number = static_cast<std::uint32_t>(key >> 3);
    switch (key & 7) {
      case 0: field.value = varint(); break;
      case 1: field.value = fixed(8); break;
      case 2: field.bytes = take(varint()); break;
      case 5: field.value = fixed(4); break;
      default: fail();
    }
    return field;
  }

 private:
  [[noreturn]] void fail() const { throw Error(where_ + ": not a SentencePiece model"); }
  std::string_view take(std::uint64_t size) {
    if (size > bytes_.size()) fail();
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(take(1)[0]);
      value |= std::uint64_t(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    fail();
  }
  std::uint64_t fixed(std::size_t size) {
    std::uint64_t value = 0;
    std::memcpy(&value, take(size).data(), size);
    return value;
  }

  std::string_view bytes_;
  const std::string& where_;
};

void put_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}
void put_number(std::string& out, std::uint32_t field, std::int64_t value) {
  put_varint(out, field << 3);
  put_varint(out, static_cast<std::uint64_t>(value));
}
void put_bytes(std::string& out, std::uint32_t field, std::string_view bytes) {
  put_varint(out, field << 3 | 2);
  put_varint(out, bytes.size());
  out += bytes;
}

}  // namespace

PieceModel PieceModel::parse(std::string_view bytes, const std::string& where) {
  const auto fail = [&](const std::string& what) { throw Error(where + ": " + what); };
  PieceModel model;
  std::int64_t kind = 1;
  Message message(bytes, where);
  while (const auto field = message.next()) {
    Message inner(field->bytes, where);
    if (field->number == 1) {
      Piece piece;
      while (const auto part = inner.next()) {
        if (part->number == 1) piece.text = part->bytes;
        if (part->number == 2) piece.score = std::bit_cast<float>(static_cast<std::uint32_t>(part->value));
        if (part->number == 3) {
          if (part->value < 1 || part->value > 6) fail("a piece of an unknown type");
          piece.type = static_cast<PieceType>(part->value);
        }
      }
      if (piece.text.empty() || piece.text.size() > kMaxPieceBytes || model.pieces_.size() >= kMaxPieces) {
        fail("an empty piece, a piece of over 4096 bytes, or over 4000000 pieces");
      }
      model.pieces_.push_back(std::move(piece));
    } else if (field->number == 2) {
      while (const auto part = inner.next()) {
        const auto number = static_cast<std::int64_t>(part->value);
        if (part->number == 3) kind = number;
        if (part->number == 35) model.byte_fallback_ = number != 0;
        if (part->number == 40) model.unk_ = number;
        if (part->number == 41) model.bos_ = number;
        if (part->number == 42) model.eos_ = number;
        if (part->number == 43) model.pad_ = number;
        if (part->number == 44) model.unk_surface_ = part->bytes;
      }
    } else if (field->number == 3) {
      while (const auto part = inner.next()) {
        if (part->number == 2 && !part->bytes.empty()) fail("a tokenizer that normalises text is not known");
        if (part->number == 3) model.dummy_prefix_ = part->value != 0;
        if (part->number == 4) model.remove_extra_spaces_ = part->value != 0;
        if (part->number == 5 && part->value == 0) fail("a tokenizer that keeps spaces unmarked is not known");
      }
    }
  }
  if (model.pieces_.empty()) fail("not a SentencePiece model");
  if (kind != 2) fail("a SentencePiece model of another kind than BPE is not known");
  for (const std::int64_t id : {model.unk_, model.bos_, model.eos_}) {
    if (id < 0 || id >= static_cast<std::int64_t>(model.pieces_.size())) fail("the ids of <unk>, <s> and </s> are not all given");
  }
  model.index();
  if (model.byte_fallback_) {
    for (const std::int64_t id : model.bytes_) {
      if (id < 0) fail("byte fallback without 256 byte pieces");
    }
  }
  return model;
}

PieceModel PieceModel::make(std::vector<Piece> pieces) {
  PieceModel model;
  model.pieces_ = std::move(pieces);
  model.byte_fallback_ = true;
  model.remove_extra_spaces_ = false;
  model.index();
  return model;
}

std::string PieceModel::serialize() const {
  std::string out;
  for (const Piece& piece : pieces_) {
    std::string inner;
    put_bytes(inner, 1, piece.text);
    put_varint(inner, 2 << 3 | 5);
    const auto bits = std::bit_cast<std::uint32_t>(piece.score);
    inner.append(reinterpret_cast<const char*>(&bits), 4);
    put_number(inner, 3, static_cast<std::int64_t>(piece.type));
    put_bytes(out, 1, inner);
  }
  std::string trainer;
  put_number(trainer, 3, 2);
  put_number(trainer, 4, static_cast<std::int64_t>(pieces_.size()));
  put_number(trainer, 35, byte_fallback_);
  put_number(trainer, 40, unk_);
  put_number(trainer, 41, bos_);
  put_number(trainer, 42, eos_);
  put_number(trainer, 43, pad_);
  put_bytes(out, 2, trainer);
  std::string normalizer;
  put_bytes(normalizer, 1, "identity");
  put_number(normalizer, 3, dummy_prefix_);
  put_number(normalizer, 4, remove_extra_spaces_);
  put_number(normalizer, 5, 1);
  put_bytes(out, 3, normalizer);
  return out;
}

}  // namespace reamo::reasoner
