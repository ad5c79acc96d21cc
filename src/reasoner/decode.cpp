#include "reasoner/decode.h"

#include <algorithm>
#include <cmath>

#include "ie/error.h"
#include "ie/meta_response.h"
#include "nn/functional.h"
#include "reasoner/token_filter.h"

namespace reamo::reasoner {
namespace {

// One answer while it grows.
struct Row {
  std::size_t index = 0;  // among the answers
  std::optional<Grammar::State> state;
  Ids ids;
  std::string text;
  std::string kept;  // the longest part of `text` that is a response once closed
  bool done = false;
  double log_sum = 0;  // of the item at hand
  std::int64_t choices = 0;
};

PromptRows rows_of(const std::vector<Prompt>& prompts, std::int64_t pad, bool apart) {
  std::vector<const Ids*> ids;
  std::vector<std::int64_t> schemas;
  for (const Prompt& prompt : prompts) {
    ids.push_back(&prompt.ids);
    schemas.push_back(apart ? static_cast<std::int64_t>(prompt.schema) : 0);
  }
  return PromptRows(ids, std::move(schemas), pad);
}

// [batch, prefix + rest]
torch::Tensor copyable_of(const std::vector<Prompt>& prompts, const PromptRows& rows) {
  torch::Tensor flags = torch::zeros({static_cast<std::int64_t>(prompts.size()), rows.prefixes.size() + rows.rest()}, torch::kBool);
  for (std::size_t b = 0; b < prompts.size(); ++b) {
    auto* row = flags[static_cast<std::int64_t>(b)].data_ptr<bool>();
    for (std::size_t i = 0; i < prompts[b].copyable.size(); ++i) row[rows.column(b, i)] = prompts[b].copyable[i] != 0;
  }
  return flags;
}

// One thread for the steps of a small model: its products are so short that waking a second thread costs more than it gives
// (40 texts on two cores: 7.3 s with one thread, 18.8 s with two).
class FewThreads {
 public:
  explicit FewThreads(bool small) : before_(torch::get_num_threads()), changed_(small && before_ > 1) {
    if (changed_) nn::set_threads(1);
  }
  ~FewThreads() {
    if (changed_) nn::set_threads(before_);
  }
  FewThreads(const FewThreads&) = delete;
  FewThreads& operator=(const FewThreads&) = delete;

 private:
  int before_;
  bool changed_;
};
constexpr std::int64_t kSmallWidth = 512;

// Takes the best allowed token of a row; false when there is none.
bool choose(const float* scores, std::int64_t vocabulary, const Grammar* grammar, const TokenFilter* filter,
            const Tokenizer& tokenizer, Row& row, std::vector<std::int64_t>& allowed, Answer& answer) {
  if (!grammar) {
    const std::int64_t best = std::max_element(scores, scores + vocabulary) - scores;
    row.ids.push_back(best);
    row.done = best == tokenizer.eos();
    return true;
  }
  filter->allowed(*grammar, *row.state, allowed);
  while (!allowed.empty()) {
    const auto best = std::max_element(allowed.begin(), allowed.end(), [&](auto a, auto b) { return scores[a] < scores[b]; });
    const std::int64_t id = *best;
    if (id == tokenizer.eos()) {
      row.done = true;
      return true;
    }
    std::optional<Grammar::State> after = grammar->next(*row.state, tokenizer.token_bytes(id));
    if (!after) {
      allowed.erase(best);
      continue;
    }
    if (allowed.size() > 1) {
      double sum = 0;
      for (const std::int64_t other : allowed) sum += std::exp(double(scores[other]) - double(scores[id]));
      row.log_sum -= std::log(sum);
      ++row.choices;
    }
    row.state = std::move(after);
    row.ids.push_back(id);
    row.text += tokenizer.token_bytes(id);
    if (grammar->items(*row.state) > answer.item_scores.size()) {
      answer.item_scores.push_back(row.choices ? std::exp(row.log_sum / double(row.choices)) : 1.0);
      row.log_sum = 0;
      row.choices = 0;
    }
    if (grammar->between_items(*row.state)) row.kept = row.text + "</UIE>";
    if (grammar->complete(*row.state)) row.kept = row.text;
    return true;
  }
  return false;
}

}  // namespace

void CopySource::select(const torch::Tensor& rows) {
  for (torch::Tensor* tensor : {&ids, &states, &keys, &copyable}) {
    if (tensor->defined()) *tensor = tensor->index_select(0, rows);
  }
}

CopySource copy_source(LlamaImpl& model, const torch::Tensor& states, const torch::Tensor& ids, const torch::Tensor& copyable) {
  if (!model.copy_head) return {};
  return {ids.clamp_min(0), states, copy_keys(model, states), copyable};
}

torch::Tensor next_token_log_probabilities(LlamaImpl& model, const torch::Tensor& states, const CopySource& source) {
  if (!model.copy_head) return torch::log_softmax(model.logits(states), 1);
  const CopyAttention copy = copy_attention(model, states.unsqueeze(1), source.states, source.keys, source.copyable);
  const torch::Tensor vocabulary = torch::log_softmax(model.logits(copy.fed.squeeze(1)), 1);
  const torch::Tensor copied = torch::zeros_like(vocabulary).scatter_add(1, source.ids, copy.weights.squeeze(1));
  return torch::logaddexp(torch::log_sigmoid(-copy.gate) + vocabulary,
                          torch::log_sigmoid(copy.gate) + torch::log(copied + 1e-9));
}

std::vector<Answer> decode_batch(Llama& model, const Tokenizer& tokenizer, const std::vector<Prompt>& prompts,
                                 const std::vector<const Grammar*>& grammars, const AnswerOptions& options,
                                 const TokenFilter* filter, PrefixMemory* memory) {
  std::vector<Answer> answers(prompts.size());
  if (prompts.empty()) return answers;
  if (options.constrained && (grammars.size() != prompts.size() || !filter)) {
    throw Error("constrained decoding needs a grammar for each prompt and a token filter");
  }
  torch::NoGradGuard no_grad;
  const auto device = model->model->embed_tokens->weight.device();
  const PromptRows batch = rows_of(prompts, model->config().pad_token_id, model->config().bidirectional_prompt);
  const Prefixes prefixes = batch.prefixes.to(device);
  torch::Tensor ids = batch.ids.to(device);
  const torch::Tensor mask = batch.mask.to(device), copyable = copyable_of(prompts, batch).to(device);
  std::vector<torch::Tensor> features;
  for (const Prompt& prompt : prompts) features.insert(features.end(), prompt.features.begin(), prompt.features.end());

  KvCache cache;
  ForwardOptions forward;
  forward.mask = mask;
  forward.positions = (mask.to(torch::kLong).cumsum(1) - 1).clamp_min(0);
  forward.cache = &cache;
  torch::Tensor position = mask.to(torch::kLong).sum(1);  // of the next token
  torch::Tensor schema_states;
  if (prefixes.size() > 0) {
    schema_states = read_prefixes(*model, prefixes, cache, memory);
    forward.positions = forward.positions + prefixes.lengths.unsqueeze(1);
    position = position + prefixes.lengths;
  }
  forward.prompt = cache.length() + ids.size(1);
  torch::Tensor states = model->forward(
      model->embed_with_features(ids, features.empty() ? torch::Tensor() : torch::cat(features, 0).to(device)), forward);
  torch::Tensor whole = states;
  if (schema_states.defined()) {
    whole = torch::cat({schema_states, states}, 1);
    ids = torch::cat({prefixes.ids.index_select(0, prefixes.row), ids}, 1);
  }
  CopySource source = copy_source(*model, whole, ids, copyable);
  states = states.select(1, states.size(1) - 1);

  const FewThreads few(device.is_cpu() && model->config().hidden_size <= kSmallWidth);
  std::vector<Row> rows(prompts.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].index = i;
    if (options.constrained) rows[i].state = grammars[i]->start();
  }
  std::vector<std::int64_t> allowed;
  for (std::int64_t step = 0; step < options.max_new_tokens; ++step) {
    const torch::Tensor scores = next_token_log_probabilities(*model, states, source).to(torch::kCPU).contiguous();
    std::vector<std::int64_t> next, still;
    for (std::size_t r = 0; r < rows.size(); ++r) {
      Row& row = rows[r];
      Answer& answer = answers[row.index];
      if (!choose(scores[std::int64_t(r)].data_ptr<float>(), scores.size(1), options.constrained ? grammars[row.index] : nullptr,
                  filter, tokenizer, row, allowed, answer)) {
        answer.truncated = row.done = true;
      }
      if (!row.done && step + 1 == options.max_new_tokens) answer.truncated = row.done = true;
      if (row.done) {
        if (!options.constrained) {
          answer.text = tokenizer.decode(row.ids, true);
        } else {
          answer.text = row.kept.empty() ? "<UIE></UIE>" : row.kept;
        }
      } else {
        still.push_back(std::int64_t(r));
        next.push_back(row.ids.back());
      }
    }
    if (still.empty()) break;
    if (still.size() < rows.size()) {  // the rest goes on without the rows that have ended
      const torch::Tensor keep = torch::tensor(still, torch::kLong).to(device);
      cache.select(keep);
      source.select(keep);
      position = position.index_select(0, keep);
      std::vector<Row> left;
      for (const std::int64_t r : still) left.push_back(std::move(rows[static_cast<std::size_t>(r)]));
      rows = std::move(left);
    }
    ForwardOptions one;
    one.positions = position.unsqueeze(1);
    one.cache = &cache;
    states = model->forward(model->embed(torch::tensor(next, torch::kLong).to(device).unsqueeze(1)), one).select(1, 0);
    position = position + 1;
  }
  for (Answer& answer : answers) {
    if (options.constrained) answer.text = ie::print(ie::parse_strict(answer.text));
  }
  return answers;
}

torch::Tensor greedy(Llama& model, const torch::Tensor& embeddings, const torch::Tensor& mask, std::int64_t max_new_tokens,
                     std::int64_t eos, std::int64_t pad, bool use_cache, std::vector<torch::Tensor>* step_logits) {
  torch::NoGradGuard no_grad;
  const std::int64_t batch = embeddings.size(0);
  torch::Tensor all = embeddings, fresh = embeddings;
  torch::Tensor all_mask = mask.defined() ? mask.to(torch::kBool) : torch::ones({batch, embeddings.size(1)}, torch::kBool);
  torch::Tensor ended = torch::zeros({batch}, torch::kBool);
  KvCache cache;
  std::vector<torch::Tensor> out;
  for (std::int64_t step = 0; step < max_new_tokens; ++step) {
    ForwardOptions forward;
    const torch::Tensor positions = (all_mask.to(torch::kLong).cumsum(1) - 1).masked_fill(all_mask.logical_not(), 1);
    const std::int64_t count = fresh.size(1);
    forward.mask = all_mask.narrow(1, all_mask.size(1) - count, count);
    forward.positions = positions.narrow(1, positions.size(1) - count, count);
    if (use_cache) forward.cache = &cache;
    const torch::Tensor states = model->forward(fresh, forward);
    const torch::Tensor logits = model->logits(states.select(1, states.size(1) - 1));
    if (step_logits) step_logits->push_back(logits);
    const torch::Tensor next = logits.argmax(1).masked_fill(ended, pad);
    out.push_back(next);
    ended = ended | (next == eos);
    if (ended.all().item<bool>()) break;
    const torch::Tensor embedded = model->embed(next.unsqueeze(1));
    all_mask = torch::cat({all_mask, torch::ones({batch, 1}, torch::kBool)}, 1);
    if (!use_cache) all = torch::cat({all, embedded}, 1);
    fresh = use_cache ? embedded : all;
  }
  return torch::stack(out, 1);
}

}  // namespace reamo::reasoner
