#include "reasoner/target.h"

#include <algorithm>
#include <cmath>

#include "ie/error.h"
#include "reasoner/compact.h"

namespace reamo::reasoner {

TrainingExample make_example(const Request& request, const ie::MetaResponse& response, const Tokenizer& tokenizer,
                             const PromptOptions& options) {
  const Prompt prompt = build_prompt(request, tokenizer, options);
  TrainingExample example;
  example.left_out = prompt.left_out;
  if (options.style == PromptStyle::kCompact) {
    CompactTokens answer = ResponseWriter(tokenizer, prompt.sources, prompt.ids).write(response);
    example.target = std::move(answer.ids);
    for (const std::uint8_t kind : answer.kinds) example.kinds.push_back(static_cast<TargetKind>(kind));
  } else {
    example.target = tokenizer.encode(" " + ie::print(response));
    example.target.erase(example.target.begin());  // its <s>
    example.kinds.assign(example.target.size(), TargetKind::kGrammar);
  }
  example.target.push_back(tokenizer.eos());
  example.kinds.push_back(TargetKind::kGrammar);
  example.hints = make_hints(prompt, response);
  example.prompt = prompt.ids;
  example.schema = static_cast<std::int64_t>(prompt.schema);
  example.copyable = prompt.copyable;
  if (!prompt.features.empty()) example.features = torch::cat(prompt.features, 0);
  return example;
}

// Lengths of batches are rounded up: shapes come again, and what was prepared for them (kernels, memory) is used again.
static constexpr std::int64_t kLengthStep = 16;

TrainingBatch collate(const std::vector<TrainingExample>& examples, std::int64_t pad_id, bool apart) {
  if (examples.empty()) throw Error("a training batch needs at least one example");
  const auto batch = static_cast<std::int64_t>(examples.size());
  std::int64_t targets = 0;
  std::vector<const Ids*> prompts;
  std::vector<std::int64_t> schemas;
  for (const TrainingExample& e : examples) {
    prompts.push_back(&e.prompt);
    schemas.push_back(apart ? e.schema : 0);
    targets = std::max(targets, static_cast<std::int64_t>(e.target.size()));
  }
  targets = (targets + kLengthStep - 1) / kLengthStep * kLengthStep;
  const PromptRows rows(prompts, std::move(schemas), pad_id, kLengthStep);
  TrainingBatch out;
  out.prefixes = rows.prefixes;
  out.prompt = rows.rest();
  const std::int64_t whole = rows.prefixes.size() + out.prompt;
  out.ids = torch::cat({rows.ids, torch::full({batch, targets}, pad_id, torch::kLong)}, 1);
  out.mask = torch::cat({rows.mask, torch::zeros({batch, targets}, torch::kBool)}, 1);
  out.targets = torch::full({batch, targets}, kIgnore, torch::kLong);
  out.kinds = torch::zeros({batch, targets}, torch::kUInt8);
  out.copyable = torch::zeros({batch, whole}, torch::kBool);
  std::vector<torch::Tensor> features;
  std::vector<const Hints*> hints;
  std::vector<std::int64_t> shown_rows, shown_pieces;
  std::vector<float> shown_shares;
  std::int64_t rows_before = 0;
  for (std::size_t i = 0; i < examples.size(); ++i) {
    const TrainingExample& e = examples[i];
    const auto b = static_cast<std::int64_t>(i), t = static_cast<std::int64_t>(e.target.size());
    std::copy(e.target.begin(), e.target.end(), out.ids[b].data_ptr<std::int64_t>() + out.prompt);
    std::fill_n(out.mask[b].data_ptr<bool>() + out.prompt, t, true);
    std::copy(e.target.begin(), e.target.end(), out.targets[b].data_ptr<std::int64_t>());
    std::transform(e.kinds.begin(), e.kinds.end(), out.kinds[b].data_ptr<std::uint8_t>(),
                   [](TargetKind kind) { return static_cast<std::uint8_t>(kind); });
    auto* copyable = out.copyable[b].data_ptr<bool>();
    for (std::size_t p = 0; p < e.prompt.size(); ++p) copyable[rows.column(i, p)] = e.copyable[p] != 0;
    hints.push_back(&e.hints);
    for (const Shown& shown : e.shown) {
      shown_rows.push_back(rows_before + shown.row);
      shown_pieces.push_back(shown.piece);
      shown_shares.push_back(shown.share);
    }
    if (!e.features.defined()) continue;
    features.push_back(e.features);
    rows_before += e.features.size(0);
  }
  out.hints = collate_hints(hints, whole, [&](std::size_t i, std::size_t token) { return rows.column(i, token); });
  if (!shown_rows.empty()) {
    out.hints.shown_rows = torch::tensor(shown_rows, torch::kLong);
    out.hints.shown_pieces = torch::tensor(shown_pieces, torch::kLong);
    out.hints.shown_shares = torch::tensor(shown_shares);
  }
  if (!features.empty()) out.features = torch::cat(features, 0);
  out.tokens = out.mask.sum().item<std::int64_t>();
  if (out.prefixes.mask.defined()) out.tokens += out.prefixes.mask.sum().item<std::int64_t>();
  return out;
}

TrainingBatch TrainingBatch::to(torch::Device device) const {
  TrainingBatch moved = *this;
  moved.prefixes = prefixes.to(device);
  moved.hints = hints.to(device);
  for (torch::Tensor* tensor : {&moved.ids, &moved.mask, &moved.targets, &moved.kinds, &moved.copyable, &moved.features}) {
    if (tensor->defined()) *tensor = tensor->to(device);
  }
  return moved;
}

namespace {

// The whole prompt as the copy and tag heads see it: states and ids, schemas first.
struct WholePrompt {
  torch::Tensor states;  // [batch, prefix + prompt, hidden]
  torch::Tensor ids;     // [batch, prefix + prompt]
};

// Negative log likelihood of every real target, in row order: [targets].
torch::Tensor target_nll(LlamaImpl& model, const TrainingBatch& batch, const WholePrompt& whole, const torch::Tensor& states) {
  const std::int64_t prompt = batch.prompt, targets = batch.targets.size(1);
  const torch::Tensor at_targets = states.narrow(1, prompt - 1, targets);  // each state predicts the next token
  const std::vector<torch::Tensor> real = (batch.targets != kIgnore).nonzero().unbind(1);
  const torch::Tensor wanted = batch.targets.index({real[0], real[1]});  // [n]
  const auto vocabulary_log = [&](const torch::Tensor& hidden) {
    const torch::Tensor logits = model.logits(hidden);
    return logits.gather(1, wanted.unsqueeze(1)).squeeze(1) - torch::logsumexp(logits, 1);
  };
  if (!model.copy_head) return -vocabulary_log(at_targets.index({real[0], real[1]}));

  const CopyAttention copy = copy_attention(model, at_targets, whole.states, copy_keys(model, whole.states), batch.copyable);
  const torch::Tensor same = whole.ids.unsqueeze(1) == batch.targets.unsqueeze(2);
  const torch::Tensor copied = (copy.weights * same).sum(-1);  // [batch, targets]
  const torch::Tensor log_vocabulary = vocabulary_log(copy.fed.index({real[0], real[1]}));
  const torch::Tensor gate = copy.gate.index({real[0], real[1]});
  const torch::Tensor log_copied = torch::log(copied.index({real[0], real[1]}) + 1e-9);
  return -torch::logaddexp(torch::log_sigmoid(-gate) + log_vocabulary, torch::log_sigmoid(gate) + log_copied);
}

}  // namespace

Losses training_loss(Llama& model, const TrainingBatch& batch, const LossOptions& options) {
  const bool hints = model->tag_head && options.tag_weight > 0;
  std::vector<torch::Tensor> prefix_hidden, hidden;
  KvCache cache;
  ForwardOptions forward;
  if (hints) forward.hidden_states = &hidden;
  forward.mask = batch.mask;
  forward.positions = (batch.mask.to(torch::kLong).cumsum(1) - 1).clamp_min(0);
  forward.prompt = batch.prompt;
  WholePrompt whole;
  if (batch.prefixes.size() > 0) {
    whole.states = read_prefixes(*model, batch.prefixes, cache, nullptr, hints ? &prefix_hidden : nullptr);
    whole.ids = batch.prefixes.ids.index_select(0, batch.prefixes.row);
    forward.positions = forward.positions + batch.prefixes.lengths.unsqueeze(1);
    forward.cache = &cache;
    forward.prompt += cache.length();
  }
  const torch::Tensor states = model->forward(model->embed_with_features(batch.ids, batch.features), forward);
  const torch::Tensor rest = states.narrow(1, 0, batch.prompt), rest_ids = batch.ids.narrow(1, 0, batch.prompt);
  whole.states = whole.states.defined() ? torch::cat({whole.states, rest}, 1) : rest;
  whole.ids = whole.ids.defined() ? torch::cat({whole.ids, rest_ids}, 1) : rest_ids;

  Losses losses;
  const torch::Tensor nll = target_nll(*model, batch, whole, states);
  const torch::Tensor kinds = batch.kinds.index({batch.targets != kIgnore}).to(torch::kLong);
  losses.targets = nll.size(0);
  const torch::Tensor weights = torch::tensor({1.0, options.label_weight, 1.0, 1.0}, nll.options()).index_select(0, kinds);
  losses.total = (nll * weights).sum() / weights.sum();
  {
    torch::NoGradGuard no_grad;
    const torch::Tensor sums = torch::zeros({4}, nll.options()).index_add_(0, kinds, nll.detach());
    const torch::Tensor counts = torch::zeros({4}, nll.options()).index_add_(0, kinds, torch::ones_like(nll));
    const torch::Tensor means = (sums / counts.clamp_min(1)).to(torch::kCPU);
    const auto* mean = means.data_ptr<float>();
    losses.grammar = mean[0], losses.label = mean[1], losses.name = mean[2], losses.phrase = mean[3];
    losses.target = nll.mean().item<double>();
  }
  if (!hints) return losses;
  const auto normed = [&](const torch::Tensor& x) { return rms_norm(x, model->model->norm->weight, model->config().rms_norm_eps); };
  const std::size_t layer = hint_layer(model->config());
  torch::Tensor between = hidden[layer].narrow(1, 0, batch.prompt), features, projected;
  if (batch.features.defined()) {
    const std::vector<torch::Tensor> where = (batch.ids < 0).nonzero().unbind(1);
    features = normed(hidden[layer].index({where[0], where[1]}));
    projected = hidden[0].index({where[0], where[1]});
  }
  if (!prefix_hidden.empty()) {
    const torch::Tensor& schemas = prefix_hidden[layer];
    between = torch::cat({schemas.size(0) == 1 ? schemas.expand({between.size(0), -1, -1}) : schemas.index_select(0, batch.prefixes.row), between}, 1);
  }
  const HintLosses told = hint_losses(*model, batch.hints, normed(between), features, projected);
  const auto add = [&](const torch::Tensor& loss, double weight, double& figure) {
    if (!loss.defined()) return;
    figure = loss.item<double>();
    losses.total = losses.total + weight * loss;
  };
  add(told.tag, options.tag_weight, losses.tag);
  add(told.link, options.tag_weight * options.link_weight, losses.link);
  add(told.shown, options.shown_weight, losses.shown);
  return losses;
}

torch::Tensor published_loss(const torch::Tensor& logits, const torch::Tensor& labels) {
  const std::int64_t length = logits.size(1);
  const torch::Tensor predicted = logits.narrow(1, 0, length - 1).to(torch::kFloat32).reshape({-1, logits.size(2)});
  const torch::Tensor wanted = labels.narrow(1, 1, length - 1).reshape({-1});
  return torch::nll_loss(torch::log_softmax(predicted, 1), wanted, {}, torch::Reduction::Mean, kIgnore);
}

}  // namespace reamo::reasoner
