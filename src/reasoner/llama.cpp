#include "reasoner/llama.h"

#include <cmath>

#include "ie/error.h"
#include "nn/functional.h"
#include "reasoner/decode_attention.h"

namespace reamo::reasoner {
namespace {

// A score that no real one comes near, finite so that rows without any visible key stay finite.
double hidden_score(torch::ScalarType dtype) { return dtype == torch::kHalf ? -6e4 : -1e9; }

// [batch, heads, tokens, size]
torch::Tensor split_heads(const torch::Tensor& x, std::int64_t heads) {
  return x.view({x.size(0), x.size(1), heads, -1}).transpose(1, 2);
}

torch::Tensor rotate(const torch::Tensor& x, const torch::Tensor& cos, const torch::Tensor& sin) {
  const std::int64_t half = x.size(-1) / 2;
  const torch::Tensor turned = torch::cat({-x.narrow(-1, half, half), x.narrow(-1, 0, half)}, -1);
  return x * cos + turned * sin;
}

// Key heads repeated for the query heads that they serve, consecutive ones.
torch::Tensor repeat_heads(const torch::Tensor& x, std::int64_t times) {
  if (times == 1) return x;
  return x.unsqueeze(2).expand({x.size(0), x.size(1), times, x.size(2), x.size(3)})
      .reshape({x.size(0), x.size(1) * times, x.size(2), x.size(3)});
}

// x [batch, heads, tokens, n] times y [1, heads, n, m], all rows of a head in one product.
torch::Tensor by_head(const torch::Tensor& x, const torch::Tensor& y) {
  const torch::Tensor rows = x.transpose(0, 1).reshape({x.size(1), x.size(0) * x.size(2), x.size(3)});
  return torch::bmm(rows, y[0]).view({x.size(1), x.size(0), x.size(2), y.size(3)}).transpose(0, 1);
}

// Added to attention scores: [batch, 1, new tokens, all tokens]. Undefined when every key is visible.
torch::Tensor visibility(const torch::Tensor& mask, std::int64_t fresh, std::int64_t prompt, torch::ScalarType dtype) {
  const std::int64_t all = mask.size(1), past = all - fresh;
  const auto index = torch::TensorOptions().dtype(torch::kLong).device(mask.device());
  const torch::Tensor query = torch::arange(past, all, index).unsqueeze(1), key = torch::arange(all, index).unsqueeze(0);
  torch::Tensor visible = key <= query;
  if (prompt > 0) visible = visible | ((key < prompt) & (query < prompt));
  visible = visible.unsqueeze(0) & mask.unsqueeze(1);
  return torch::zeros(visible.sizes(), torch::TensorOptions().dtype(dtype).device(mask.device()))
      .masked_fill_(visible.logical_not(), hidden_score(dtype))
      .unsqueeze(1);
}

// Appends `fresh` tokens at `length` of a buffer that grows by doubling; returns the whole.
torch::Tensor append(torch::Tensor& buffer, std::int64_t length, const torch::Tensor& fresh) {
  if (torch::GradMode::is_enabled()) {  // gradients flow into what was there: no writing into it
    buffer = length > 0 ? torch::cat({buffer.narrow(2, 0, length), fresh}, 2) : fresh;
    return buffer;
  }
  const std::int64_t needed = length + fresh.size(2);
  if (!buffer.defined() || buffer.size(2) < needed) {
    std::vector<std::int64_t> shape = fresh.sizes().vec();
    shape[2] = std::max<std::int64_t>(needed + 64, 2 * length);
    torch::Tensor larger = torch::empty(shape, fresh.options());
    if (length > 0) larger.narrow(2, 0, length).copy_(buffer.narrow(2, 0, length));
    buffer = larger;
  }
  buffer.narrow(2, length, fresh.size(2)).copy_(fresh);
  return buffer.narrow(2, 0, needed);
}

}  // namespace

torch::Tensor rms_norm(const torch::Tensor& x, const torch::Tensor& weight, double eps) {
  const torch::Tensor wide = x.to(torch::kFloat32);
  const torch::Tensor normal = wide * torch::rsqrt(wide.square().mean(-1, true) + eps);
  return weight * normal.to(x.scalar_type());
}

std::pair<torch::Tensor, torch::Tensor> rotary(const LlamaConfig& config, const torch::Tensor& positions) {
  const std::int64_t size = config.head_size();
  const auto options = torch::TensorOptions().dtype(torch::kFloat32).device(positions.device());
  const torch::Tensor exponent = torch::arange(0, size, 2, options) / static_cast<double>(size);
  double theta = config.rope_theta;
  torch::Tensor at = positions.to(torch::kFloat32);
  if (config.rope_scaling == RopeScaling::kLinear) at = at / config.rope_factor;
  if (config.rope_scaling == RopeScaling::kDynamic && positions.numel() > 0) {
    const double length = positions.max().item<double>() + 1, limit = double(config.max_position_embeddings);
    if (length > limit) {
      theta *= std::pow(config.rope_factor * length / limit - (config.rope_factor - 1), double(size) / double(size - 2));
    }
  }
  torch::Tensor frequency = 1.0 / torch::pow(theta, exponent);
  if (config.rope_scaling == RopeScaling::kLlama3) {
    const torch::Tensor wavelength = 2 * M_PI / frequency;
    const double original = double(config.rope_original_positions);
    const torch::Tensor smooth = (original / wavelength - config.rope_low_frequency) /
                                 (config.rope_high_frequency - config.rope_low_frequency);
    const torch::Tensor slow = frequency / config.rope_factor;
    torch::Tensor scaled = (1 - smooth) * slow + smooth * frequency;
    scaled = torch::where(wavelength > original / config.rope_low_frequency, slow, scaled);
    frequency = torch::where(wavelength < original / config.rope_high_frequency, frequency, scaled);
  }
  const torch::Tensor angles = at.unsqueeze(-1) * frequency;
  const torch::Tensor both = torch::cat({angles, angles}, -1);
  return {both.cos(), both.sin()};
}

void KvCache::select(const torch::Tensor& rows) {
  for (auto* tensors : {&keys, &values, &last_key}) {
    for (torch::Tensor& tensor : *tensors) {
      if (tensor.defined()) tensor = tensor.index_select(0, rows);
    }
  }
  if (mask.defined()) mask = mask.index_select(0, rows);
}

ProjectionImpl::ProjectionImpl(std::int64_t in, std::int64_t out, bool has_bias) {
  weight = register_parameter("weight", torch::empty({out, in}).normal_(0, 0.02));
  if (has_bias) bias = register_parameter("bias", torch::zeros({out}));
}

torch::Tensor ProjectionImpl::forward(const torch::Tensor& x, torch::ScalarType dtype) {
  const torch::Tensor input = x.to(dtype);
  torch::Tensor y = torch::nn::functional::linear(input, weight.to(dtype), bias.defined() ? bias.to(dtype) : bias);
  if (lora_a.defined()) {
    const torch::Tensor dropped =
        is_training() && dropout_ > 0 ? torch::dropout(input, dropout_, true) : input;
    y = y + scale_ * torch::matmul(torch::matmul(dropped, lora_a.to(dtype).t()), lora_b.to(dtype).t());
  }
  return y;
}

void ProjectionImpl::attach(const LoraConfig& config) {
  if (lora_a.defined()) throw Error("the model already carries an adapter");
  const std::int64_t in = weight.size(1), out = weight.size(0);
  const double bound = 1.0 / std::sqrt(double(in));
  const auto a = std::make_shared<torch::nn::Module>(), b = std::make_shared<torch::nn::Module>();
  lora_a = a->register_parameter("weight", torch::empty({config.rank, in}, weight.options().requires_grad(false))
                                               .uniform_(-bound, bound));
  lora_b = b->register_parameter("weight", torch::zeros({out, config.rank}, weight.options().requires_grad(false)));
  register_module("lora_A", a);
  register_module("lora_B", b);
  scale_ = config.alpha / double(config.rank);
  dropout_ = config.dropout;
}

void ProjectionImpl::merge() {
  if (!lora_a.defined()) return;
  torch::NoGradGuard no_grad;
  weight.add_(torch::matmul(lora_b, lora_a), scale_);
  unregister_module("lora_A");
  unregister_module("lora_B");
  lora_a = lora_b = torch::Tensor();
}

AttentionImpl::AttentionImpl(const LlamaConfig& c) {
  const std::int64_t queries = c.num_attention_heads * c.head_size(), keys = c.kv_heads() * c.head_size();
  q_proj = register_module("q_proj", Projection(c.hidden_size, queries, c.attention_bias));
  k_proj = register_module("k_proj", Projection(c.hidden_size, keys, c.attention_bias));
  v_proj = register_module("v_proj", Projection(c.hidden_size, keys, c.attention_bias));
  o_proj = register_module("o_proj", Projection(queries, c.hidden_size, c.attention_bias));
  if (c.smeared_keys) key_smear = register_parameter("key_smear", torch::zeros({c.kv_heads()}));
}

MlpImpl::MlpImpl(const LlamaConfig& c) {
  gate_proj = register_module("gate_proj", Projection(c.hidden_size, c.intermediate_size, c.mlp_bias));
  up_proj = register_module("up_proj", Projection(c.hidden_size, c.intermediate_size, c.mlp_bias));
  down_proj = register_module("down_proj", Projection(c.intermediate_size, c.hidden_size, c.mlp_bias));
}

NormImpl::NormImpl(std::int64_t width) { weight = register_parameter("weight", torch::ones({width})); }

LayerImpl::LayerImpl(const LlamaConfig& c) {
  self_attn = register_module("self_attn", Attention(c));
  mlp = register_module("mlp", Mlp(c));
  input_layernorm = register_module("input_layernorm", Norm(c.hidden_size));
  post_attention_layernorm = register_module("post_attention_layernorm", Norm(c.hidden_size));
}

LlamaBodyImpl::LlamaBodyImpl(const LlamaConfig& c) {
  embed_tokens = register_module("embed_tokens", torch::nn::Embedding(c.vocab_size, c.hidden_size));
  torch::nn::ModuleList list;
  for (std::int64_t i = 0; i < c.num_hidden_layers; ++i) {
    layers.emplace_back(c);
    list->push_back(layers.back());
  }
  register_module("layers", list);
  norm = register_module("norm", Norm(c.hidden_size));
  if (c.has_projector) {
    mm_input_projector =
        register_module("mm_input_projector", Projector(c.projector, c.mm_hidden_size, c.hidden_size));
  }
}

CopyHeadImpl::CopyHeadImpl(std::int64_t width) {
  query = register_module("query", Projection(width, width, false));
  key = register_module("key", Projection(width, width, false));
  context = register_module("context", Projection(width, width, false));
  gate = register_module("gate", Projection(width, 1, true));
  torch::NoGradGuard no_grad;
  gate->bias.fill_(-1.0);
}

TagHeadImpl::TagHeadImpl(std::int64_t width) {
  begin = register_module("begin", Projection(width, width, false));
  inside = register_module("inside", Projection(width, width, false));
  label = register_module("label", Projection(width, width, false));
  none = register_module("none", Projection(width, 1, true));
  head = register_module("head", Projection(width, width, false));
  tail = register_module("tail", Projection(width, width, false));
  argument = register_module("argument", Projection(width, width, false));
  relation = register_module("relation", Projection(width, width, false));
  role = register_module("role", Projection(width, width, false));
}

torch::Tensor TagHeadImpl::link(const torch::Tensor& mentions, const torch::Tensor& rows, const torch::Tensor& labels, Projection& query,
                                Projection& key, torch::ScalarType dtype) {
  const double scale = 1.0 / std::sqrt(double(mentions.size(-1)));
  const torch::Tensor keys = key->forward(labels, dtype).index_select(0, rows);  // [mentions, labels, width]
  const torch::Tensor queries = (query->forward(mentions, dtype) * scale).unsqueeze(2);
  constexpr double kRare = -3;  // most labels are not a mention's
  return torch::bmm(keys, queries).squeeze(2).to(torch::kFloat32) + kRare;
}

torch::Tensor copy_keys(LlamaImpl& model, const torch::Tensor& source) {
  return model.copy_head->key->forward(source, model.compute_dtype());
}

CopyAttention copy_attention(LlamaImpl& model, const torch::Tensor& at_targets, const torch::Tensor& source,
                             const torch::Tensor& keys, const torch::Tensor& copyable) {
  CopyHead& head = model.copy_head;
  const torch::ScalarType dtype = model.compute_dtype();
  const double scale = 1.0 / std::sqrt(double(at_targets.size(-1)));
  const torch::Tensor queries = head->query->forward(at_targets, dtype) * scale;
  const torch::Tensor scores =
      torch::matmul(queries, keys.transpose(1, 2)).to(torch::kFloat32);
  CopyAttention out;
  out.weights = torch::softmax(scores.masked_fill(copyable.logical_not().unsqueeze(1), -1e9), -1);
  const torch::Tensor context = torch::matmul(out.weights.to(dtype), source.to(dtype));
  out.fed = at_targets + head->context->forward(context, dtype);
  out.gate = head->gate->forward(at_targets, dtype).to(torch::kFloat32).squeeze(-1);
  return out;
}

torch::Tensor TagHeadImpl::forward(const torch::Tensor& source, const torch::Tensor& labels, torch::ScalarType dtype) {
  const double scale = 1.0 / std::sqrt(double(source.size(-1)));
  const torch::Tensor keys = label->forward(labels, dtype).transpose(1, 2);
  const torch::Tensor starts = torch::matmul(begin->forward(source, dtype) * scale, keys).to(torch::kFloat32);
  const torch::Tensor goes_on = torch::matmul(inside->forward(source, dtype) * scale, keys).to(torch::kFloat32);
  // Interleaved: begins label 0, continues label 0, begins label 1, ...
  const torch::Tensor both = torch::stack({starts, goes_on}, -1).flatten(2);
  return torch::cat({none->forward(source, dtype).to(torch::kFloat32), both}, -1);
}

LlamaImpl::LlamaImpl(LlamaConfig config) : config_(config) {
  model = register_module("model", LlamaBody(config_));
  if (!config_.tie_word_embeddings) {
    lm_head = register_module("lm_head", Projection(config_.hidden_size, config_.vocab_size, false));
  }
  if (config_.copy_head) copy_head = register_module("copy_head", CopyHead(config_.hidden_size));
  if (config_.tag_head) tag_head = register_module("tag_head", TagHead(config_.hidden_size));
}

torch::Tensor LlamaImpl::embed(const torch::Tensor& ids) {
  return torch::embedding(model->embed_tokens->weight, ids.masked_fill(ids < 0, config_.pad_token_id));
}

torch::Tensor LlamaImpl::embed_with_features(const torch::Tensor& ids, const torch::Tensor& features) {
  const torch::Tensor embeddings = embed(ids);
  if (!features.defined() || features.size(0) == 0) return embeddings;
  if (!model->mm_input_projector) throw Error("the decoder has no projector for the features of media");
  const auto& at_weight = model->embed_tokens->weight;
  const torch::Tensor rows = model->mm_input_projector->forward(features.to(at_weight.scalar_type())).to(embeddings.scalar_type());
  const std::vector<torch::Tensor> where = (ids < 0).nonzero().unbind(1);
  if (where[0].size(0) != rows.size(0)) {
    throw Error("the prompt has " + std::to_string(where[0].size(0)) + " places for features, given are " +
                std::to_string(rows.size(0)));
  }
  return embeddings.index_put({where[0], where[1]}, rows);
}

torch::Tensor LlamaImpl::layer_forward(std::size_t index, const torch::Tensor& x, const torch::Tensor& cos,
                                       const torch::Tensor& sin, const torch::Tensor& bias,
                                       const torch::Tensor& previous, KvCache* cache) {
  Layer& layer = model->layers[index];
  AttentionImpl& attention = *layer->self_attn;
  const torch::ScalarType dtype = compute_;
  const std::int64_t heads = config_.num_attention_heads, kv_heads = config_.kv_heads(), size = config_.head_size();

  const torch::Tensor h = rms_norm(x, layer->input_layernorm->weight, config_.rms_norm_eps).to(dtype);
  torch::Tensor q, k, v;
  if (attention.q_proj->lora_a.defined() || config_.attention_bias) {
    q = attention.q_proj->forward(h, dtype);
    k = attention.k_proj->forward(h, dtype);
    v = attention.v_proj->forward(h, dtype);
  } else {  // one product for the three
    const torch::Tensor weight =
        torch::cat({attention.q_proj->weight, attention.k_proj->weight, attention.v_proj->weight}).to(dtype);
    const std::vector<torch::Tensor> parts =
        torch::nn::functional::linear(h, weight).split_with_sizes({heads * size, kv_heads * size, kv_heads * size}, -1);
    q = parts[0], k = parts[1], v = parts[2];
  }
  q = split_heads(q, heads), k = split_heads(k, kv_heads), v = split_heads(v, kv_heads);
  if (config_.smeared_keys) {
    const torch::Tensor first =
        cache && cache->last_key.size() > index ? cache->last_key[index] : k.narrow(2, 0, 1);
    const torch::Tensor before = torch::cat({first, k.narrow(2, 0, k.size(2) - 1)}, 2);
    if (cache) {
      cache->last_key.resize(std::max(cache->last_key.size(), index + 1));
      cache->last_key[index] = k.narrow(2, k.size(2) - 1, 1);
    }
    // 1 - share of the key itself, 0 where no real token stands before it.
    const torch::Tensor share = torch::sigmoid(-attention.key_smear).view({1, kv_heads, 1, 1}).to(dtype) * previous;
    k = k + share * (before - k);
  }
  q = rotate(q, cos, sin);
  k = rotate(k, cos, sin);
  if (cache) {
    cache->keys.resize(std::max(cache->keys.size(), index + 1));
    cache->values.resize(std::max(cache->values.size(), index + 1));
    const std::int64_t length = cache->length() - x.size(1);  // the mask is already extended
    k = append(cache->keys[index], length, k);
    v = append(cache->values[index], length, v);
  }
  const bool shares = cache && cache->shared_keys.size() > index;
  const torch::Tensor shared_k = shares ? cache->shared_keys[index] : torch::Tensor();
  const torch::Tensor shared_v = shares ? cache->shared_values[index] : torch::Tensor();
  q = q * (1.0 / std::sqrt(double(size)));
  torch::Tensor mixed;
  if (cache && x.size(1) == 1 && q.is_cpu() && dtype == torch::kFloat32 && !torch::GradMode::is_enabled()) {
    mixed = attend_one(q, k, v, cache->mask, shared_k, shared_v);
  } else {
    k = repeat_heads(k, heads / kv_heads), v = repeat_heads(v, heads / kv_heads);
    torch::Tensor scores = torch::matmul(q, k.transpose(2, 3));
    if (bias.defined()) scores = scores + bias;
    const std::int64_t prefix = shares ? shared_k.size(2) : 0;
    if (prefix > 0) scores = torch::cat({by_head(q, repeat_heads(shared_k, heads / kv_heads).transpose(2, 3)), scores}, -1);
    // While training in bf16 the softmax keeps bf16 (summed in fp32 inside): half the memory traffic.
    const bool keep = dtype == torch::kBFloat16 && torch::GradMode::is_enabled();
    const torch::Tensor weights = keep ? torch::softmax(scores, -1) : torch::softmax(scores, -1, torch::kFloat32).to(dtype);
    mixed = torch::matmul(weights.narrow(-1, prefix, weights.size(-1) - prefix), v);
    if (prefix > 0) mixed = mixed + by_head(weights.narrow(-1, 0, prefix), repeat_heads(shared_v, heads / kv_heads));
  }
  mixed = mixed.transpose(1, 2).reshape({x.size(0), x.size(1), heads * size});
  const torch::Tensor y = x + attention.o_proj->forward(mixed, dtype);

  const torch::Tensor g = rms_norm(y, layer->post_attention_layernorm->weight, config_.rms_norm_eps).to(dtype);
  const torch::Tensor inner = torch::silu(layer->mlp->gate_proj->forward(g, dtype)) * layer->mlp->up_proj->forward(g, dtype);
  return y + layer->mlp->down_proj->forward(inner, dtype);
}

torch::Tensor LlamaImpl::forward(const torch::Tensor& embeddings, const ForwardOptions& options) {
  const std::int64_t batch = embeddings.size(0), fresh = embeddings.size(1);
  KvCache* cache = options.cache;
  const std::int64_t past = cache ? cache->length() : 0;
  const auto device = embeddings.device();
  torch::Tensor mask = options.mask.defined() ? options.mask.to(device, torch::kBool)
                                              : torch::ones({batch, fresh}, torch::TensorOptions().dtype(torch::kBool).device(device));
  // A real token stands before: [batch, 1, tokens, 1]. None does where the cache holds no last key: a prefix read apart.
  torch::Tensor previous;
  if (config_.smeared_keys) {
    const torch::Tensor first =
        past && !cache->last_key.empty() ? cache->mask.narrow(1, past - 1, 1) : torch::zeros({batch, 1}, mask.options());
    previous = torch::cat({first, mask.narrow(1, 0, fresh - 1)}, 1).to(compute_).view({batch, 1, fresh, 1});
  }
  torch::Tensor positions = options.positions;
  if (!positions.defined()) {
    positions = torch::arange(past, past + fresh, torch::TensorOptions().dtype(torch::kLong).device(device))
                    .unsqueeze(0).expand({batch, fresh});
  }
  if (cache) {
    mask = past ? torch::cat({cache->mask, mask}, 1) : mask;
    cache->mask = mask;
  }
  auto [cos, sin] = rotary(config_, positions);
  cos = cos.unsqueeze(1).to(compute_), sin = sin.unsqueeze(1).to(compute_);
  const std::int64_t prompt = config_.bidirectional_prompt ? options.prompt : 0;
  const torch::Tensor bias = visibility(mask, fresh, prompt, compute_);

  torch::Tensor x = embeddings;
  if (options.hidden_states) options.hidden_states->push_back(x);
  for (std::size_t i = 0; i < model->layers.size(); ++i) {
    x = layer_forward(i, x, cos, sin, bias, previous, cache);
    if (options.hidden_states && i + 1 < model->layers.size()) options.hidden_states->push_back(x);
  }
  x = rms_norm(x, model->norm->weight, config_.rms_norm_eps);
  if (options.hidden_states) options.hidden_states->push_back(x);
  return x;
}

torch::Tensor LlamaImpl::logits(const torch::Tensor& states) {
  if (lm_head) return lm_head->forward(states, compute_).to(torch::kFloat32);
  return torch::matmul(states.to(compute_), model->embed_tokens->weight.to(compute_).t()).to(torch::kFloat32);
}

void LlamaImpl::resize_vocabulary(std::int64_t size) {
  torch::NoGradGuard no_grad;
  const auto resized = [&](const torch::Tensor& old) {
    torch::Tensor table = old.detach();
    if (size <= table.size(0)) return table.narrow(0, 0, size).clone();
    const torch::Tensor mean = table.to(torch::kFloat32).mean(0, true).to(table.scalar_type());
    return torch::cat({table, mean.expand({size - table.size(0), table.size(1)})}).contiguous();
  };
  model->embed_tokens->weight.set_data(resized(model->embed_tokens->weight));
  model->embed_tokens->options.num_embeddings(size);
  if (lm_head) lm_head->weight.set_data(resized(lm_head->weight));
  config_.vocab_size = size;
}

void LlamaImpl::initialize(std::uint64_t seed) {
  torch::NoGradGuard no_grad;
  torch::manual_seed(seed);
  const double residual = 0.02 / std::sqrt(2.0 * double(config_.num_hidden_layers));
  for (auto& item : named_parameters()) {
    const std::string& name = item.key();
    torch::Tensor& parameter = item.value();
    const auto ends = [&](std::string_view end) { return std::string_view(name).ends_with(end); };
    if (name.find("mm_input_projector") != std::string::npos) continue;  // keeps its layers' own
    if (parameter.dim() == 2) {
      parameter.normal_(0, ends("o_proj.weight") || ends("down_proj.weight") ? residual : 0.02);
    } else if (ends("norm.weight")) {
      parameter.fill_(1);
    } else if (ends("gate.bias")) {
      parameter.fill_(-1);
    } else {
      parameter.zero_();
    }
  }
}

std::vector<std::pair<std::string, Projection>> LlamaImpl::block_projections() {
  std::vector<std::pair<std::string, Projection>> all;
  for (std::size_t i = 0; i < model->layers.size(); ++i) {
    const std::string base = "model.layers." + std::to_string(i) + ".";
    Layer& layer = model->layers[i];
    all.insert(all.end(), {{base + "self_attn.q_proj", layer->self_attn->q_proj},
                           {base + "self_attn.k_proj", layer->self_attn->k_proj},
                           {base + "self_attn.v_proj", layer->self_attn->v_proj},
                           {base + "self_attn.o_proj", layer->self_attn->o_proj},
                           {base + "mlp.gate_proj", layer->mlp->gate_proj},
                           {base + "mlp.up_proj", layer->mlp->up_proj},
                           {base + "mlp.down_proj", layer->mlp->down_proj}});
  }
  return all;
}

}  // namespace reamo::reasoner
