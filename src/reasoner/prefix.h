// Schemas at the start of prompts, read once however many documents follow. The schema of a bidirectional prompt sees itself only,
// so what the decoder makes of it holds for every document; the document sees the schema.
#pragma once

#include <torch/torch.h>

#include <memory>
#include <mutex>
#include <vector>

#include "reasoner/llama.h"
#include "reasoner/prompt.h"

namespace reamo::reasoner {

struct Prefixes {
  torch::Tensor ids, mask;  // [distinct, longest] int64 and bool, padded on the left; undefined: no row has a prefix
  torch::Tensor row;        // [batch] int64: which of them a row begins with
  torch::Tensor lengths;    // [batch] int64, tokens
  std::int64_t size() const { return ids.defined() ? ids.size(1) : 0; }
  Prefixes to(torch::Device device) const;
};
// prompts[i] begins with lengths[i] tokens of schema. All lengths 0: undefined tensors.
Prefixes distinct_prefixes(const std::vector<const Ids*>& prompts, const std::vector<std::int64_t>& lengths, std::int64_t pad);

// Prompts as one batch, the same in training and in use: schemas apart, schemas and rests padded on the left.
struct PromptRows {
  // schemas[i]: tokens of prompts[i] that are its schema; 0: all of it is rest. `multiple`: rests are padded to a multiple of it.
  PromptRows(const std::vector<const Ids*>& prompts, std::vector<std::int64_t> schemas, std::int64_t pad, std::int64_t multiple = 1);
  // Of a row's prompt token: its column in [prefix | rest].
  std::int64_t column(std::size_t row, std::size_t index) const;
  std::int64_t rest() const { return ids.size(1); }

  Prefixes prefixes;
  torch::Tensor ids, mask;  // [batch, rest] int64 and bool

 private:
  std::vector<std::int64_t> schemas_, lengths_;
};

// The prefix read last, kept for the next batch. Calls may come from several threads.
class PrefixMemory {
 public:
  bool recall(const torch::Tensor& ids, KvCache& cache, torch::Tensor& states) const;
  void keep(const torch::Tensor& ids, const KvCache& cache, const torch::Tensor& states);

 private:
  mutable std::mutex mutex_;
  torch::Tensor ids_, states_;
  KvCache cache_;
};

// States [batch, size(), hidden] after the final norm, and `cache` (empty) filled for the rows to go on with: a single prefix is
// shared by all rows, of several each row gets its own.
// `hidden`, if given, gets the states between layers [distinct, size(), hidden], as ForwardOptions::hidden_states.
torch::Tensor read_prefixes(LlamaImpl& model, const Prefixes& prefixes, KvCache& cache, PrefixMemory* memory = nullptr,
                            std::vector<torch::Tensor>* hidden = nullptr);

}  // namespace reamo::reasoner
