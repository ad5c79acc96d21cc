#include "reasoner/prefix.h"

#include <algorithm>
#include <map>

namespace reamo::reasoner {

Prefixes Prefixes::to(torch::Device device) const {
  Prefixes moved = *this;
  for (torch::Tensor* tensor : {&moved.ids, &moved.mask, &moved.row, &moved.lengths}) {
    if (tensor->defined()) *tensor = tensor->to(device);
  }
  return moved;
}

Prefixes distinct_prefixes(const std::vector<const Ids*>& prompts, const std::vector<std::int64_t>& lengths, std::int64_t pad) {
  Prefixes out;
  const std::int64_t longest = lengths.empty() ? 0 : *std::max_element(lengths.begin(), lengths.end());
  if (longest == 0) return out;
  std::map<Ids, std::int64_t> known;
  std::vector<const Ids*> distinct;
  std::vector<std::int64_t> row;
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    const auto [entry, fresh] = known.emplace(Ids(prompts[i]->begin(), prompts[i]->begin() + lengths[i]), std::int64_t(known.size()));
    if (fresh) distinct.push_back(&entry->first);
    row.push_back(entry->second);
  }
  const auto count = static_cast<std::int64_t>(distinct.size());
  out.ids = torch::full({count, longest}, pad, torch::kLong);
  out.mask = torch::zeros({count, longest}, torch::kBool);
  for (std::int64_t u = 0; u < count; ++u) {
    const Ids& ids = *distinct[std::size_t(u)];
    const std::int64_t left = longest - std::int64_t(ids.size());
    std::copy(ids.begin(), ids.end(), out.ids[u].data_ptr<std::int64_t>() + left);
    std::fill_n(out.mask[u].data_ptr<bool>() + left, ids.size(), true);
  }
  out.row = torch::tensor(row, torch::kLong);
  out.lengths = torch::tensor(lengths, torch::kLong);
  return out;
}

PromptRows::PromptRows(const std::vector<const Ids*>& prompts, std::vector<std::int64_t> schemas, std::int64_t pad, std::int64_t multiple)
    : prefixes(distinct_prefixes(prompts, schemas, pad)), schemas_(std::move(schemas)) {
  std::int64_t longest = 0;
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    lengths_.push_back(static_cast<std::int64_t>(prompts[i]->size()) - schemas_[i]);
    longest = std::max(longest, lengths_.back());
  }
  longest = (longest + multiple - 1) / multiple * multiple;
  const auto batch = static_cast<std::int64_t>(prompts.size());
  ids = torch::full({batch, longest}, pad, torch::kLong);
  mask = torch::zeros({batch, longest}, torch::kBool);
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    const auto row = static_cast<std::int64_t>(i);
    std::copy(prompts[i]->begin() + schemas_[i], prompts[i]->end(), ids[row].data_ptr<std::int64_t>() + longest - lengths_[i]);
    std::fill_n(mask[row].data_ptr<bool>() + longest - lengths_[i], lengths_[i], true);
  }
}

std::int64_t PromptRows::column(std::size_t row, std::size_t index) const {
  const std::int64_t at = static_cast<std::int64_t>(index) - schemas_[row];  // negative: of the schema, which ends where the rest begins
  return prefixes.size() + (at < 0 ? at : rest() - lengths_[row] + at);
}

bool PrefixMemory::recall(const torch::Tensor& ids, KvCache& cache, torch::Tensor& states) const {
  const std::lock_guard lock(mutex_);
  if (!ids_.defined() || ids_.device() != ids.device() || !ids_.equal(ids)) return false;
  cache = cache_;
  states = states_;
  return true;
}

void PrefixMemory::keep(const torch::Tensor& ids, const KvCache& cache, const torch::Tensor& states) {
  const std::lock_guard lock(mutex_);
  ids_ = ids, cache_ = cache, states_ = states;
}

torch::Tensor read_prefixes(LlamaImpl& model, const Prefixes& prefixes, KvCache& cache, PrefixMemory* memory,
                            std::vector<torch::Tensor>* hidden) {
  torch::Tensor states;
  if (!memory || !memory->recall(prefixes.ids, cache, states)) {
    ForwardOptions forward;
    forward.mask = prefixes.mask;
    forward.positions = (prefixes.mask.to(torch::kLong).cumsum(1) - 1).clamp_min(0);
    forward.prompt = prefixes.size();
    forward.cache = &cache;
    forward.hidden_states = hidden;
    states = model.forward(model.embed(prefixes.ids), forward);
    cache.last_key.clear();  // what follows begins anew: its first key takes nothing of the prefix
    // Of what was kept, rows are only copied out.
    if (memory && prefixes.ids.size(0) == 1) memory->keep(prefixes.ids, cache, states);
  }
  if (prefixes.ids.size(0) == 1) {
    const std::int64_t length = prefixes.size();
    for (const torch::Tensor& keys : cache.keys) cache.shared_keys.push_back(keys.narrow(2, 0, length));
    for (const torch::Tensor& values : cache.values) cache.shared_values.push_back(values.narrow(2, 0, length));
    cache.keys.clear(), cache.values.clear();
    cache.mask = torch::Tensor();
    return states.expand({prefixes.row.size(0), -1, -1});
  }
  cache.select(prefixes.row);
  return states.index_select(0, prefixes.row);
}

}  // namespace reamo::reasoner
