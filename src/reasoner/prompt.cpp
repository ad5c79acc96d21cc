#include "reasoner/prompt.h"

#include <algorithm>

#include "ie/error.h"
#include "ie/meta_response.h"
#include "reasoner/compact.h"
#include "reasoner/piece_model.h"

namespace reamo::reasoner {
namespace {

bool is_sentence_end(const std::string& bytes) {
  return bytes == "." || bytes == "!" || bytes == "?" || bytes == "\n" || bytes == "\xE3\x80\x82";
}

}  // namespace

Ids source_tokens(const Tokenizer& tokenizer, std::string_view text) {
  std::string plain(text);
  for (std::size_t at = 0; (at = plain.find(kSpacePiece, at)) != std::string::npos;) plain.replace(at, kSpacePiece.size(), " ");
  return tokenizer.encode_text(plain);
}

std::string source_text(const Tokenizer& tokenizer, const Ids& tokens) {
  std::string text;
  for (const std::int64_t id : tokens) text += tokenizer.token_bytes(id);
  if (text.starts_with(' ')) text.erase(0, 1);
  return text;
}

std::size_t fitting_tokens(const Tokenizer& tokenizer, const Ids& tokens, std::int64_t room) {
  if (static_cast<std::int64_t>(tokens.size()) <= room) return tokens.size();
  const std::size_t most = static_cast<std::size_t>(std::max<std::int64_t>(0, room));
  for (std::size_t n = most; n > most / 2; --n) {
    if (tokenizer.token_bytes(tokens[n]).starts_with(' ')) return n;
  }
  return most;
}

std::string first_words(std::string_view text, int count) {
  std::size_t end = 0;
  for (int i = 0; i < count; ++i) {
    end = text.find(' ', end == 0 ? 0 : end + 1);
    if (end == std::string_view::npos) return std::string(text);
  }
  return std::string(text.substr(0, end));
}

std::int64_t placeholder_of(MediumKind kind) {
  switch (kind) {
    case MediumKind::kImage: return kImageToken;
    case MediumKind::kVideo: return kVideoToken;
    case MediumKind::kAudio: break;
  }
  return kAudioToken;
}

torch::Tensor feature_rows(const torch::Tensor& features) {
  return features.defined() && features.dim() == 1 ? features.unsqueeze(0) : features;
}

void PromptWriter::add(std::int64_t id, bool copyable) {
  prompt_.ids.push_back(id);
  prompt_.copyable.push_back(copyable);
}

void PromptWriter::mark(std::string_view token) {
  const std::int64_t id = tokenizer_.find(token);
  if (id < 0) throw Error("the tokenizer lacks the token " + std::string(token) + " of the compact prompt");
  add(id, false);
}

void PromptWriter::words(std::string_view text, bool copyable) {
  for (const std::int64_t id : tokenizer_.encode_text(text)) add(id, copyable);
}

void PromptWriter::label(LabelPlace::Kind kind, std::string_view name, std::string_view event) {
  LabelPlace place{kind, std::string(name), std::string(event), prompt_.ids.size(), 0};
  words(ie::escape(name), true);
  place.last = prompt_.ids.size() - 1;
  prompt_.labels.push_back(std::move(place));
}

void PromptWriter::source(std::string name, const Ids& tokens) {
  Source source{std::move(name), source_text(tokenizer_, tokens), prompt_.ids.size(), {}};
  std::size_t at = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    source.offsets.push_back(at);
    std::size_t length = tokenizer_.token_bytes(tokens[i]).size();
    if (i == 0 && tokenizer_.token_bytes(tokens[i]).starts_with(' ')) --length;
    at += length;
    add(tokens[i], true);
  }
  source.offsets.push_back(at);
  prompt_.sources.push_back(std::move(source));
}

void PromptWriter::features(std::int64_t placeholder, const torch::Tensor& rows) {
  if (!rows.defined() || rows.size(0) == 0) return;
  for (std::int64_t i = 0; i < rows.size(0); ++i) add(placeholder, false);
  prompt_.features.push_back(rows);
}

Prompt build_prompt(const Request& request, const Tokenizer& tokenizer, const PromptOptions& options) {
  Prompt prompt;
  if (options.style == PromptStyle::kCompact) {
    build_compact_prompt(request, tokenizer, options, prompt);
  } else {
    build_published_prompt(request, tokenizer, options, prompt);
  }
  return prompt;
}

std::vector<std::pair<std::size_t, std::size_t>> text_windows(std::string_view text, const Tokenizer& tokenizer,
                                                              std::int64_t max_tokens, std::int64_t overlap) {
  if (max_tokens < 1 || overlap < 0) throw Error("a text window needs at least one token and no negative overlap");
  overlap = std::min(overlap, max_tokens / 2);
  const Ids tokens = tokenizer.encode_text(text);
  // Where each token starts in the text, a space before it not counted; the end.
  std::vector<std::size_t> starts;
  std::size_t at = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::string& bytes = tokenizer.token_bytes(tokens[i]);
    starts.push_back(std::min(at, text.size()));
    at += bytes.size() - (i == 0 && bytes.starts_with(' ') ? 1 : 0);
  }
  starts.push_back(text.size());
  // Only where a character begins.
  const auto border = [&](std::size_t token) {
    std::size_t byte = starts[token];
    while (byte > 0 && byte < text.size() && (static_cast<unsigned char>(text[byte]) & 0xC0) == 0x80) --byte;
    return byte;
  };

  std::vector<std::pair<std::size_t, std::size_t>> windows;
  const std::size_t count = tokens.size(), most = static_cast<std::size_t>(max_tokens);
  for (std::size_t first = 0;;) {
    std::size_t end = std::min(count, first + most);
    if (end < count) {
      // After the last sentence in the second half, else before the last word, else anywhere.
      const std::size_t low = first + most / 2;
      std::size_t cut = end;
      while (cut > low && !is_sentence_end(tokenizer.token_bytes(tokens[cut - 1]))) --cut;
      if (cut == low) {
        for (cut = end; cut > low && !tokenizer.token_bytes(tokens[cut]).starts_with(' '); --cut) {}
        if (cut == low) cut = end;
      }
      end = cut;
    }
    windows.emplace_back(border(first), border(end));
    if (end >= count) return windows;
    // Back by the overlap, to the start of a sentence or a word.
    std::size_t next = std::max(first + 1, end - std::min(end, static_cast<std::size_t>(overlap)));
    std::size_t sentence = next;
    while (sentence < end && !(sentence > 0 && is_sentence_end(tokenizer.token_bytes(tokens[sentence - 1])))) ++sentence;
    if (sentence < end) {
      next = sentence;
    } else {
      std::size_t word = next;
      while (word < end && !tokenizer.token_bytes(tokens[word]).starts_with(' ')) ++word;
      next = word;
    }
    first = std::max(first + 1, next);
  }
}

}  // namespace reamo::reasoner
