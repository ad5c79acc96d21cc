#include "reasoner/tokenizer.h"

#include <map>

#include "ie/error.h"
#include "reasoner/piece_model.h"
#include "store/tensor_file.h"

namespace reamo::reasoner {
namespace {

constexpr std::size_t kMaxModelBytes = std::size_t(64) << 20;

std::string replace_all(std::string_view text, std::string_view from, std::string_view to) {
  std::string out(text);
  for (std::size_t at = 0; (at = out.find(from, at)) != std::string::npos; at += to.size()) {
    out.replace(at, from.size(), to);
  }
  return out;
}

}  // namespace

struct Tokenizer::Parts {
  PieceModel model;
  TokenizerOptions options;
  std::vector<std::string> bytes;                       // by id
  std::map<std::string, std::int64_t, std::less<>> specials;  // <s>, </s>, <unk> and the added tokens
  std::size_t longest_special = 0;

  // Splits at special tokens, longest first; calls text(stretch) and special(id) in order.
  template <typename OnText, typename OnSpecial>
  void split(std::string_view text, OnText on_text, OnSpecial on_special) const {
    std::size_t start = 0, at = 0;
    while (at < text.size()) {
      std::size_t length = std::min(longest_special, text.size() - at);
      auto hit = specials.end();
      for (; length > 0 && hit == specials.end(); --length) hit = specials.find(text.substr(at, length));
      if (hit == specials.end()) {
        ++at;
        continue;
      }
      if (at > start) on_text(text.substr(start, at - start));
      on_special(hit->second);
      at += hit->first.size();
      start = at;
    }
    if (start < text.size()) on_text(text.substr(start));
  }
};

Tokenizer Tokenizer::load(const std::filesystem::path& model, TokenizerOptions options) {
  auto parts = std::make_shared<Parts>();
  parts->model = PieceModel::parse(store::read_file(model, kMaxModelBytes), model.string());
  for (const Piece& piece : parts->model.pieces()) {
    switch (piece.type) {
      case PieceType::kByte:
        parts->bytes.emplace_back(1, static_cast<char>(std::stoi(piece.text.substr(3, 2), nullptr, 16)));
        break;
      case PieceType::kControl:
      case PieceType::kUnknown:
        parts->bytes.emplace_back();
        break;
      default:
        parts->bytes.push_back(replace_all(piece.text, kSpacePiece, " "));
        break;
    }
  }
  for (const std::int64_t id : {parts->model.bos(), parts->model.eos(), parts->model.unk()}) {
    parts->specials.emplace(parts->model.pieces()[static_cast<std::size_t>(id)].text, id);
  }
  for (const std::string& token : options.added_tokens) {
    if (token.empty() || !parts->specials.emplace(token, static_cast<std::int64_t>(parts->bytes.size())).second) {
      throw Error(model.string() + ": the added token \"" + token + "\" is empty or given twice");
    }
    parts->bytes.push_back(token);
  }
  for (const auto& [token, id] : parts->specials) {
    parts->longest_special = std::max(parts->longest_special, token.size());
  }
  parts->options = std::move(options);
  Tokenizer tokenizer;
  tokenizer.parts_ = std::move(parts);
  return tokenizer;
}

Ids Tokenizer::encode_raw(std::string_view text) const { return parts_->model.encode(text, true); }

Ids Tokenizer::encode_text(std::string_view text, bool space_before) const {
  return parts_->model.encode(text, space_before);
}

Ids Tokenizer::encode(std::string_view text) const {
  Ids ids{bos()};
  const auto add_special = [&](std::int64_t id) { ids.push_back(id); };
  const auto add_with = [&](bool prefix) {
    return [&, prefix](std::string_view stretch) {
      const Ids more = parts_->model.encode(stretch, prefix);
      ids.insert(ids.end(), more.begin(), more.end());
    };
  };
  if (parts_->options.legacy) {
    parts_->split(text, add_with(true), add_special);
    return ids;
  }
  if (text.empty()) return ids;
  const std::string prefixed = std::string(kSpacePiece) + replace_all(text, kSpacePiece, " ");
  parts_->split(prefixed, add_with(false), add_special);
  // The prefix alone before a special token is dropped.
  if (ids.size() > 2 && piece(ids[1]) == kSpacePiece && is_special(ids[2])) ids.erase(ids.begin() + 1);
  return ids;
}

Ids Tokenizer::encode_placeholders(std::string_view text) const {
  struct Mark {
    std::string_view text;
    std::int64_t id;
  };
  static constexpr Mark kVideo{"<video>", kVideoToken}, kAudio{"<audio>", kAudioToken};
  static constexpr std::string_view kImage = "<image>";

  Ids ids;
  // Between <video> and <audio> marks: pieces around <image>, the first with its <s>.
  const auto image_part = [&](std::string_view part) {
    for (bool first = true;; first = false) {
      const std::size_t hit = part.find(kImage);
      const Ids piece_ids = encode(part.substr(0, hit));
      ids.insert(ids.end(), piece_ids.begin() + (first ? 0 : 1), piece_ids.end());
      if (hit == std::string_view::npos) return;
      ids.push_back(kImageToken);
      part.remove_prefix(hit + kImage.size());
    }
  };
  const auto split_at = [&](std::string_view part, const Mark& mark, const auto& inner) {
    for (;;) {
      const std::size_t hit = part.find(mark.text);
      inner(part.substr(0, hit));
      if (hit == std::string_view::npos) return;
      ids.push_back(mark.id);
      part.remove_prefix(hit + mark.text.size());
    }
  };
  split_at(text, kVideo, [&](std::string_view part) { split_at(part, kAudio, image_part); });
  return ids;
}

std::string Tokenizer::decode_raw(std::span<const std::int64_t> ids) const {
  std::vector<std::string> pieces;
  for (const std::int64_t id : ids) {
    if (id < 0 || id >= base_size()) throw Error("token id " + std::to_string(id) + " is outside the vocabulary");
    pieces.push_back(piece(id));
  }
  return parts_->model.decode(pieces, true);
}

std::string Tokenizer::decode(std::span<const std::int64_t> ids, bool skip_special) const {
  const bool legacy = parts_->options.legacy;
  const auto surface = [&](const std::vector<std::string>& pieces) { return parts_->model.decode(pieces, legacy); };
  // The tokens between two added tokens.
  const auto part_text = [&](const Ids& part) {
    std::string text;
    std::vector<std::string> collected;
    bool after_special = false;
    for (std::size_t i = 0; i < part.size(); ++i) {
      std::string token = piece(part[i]);
      const bool special = is_special(part[i]);
      if (i == 0 && token.starts_with(kSpacePiece)) token.erase(0, kSpacePiece.size());
      if (special) {
        if (!after_special && i != 0 && legacy) text += ' ';
        text += surface(collected) + token;
        collected.clear();
      } else {
        if (after_special && i == 1 && !token.starts_with(kSpacePiece)) text += ' ';
        collected.push_back(token);
      }
      after_special = special;
    }
    return text + surface(collected);
  };

  std::vector<std::string> texts;
  Ids part;
  const auto flush = [&] {
    if (part.empty()) return;
    if (std::string text = part_text(part); !text.empty()) texts.push_back(std::move(text));
    part.clear();
  };
  for (const std::int64_t id : ids) {
    if (id < 0 || id >= size()) throw Error("token id " + std::to_string(id) + " is outside the vocabulary");
    if (skip_special && is_special(id)) continue;
    if (id >= base_size()) {
      flush();
      texts.push_back(token_bytes(id));
    } else {
      part.push_back(id);
    }
  }
  flush();
  std::string joined;
  for (std::size_t i = 0; i < texts.size(); ++i) joined += (i ? " " : "") + texts[i];
  return joined;
}

const std::string& Tokenizer::token_bytes(std::int64_t id) const {
  if (id < 0 || id >= size()) throw Error("token id " + std::to_string(id) + " is outside the vocabulary");
  return parts_->bytes[static_cast<std::size_t>(id)];
}

std::string Tokenizer::piece(std::int64_t id) const {
  return id >= 0 && id < base_size() ? parts_->model.pieces()[static_cast<std::size_t>(id)].text : token_bytes(id);
}

std::int64_t Tokenizer::find(std::string_view piece) const {
  if (const auto hit = parts_->specials.find(piece); hit != parts_->specials.end()) return hit->second;
  return parts_->model.find(piece);
}

std::int64_t Tokenizer::size() const { return static_cast<std::int64_t>(parts_->bytes.size()); }
std::int64_t Tokenizer::base_size() const { return static_cast<std::int64_t>(parts_->model.pieces().size()); }
std::int64_t Tokenizer::bos() const { return parts_->model.bos(); }
std::int64_t Tokenizer::eos() const { return parts_->model.eos(); }
std::int64_t Tokenizer::unk() const { return parts_->model.unk(); }
bool Tokenizer::is_special(std::int64_t id) const {
  return id >= base_size() || id == bos() || id == eos() || id == unk();
}
bool Tokenizer::is_byte(std::int64_t id) const {
  return id < base_size() && parts_->model.pieces()[static_cast<std::size_t>(id)].type == PieceType::kByte;
}
const TokenizerOptions& Tokenizer::options() const { return parts_->options; }

}  // namespace reamo::reasoner
