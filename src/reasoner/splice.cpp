#include "reasoner/splice.h"

#include <algorithm>

#include "ie/error.h"
#include "reasoner/target.h"
#include "reasoner/tokenizer.h"

namespace reamo::reasoner {
namespace {

// The items of one kind, projected, and which comes next.
struct Items {
  std::vector<torch::Tensor> rows;  // [rows, hidden]
  std::size_t next = 0;
};

Items project(LlamaImpl& model, const std::vector<torch::Tensor>& features) {
  Items items;
  if (features.empty()) return items;
  if (!model.model->mm_input_projector) throw Error("the decoder has no projector for the features of media");
  std::vector<torch::Tensor> rows;
  std::vector<std::int64_t> sizes;
  for (const torch::Tensor& item : features) {
    rows.push_back(item.dim() == 1 ? item.unsqueeze(0) : item);
    sizes.push_back(rows.back().size(0));
  }
  items.rows = model.model->mm_input_projector->forward(torch::cat(rows, 0)).split_with_sizes(sizes, 0);
  return items;
}

}  // namespace

Spliced splice(LlamaImpl& model, const SpliceInput& input) {
  const LlamaConfig& config = model.config();
  const auto device = input.ids.device();
  Items images = project(model, input.images), videos = project(model, input.videos), audios = project(model, input.audios);
  const auto items_of = [&](std::int64_t id) -> Items* {
    return id == kImageToken ? &images : id == kVideoToken ? &videos : id == kAudioToken ? &audios : nullptr;
  };

  std::vector<torch::Tensor> rows, labels;
  std::int64_t longest = 0;
  for (std::int64_t b = 0; b < input.ids.size(0); ++b) {
    // Only real tokens; holes close up.
    torch::Tensor ids = input.ids[b];
    torch::Tensor wanted = input.labels.defined() ? input.labels[b] : torch::full_like(ids, kIgnore);
    if (input.attention_mask.defined()) {
      const torch::Tensor real = input.attention_mask[b].to(torch::kBool).nonzero().squeeze(1);
      ids = ids.index_select(0, real);
      wanted = wanted.index_select(0, real);
    }
    const torch::Tensor host = ids.to(torch::kCPU).contiguous();
    const auto* id = host.data_ptr<std::int64_t>();
    std::vector<torch::Tensor> parts, part_labels;
    std::int64_t start = 0;
    const auto text_until = [&](std::int64_t end) {
      if (end == start) return;
      parts.push_back(model.embed(ids.narrow(0, start, end - start)));
      part_labels.push_back(wanted.narrow(0, start, end - start));
    };
    for (std::int64_t i = 0; i < ids.size(0); ++i) {
      Items* items = items_of(id[i]);
      if (!items) continue;
      if (items->next >= items->rows.size()) {
        throw Error("row " + std::to_string(b + 1) + " of the batch has a place for a medium that is not given");
      }
      text_until(i);
      parts.push_back(items->rows[items->next++]);
      part_labels.push_back(torch::full({parts.back().size(0)}, kIgnore, wanted.options()));
      start = i + 1;
    }
    text_until(ids.size(0));
    torch::Tensor row = parts.empty() ? model.embed(ids) : torch::cat(parts, 0);
    torch::Tensor row_labels = parts.empty() ? wanted : torch::cat(part_labels, 0);
    if (config.tokenizer_model_max_length > 0 && row.size(0) > config.tokenizer_model_max_length) {
      row = row.narrow(0, 0, config.tokenizer_model_max_length);
      row_labels = row_labels.narrow(0, 0, config.tokenizer_model_max_length);
    }
    longest = std::max(longest, row.size(0));
    rows.push_back(row);
    labels.push_back(row_labels);
  }

  Spliced out;
  std::vector<torch::Tensor> embeddings, masks, positions, padded_labels;
  const auto index = torch::TensorOptions().dtype(torch::kLong).device(device);
  for (std::size_t b = 0; b < rows.size(); ++b) {
    const std::int64_t length = rows[b].size(0), missing = longest - length;
    const std::int64_t before = config.pad_left ? missing : 0, after = missing - before;
    embeddings.push_back(torch::constant_pad_nd(rows[b], {0, 0, before, after}, 0));
    padded_labels.push_back(torch::constant_pad_nd(labels[b], {before, after}, kIgnore));
    positions.push_back(torch::constant_pad_nd(torch::arange(length, index), {before, after}, 0));
    masks.push_back(torch::constant_pad_nd(torch::ones({length}, index), {before, after}, 0).to(torch::kBool));
  }
  out.embeddings = torch::stack(embeddings);
  out.labels = torch::stack(padded_labels);
  out.positions = torch::stack(positions);
  out.attention_mask = torch::stack(masks);
  return out;
}

}  // namespace reamo::reasoner
