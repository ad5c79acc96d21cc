#include "grounder/visual/visual_grounder.h"

#include <algorithm>
#include <cmath>

#include "grounder/visual/class_list.h"
#include "grounder/visual/instances.h"
#include "grounder/visual/postprocess.h"
#include "grounder/visual/text_encoder.h"
#include "grounder/visual/visual_grounder_impl.h"
#include "ie/error.h"
#include "nn/autocast.h"
#include "nn/weights.h"
#include "store/tensor_file.h"

namespace reamo::grounder {
namespace F = torch::nn::functional;

namespace {

constexpr int kCloseSide = 512;  // largest longer side of a close look
constexpr std::size_t kKeptPhrases = 1024;
constexpr double kMinShare = 0.05;      // groups of cells smaller than this share of the largest are noise
constexpr const char* kClassTable = "class_text_embeddings";  // optional tensor of the model file

torch::Tensor area_mean(const torch::Tensor& maps, std::int64_t height, std::int64_t width) {  // [n, h, w]
  return torch::adaptive_avg_pool2d(maps.unsqueeze(0), {height, width})[0];
}

std::span<const float> view(const torch::Tensor& values) {
  return {values.data_ptr<float>(), std::size_t(values.numel())};
}

// Matches in order of score; those that overlap a better one are dropped.
std::vector<Match> best_apart(std::vector<Match> matches, const GroundOptions& options) {
  std::stable_sort(matches.begin(), matches.end(), [](const Match& a, const Match& b) { return a.score > b.score; });
  std::vector<Match> kept;
  for (Match& match : matches) {
    if (int(kept.size()) >= options.max_matches) break;
    const bool covered = std::any_of(kept.begin(), kept.end(), [&](const Match& better) {
      return ie::box_iou(better.box, match.box) > 0 && ie::iou(better.mask, match.mask) > options.overlap;
    });
    if (!covered) kept.push_back(std::move(match));
  }
  return kept;
}

}  // namespace

double VisualGrounder::Impl::probability(double raw) const {
  return 1 / (1 + std::exp(-(config.calibration.scale * raw + config.calibration.bias)));
}

SeenImage VisualGrounder::Impl::look(const signal::Image& image) { return look(image, config.input); }

SeenImage VisualGrounder::Impl::look_closely(const signal::Image& image) {
  InputConfig input = config.input;
  if (input.long_side > 0 && 2 * input.long_side <= kCloseSide) input.long_side *= 2;
  return look(image, input);
}

SeenImage VisualGrounder::Impl::look(const signal::Image& image, const InputConfig& input) {
  torch::NoGradGuard no_grad;
  SeenImage seen;
  seen.width = image.width;
  seen.height = image.height;
  seen.model_image = preprocess(image, input);
  seen.features = model->encode(seen.model_image.pixels.unsqueeze(0).to(device));
  seen.cells_wide = (seen.model_image.width + 3) / 4;
  seen.cells_high = (seen.model_image.height + 3) / 4;
  const torch::Tensor inside =
      seen.model_image.pixels.slice(1, 0, seen.model_image.height).slice(2, 0, seen.model_image.width);
  seen.colors = area_mean(inside, seen.cells_high, seen.cells_wide) * 0.5;
  return seen;
}

torch::Tensor VisualGrounder::Impl::to_pixels(const SeenImage& seen, const torch::Tensor& cells) const {
  const torch::Tensor resized = F::interpolate(cells.unsqueeze(0).unsqueeze(0).to(torch::kFloat32),
                                               F::InterpolateFuncOptions()
                                                   .size(std::vector<std::int64_t>{cells.size(0) * 4, cells.size(1) * 4})
                                                   .mode(torch::kBilinear)
                                                   .align_corners(false))[0]
                                    .slice(1, 0, seen.model_image.height)
                                    .slice(2, 0, seen.model_image.width);
  return scale_logits(resized.cpu(), seen.height, seen.width)[0];
}

torch::Tensor VisualGrounder::Impl::to_cells(const SeenImage& seen, const torch::Tensor& mask) const {
  return area_mean(mask.to(torch::kFloat32).unsqueeze(0), seen.cells_high, seen.cells_wide)[0];
}

std::vector<float> VisualGrounder::Impl::appearance(const SeenImage& seen, const torch::Tensor& cells) const {
  const auto mean_over = [&](const torch::Tensor& map) {  // [width, cells]
    const torch::Tensor weights = cells.flatten() / cells.sum().clamp_min(1e-6);
    return torch::matmul(map.reshape({map.size(0), -1}), weights);
  };
  const torch::Tensor features = seen.features.mask_features[0]
                                     .slice(1, 0, seen.cells_high)
                                     .slice(2, 0, seen.cells_wide)
                                     .to(torch::kFloat32)
                                     .cpu();
  torch::Tensor look = mean_over(features), color = mean_over(seen.colors);
  look = torch::cat({look / look.norm().clamp_min(1e-6), color});
  look = (look / look.norm().clamp_min(1e-6)).contiguous();
  const float* values = look.data_ptr<float>();
  return {values, values + look.numel()};
}

Phrase VisualGrounder::Impl::encoded(const std::string& phrase) {
  {
    const std::lock_guard lock(mutex_);
    const auto it = phrases_.find(phrase);
    if (it != phrases_.end()) return it->second;
  }
  nn::ClipTokenizeOptions options;
  options.context_length = config.text.context;
  options.pad_id = nn::ClipTokenizeOptions::kPadWithEnd;
  options.unescape_html = false;
  const Phrase result = model->encode_phrase(tokenizer->encode(std::vector<std::string>{phrase}, options)[0].to(device));
  const std::lock_guard lock(mutex_);
  if (phrases_.size() >= kKeptPhrases) phrases_.clear();
  phrases_.emplace(phrase, result);
  return result;
}

std::vector<std::vector<Match>> VisualGrounder::Impl::ground(const SeenImage& seen,
                                                            const std::vector<std::string>& phrases,
                                                            const GroundOptions& options) {
  torch::NoGradGuard no_grad;
  std::vector<std::vector<Match>> results;
  for (const std::string& phrase : phrases) {
    if (phrase.find_first_not_of(" \t\r\n") == std::string::npos) throw UsageError("a phrase to ground is empty");
    const Phrase vectors = encoded(phrase);
    results.push_back(best_apart(config.head == HeadKind::kDecoder ? ground_decoder(seen, vectors, options)
                                                                   : ground_dot(seen, vectors, options),
                                 options));
  }
  return results;
}

std::vector<Match> VisualGrounder::Impl::ground_decoder(const SeenImage& seen, const Phrase& phrase,
                                                        const GroundOptions& options) {
  Prompts prompts;
  prompts.text = phrase.tokens;
  const DecoderOutput output = model->decode(seen.features, prompts);
  const auto unit = [](const torch::Tensor& x) { return x / (x.norm(2, -1, true) + 1e-7); };
  const torch::Tensor cosine = torch::matmul(unit(output.captions), unit(phrase.vector)).cpu();
  torch::Tensor labels;
  if (options.label && class_table.defined()) labels = model->class_logits(output.captions, class_table).argmax(1).cpu();
  std::vector<Match> matches;
  for (std::int64_t query = 0; query < cosine.size(0); ++query) {
    const double score = probability(cosine[query].item<double>());
    if (score < options.threshold.value_or(config.threshold)) continue;
    const torch::Tensor cells = output.masks[query].slice(0, 0, seen.cells_high).slice(1, 0, seen.cells_wide);
    Match match;
    match.mask = to_mask(to_pixels(seen, output.masks[query]) > 0);
    if (match.mask.empty()) continue;
    match.box = match.mask.box();
    match.score = score;
    if (labels.defined()) {
      const auto label = std::size_t(labels[query].item<std::int64_t>());
      if (label < coco_classes().size()) match.label = coco_classes()[label].display;
    }
    if (options.appearance) match.appearance = appearance(seen, (cells > 0).to(torch::kFloat32).cpu());
    matches.push_back(std::move(match));
  }
  return matches;
}

std::vector<Match> VisualGrounder::Impl::ground_dot(const SeenImage& seen, const Phrase& phrase,
                                                    const GroundOptions& options) {
  const double threshold = options.threshold.value_or(config.threshold);
  const torch::Tensor map = seen.features.mask_features.slice(2, 0, seen.cells_high).slice(3, 0, seen.cells_wide);
  const torch::Tensor raw =
      head->dot(head->embed(phrase.vector.unsqueeze(0)), map, torch::zeros({1}, torch::kInt64).to(device))[0]
          .to(torch::kFloat32)
          .cpu()
          .contiguous();
  const torch::Tensor logits = (raw + head->foreground(map)[0].to(torch::kFloat32).cpu()).contiguous();
  const auto presence = [&](double evidence) {
    return probability(head->presence(torch::full({1, 1}, evidence, raw.options()).to(device)).item<double>());
  };
  // A phrase that is there has some cells, even where no logit reaches zero.
  const float level = std::min(0.f, logits.max().item<float>() - 1);
  const std::vector<CellGroup> groups = connected_groups(view(logits), seen.cells_high, seen.cells_wide, level, view(raw),
                                                         head->top(), kMinShare);
  std::vector<CellGroup> present;
  std::vector<double> scores;
  for (const CellGroup& group : groups) {
    const double score = presence(group.evidence);
    if (score < threshold) continue;
    present.push_back(group);
    scores.push_back(score);
  }
  std::vector<Match> matches;
  if (present.empty()) return matches;
  const torch::Tensor pixels = to_pixels(seen, logits - level);
  std::vector<int> owner = nearest_group(present, seen.cells_high, seen.cells_wide, 2);
  const torch::Tensor owners = torch::from_blob(owner.data(), {seen.cells_high, seen.cells_wide}, torch::kInt32);
  for (std::size_t i = 0; i < present.size(); ++i) {
    const torch::Tensor mine = owners == std::int64_t(i);
    const torch::Tensor set = (pixels > 0) & (to_pixels(seen, mine.to(torch::kFloat32)) > 0.5);
    Match match;
    match.mask = to_mask(set);
    if (match.mask.empty()) continue;
    match.box = match.mask.box();
    match.score = scores[i];
    if (options.appearance) match.appearance = appearance(seen, (mine & (logits > level)).to(torch::kFloat32));
    matches.push_back(std::move(match));
  }
  return matches;
}

VisualGrounder VisualGrounder::load(const nlohmann::json& config, const std::filesystem::path& safetensors,
                                    const std::filesystem::path& bpe, const std::string& device) {
  auto impl = std::make_unique<Impl>();
  impl->config = seem_config_from_json(config);
  impl->device = nn::choose_device(device);
  impl->tokenizer = nn::ClipTokenizer::open(bpe);
  if (impl->tokenizer->vocab_size() != impl->config.text.vocabulary) {
    throw Error(bpe.string() + " has " + std::to_string(impl->tokenizer->vocab_size()) +
                " tokens, the visual grounder was made for " + std::to_string(impl->config.text.vocabulary));
  }
  const store::TensorFile file = store::TensorFile::open_safetensors(safetensors);
  impl->model = Seem(impl->config);
  nn::load(*impl->model, file, {"", true, {"dilation_kernel"}});
  if (file.has(kClassTable)) impl->class_table = nn::to_tensor(file.at(kClassTable)).to(torch::kFloat32).to(impl->device);
  impl->model->to(impl->device);
  impl->model->eval();
  for (auto& parameter : impl->model->parameters()) parameter.set_requires_grad(false);
  impl->head = impl->model->dot_product_head();
  return VisualGrounder(std::move(impl));
}

VisualGrounder::VisualGrounder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
VisualGrounder::VisualGrounder(VisualGrounder&&) noexcept = default;
VisualGrounder& VisualGrounder::operator=(VisualGrounder&&) noexcept = default;
VisualGrounder::~VisualGrounder() = default;

std::vector<std::vector<Match>> VisualGrounder::ground(const signal::Image& image,
                                                       const std::vector<std::string>& phrases,
                                                       const GroundOptions& options) const {
  if (phrases.empty()) return {};
  return impl_->ground(impl_->look(image), phrases, options);
}

std::optional<Match> VisualGrounder::ground(const signal::Image& image, const RegionQuery& query,
                                            const GroundOptions& options) const {
  return impl_->ground(impl_->look(image), query, options);
}

}  // namespace reamo::grounder
