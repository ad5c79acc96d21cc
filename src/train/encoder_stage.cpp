#include "train/encoder_stage.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "ie/error.h"
#include "nn/functional.h"
#include "synth/random.h"
#include "train/dense_loss.h"
#include "train/prefetch.h"

namespace reamo::train {
namespace {

struct Data {
  torch::Tensor pixels;    // [batch, 3, H, W], normalised
  torch::Tensor kinds;     // [batch, H/16, W/16] int64, 0 background
  torch::Tensor shares;    // [batch, H/16, W/16] float
  torch::Tensor captions;  // [batch, context] int64
};

// Cells of 16 pixels from those of 8: the kind with the largest share, and that share.
void coarser(const synth::DenseSample& sample, std::int64_t* kinds, float* shares) {
  const int rows = sample.grid_height / 2, columns = sample.grid_width / 2;
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column) {
      float best = 0, background = 0;
      std::uint16_t kind = 0;
      std::uint16_t of[4];
      float share[4];
      for (int k = 0; k < 4; ++k) {
        const std::size_t at = std::size_t(2 * row + k / 2) * std::size_t(sample.grid_width) + std::size_t(2 * column + k % 2);
        of[k] = sample.kind_of_cell[at], share[k] = sample.share_of_cell[at] / 4;
        background += of[k] == 0 ? share[k] : 0.25f - share[k];
      }
      for (int k = 0; k < 4; ++k) {
        float sum = 0;
        for (int other = 0; other < 4; ++other) sum += of[other] == of[k] ? share[other] : 0;
        if (of[k] > 0 && sum > best) best = sum, kind = of[k];
      }
      const bool object = best >= 0.15f;
      *kinds++ = object ? kind : 0;
      *shares++ = object ? best : background;
    }
  }
}

// "dog, hot pepper and firefighter": what can be seen, in any order.
std::string caption(const synth::DenseSample& sample, synth::Random& random) {
  std::set<int> seen;
  for (const std::uint16_t kind : sample.kind_of_cell) {
    if (kind > 0) seen.insert(kind - 1);
  }
  std::vector<int> order(seen.begin(), seen.end());
  random.shuffle(order);
  std::string text;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i > 0) text += i + 1 == order.size() ? " and " : ", ";
    text += synth::kinds()[std::size_t(order[i])].name;
  }
  return text.empty() ? "nothing" : text;
}

Data make_data(const encoder::Encoder& encoder, const nn::ClipTokenizer& tokenizer, const synth::Atlas& atlas,
               const synth::VisionOptions& vision, std::uint64_t seed, std::int64_t first, int count) {
  Data data;
  const std::int64_t rows = vision.height / 16, columns = vision.width / 16;
  data.kinds = torch::empty({count, rows, columns}, torch::kInt64);
  data.shares = torch::empty({count, rows, columns}, torch::kFloat32);
  std::vector<torch::Tensor> pixels;
  std::vector<std::string> captions;
  for (int i = 0; i < count; ++i) {
    const synth::DenseSample sample = synth::dense_sample(atlas, vision, seed, std::uint64_t(first + i));
    synth::Random random = synth::Random(seed).stream("caption", std::uint64_t(first + i));
    pixels.push_back(encoder.image_input(sample.image));
    coarser(sample, data.kinds[i].data_ptr<std::int64_t>(), data.shares[i].data_ptr<float>());
    captions.push_back(caption(sample, random));
  }
  data.pixels = torch::stack(pixels);
  if (encoder.has(encoder::Modality::kText)) {
    nn::ClipTokenizeOptions options;
    options.context_length = encoder.config().tower(encoder::Modality::kText).columns;
    data.captions = tokenizer.encode(captions, options);
  }
  return data;
}

// What is trained together: the encoder and the classifier of its cells.
struct EncoderWithClassifier : torch::nn::Module {
  EncoderWithClassifier(encoder::ImageBind bind, std::int64_t width, std::int64_t kinds)
      : model(register_module("model", std::move(bind))), classifier(register_module("classifier", torch::nn::Linear(width, kinds + 1))) {}
  encoder::ImageBind model;
  torch::nn::Linear classifier;
};

// InfoNCE of matching rows, both ways. pictures [batch, width] of unit length, texts [batch, width] scaled.
torch::Tensor contrastive_loss(const torch::Tensor& pictures, const torch::Tensor& texts) {
  const torch::Tensor scores = torch::matmul(texts, pictures.t());
  const torch::Tensor right = torch::arange(scores.size(0), scores.options().dtype(torch::kLong));
  return (torch::nll_loss(torch::log_softmax(scores, 1), right) + torch::nll_loss(torch::log_softmax(scores.t(), 1), right)) / 2;
}

}  // namespace

TrainReport train_encoder(encoder::Encoder& encoder, const nn::ClipTokenizer& tokenizer, const synth::Atlas& atlas,
                          const EncoderStageOptions& options) {
  using encoder::Modality;
  const encoder::TowerConfig& tower = encoder.config().tower(Modality::kVision);
  if (tower.stem != encoder::Stem::kConv || tower.tokens == 0) throw Error("the stage encoder trains the conv stem with tokens");
  if (options.vision.width != tower.columns || options.vision.height != tower.height || tower.height % 16 != 0) {
    throw UsageError("pictures of this stage must have the size of the vision tower, a multiple of 16");
  }
  const torch::Device device(options.train.device);
  EncoderWithClassifier both(encoder.module(), encoder.width(), std::int64_t(synth::kinds().size()));
  nn::ResNet stem_net = both.model->conv_stem(Modality::kVision);
  const bool frozen = options.stem_rate <= 0;
  for (torch::Tensor& parameter : stem_net->parameters()) parameter.set_requires_grad(!frozen);
  ParameterGroup stem{{}, options.stem_rate}, rest{{}, 1};
  for (const auto& item : both.named_parameters()) {
    if (!item.value().requires_grad()) continue;
    (item.key().find("conv_stem.") != std::string::npos ? stem : rest).parameters.push_back(item.value());
  }
  std::vector<ParameterGroup> groups{rest};
  if (!frozen) groups.push_back(stem);

  Prefetch<Data> prefetch(
      [&](std::int64_t batch) {
        return make_data(encoder, tokenizer, atlas, options.vision, options.train.seed, batch * options.batch, options.batch);
      },
      options.data_threads);
  const bool captions = encoder.has(Modality::kText) && options.contrastive_weight > 0;
  return train(both, groups, options.train, [&](std::int64_t number) -> BatchResult {
    if (frozen) stem_net->eval();  // its running statistics stay too
    const Data data = prefetch.get(number);
    const torch::Tensor grid = both.model->grid(Modality::kVision, data.pixels.to(device));  // [batch, rows, columns, width]
    const torch::Tensor logits = both.classifier(grid).permute({0, 3, 1, 2});
    const DenseFigures dense = dense_loss(logits, data.kinds.to(device), data.shares.to(device));
    BatchResult result{dense.loss, {{"dense", dense.loss.item<double>()}, {"kind_accuracy", dense.accuracy()}}};
    if (captions) {
      const torch::Tensor pictures = nn::l2_normalize(grid.to(torch::kFloat32).mean({1, 2}));
      const torch::Tensor texts = both.model->forward(Modality::kText, data.captions.to(device)).to(torch::kFloat32);
      const torch::Tensor loss = contrastive_loss(pictures, texts.dim() == 3 ? texts.squeeze(1) : texts);
      result.figures["contrastive"] = loss.item<double>();
      result.loss = result.loss + options.contrastive_weight * loss;
    }
    return result;
  });
}

}  // namespace reamo::train
