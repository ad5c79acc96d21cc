// What training tells a small decoder beside the answers: the states of its prompt must say which label a word bears, which
// relations and roles a mention has, and what a row of features shows (RECIPES a: tags cut the time to learn most).
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "ie/meta_response.h"
#include "reasoner/llama.h"
#include "reasoner/prompt.h"

namespace reamo::reasoner {

// Of one prompt. Tokens and labels are indices into Prompt::ids; of a label: its last token.
struct Hints {
  std::vector<std::int64_t> tags;      // by token: kIgnore, 0 none, 1 + 2 l begins a mention of labels[l], 2 + 2 l continues it
  std::vector<std::int64_t> labels;    // of entity and event types
  std::vector<std::int64_t> mentions;  // first tokens of the mentions that items name
  std::vector<std::int64_t> relations, roles;
  enum class Part : std::uint8_t { kHead, kTail, kRole };
  struct Link {
    std::size_t mention, label;  // into `mentions`; into `relations`, or `roles` where part is kRole
    Part part;
  };
  std::vector<Link> links;
};
Hints make_hints(const Prompt& prompt, const ie::MetaResponse& response);

// What a row of features shows, as shares of pieces of the vocabulary; rows count over all features of the prompt.
struct Shown {
  std::int64_t row = 0, piece = 0;
  float share = 0;
};

// Of a batch.
struct HintBatch {
  torch::Tensor tags;              // [batch, columns] int64, kIgnore at padding
  torch::Tensor labels;            // [batch, most labels] int64: columns, -1 where a row has fewer; so the next two
  torch::Tensor relations, roles;
  torch::Tensor rows, columns;     // [mentions] int64: where they stand
  torch::Tensor heads, tails;      // [mentions, most relations] fp32, 1 where it is one
  torch::Tensor parts;             // [mentions, most roles] fp32
  torch::Tensor shown_rows, shown_pieces, shown_shares;  // [entries]; undefined where nothing is known of the features
  HintBatch to(torch::Device device) const;
};
// `column` of a token of the prompt of example i.
HintBatch collate_hints(const std::vector<const Hints*>& hints, std::int64_t columns,
                        const std::function<std::int64_t(std::size_t i, std::size_t token)>& column);

struct HintLosses {  // means; undefined where the batch has nothing of it
  torch::Tensor tag, link, shown;
};
// states [batch, columns, hidden]: normed, of the layer where hints are read; features [rows, hidden]: the same at the rows
// of features; projected [rows, hidden]: what the projector gives for them (undefined without features).
HintLosses hint_losses(LlamaImpl& model, const HintBatch& batch, const torch::Tensor& states, const torch::Tensor& features,
                       const torch::Tensor& projected);

// The layer whose input hints are read from: two before the last, so that the answer can still attend to what is known there.
std::size_t hint_layer(const LlamaConfig& config);

}  // namespace reamo::reasoner
