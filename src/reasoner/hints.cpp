#include "reasoner/hints.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "reasoner/compact.h"
#include "reasoner/target.h"

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

using LabelIndex = std::map<std::tuple<LabelPlace::Kind, std::string, std::string>, std::int64_t>;  // kind, name, event

LabelIndex index_labels(const Prompt& prompt, Hints& hints) {
  LabelIndex index;
  for (const LabelPlace& place : prompt.labels) {
    std::vector<std::int64_t>& list = place.kind == LabelPlace::Kind::kRelation ? hints.relations
                                      : place.kind == LabelPlace::Kind::kRole   ? hints.roles
                                                                                : hints.labels;
    index.emplace(std::tuple(place.kind, place.name, place.event), std::int64_t(list.size()));
    list.push_back(static_cast<std::int64_t>(place.last));
  }
  return index;
}

void add_tags(const Prompt& prompt, const ie::MetaResponse& response, const LabelIndex& index, Hints& hints) {
  std::vector<std::pair<std::string, std::int64_t>> names, triggers;
  for (const ie::Item& item : response.items) {
    if (const auto* entity = std::get_if<ie::EntityItem>(&item)) {
      const auto label = index.find({LabelPlace::Kind::kEntity, entity->type, ""});
      if (label != index.end()) names.emplace_back(entity->mention, label->second);
    } else if (const auto* event = std::get_if<ie::EventItem>(&item)) {
      const auto label = index.find({LabelPlace::Kind::kEvent, event->type, ""});
      if (label != index.end()) triggers.emplace_back(event->trigger, label->second);
    }
  }
  hints.tags.assign(prompt.ids.size(), kIgnore);
  for (const Source& source : prompt.sources) {
    if (source.offsets.empty()) continue;
    const auto begin = hints.tags.begin() + std::ptrdiff_t(source.first);
    std::fill(begin, begin + std::ptrdiff_t(source.offsets.size() - 1), 0);
    tag_source(source, names, true, hints.tags);
    tag_source(source, triggers, false, hints.tags);
  }
}

void add_links(const Prompt& prompt, const ie::MetaResponse& response, const LabelIndex& index, Hints& hints) {
  if (hints.relations.empty() && hints.roles.empty()) return;
  // What each mention is, by name.
  std::map<std::string, std::set<std::pair<Hints::Part, std::int64_t>>> parts;
  for (const ie::Item& item : response.items) {
    if (const auto* entity = std::get_if<ie::EntityItem>(&item)) {
      parts[entity->mention];
    } else if (const auto* relation = std::get_if<ie::RelationItem>(&item)) {
      const auto label = index.find({LabelPlace::Kind::kRelation, relation->type, ""});
      if (label == index.end()) continue;
      parts[relation->head.mention].emplace(Hints::Part::kHead, label->second);
      parts[relation->tail.mention].emplace(Hints::Part::kTail, label->second);
    } else if (const auto* event = std::get_if<ie::EventItem>(&item)) {
      for (const auto& [role, filler] : event->arguments) {
        const auto label = index.find({LabelPlace::Kind::kRole, role, event->type});
        if (label != index.end()) parts[filler.mention].emplace(Hints::Part::kRole, label->second);
      }
    }
  }
  for (const Source& source : prompt.sources) {
    if (source.offsets.empty()) continue;
    for (const auto& [mention, links] : parts) {
      for (const auto& [first, last] : mention_tokens(source, mention)) {
        for (const auto& [part, label] : links) hints.links.push_back({hints.mentions.size(), std::size_t(label), part});
        hints.mentions.push_back(static_cast<std::int64_t>(source.first + first));
      }
    }
  }
}

// States at the columns of labels: [batch, labels, hidden].
torch::Tensor at_labels(const torch::Tensor& states, const torch::Tensor& labels) {
  return states.gather(1, labels.clamp_min(0).unsqueeze(2).expand({-1, -1, states.size(2)}));
}

torch::Tensor tag_loss(LlamaImpl& model, const HintBatch& batch, const torch::Tensor& states) {
  const torch::Tensor tagged = batch.tags != kIgnore;
  if (!tagged.any().item<bool>()) return {};
  torch::Tensor scores = model.tag_head->forward(states, at_labels(states, batch.labels), model.compute_dtype());
  const torch::Tensor missing = (batch.labels < 0).unsqueeze(2).expand({-1, -1, 2}).flatten(1);
  scores = scores.masked_fill(torch::constant_pad_nd(missing, {1, 0}, false).unsqueeze(1), -1e9);
  const std::vector<torch::Tensor> at = tagged.nonzero().unbind(1);
  return torch::nll_loss(torch::log_softmax(scores.index({at[0], at[1]}), 1), batch.tags.index({at[0], at[1]}));
}

// Every relation's head, every relation's tail and every role of every mention, yes or no: the sum over labels, the mean over
// mentions.
torch::Tensor link_loss(LlamaImpl& model, const HintBatch& batch, const torch::Tensor& states) {
  if (batch.rows.size(0) == 0) return {};
  const torch::Tensor mentions = states.index({batch.rows, batch.columns});  // [mentions, hidden]
  const auto part = [&](const torch::Tensor& wanted, const torch::Tensor& labels, Projection& query, Projection& key) {
    const torch::Tensor scores =
        model.tag_head->link(mentions, batch.rows, at_labels(states, labels), query, key, model.compute_dtype());
    const torch::Tensor real = (labels >= 0).index_select(0, batch.rows).to(torch::kFloat32);
    return torch::binary_cross_entropy_with_logits(scores, wanted, real, {}, torch::Reduction::Sum);
  };
  TagHead& head = model.tag_head;
  torch::Tensor sum = torch::zeros({}, mentions.options().dtype(torch::kFloat32));
  if (batch.heads.size(1) > 0) {
    sum = sum + part(batch.heads, batch.relations, head->head, head->relation) + part(batch.tails, batch.relations, head->tail, head->relation);
  }
  if (batch.parts.size(1) > 0) sum = sum + part(batch.parts, batch.roles, head->argument, head->role);
  return sum / double(mentions.size(0));
}

// The pieces of what a row shows, from what the projector gives (as near to their embeddings as can be) and from its state.
torch::Tensor shown_loss(LlamaImpl& model, const HintBatch& batch, const torch::Tensor& features, const torch::Tensor& projected) {
  if (!batch.shown_rows.defined() || !features.defined()) return {};
  const auto loss = [&](const torch::Tensor& scores) {
    const torch::Tensor likely = torch::log_softmax(scores, 1).index({batch.shown_rows, batch.shown_pieces});
    return -(likely * batch.shown_shares).sum() / batch.shown_shares.sum();
  };
  constexpr double kTemperature = 0.05;
  const torch::Tensor pieces = torch::nn::functional::normalize(model.model->embed_tokens->weight, torch::nn::functional::NormalizeFuncOptions().dim(1));
  const torch::Tensor near = torch::nn::functional::normalize(projected.to(torch::kFloat32), torch::nn::functional::NormalizeFuncOptions().dim(1));
  return (loss(model.logits(features)) + loss(torch::matmul(near, pieces.t()) / kTemperature)) / 2;
}

torch::Tensor padded(const std::vector<std::vector<std::int64_t>>& lists) {
  std::size_t most = 0;
  for (const auto& list : lists) most = std::max(most, list.size());
  torch::Tensor out = torch::full({std::int64_t(lists.size()), std::int64_t(most)}, -1, torch::kLong);
  for (std::size_t i = 0; i < lists.size(); ++i) {
    for (std::size_t k = 0; k < lists[i].size(); ++k) out[std::int64_t(i)].data_ptr<std::int64_t>()[k] = lists[i][k];
  }
  return out;
}

}  // namespace

std::size_t hint_layer(const LlamaConfig& config) {
  return std::size_t(std::max<std::int64_t>(0, config.num_hidden_layers - 2));
}

Hints make_hints(const Prompt& prompt, const ie::MetaResponse& response) {
  Hints hints;
  const LabelIndex index = index_labels(prompt, hints);
  add_tags(prompt, response, index, hints);
  add_links(prompt, response, index, hints);
  return hints;
}

HintBatch HintBatch::to(torch::Device device) const {
  HintBatch moved = *this;
  for (torch::Tensor* tensor : {&moved.tags, &moved.labels, &moved.relations, &moved.roles, &moved.rows, &moved.columns, &moved.heads,
                                &moved.tails, &moved.parts, &moved.shown_rows, &moved.shown_pieces, &moved.shown_shares}) {
    if (tensor->defined()) *tensor = tensor->to(device);
  }
  return moved;
}

HintBatch collate_hints(const std::vector<const Hints*>& hints, std::int64_t columns,
                        const std::function<std::int64_t(std::size_t i, std::size_t token)>& column) {
  HintBatch out;
  const auto batch = static_cast<std::int64_t>(hints.size());
  out.tags = torch::full({batch, columns}, kIgnore, torch::kLong);
  std::vector<std::vector<std::int64_t>> labels(hints.size()), relations(hints.size()), roles(hints.size());
  std::vector<std::int64_t> rows, places;
  for (std::size_t i = 0; i < hints.size(); ++i) {
    const Hints& hint = *hints[i];
    auto* tags = out.tags[std::int64_t(i)].data_ptr<std::int64_t>();
    for (std::size_t p = 0; p < hint.tags.size(); ++p) tags[column(i, p)] = hint.tags[p];
    const auto add = [&](const std::vector<std::int64_t>& tokens, std::vector<std::int64_t>& list) {
      for (const std::int64_t token : tokens) list.push_back(column(i, std::size_t(token)));
    };
    add(hint.labels, labels[i]);
    add(hint.relations, relations[i]);
    add(hint.roles, roles[i]);
    add(hint.mentions, places);
    rows.resize(places.size(), std::int64_t(i));
  }
  out.labels = padded(labels), out.relations = padded(relations), out.roles = padded(roles);
  if (out.labels.size(1) == 0) out.labels = torch::full({batch, 1}, -1, torch::kLong);
  out.rows = torch::tensor(rows, torch::kLong), out.columns = torch::tensor(places, torch::kLong);
  const auto mentions = static_cast<std::int64_t>(rows.size());
  out.heads = torch::zeros({mentions, out.relations.size(1)});
  out.tails = torch::zeros_like(out.heads);
  out.parts = torch::zeros({mentions, out.roles.size(1)});
  std::size_t before = 0;
  for (const Hints* hint : hints) {
    for (const Hints::Link& link : hint->links) {
      torch::Tensor& table = link.part == Hints::Part::kHead ? out.heads : link.part == Hints::Part::kTail ? out.tails : out.parts;
      table.data_ptr<float>()[(before + link.mention) * std::size_t(table.size(1)) + link.label] = 1;
    }
    before += hint->mentions.size();
  }
  return out;
}

HintLosses hint_losses(LlamaImpl& model, const HintBatch& batch, const torch::Tensor& states, const torch::Tensor& features,
                       const torch::Tensor& projected) {
  return {tag_loss(model, batch, states), link_loss(model, batch, states), shown_loss(model, batch, features, projected)};
}

}  // namespace reamo::reasoner
