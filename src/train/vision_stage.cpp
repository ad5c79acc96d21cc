#include "train/vision_stage.h"

#include <algorithm>

#include "grounder/visual/grounding_loss.h"
#include "grounder/visual/preprocess.h"
#include "nn/autocast.h"
#include "train/dense_loss.h"
#include "train/prefetch.h"

namespace reamo::train {
namespace {

torch::Tensor image_tensor(const signal::Image& image) {  // [3, H, W] uint8
  return torch::from_blob(const_cast<std::uint8_t*>(image.rgb.data()), {image.height, image.width, 3}, torch::kUInt8)
      .permute({2, 0, 1})
      .contiguous();
}

struct DenseBatch {
  torch::Tensor pixels;  // [batch, 3, H, W] uint8
  torch::Tensor kinds;   // [batch, H/8, W/8] int64
  torch::Tensor shares;  // [batch, H/8, W/8] float
};

torch::Tensor cells(const std::vector<std::uint16_t>& kinds, int height, int width) {
  torch::Tensor tensor = torch::empty({height, width}, torch::kInt64);
  std::copy(kinds.begin(), kinds.end(), tensor.data_ptr<std::int64_t>());
  return tensor;
}

DenseBatch make_dense_batch(const synth::Atlas& atlas, const synth::VisionOptions& vision, std::uint64_t seed,
                            std::int64_t first, int count) {
  std::vector<torch::Tensor> pixels, kinds, shares;
  for (int i = 0; i < count; ++i) {
    const synth::DenseSample sample = synth::dense_sample(atlas, vision, seed, std::uint64_t(first + i));
    pixels.push_back(image_tensor(sample.image));
    kinds.push_back(cells(sample.kind_of_cell, sample.grid_height, sample.grid_width));
    shares.push_back(torch::tensor(sample.share_of_cell).view({sample.grid_height, sample.grid_width}));
  }
  return {torch::stack(pixels), torch::stack(kinds), torch::stack(shares)};
}

struct GroundData {
  torch::Tensor pixels;  // uint8
  grounder::GroundingBatch batch;
  torch::Tensor kinds;   // [batch, H/8, W/8]
};

torch::Tensor mask_tensor(const std::vector<std::uint8_t>& mask, const synth::GroundSample& sample) {
  return torch::from_blob(const_cast<std::uint8_t*>(mask.data()), {sample.mask_height, sample.mask_width}, torch::kUInt8).to(torch::kFloat32) / 255.0;
}

GroundData make_ground_data(const nn::ClipTokenizer& tokenizer, int context, const synth::Atlas& atlas,
                            const synth::VisionOptions& vision, std::uint64_t seed, std::int64_t first, int count) {
  std::vector<torch::Tensor> pixels, masks, kinds, foregrounds;
  std::vector<std::string> phrases;
  std::vector<std::int64_t> image_index;
  std::vector<float> present;
  for (int i = 0; i < count; ++i) {
    const synth::GroundSample sample = synth::ground_sample(atlas, vision, seed, std::uint64_t(first + i));
    pixels.push_back(image_tensor(sample.image));
    kinds.push_back(cells(sample.kind_of_cell, sample.image.height / 8, sample.image.width / 8));
    foregrounds.push_back(mask_tensor(sample.foreground, sample));
    for (const synth::GroundPhrase& phrase : sample.phrases) {
      phrases.push_back(phrase.text);
      image_index.push_back(i);
      present.push_back(phrase.present ? 1.f : 0.f);
      masks.push_back(mask_tensor(phrase.mask, sample));
    }
  }
  GroundData data;
  data.pixels = torch::stack(pixels);
  data.kinds = torch::stack(kinds);
  data.batch.ids = tokenizer.encode(phrases, {.context_length = context, .pad_id = nn::ClipTokenizeOptions::kPadWithEnd,
                                              .older_truncation = false, .unescape_html = false});
  data.batch.image_index = torch::tensor(image_index);
  data.batch.masks = torch::stack(masks);
  data.batch.present = torch::tensor(present);
  data.batch.foreground = torch::stack(foregrounds);
  return data;
}

void to_device(GroundData& data, torch::Device device) {
  data.batch.pixels = grounder::normalise_pixels(data.pixels.to(device));
  for (torch::Tensor* tensor : {&data.batch.ids, &data.batch.image_index, &data.batch.masks, &data.batch.present,
                                &data.batch.foreground, &data.kinds}) {
    *tensor = tensor->to(device);
  }
}

// What is trained together: the model and the classifier that helps it to see.
struct GrounderWithClassifier : torch::nn::Module {
  GrounderWithClassifier(grounder::Seem seem, std::int64_t width, std::int64_t kinds)
      : model(register_module("model", std::move(seem))),
        classifier(register_module("classifier", torch::nn::Conv2d(torch::nn::Conv2dOptions(width, kinds + 1, 1)))) {}
  grounder::Seem model;
  torch::nn::Conv2d classifier;
};

}  // namespace

DenseFigures dense_loss(const torch::Tensor& logits, const torch::Tensor& kinds, const torch::Tensor& shares) {
  const torch::Tensor log_p = torch::log_softmax(logits.to(torch::kFloat32), 1);
  const torch::Tensor of_kind = log_p.gather(1, kinds.unsqueeze(1)).squeeze(1);
  const torch::Tensor of_background = log_p.select(1, 0);
  const torch::Tensor object = (kinds > 0).to(torch::kFloat32);
  const torch::Tensor nll = -(shares * of_kind + (1 - shares) * of_background) * object - of_background * (1 - object);
  const torch::Tensor weight = object + (1 - object) / 3;
  DenseFigures figures{(nll * weight).sum() / weight.sum(), 0, 0};
  torch::NoGradGuard no_grad;
  const torch::Tensor judged = (kinds > 0) & (shares >= 0.5);
  figures.cells = judged.sum().item<std::int64_t>();
  const torch::Tensor best = log_p.slice(1, 1).argmax(1) + 1;
  figures.right = ((best == kinds) & judged).sum().item<std::int64_t>();
  return figures;
}

DenseNetImpl::DenseNetImpl(const nn::ResNetConfig& config, std::int64_t kinds)
    : trunk(register_module("trunk", nn::ResNet(config))),
      classifier(register_module("classifier", torch::nn::Conv2d(torch::nn::Conv2dOptions(config.topdown_width, kinds + 1, 1)))) {}

torch::Tensor DenseNetImpl::forward(const torch::Tensor& pixels) { return classifier(trunk(pixels).topdown); }

TrainReport train_dense(DenseNet& net, const synth::Atlas& atlas, const DenseStageOptions& options) {
  const torch::Device device(options.train.device);
  Prefetch<DenseBatch> prefetch(
      [&](std::int64_t batch) {
        return make_dense_batch(atlas, options.vision, options.train.seed, batch * options.batch, options.batch);
      },
      options.data_threads);
  return train(*net, {{trainable(*net), 1}}, options.train, [&](std::int64_t number) -> BatchResult {
    const DenseBatch batch = prefetch.get(number);
    const torch::Tensor logits = net(grounder::normalise_pixels(batch.pixels.to(device)));
    const DenseFigures figures = dense_loss(logits, batch.kinds.to(device), batch.shares.to(device));
    return {figures.loss, {{"kind_accuracy", figures.accuracy()}}};
  });
}

double dense_accuracy(DenseNet& net, const synth::Atlas& atlas, const synth::VisionOptions& vision, std::uint64_t seed, int count) {
  torch::NoGradGuard no_grad;
  net->eval();
  std::int64_t right = 0, all = 0;
  for (int first = 0; first < count; first += 32) {
    const DenseBatch batch = make_dense_batch(atlas, vision, seed, first, std::min(32, count - first));
    const DenseFigures figures = dense_loss(net(grounder::normalise_pixels(batch.pixels)), batch.kinds, batch.shares);
    right += figures.right;
    all += figures.cells;
  }
  return double(right) / double(std::max<std::int64_t>(1, all));
}

TrainReport train_grounder(grounder::Seem& model, const nn::ClipTokenizer& tokenizer, const synth::Atlas& atlas,
                           const GrounderStageOptions& options) {
  const torch::Device device(options.train.device);
  const int context = model->config().text.context;
  GrounderWithClassifier both(model, model->config().dot_product.width, std::int64_t(synth::kinds().size()));
  ParameterGroup trunk{{}, options.trunk_rate}, rest{{}, 1};
  for (const auto& item : both.named_parameters()) {
    (item.key().find("backbone.") != std::string::npos ? trunk : rest).parameters.push_back(item.value());
  }
  Prefetch<GroundData> prefetch(
      [&](std::int64_t batch) {
        return make_ground_data(tokenizer, context, atlas, options.vision, options.train.seed, batch * options.batch, options.batch);
      },
      options.data_threads);
  return train(both, {trunk, rest}, options.train, [&](std::int64_t number) -> BatchResult {
    GroundData data = prefetch.get(number);
    to_device(data, device);
    grounder::PixelFeatures features;
    const grounder::GroundingLoss loss = grounder::grounding_loss(model, data.batch, &features);
    const DenseFigures dense = dense_loss(both.classifier(features.stride8), data.kinds, (data.kinds > 0).to(torch::kFloat32));
    return {loss.total + options.dense_weight * dense.loss,
            {{"mask", loss.mask.item<double>()},
             {"dice", loss.dice.item<double>()},
             {"presence", loss.presence.item<double>()},
             {"foreground", loss.foreground.item<double>()},
             {"kind_accuracy", dense.accuracy()}}};
  });
}

GrounderScore score_grounder(grounder::Seem& model, const nn::ClipTokenizer& tokenizer, const synth::Atlas& atlas,
                             const synth::VisionOptions& vision, std::uint64_t seed, int count) {
  torch::NoGradGuard no_grad;
  model->eval();
  GrounderScore score;
  int present = 0, absent = 0;
  for (int first = 0; first < count; first += 16) {
    GroundData data = make_ground_data(tokenizer, model->config().text.context, atlas, vision, seed, first, std::min(16, count - first));
    to_device(data, torch::kCPU);
    const grounder::PixelFeatures features = model->encode(data.batch.pixels);
    const grounder::DotProductOutput output = model->match(features, data.batch.ids, data.batch.image_index);
    const torch::Tensor mine = output.masks > 0, gold = data.batch.masks >= 0.5;
    const torch::Tensor both = (mine & gold).sum({1, 2}).to(torch::kFloat32), either = (mine | gold).sum({1, 2}).to(torch::kFloat32);
    for (std::int64_t i = 0; i < mine.size(0); ++i) {
      ++score.phrases;
      const double probability = 1 / (1 + std::exp(-(model->config().calibration.scale * output.presence[i].item<double>() + model->config().calibration.bias)));
      const bool kept = probability >= model->config().threshold;
      if (data.batch.present[i].item<double>() > 0.5) {
        ++present;
        const double iou = either[i].item<double>() > 0 ? both[i].item<double>() / either[i].item<double>() : 1;
        score.iou_present += iou;
        if (kept) score.iou += iou, score.present_kept += 1;
      } else {
        ++absent;
        if (!kept) score.absent_accuracy += 1;
      }
    }
  }
  score.iou /= std::max(1, present);
  score.iou_present /= std::max(1, present);
  score.present_kept /= std::max(1, present);
  score.absent_accuracy /= std::max(1, absent);
  return score;
}

}  // namespace reamo::train
