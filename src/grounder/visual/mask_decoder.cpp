#include "grounder/visual/mask_decoder.h"

#include <limits>

#include "nn/functional.h"

namespace reamo::grounder {
namespace F = torch::nn::functional;

namespace {

class SelfAttentionLayerImpl : public torch::nn::Module {
 public:
  explicit SelfAttentionLayerImpl(const DecoderConfig& config) {
    self_attn_ = register_module("self_attn", MultiheadAttention(config.width, config.heads));
    norm_ = register_module("norm", layer_norm_module(config.width));
  }
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& position, const torch::Tensor& mask) {
    const torch::Tensor placed = x + position;
    return normalised(norm_, x + self_attn_->forward(placed, placed, x, mask));
  }

 private:
  MultiheadAttention self_attn_{nullptr};
  torch::nn::LayerNorm norm_{nullptr};
};

class CrossAttentionLayerImpl : public torch::nn::Module {
 public:
  explicit CrossAttentionLayerImpl(const DecoderConfig& config) {
    attn_ = register_module("multihead_attn", MultiheadAttention(config.width, config.heads));
    norm_ = register_module("norm", layer_norm_module(config.width));
  }
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& position, const torch::Tensor& source,
                        const torch::Tensor& source_position, const torch::Tensor& mask) {
    return normalised(norm_, x + attn_->forward(x + position, source + source_position, source, mask));
  }

 private:
  MultiheadAttention attn_{nullptr};
  torch::nn::LayerNorm norm_{nullptr};
};

class FeedForwardLayerImpl : public torch::nn::Module {
 public:
  explicit FeedForwardLayerImpl(const DecoderConfig& config) {
    linear1_ = register_module("linear1", torch::nn::Linear(config.width, config.feed_forward));
    linear2_ = register_module("linear2", torch::nn::Linear(config.feed_forward, config.width));
    norm_ = register_module("norm", layer_norm_module(config.width));
  }
  torch::Tensor forward(const torch::Tensor& x) {
    return normalised(norm_, x + linear2_->forward(torch::relu(linear1_->forward(x))));
  }

 private:
  torch::nn::Linear linear1_{nullptr}, linear2_{nullptr};
  torch::nn::LayerNorm norm_{nullptr};
};

// forbidden: bool -> 0 or minus infinity.
torch::Tensor additive(const torch::Tensor& forbidden) {
  return torch::zeros(forbidden.sizes(), forbidden.options().dtype(torch::kFloat32))
      .masked_fill(forbidden, -std::numeric_limits<float>::infinity());
}

// Cells that each query may not look at, at the size of the next map; a query that may look nowhere looks everywhere.
torch::Tensor forbidden_cells(const torch::Tensor& masks, std::int64_t h, std::int64_t w) {  // -> bool [queries, h * w]
  const torch::Tensor resized =
      F::interpolate(masks.unsqueeze(0), F::InterpolateFuncOptions()
                                             .size(std::vector<std::int64_t>{h, w})
                                             .mode(torch::kBilinear)
                                             .align_corners(false));
  const torch::Tensor forbidden = (resized[0] < 0).flatten(1);
  return forbidden & ~forbidden.all(1, true);
}

// An even stride through n positions.
torch::Tensor spread(std::int64_t n, std::int64_t limit) {
  return (torch::arange(limit, torch::kInt64) * n).floor_divide(limit);
}

}  // namespace

torch::Tensor sample_points(const torch::Tensor& map, const torch::Tensor& points) {
  const std::int64_t width = map.size(0), h = map.size(1), w = map.size(2);
  if (points.size(0) == 0) return torch::zeros({0, width}, map.options());
  const torch::Tensor y = points.select(1, 0) * double(h - 1), x = points.select(1, 1) * double(w - 1);
  const torch::Tensor y0 = y.floor().clamp(0, h - 1), x0 = x.floor().clamp(0, w - 1);
  const torch::Tensor fy = (y - y0).unsqueeze(1), fx = (x - x0).unsqueeze(1);
  const torch::Tensor y1 = (y0 + 1).clamp_max(h - 1), x1 = (x0 + 1).clamp_max(w - 1);
  const torch::Tensor cells = map.reshape({width, h * w}).t();  // [cells, width]
  const auto at = [&](const torch::Tensor& row, const torch::Tensor& column) {
    return cells.index_select(0, (row * double(w) + column).to(torch::kInt64));
  };
  return (at(y0, x0) * (1 - fx) + at(y0, x1) * fx) * (1 - fy) + (at(y1, x0) * (1 - fx) + at(y1, x1) * fx) * fy;
}

MaskDecoderImpl::MaskDecoderImpl(const DecoderConfig& config) : config_(config) {
  const int width = config.width;
  self_layers_ = register_module("transformer_self_attention_layers", torch::nn::ModuleList());
  cross_layers_ = register_module("transformer_cross_attention_layers", torch::nn::ModuleList());
  ffn_layers_ = register_module("transformer_ffn_layers", torch::nn::ModuleList());
  for (int i = 0; i < config.layers; ++i) {
    self_layers_->push_back(std::make_shared<SelfAttentionLayerImpl>(config));
    cross_layers_->push_back(std::make_shared<CrossAttentionLayerImpl>(config));
    ffn_layers_->push_back(std::make_shared<FeedForwardLayerImpl>(config));
  }
  decoder_norm_ = register_module("decoder_norm", layer_norm_module(width));
  query_feat_ = register_module("query_feat", torch::nn::Embedding(config.queries, width));
  query_embed_ = register_module("query_embed", torch::nn::Embedding(config.queries, width));
  level_embed_ = register_module("level_embed", torch::nn::Embedding(3, width));
  pn_indicator_ = register_module("pn_indicator", torch::nn::Embedding(2, width));
  spatial_embed_ = register_module("spatial_embed", torch::nn::Embedding(32, width));
  spatial_featured_ = register_module("spatial_featured", torch::nn::Embedding(32, width));
  class_embed_ = register_parameter("class_embed", torch::randn({width, width}) * 0.02);
  auto projections = register_module("mask_sptial_embed", std::make_shared<torch::nn::Module>());
  for (int level = 0; level < 3; ++level) {
    spatial_projections_.push_back(
        projections->register_parameter(std::to_string(level), torch::randn({width, width}) * 0.02));
  }
  auto mask_embed = register_module("mask_embed", std::make_shared<torch::nn::Module>());
  auto mask_embed_layers = mask_embed->register_module("layers", torch::nn::ModuleList());
  for (int i = 0; i < 3; ++i) {
    torch::nn::Linear linear(width, i < 2 ? width : config.mask_width);
    mask_embed_layers->push_back(linear);
    mask_embed_.push_back(linear);
  }
}

MaskDecoderImpl::Heads MaskDecoderImpl::heads(const torch::Tensor& queries, const torch::Tensor& mask_features) {
  const torch::Tensor q = normalised(decoder_norm_, queries);
  Heads out;
  out.captions = torch::matmul(q, class_embed_);
  torch::Tensor m = q;
  for (std::size_t i = 0; i < mask_embed_.size(); ++i) {
    m = mask_embed_[i]->forward(m);
    if (i + 1 < mask_embed_.size()) m = torch::relu(m);
  }
  out.mask_embeddings = m;
  const std::int64_t h = mask_features.size(1), w = mask_features.size(2);
  out.masks = torch::matmul(m, mask_features.reshape({-1, h * w})).view({-1, h, w});
  return out;
}

torch::Tensor MaskDecoderImpl::self_mask(std::int64_t queries, const std::vector<std::int64_t>& groups,
                                         std::int64_t text) const {
  std::int64_t total = queries;
  for (const std::int64_t size : groups) total += size;
  torch::Tensor forbidden = torch::ones({total, total}, torch::kBool);
  forbidden.slice(0, 0, queries).fill_(false);  // object queries see everything
  std::int64_t start = queries;
  for (const std::int64_t size : groups) {  // each group sees itself
    forbidden.slice(0, start, start + size).slice(1, start, start + size).fill_(false);
    start += size;
  }
  forbidden.slice(0, queries, queries + text).slice(1, 0, queries).fill_(false);  // text also sees the queries
  return forbidden;
}

DecoderOutput MaskDecoderImpl::forward(const PixelFeatures& features, const Prompts& prompts, Trace* trace) {
  const auto note = [&](int layer, const char* name, const torch::Tensor& value) {
    if (trace != nullptr) (*trace)["dec." + std::to_string(layer) + "." + name] = value;
  };
  const torch::Tensor mask_features = features.mask_features[0];
  std::vector<torch::Tensor> sources, positions;
  for (int level = 0; level < 3; ++level) {
    const torch::Tensor map = features.multi_scale[level][0];
    sources.push_back(map.flatten(1).t() + level_embed_->weight[level]);
    positions.push_back(nn::sine_position_embedding(int(map.size(0)), int(map.size(1)), int(map.size(2)))
                            .to(map.device())
                            .flatten(1)
                            .t());
  }
  torch::Tensor queries = query_feat_->weight;
  const torch::Tensor query_position = query_embed_->weight;
  const std::int64_t count = queries.size(0);
  const torch::Tensor none = torch::zeros({0, queries.size(1)}, queries.options());
  const torch::Tensor text_position = prompts.text.defined() ? prompts.text : none;
  torch::Tensor text = text_position;

  Heads out = heads(queries, mask_features);
  for (int layer = 0; layer < config_.layers; ++layer) {
    const int level = layer % 3;
    const auto& map = features.multi_scale[level];
    const torch::Tensor forbidden = forbidden_cells(out.masks, map.size(2), map.size(3));
    note(layer, "cross_mask", forbidden);
    queries = cross_layers_[layer]->as<CrossAttentionLayerImpl>()->forward(queries, query_position, sources[level],
                                                                          positions[level], additive(forbidden));
    note(layer, "cross_out", queries);

    const torch::Tensor stroke = prompts.stroke ? prompts.stroke->tokens[level] : none;
    const torch::Tensor reference = prompts.reference ? prompts.reference->tokens[level] : none;
    torch::Tensor x = torch::cat({queries, text, stroke, reference});
    const torch::Tensor position = torch::cat({query_position, text_position, stroke, reference});
    const torch::Tensor hidden =
        self_mask(count, {text.size(0), stroke.size(0), reference.size(0)}, text.size(0)).to(x.device());
    note(layer, "self_mask", hidden);
    x = self_layers_[layer]->as<SelfAttentionLayerImpl>()->forward(x, position, additive(hidden));
    note(layer, "self_out", x);
    x = ffn_layers_[layer]->as<FeedForwardLayerImpl>()->forward(x);
    note(layer, "ffn_out", x);
    queries = x.slice(0, 0, count);
    text = x.slice(0, count, count + text.size(0));
    out = heads(queries, mask_features);
  }
  return {out.masks, out.captions, out.mask_embeddings};
}

RegionPrompt MaskDecoderImpl::region_prompt(const PixelFeatures& features, const torch::Tensor& mask,
                                            const PointChoice& choice) {
  const torch::Tensor pixels = mask.nonzero();  // [points, 2], row-major
  const torch::Tensor size = torch::tensor({float(mask.size(0)), float(mask.size(1))}, mask.device());
  const torch::Tensor points = pixels.to(torch::kFloat32) / size;
  const auto chosen = [&](const torch::Tensor& indices) {
    if (indices.defined()) return points.index_select(0, indices.to(points.device()));
    if (points.size(0) <= config_.max_stroke_points) return points;
    return points.index_select(0, spread(points.size(0), config_.max_stroke_points).to(points.device()));
  };
  RegionPrompt prompt;
  const torch::Tensor sampled = sample_points(features.mask_features[0], chosen(choice.mean));
  prompt.mean = sampled.size(0) > 0 ? sampled.mean(0) : torch::zeros({sampled.size(1)}, sampled.options());
  for (int level = 0; level < 3; ++level) {
    const torch::Tensor indices = choice.levels.empty() ? torch::Tensor() : choice.levels.at(level);
    const torch::Tensor values = sample_points(features.multi_scale[level][0], chosen(indices));
    prompt.tokens.push_back(torch::matmul(values + level_embed_->weight[level], spatial_projections_[level]) +
                            pn_indicator_->weight[0]);
  }
  return prompt;
}

}  // namespace reamo::grounder
