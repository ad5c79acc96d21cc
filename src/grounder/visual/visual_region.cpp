// Points, boxes and drawings as prompts.
#include <algorithm>
#include <cmath>

#include "grounder/visual/instances.h"
#include "grounder/visual/postprocess.h"
#include "grounder/visual/visual_grounder_impl.h"
#include "ie/error.h"

namespace reamo::grounder {
namespace {

constexpr double kPointRadius = 0.01;  // of the longer side; a point prompt is a small disc
constexpr float kOutside = -8;         // logit of cells that do not belong

void draw_disc(torch::Tensor& mask, const RegionQuery::Point& point) {
  const int height = int(mask.size(0)), width = int(mask.size(1));
  if (point.x < 0 || point.y < 0 || point.x >= width || point.y >= height) {
    throw UsageError("the point " + std::to_string(point.x) + "," + std::to_string(point.y) + " lies outside the picture of " +
                     std::to_string(width) + " x " + std::to_string(height) + " pixels");
  }
  const double radius = std::max(1.5, kPointRadius * std::max(width, height));
  auto set = mask.accessor<bool, 2>();
  const int reach = int(radius) + 1;
  for (int y = std::max(0, point.y - reach); y <= std::min(height - 1, point.y + reach); ++y) {
    for (int x = std::max(0, point.x - reach); x <= std::min(width - 1, point.x + reach); ++x) {
      if (std::hypot(x - point.x, y - point.y) <= radius) set[y][x] = true;
    }
  }
}

torch::Tensor unit_columns(const torch::Tensor& x) { return x / x.norm(2, 0, true).clamp_min(1e-6); }

}  // namespace

torch::Tensor VisualGrounder::Impl::drawing(const SeenImage& seen, const RegionQuery& query) const {
  if (query.points.empty() && !query.box && !query.drawing) throw UsageError("a region needs a point, a box or a drawing");
  torch::Tensor mask = torch::zeros({seen.height, seen.width}, torch::kBool);
  if (query.drawing) {
    if (query.drawing->width != seen.width || query.drawing->height != seen.height) {
      throw UsageError("a drawing must have the size of its picture, " + std::to_string(seen.width) + " x " +
                       std::to_string(seen.height));
    }
    mask |= from_mask(*query.drawing);
  }
  if (query.box) {
    const ie::Box& box = *query.box;
    const int x0 = std::max(0, box.x), y0 = std::max(0, box.y);
    const int x1 = std::min(seen.width, box.x + box.width), y1 = std::min(seen.height, box.y + box.height);
    if (x0 >= x1 || y0 >= y1) throw UsageError("the box lies outside the picture");
    mask.slice(0, y0, y1).slice(1, x0, x1).fill_(true);
  }
  for (const RegionQuery::Point& point : query.points) draw_disc(mask, point);
  if (!mask.any().item<bool>()) throw UsageError("the drawing is empty");
  return mask;
}

std::optional<Match> VisualGrounder::Impl::ground(const SeenImage& seen, const RegionQuery& query,
                                                  const GroundOptions& options) {
  torch::NoGradGuard no_grad;
  const torch::Tensor drawn = drawing(seen, query);
  const auto [cells, score] = config.head == HeadKind::kDecoder
                                  ? region_decoder(seen, drawn)
                                  : region_dot(seen, drawn, query.box.has_value() || query.drawing.has_value());
  if (!cells.defined() || score < options.threshold.value_or(0)) return std::nullopt;
  Match match;
  match.mask = to_mask(to_pixels(seen, cells) > 0);
  if (match.mask.empty()) return std::nullopt;
  match.box = match.mask.box();
  match.score = score;
  if (options.appearance) {
    const torch::Tensor inside = cells.slice(0, 0, seen.cells_high).slice(1, 0, seen.cells_wide) > 0;
    match.appearance = appearance(seen, inside.to(torch::kFloat32).cpu());
  }
  return match;
}

// As published: the query whose mask embedding has the largest mean logit at the drawn points.
std::pair<torch::Tensor, double> VisualGrounder::Impl::region_decoder(const SeenImage& seen, const torch::Tensor& drawn) {
  const ModelImage& image = seen.model_image;
  torch::Tensor resized = resize_stroke(drawn, image.width, image.height);
  if (!resized.any().item<bool>()) {  // too thin for the smaller size: keep the cells it touches
    const torch::Tensor points = drawn.nonzero();
    const torch::Tensor y = (points.select(1, 0) * image.height).floor_divide(seen.height);
    const torch::Tensor x = (points.select(1, 1) * image.width).floor_divide(seen.width);
    resized.index_put_({y, x}, true);
  }
  torch::Tensor padded = torch::zeros({image.pixels.size(1), image.pixels.size(2)}, torch::kBool);
  padded.slice(0, 0, image.height).slice(1, 0, image.width).copy_(resized);
  Prompts prompts;
  prompts.stroke = model->region_prompt(seen.features, padded.to(device));
  const DecoderOutput output = model->decode(seen.features, prompts);
  const torch::Tensor scores = torch::matmul(output.mask_embeddings, prompts.stroke->mean);
  const std::int64_t best = scores.argmax().item<std::int64_t>();
  return {output.masks[best], 1 / (1 + std::exp(-scores[best].item<double>()))};
}

// Pixels that look more like what is drawn than like the rest, connected to it.
std::pair<torch::Tensor, double> VisualGrounder::Impl::region_dot(const SeenImage& seen, const torch::Tensor& drawn,
                                                                  bool bounded) {
  const torch::Tensor map = seen.features.mask_features.slice(2, 0, seen.cells_high).slice(3, 0, seen.cells_wide);
  const torch::Tensor foreground = head->foreground(map)[0].to(torch::kFloat32).cpu();
  const std::int64_t cells = foreground.numel();
  const torch::Tensor share = to_cells(seen, drawn);
  torch::Tensor inside = share > std::min(0.5f, share.max().item<float>() * 0.5f);
  torch::Tensor seed = inside & (foreground > 0);
  if (!seed.any().item<bool>()) seed = inside;
  // Features of the model beside plain colour, so that what the model does not know can still be told apart.
  const torch::Tensor features = torch::cat({unit_columns(map[0].reshape({-1, cells}).to(torch::kFloat32).cpu()),
                                             seen.colors.reshape({3, cells})});
  const auto mean_over = [&](const torch::Tensor& where) {
    const torch::Tensor weights = where.flatten().to(torch::kFloat32);
    return torch::matmul(features, weights / weights.sum().clamp_min(1)).unsqueeze(1);
  };
  const torch::Tensor outside = ~inside & (foreground <= 0);
  const torch::Tensor rest = outside.any().item<bool>() ? outside : ~inside;
  const auto distance = [&](const torch::Tensor& centre) { return (features - centre).square().sum(0); };
  torch::Tensor logits = distance(mean_over(rest)) - distance(mean_over(seed));
  const double spread = logits.abs().mean().item<double>();
  logits = (logits / std::max(spread, 1e-6)).view_as(foreground);
  if (bounded) {  // a box or drawing says where the object ends, up to a cell
    const torch::Tensor near = torch::max_pool2d(inside.to(torch::kFloat32).unsqueeze(0).unsqueeze(0), 3, 1, 1)[0][0] > 0;
    logits = torch::where(near, logits + 0.5, torch::full_like(logits, kOutside));
  }
  logits = logits.contiguous();
  const std::span<const float> values(logits.data_ptr<float>(), std::size_t(cells));
  const auto groups = connected_groups(values, seen.cells_high, seen.cells_wide, 0, values, 1, 0);
  torch::Tensor kept = torch::full_like(logits, kOutside);
  float* kept_values = kept.data_ptr<float>();
  const torch::Tensor flat = seed.contiguous();
  const bool* seeds = flat.data_ptr<bool>();
  double sum = 0;
  std::size_t count = 0;
  for (const CellGroup& group : groups) {
    if (std::none_of(group.cells.begin(), group.cells.end(), [&](int cell) { return seeds[cell]; })) continue;
    for (const int cell : group.cells) {
      kept_values[cell] = values[cell];
      sum += 1 / (1 + std::exp(-values[cell]));
      ++count;
    }
  }
  if (count == 0) return {};
  // Between members and the rest the border runs halfway.
  const torch::Tensor member = kept > 0;
  return {torch::where(member, torch::ones_like(kept), -torch::ones_like(kept)), sum / double(count)};
}

}  // namespace reamo::grounder
