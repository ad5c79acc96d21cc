#include "reasoner/target.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "ie/error.h"
#include "reasoner/compact.h"

namespace reamo::reasoner {
namespace {

// Tags of one source: occurrences of a mention take its items' labels in order, the last one for the rest.
void tag_source(const Source& source, const std::vector<std::pair<std::string, std::int64_t>>& mentions,
                bool tag_surplus, std::vector<std::int64_t>& tags) {
  std::map<std::string, std::vector<std::int64_t>> by_mention;
  for (const auto& [mention, label] : mentions) by_mention[mention].push_back(label);
  std::vector<const std::pair<const std::string, std::vector<std::int64_t>>*> longest_first;
  for (const auto& entry : by_mention) longest_first.push_back(&entry);
  std::stable_sort(longest_first.begin(), longest_first.end(),
                   [](const auto* a, const auto* b) { return a->first.size() > b->first.size(); });
  for (const auto* entry : longest_first) {
    const auto places = mention_tokens(source, entry->first);
    for (std::size_t k = 0; k < places.size(); ++k) {
      if (k >= entry->second.size() && !tag_surplus) break;
      const std::int64_t label = entry->second[std::min(k, entry->second.size() - 1)];
      const auto [first, last] = places[k];
      const auto begin = tags.begin() + std::ptrdiff_t(source.first + first);
      const auto end = tags.begin() + std::ptrdiff_t(source.first + last);
      if (std::any_of(begin, end, [](std::int64_t tag) { return tag > 0; })) continue;  // inside a longer mention
      std::fill(begin, end, 2 + 2 * label);
      *begin = 1 + 2 * label;
    }
  }
}

void tag_prompt(const Prompt& prompt, const ie::MetaResponse& response, TrainingExample& example) {
  std::map<std::pair<bool, std::string>, std::int64_t> index;  // (is event, name) -> l
  for (const LabelPlace& place : prompt.labels) {
    if (place.kind != LabelPlace::Kind::kEntity && place.kind != LabelPlace::Kind::kEvent) continue;
    index.emplace(std::pair(place.kind == LabelPlace::Kind::kEvent, place.name), example.labels.size());
    example.labels.push_back(static_cast<std::int64_t>(place.last));
  }
  std::vector<std::pair<std::string, std::int64_t>> names, triggers;
  for (const ie::Item& item : response.items) {
    if (const auto* entity = std::get_if<ie::EntityItem>(&item)) {
      if (const auto l = index.find({false, entity->type}); l != index.end()) names.emplace_back(entity->mention, l->second);
    } else if (const auto* event = std::get_if<ie::EventItem>(&item)) {
      if (const auto l = index.find({true, event->type}); l != index.end()) triggers.emplace_back(event->trigger, l->second);
    }
  }
  example.tags.assign(prompt.ids.size(), kIgnore);
  for (const Source& source : prompt.sources) {
    if (source.offsets.empty()) continue;
    const auto begin = example.tags.begin() + std::ptrdiff_t(source.first);
    std::fill(begin, begin + std::ptrdiff_t(source.offsets.size() - 1), 0);
    tag_source(source, names, true, example.tags);
    tag_source(source, triggers, false, example.tags);
  }
}

}  // namespace

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
  tag_prompt(prompt, response, example);
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
  std::int64_t targets = 0, labels = 1;
  std::vector<const Ids*> prompts;
  std::vector<std::int64_t> schemas;
  for (const TrainingExample& e : examples) {
    prompts.push_back(&e.prompt);
    schemas.push_back(apart ? e.schema : 0);
    targets = std::max(targets, static_cast<std::int64_t>(e.target.size()));
    labels = std::max(labels, static_cast<std::int64_t>(e.labels.size()));
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
  out.tags = torch::full({batch, whole}, kIgnore, torch::kLong);
  out.labels = torch::full({batch, labels}, -1, torch::kLong);
  std::vector<torch::Tensor> features;
  for (std::size_t i = 0; i < examples.size(); ++i) {
    const TrainingExample& e = examples[i];
    const auto b = static_cast<std::int64_t>(i), t = static_cast<std::int64_t>(e.target.size());
    std::copy(e.target.begin(), e.target.end(), out.ids[b].data_ptr<std::int64_t>() + out.prompt);
    std::fill_n(out.mask[b].data_ptr<bool>() + out.prompt, t, true);
    std::copy(e.target.begin(), e.target.end(), out.targets[b].data_ptr<std::int64_t>());
    std::transform(e.kinds.begin(), e.kinds.end(), out.kinds[b].data_ptr<std::uint8_t>(),
                   [](TargetKind kind) { return static_cast<std::uint8_t>(kind); });
    auto* copyable = out.copyable[b].data_ptr<bool>();
    auto* tags = out.tags[b].data_ptr<std::int64_t>();
    for (std::size_t p = 0; p < e.prompt.size(); ++p) {
      copyable[rows.column(i, p)] = e.copyable[p] != 0;
      tags[rows.column(i, p)] = e.tags[p];
    }
    std::transform(e.labels.begin(), e.labels.end(), out.labels[b].data_ptr<std::int64_t>(),
                   [&](std::int64_t p) { return rows.column(i, static_cast<std::size_t>(p)); });
    if (e.features.defined()) features.push_back(e.features);
  }
  if (!features.empty()) out.features = torch::cat(features, 0);
  out.tokens = out.mask.sum().item<std::int64_t>();
  if (out.prefixes.mask.defined()) out.tokens += out.prefixes.mask.sum().item<std::int64_t>();
  return out;
}

TrainingBatch TrainingBatch::to(torch::Device device) const {
  TrainingBatch moved = *this;
  moved.prefixes = prefixes.to(device);
  for (torch::Tensor* tensor : {&moved.ids, &moved.mask, &moved.targets, &moved.kinds, &moved.copyable, &moved.tags,
                                &moved.labels, &moved.features}) {
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

// Where tags are read: two layers before the last, so that the answer can still attend to what was found there.
std::size_t tag_layer(const LlamaImpl& model) { return std::size_t(std::max<std::int64_t>(0, model.config().num_hidden_layers - 2)); }

// Mean cross-entropy of the tags of source tokens; undefined when the batch has none.
torch::Tensor tag_loss(LlamaImpl& model, const TrainingBatch& batch, const torch::Tensor& source) {
  const torch::Tensor tagged = batch.tags != kIgnore;
  if (!tagged.any().item<bool>()) return {};
  const torch::Tensor columns = batch.labels.clamp_min(0).unsqueeze(2).expand({-1, -1, source.size(2)});
  torch::Tensor scores = model.tag_head->forward(source, source.gather(1, columns), model.compute_dtype());
  const torch::Tensor missing = (batch.labels < 0).unsqueeze(2).expand({-1, -1, 2}).flatten(1);
  scores = scores.masked_fill(torch::constant_pad_nd(missing, {1, 0}, false).unsqueeze(1), -1e9);
  const std::vector<torch::Tensor> at = tagged.nonzero().unbind(1);
  return torch::nll_loss(torch::log_softmax(scores.index({at[0], at[1]}), 1), batch.tags.index({at[0], at[1]}));
}

}  // namespace

Losses training_loss(Llama& model, const TrainingBatch& batch, const LossOptions& options) {
  const bool tags = model->tag_head && options.tag_weight > 0;
  std::vector<torch::Tensor> prefix_hidden, hidden;
  KvCache cache;
  ForwardOptions forward;
  if (tags) forward.hidden_states = &hidden;
  forward.mask = batch.mask;
  forward.positions = (batch.mask.to(torch::kLong).cumsum(1) - 1).clamp_min(0);
  forward.prompt = batch.prompt;
  WholePrompt whole;
  if (batch.prefixes.size() > 0) {
    whole.states = read_prefixes(*model, batch.prefixes, cache, nullptr, tags ? &prefix_hidden : nullptr);
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
  losses.targets = nll.size(0);
  losses.total = nll.mean();
  {
    torch::NoGradGuard no_grad;
    const torch::Tensor kinds = batch.kinds.index({batch.targets != kIgnore}).to(torch::kLong);
    const torch::Tensor sums = torch::zeros({4}, nll.options()).index_add_(0, kinds, nll.detach());
    const torch::Tensor counts = torch::zeros({4}, nll.options()).index_add_(0, kinds, torch::ones_like(nll));
    const torch::Tensor means = (sums / counts.clamp_min(1)).to(torch::kCPU);
    const auto* mean = means.data_ptr<float>();
    losses.grammar = mean[0], losses.label = mean[1], losses.name = mean[2], losses.phrase = mean[3];
    losses.target = losses.total.item<double>();
  }
  if (tags) {
    torch::Tensor between = hidden[tag_layer(*model)].narrow(1, 0, batch.prompt);
    if (!prefix_hidden.empty()) {
      const torch::Tensor& schemas = prefix_hidden[tag_layer(*model)];
      between = torch::cat({schemas.size(0) == 1 ? schemas.expand({between.size(0), -1, -1}) : schemas.index_select(0, batch.prefixes.row), between}, 1);
    }
    between = rms_norm(between, model->model->norm->weight, model->config().rms_norm_eps);
    if (const torch::Tensor tag = tag_loss(*model, batch, between); tag.defined()) {
      losses.tag = tag.item<double>();
      losses.total = losses.total + options.tag_weight * tag;
    }
  }
  return losses;
}

torch::Tensor published_loss(const torch::Tensor& logits, const torch::Tensor& labels) {
  const std::int64_t length = logits.size(1);
  const torch::Tensor predicted = logits.narrow(1, 0, length - 1).to(torch::kFloat32).reshape({-1, logits.size(2)});
  const torch::Tensor wanted = labels.narrow(1, 1, length - 1).reshape({-1});
  return torch::nll_loss(torch::log_softmax(predicted, 1), wanted, {}, torch::Reduction::Mean, kIgnore);
}

}  // namespace reamo::reasoner
