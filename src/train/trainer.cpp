#include "train/trainer.h"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "ie/error.h"
#include "nn/autocast.h"
#include "nn/functional.h"
#include "nn/schedule.h"
#include "nn/weights.h"
#include "store/tensor_file.h"
#include "train/checkpoint.h"

namespace reamo::train {
namespace {

using Clock = std::chrono::steady_clock;

std::atomic<bool> stop_requested{false};
void request_stop(int) { stop_requested = true; }

// Handlers for the time of a run, the former ones afterwards.
class StopSignals {
 public:
  StopSignals() : interrupt_(std::signal(SIGINT, request_stop)), terminate_(std::signal(SIGTERM, request_stop)) {
    stop_requested = false;
  }
  ~StopSignals() {
    std::signal(SIGINT, interrupt_);
    std::signal(SIGTERM, terminate_);
  }

 private:
  void (*interrupt_)(int);
  void (*terminate_)(int);
};

double rate_factor(const TrainOptions& options, std::int64_t step) {
  if (options.schedule == "cosine") return nn::cosine_rate(1, step, options.warmup, options.steps);
  if (options.schedule == "linear") return nn::linear_rate(1, step, options.warmup, options.steps, options.final_share);
  throw UsageError("schedule must be linear or cosine, not " + options.schedule);
}

// Two optimiser groups a parameter group: matrices with decay, vectors without.
std::unique_ptr<torch::optim::AdamW> make_optimizer(const std::vector<ParameterGroup>& groups, const TrainOptions& options) {
  std::vector<torch::optim::OptimizerParamGroup> list;
  for (const ParameterGroup& group : groups) {
    std::vector<torch::Tensor> matrices, vectors;
    for (const torch::Tensor& parameter : group.parameters) (parameter.dim() > 1 ? matrices : vectors).push_back(parameter);
    for (const auto& [parameters, decay] : {std::pair{matrices, options.weight_decay}, std::pair{vectors, 0.0}}) {
      auto settings = std::make_unique<torch::optim::AdamWOptions>(options.learning_rate * group.share);
      settings->betas({options.beta1, options.beta2}).eps(options.epsilon).weight_decay(decay);
      list.emplace_back(parameters, std::move(settings));
    }
  }
  return std::make_unique<torch::optim::AdamW>(std::move(list), torch::optim::AdamWOptions(options.learning_rate));
}

std::string serialize(torch::optim::Optimizer& optimizer) {
  torch::serialize::OutputArchive archive;
  optimizer.save(archive);
  std::ostringstream out;
  archive.save_to(out);
  return out.str();
}

void deserialize(torch::optim::Optimizer& optimizer, const std::string& bytes) {
  std::istringstream in(bytes);
  torch::serialize::InputArchive archive;
  archive.load_from(in);
  optimizer.load(archive);
}

// Drops lines of steps that a resumed run will log again.
void cut_metrics(const std::filesystem::path& path, std::int64_t step) {
  if (!std::filesystem::exists(path)) return;
  std::istringstream lines(store::read_file(path));
  std::string kept, line;
  while (std::getline(lines, line)) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    if (json.is_object() && json.value("step", std::int64_t(0)) <= step) kept += line + "\n";
  }
  store::write_file_whole(path, kept);
}

class Log {
 public:
  Log(const TrainOptions& options, std::int64_t first_step) : options_(options), start_(Clock::now()), first_(first_step) {
    std::filesystem::create_directories(options.run);
    cut_metrics(options.run / "metrics.jsonl", first_step);
    file_.open(options.run / "metrics.jsonl", std::ios::app);
  }
  void add(const std::map<std::string, double>& figures) {
    for (const auto& [name, value] : figures) {
      sums_[name] += value;
      ++counts_[name];
    }
  }
  void line(std::int64_t step, double rate, double norm) {
    last_.clear();
    nlohmann::ordered_json json;
    json["step"] = step;
    for (const auto& [name, sum] : sums_) json[name] = last_[name] = sum / counts_[name];
    json["learning_rate"] = rate;
    json["gradient_norm"] = norm;
    json["seconds"] = seconds();
    file_ << json.dump() << std::endl;
    sums_.clear();
    counts_.clear();
    if (options_.progress && ::isatty(STDERR_FILENO)) show(step);
  }
  double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }
  const std::map<std::string, double>& last() const { return last_; }

 private:
  void show(std::int64_t step) {
    const double per_step = seconds() / double(std::max<std::int64_t>(1, step - first_));
    const auto it = last_.find("loss");
    std::fprintf(stderr, "\r%lld/%lld  loss %.4f  %.2f steps/s  %.0f min left   ", static_cast<long long>(step),
                 static_cast<long long>(options_.steps), it == last_.end() ? NAN : it->second, 1 / per_step,
                 per_step * double(options_.steps - step) / 60);
  }

  const TrainOptions& options_;
  Clock::time_point start_;
  std::int64_t first_;
  std::ofstream file_;
  std::map<std::string, double> sums_, last_;
  std::map<std::string, int> counts_;
};

}  // namespace

std::vector<torch::Tensor> trainable(torch::nn::Module& module) {
  std::vector<torch::Tensor> parameters;
  for (const torch::Tensor& parameter : module.parameters()) {
    if (parameter.requires_grad()) parameters.push_back(parameter);
  }
  return parameters;
}

TrainReport train(torch::nn::Module& module, const std::vector<ParameterGroup>& groups, const TrainOptions& options,
                  const std::function<BatchResult(std::int64_t)>& batch,
                  const std::function<void(std::int64_t)>& at_checkpoint) {
  const torch::Device device(options.device);
  module.to(device);
  module.train();
  auto optimizer = make_optimizer(groups, options);
  std::vector<torch::Tensor> parameters;
  for (const ParameterGroup& group : groups) parameters.insert(parameters.end(), group.parameters.begin(), group.parameters.end());

  std::int64_t step = 0;
  if (auto checkpoint = load_checkpoint(options.run)) {
    step = checkpoint->step;
    nn::load(module, checkpoint->tensors, options.run.string());
    deserialize(*optimizer, checkpoint->optimizer);
  } else if (device.is_cpu() && nn::measure_gflops() < 20) {
    std::fprintf(stderr, "warning: matrix products run under 20 GFLOP/s; is an optimised BLAS (libopenblas) installed?\n");
  }
  const auto save = [&] {
    save_checkpoint(options.run, {step, nn::state_dict(module), serialize(*optimizer), {}});
    if (at_checkpoint) at_checkpoint(step);
  };

  StopSignals signals;
  Log log(options, step);
  auto last_save = Clock::now();
  const std::int64_t last_step = options.stop_after < 0 ? options.steps : std::min(options.steps, options.stop_after);
  while (step < last_step && !stop_requested) {
    const double factor = rate_factor(options, step);
    std::size_t index = 0;
    for (const ParameterGroup& group : groups) {
      for (int half = 0; half < 2; ++half, ++index) {
        static_cast<torch::optim::AdamWOptions&>(optimizer->param_groups()[index].options())
            .lr(options.learning_rate * group.share * factor);
      }
    }
    optimizer->zero_grad();
    for (int part = 0; part < options.accumulation; ++part) {
      const std::int64_t number = step * options.accumulation + part;
      torch::manual_seed(options.seed * 1000003 + std::uint64_t(number));
      BatchResult result;
      {
        nn::AutocastGuard autocast(device.type(), options.bf16);
        result = batch(number);
      }
      if (!std::isfinite(result.loss.item<double>())) {
        throw Error("training stopped: the loss is not finite at step " + std::to_string(step));
      }
      (result.loss / options.accumulation).backward();
      result.figures["loss"] = result.loss.item<double>();
      log.add(result.figures);
    }
    const double norm = torch::nn::utils::clip_grad_norm_(parameters, options.clip > 0 ? options.clip : 1e30);
    if (!std::isfinite(norm) || norm > 1e6) {
      throw Error("training stopped: the gradient norm is " + std::to_string(norm) + " at step " + std::to_string(step));
    }
    optimizer->step();
    ++step;
    if (step % options.log_every == 0 || step == last_step) log.line(step, options.learning_rate * factor, norm);
    if (std::chrono::duration<double>(Clock::now() - last_save).count() > options.checkpoint_seconds) {
      save();
      last_save = Clock::now();
    }
  }
  save();
  return {step, log.seconds(), log.last()};
}

}  // namespace reamo::train
