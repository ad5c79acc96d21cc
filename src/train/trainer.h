// The training loop shared by all stages: AdamW, schedule, clipping, accumulation, bf16, checkpoints, metrics.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace reamo::train {

struct TrainOptions {
  std::filesystem::path run;          // folder for checkpoints and metrics.jsonl
  std::int64_t steps = 1000;          // updates in all; the schedule ends there
  std::int64_t stop_after = -1;       // updates after which this call returns (resumable); -1: at the end
  double learning_rate = 1e-3;
  std::string schedule = "linear";    // linear (to `final_share`) or cosine (to 0), after warm-up
  std::int64_t warmup = 100;
  double final_share = 0.05;
  double beta1 = 0.9, beta2 = 0.98, epsilon = 1e-8;
  double weight_decay = 0.05;         // on matrices only
  double clip = 1.0;                  // global gradient norm; 0: none
  int accumulation = 1;               // batches per update
  bool bf16 = true;                   // autocast of the forward pass
  std::uint64_t seed = 1;             // of weights, order and dropout; data are a function of (seed, batch number)
  std::string device = "cpu";
  double checkpoint_seconds = 180;
  int log_every = 20;                 // updates
  bool progress = true;               // a line on a terminal
};

// What one batch gave: the loss to minimise and figures to log (averaged between log lines).
struct BatchResult {
  torch::Tensor loss;
  std::map<std::string, double> figures;
};

// Weights with their own rate: `share` of the main learning rate.
struct ParameterGroup {
  std::vector<torch::Tensor> parameters;
  double share = 1.0;
};

struct TrainReport {
  std::int64_t step = 0;
  double seconds = 0;
  std::map<std::string, double> last;  // figures of the last log line
};

// Runs `batch(number)` for every batch and updates the groups. `module` is what checkpoints hold. Resumes from the newest
// checkpoint in options.run; a resumed run equals one that was not interrupted, bit for bit on the same machine.
// Stops early, with a checkpoint, at SIGINT or SIGTERM. Throws Error when the loss or the gradient stops being finite.
TrainReport train(torch::nn::Module& module, const std::vector<ParameterGroup>& groups, const TrainOptions& options,
                  const std::function<BatchResult(std::int64_t batch)>& batch,
                  const std::function<void(std::int64_t step)>& at_checkpoint = {});

// All parameters that need a gradient.
std::vector<torch::Tensor> trainable(torch::nn::Module& module);

}  // namespace reamo::train
