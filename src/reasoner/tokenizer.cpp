#include "reasoner/tokenizer.h"

#include <sentencepiece_processor.h>

#include <map>
#include <unordered_map>

#include "ie/error.h"
#include "store/tensor_file.h"

namespace reamo::reasoner {
namespace {

constexpr std::string_view kSpacePiece = "\xE2\x96\x81";  // U+2581
constexpr std::size_t kMaxModelBytes = std::size_t(64) << 20;

// A field that, appended to the serialized model, turns off add_dummy_prefix of its normalizer spec: messages that are
// appended are merged (tag 3, two bytes: field 3, false).
constexpr std::string_view kNoDummyPrefix("\x1a\x02\x18\x00", 4);

std::string replace_all(std::string_view text, std::string_view from, std::string_view to) {
  std::string out(text);
  for (std::size_t at = 0; (at = out.find(from, at)) != std::string::npos; at += to.size()) {
    out.replace(at, from.size(), to);
  }
  return out;
}

}  // namespace

struct Tokenizer::Parts {
  sentencepiece::SentencePieceProcessor plain;      // as the file says
  sentencepiece::SentencePieceProcessor no_prefix;  // without the dummy prefix
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

namespace {

Ids encode_with(const sentencepiece::SentencePieceProcessor& processor, std::string_view text) {
  std::vector<int> ids;
  if (const auto status = processor.Encode(text, &ids); !status.ok()) {
    throw Error("the text cannot be tokenised: " + status.ToString());
  }
  return Ids(ids.begin(), ids.end());
}

}  // namespace

Tokenizer Tokenizer::load(const std::filesystem::path& model, TokenizerOptions options) {
  const std::string content = store::read_file(model, kMaxModelBytes);
  auto parts = std::make_shared<Parts>();
  if (!parts->plain.LoadFromSerializedProto(content).ok() ||
      !parts->no_prefix.LoadFromSerializedProto(content + std::string(kNoDummyPrefix)).ok()) {
    throw Error(model.string() + ": not a SentencePiece model");
  }
  const auto& sp = parts->plain;
  for (int id = 0; id < sp.GetPieceSize(); ++id) {
    const std::string& piece = sp.IdToPiece(id);
    if (sp.IsByte(id)) {
      parts->bytes.emplace_back(1, static_cast<char>(std::stoi(piece.substr(3, 2), nullptr, 16)));
    } else if (sp.IsControl(id) || sp.IsUnknown(id)) {
      parts->bytes.emplace_back();
    } else {
      parts->bytes.push_back(replace_all(piece, kSpacePiece, " "));
    }
  }
  for (const int id : {sp.bos_id(), sp.eos_id(), sp.unk_id()}) {
    if (id >= 0) parts->specials.emplace(sp.IdToPiece(id), id);
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

Ids Tokenizer::encode_raw(std::string_view text) const { return encode_with(parts_->plain, text); }

Ids Tokenizer::encode_text(std::string_view text, bool space_before) const {
  return encode_with(space_before ? parts_->plain : parts_->no_prefix, text);
}

Ids Tokenizer::encode(std::string_view text) const {
  Ids ids{bos()};
  const auto add_special = [&](std::int64_t id) { ids.push_back(id); };
  const auto add_with = [&](const sentencepiece::SentencePieceProcessor& processor) {
    return [&](std::string_view stretch) {
      const Ids more = encode_with(processor, stretch);
      ids.insert(ids.end(), more.begin(), more.end());
    };
  };
  if (parts_->options.legacy) {
    parts_->split(text, add_with(parts_->plain), add_special);
    return ids;
  }
  if (text.empty()) return ids;
  const std::string prefixed = std::string(kSpacePiece) + replace_all(text, kSpacePiece, " ");
  parts_->split(prefixed, add_with(parts_->no_prefix), add_special);
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
  std::vector<int> base(ids.begin(), ids.end());
  std::string text;
  for (const int id : base) {
    if (id < 0 || id >= base_size()) throw Error("token id " + std::to_string(id) + " is outside the vocabulary");
  }
  if (!parts_->plain.Decode(base, &text).ok()) throw Error("the token ids cannot be decoded");
  return text;
}

std::string Tokenizer::decode(std::span<const std::int64_t> ids, bool skip_special) const {
  const bool legacy = parts_->options.legacy;
  const auto surface = [&](const std::vector<std::string>& pieces) {
    std::string text;
    if (!pieces.empty() && !(legacy ? parts_->plain : parts_->no_prefix).Decode(pieces, &text).ok()) {
      throw Error("the tokens cannot be decoded");
    }
    return text;
  };
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
  return id < base_size() ? parts_->plain.IdToPiece(static_cast<int>(id)) : token_bytes(id);
}

std::int64_t Tokenizer::find(std::string_view piece) const {
  if (const auto hit = parts_->specials.find(piece); hit != parts_->specials.end()) return hit->second;
  const int id = parts_->plain.PieceToId(piece);
  return parts_->plain.IdToPiece(id) == piece ? id : -1;
}

std::int64_t Tokenizer::size() const { return static_cast<std::int64_t>(parts_->bytes.size()); }
std::int64_t Tokenizer::base_size() const { return parts_->plain.GetPieceSize(); }
std::int64_t Tokenizer::bos() const { return parts_->plain.bos_id(); }
std::int64_t Tokenizer::eos() const { return parts_->plain.eos_id(); }
std::int64_t Tokenizer::unk() const { return parts_->plain.unk_id(); }
bool Tokenizer::is_special(std::int64_t id) const {
  return id >= base_size() || id == bos() || id == eos() || id == unk();
}
const TokenizerOptions& Tokenizer::options() const { return parts_->options; }

}  // namespace reamo::reasoner
