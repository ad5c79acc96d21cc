#include "reasoner/piece_model.h"

#include <algorithm>
#include <queue>

namespace reamo::reasoner {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

std::string byte_piece(int byte) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  return std::string("<0x") + kDigits[byte >> 4] + kDigits[byte & 15] + ">";
}

}  // namespace

std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xC2 && lead < 0xE0 ? 2 : lead >= 0xE0 && lead < 0xF0 ? 3 : lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
  if (length == 0 || at + length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  if ((lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xED && byte(1) > 0x9F) || (lead == 0xF0 && byte(1) < 0x90) ||
      (lead == 0xF4 && byte(1) > 0x8F)) {
    return 0;
  }
  return length;
}

void PieceModel::index() {
  std::fill(std::begin(bytes_), std::end(bytes_), -1);
  for (std::size_t id = 0; id < pieces_.size(); ++id) {
    by_text_.emplace(pieces_[id].text, static_cast<std::int64_t>(id));
    if (pieces_[id].type == PieceType::kUserDefined) user_defined_.push_back(pieces_[id].text);
  }
  std::stable_sort(user_defined_.begin(), user_defined_.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
  for (int byte = 0; byte < 256; ++byte) {
    const std::int64_t id = find(byte_piece(byte));
    if (id >= 0 && pieces_[static_cast<std::size_t>(id)].type == PieceType::kByte) bytes_[byte] = id;
  }
}

std::int64_t PieceModel::find(std::string_view piece) const {
  const auto found = by_text_.find(std::string(piece));
  return found == by_text_.end() ? -1 : found->second;
}

std::int64_t PieceModel::mergeable(std::string_view piece) const {
  const std::int64_t id = find(piece);
  if (id < 0) return -1;
  const PieceType type = pieces_[static_cast<std::size_t>(id)].type;
  return type == PieceType::kNormal || type == PieceType::kUserDefined ? id : -1;
}

std::vector<std::int64_t> PieceModel::encode(std::string_view text, bool prefix) const {
  std::vector<std::int64_t> ids;
  if (text.empty()) return ids;
  // Spaces as pieces write them, invalid bytes replaced.
  std::string marked;
  bool after_space = true;
  if (prefix && dummy_prefix_ && !(remove_extra_spaces_ && text.find_first_not_of(' ') == std::string_view::npos)) {
    marked = kSpacePiece;
  }
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == ' ') {
      if (!remove_extra_spaces_ || !after_space) marked += kSpacePiece;
      after_space = true;
      ++at;
      continue;
    }
    const std::size_t length = utf8_length(text, at);
    marked += length ? text.substr(at, length) : kReplacement;
    at += std::max<std::size_t>(1, length);
    after_space = false;
  }
  if (remove_extra_spaces_ && after_space && marked.size() > kSpacePiece.size()) marked.resize(marked.size() - kSpacePiece.size());

  // Symbols as a linked list over the text; user-defined pieces never merge.
  struct Symbol {
    std::size_t start, size;
    std::ptrdiff_t previous, next;
    bool frozen;
  };
  std::vector<Symbol> symbols;
  for (std::size_t at = 0; at < marked.size();) {
    std::size_t size = 0;
    for (const std::string& piece : user_defined_) {
      if (std::string_view(marked).substr(at).starts_with(piece)) {
        size = piece.size();
        break;
      }
    }
    const bool frozen = size > 0;
    if (!frozen) size = std::max<std::size_t>(1, utf8_length(marked, at));
    const auto i = static_cast<std::ptrdiff_t>(symbols.size());
    symbols.push_back({at, size, i - 1, i + 1, frozen});
    at += size;
  }
  if (symbols.empty()) return ids;
  symbols.back().next = -1;
  struct Pair {
    float score;
    std::ptrdiff_t left, right;
    std::size_t size;
    bool operator<(const Pair& other) const { return score != other.score ? score < other.score : left > other.left; }
  };
  std::priority_queue<Pair> agenda;
  const auto consider = [&](std::ptrdiff_t left, std::ptrdiff_t right) {
    if (left < 0 || right < 0) return;
    const Symbol &a = symbols[std::size_t(left)], &b = symbols[std::size_t(right)];
    if (a.frozen || b.frozen) return;
    const std::int64_t id = mergeable(std::string_view(marked).substr(a.start, a.size + b.size));
    if (id >= 0) agenda.push({pieces_[std::size_t(id)].score, left, right, a.size + b.size});
  };
  for (std::size_t i = 1; i < symbols.size(); ++i) consider(std::ptrdiff_t(i) - 1, std::ptrdiff_t(i));
  while (!agenda.empty()) {
    const Pair top = agenda.top();
    agenda.pop();
    Symbol &a = symbols[std::size_t(top.left)], &b = symbols[std::size_t(top.right)];
    if (a.size == 0 || b.size == 0 || a.size + b.size != top.size || a.next != top.right) continue;
    a.size += b.size;
    b.size = 0;
    a.next = b.next;
    if (a.next >= 0) symbols[std::size_t(a.next)].previous = top.left;
    consider(a.previous, top.left);
    consider(top.left, a.next);
  }
  for (std::ptrdiff_t i = 0; i >= 0; i = symbols[std::size_t(i)].next) {
    const Symbol& symbol = symbols[std::size_t(i)];
    const std::string_view piece = std::string_view(marked).substr(symbol.start, symbol.size);
    const std::int64_t id = mergeable(piece);
    if (id >= 0) {
      ids.push_back(id);
    } else if (byte_fallback_) {
      for (const char c : piece) ids.push_back(bytes_[static_cast<unsigned char>(c)]);
    } else {
      ids.push_back(unk_);
    }
  }
  return ids;
}

std::string PieceModel::decode(const std::vector<std::string>& pieces, bool prefix) const {
  std::string text, bytes;
  bool first = true;
  const auto flush_bytes = [&] {
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t length = utf8_length(bytes, at);
      text += length ? std::string_view(bytes).substr(at, length) : kReplacement;
      at += std::max<std::size_t>(1, length);
    }
    first = first && bytes.empty();
    bytes.clear();
  };
  for (const std::string& piece : pieces) {
    const std::int64_t id = find(piece);
    const PieceType type = id < 0 ? PieceType::kNormal : pieces_[std::size_t(id)].type;
    if (type == PieceType::kByte) {
      bytes += static_cast<char>(std::stoi(piece.substr(3, 2), nullptr, 16));
      continue;
    }
    flush_bytes();
    if (type == PieceType::kControl || piece.empty()) continue;
    std::string_view surface = type == PieceType::kUnknown ? std::string_view(unk_surface_) : std::string_view(piece);
    if (first && prefix && (dummy_prefix_ || remove_extra_spaces_) && surface.starts_with(kSpacePiece)) {
      surface.remove_prefix(kSpacePiece.size());
    }
    first = false;
    for (std::size_t at = 0; at < surface.size();) {
      if (surface.substr(at).starts_with(kSpacePiece)) {
        text += ' ';
        at += kSpacePiece.size();
      } else {
        text += surface[at++];
      }
    }
  }
  flush_bytes();
  return text;
}

}  // namespace reamo::reasoner
