#include "reasoner/sampling.h"

#include <algorithm>
#include <limits>

#include "ie/error.h"

namespace reamo::reasoner {

torch::Tensor filter_logits(torch::Tensor logits, const torch::Tensor& history, const SamplingOptions& options) {
  constexpr double kDropped = -std::numeric_limits<double>::infinity();
  if (!(options.temperature > 0)) throw Error("the temperature must be above 0");
  logits = logits.to(torch::kFloat32);
  if (options.repetition_penalty != 1 && history.defined() && history.numel() > 0) {
    const torch::Tensor seen = logits.gather(1, history);
    const torch::Tensor penalised =
        torch::where(seen < 0, seen * options.repetition_penalty, seen / options.repetition_penalty);
    logits = logits.scatter(1, history, penalised);
  }
  if (options.temperature != 1) logits = logits / options.temperature;
  const std::int64_t vocabulary = logits.size(1);
  if (options.top_k > 0) {
    const torch::Tensor kth = std::get<0>(logits.topk(std::min(options.top_k, vocabulary), 1)).narrow(1, std::min(options.top_k, vocabulary) - 1, 1);
    logits = logits.masked_fill(logits < kth, kDropped);
  }
  if (options.top_p < 1) {
    const auto [sorted, order] = logits.sort(1, false);
    torch::Tensor drop = torch::softmax(sorted, 1).cumsum(1) <= 1 - options.top_p;
    drop.narrow(1, vocabulary - 1, 1).fill_(false);
    logits = logits.masked_fill(torch::zeros_like(drop).scatter(1, order, drop), kDropped);
  }
  return logits;
}

bool ends_with_stop(std::span<const std::int64_t> ids, const std::vector<Ids>& stops) {
  return std::any_of(stops.begin(), stops.end(), [&](const Ids& stop) {
    return !stop.empty() && ids.size() >= stop.size() && std::equal(stop.begin(), stop.end(), ids.end() - std::ptrdiff_t(stop.size()));
  });
}

}  // namespace reamo::reasoner
