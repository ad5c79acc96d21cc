// From a request to the tokens that the decoder reads (PAPER 3.2, LLM.md 6).
#pragma once

#include <torch/torch.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ie/schema.h"
#include "ie/transcript.h"
#include "reasoner/config.h"
#include "reasoner/tokenizer.h"

namespace reamo::reasoner {

enum class MediumKind { kImage, kVideo, kAudio };

// What the encoder made of one medium.
struct MediumFeatures {
  std::string name;        // "image-0", "video-1/audio"
  MediumKind kind = MediumKind::kImage;
  torch::Tensor features;  // [rows, width] fp32, before the projector; may be undefined (no rows) for heard media
};

struct Request {
  ie::Schema schema;
  std::optional<std::string> text;
  std::vector<MediumFeatures> media;
  std::map<std::string, ie::Transcript> transcripts;  // by name of the medium
};

// A text that mentions can be copied from, and where its tokens stand in the prompt.
struct Source {
  std::string name;                  // "text", "audio-0"
  std::string text;                  // the part that is in the prompt
  std::size_t first = 0;             // index of its first token in Prompt::ids
  std::vector<std::size_t> offsets;  // byte of `text` where each token starts, then the end; empty where the prompt is
                                     // written as one text (published style)
};
// A label of the schema as it stands in the prompt.
struct LabelPlace {
  enum class Kind { kEntity, kRelation, kEvent, kRole } kind = Kind::kEntity;
  std::string name;                 // of a role: the role's name
  std::string event;                // of a role: its event type
  std::size_t first = 0, last = 0;  // token indices in Prompt::ids, inclusive
};
struct LeftOut {  // a part of the request that did not fit
  std::string name;            // "text", a medium, "example-1"
  std::size_t start = 0, end = 0;  // bytes of the text; rows of a medium
};
struct Prompt {
  Ids ids;                             // a negative id for each row of features
  std::size_t schema = 0;              // tokens at the start that depend on the schema alone; 0 in the published style
  std::vector<std::uint8_t> copyable;  // by token: text, transcripts and labels, not media
  std::vector<Source> sources;
  std::vector<LabelPlace> labels;
  std::vector<torch::Tensor> features;  // in the order of the negative ids
  std::vector<LeftOut> left_out;
};
// Throws Error when schema and media alone exceed options.max_tokens.
Prompt build_prompt(const Request& request, const Tokenizer& tokenizer, const PromptOptions& options);

// Overlapping parts of a long text, cut at sentence ends where possible, each of at most `max_tokens`; the overlap is about
// `overlap` tokens. Bytes, half-open; together they cover the text.
std::vector<std::pair<std::size_t, std::size_t>> text_windows(std::string_view text, const Tokenizer& tokenizer,
                                                              std::int64_t max_tokens, std::int64_t overlap);

// The conversation templates of the published code. `turns` alternate user, assistant; an empty assistant turn asks for the answer.
// Names: v1 and vicuna_v1 (what REAMO uses), llava_v1, v0 and default, plain; throws UsageError for another.
std::string render_conversation(std::string_view style, const std::vector<std::pair<std::string, std::string>>& turns);

}  // namespace reamo::reasoner
