#include "train/trainer.h"

#include <gtest/gtest.h>

#include "ie/error.h"
#include "nn/weights.h"
#include "store/tensor_file.h"
#include "train/checkpoint.h"

namespace reamo::train {
namespace {

class TrainerTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("reamo_train_" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  struct Net : torch::nn::Module {
    Net() {
      first = register_module("first", torch::nn::Linear(6, 16));
      norm = register_module("norm", torch::nn::BatchNorm1d(16));
      last = register_module("last", torch::nn::Linear(16, 1));
    }
    torch::Tensor forward(const torch::Tensor& x) {
      return last(torch::dropout(torch::tanh(norm(first(x))), 0.1, is_training()));
    }
    torch::nn::Linear first{nullptr}, last{nullptr};
    torch::nn::BatchNorm1d norm{nullptr};
  };

  TrainOptions options(const std::string& name) {
    TrainOptions options;
    options.run = folder_ / name;
    options.steps = 30;
    options.warmup = 3;
    options.bf16 = false;
    options.log_every = 5;
    return options;
  }
  std::map<std::string, torch::Tensor> run(const TrainOptions& options) {
    torch::manual_seed(7);
    Net net;
    last_ = train(net, {{trainable(*net.first), 0.5}, {trainable(*net.norm), 1}, {trainable(*net.last), 1}}, options,
                  [&](std::int64_t batch) -> BatchResult {
                    torch::manual_seed(std::uint64_t(batch) + 99);
                    const torch::Tensor x = torch::randn({8, 6});
                    return {torch::mse_loss(net.forward(x), x.sum(1, true)), {}};
                  });
    return nn::state_dict(net);
  }
  std::filesystem::path folder_;
  TrainReport last_;
};

TEST_F(TrainerTest, ResumedRunEqualsUninterruptedRunBitForBit) {
  const auto whole = run(options("whole"));
  TrainOptions first = options("parts");
  first.stop_after = 13;
  run(first);
  EXPECT_EQ(last_.step, 13);
  const auto resumed = run(options("parts"));
  EXPECT_EQ(last_.step, 30);
  for (const auto& [name, tensor] : whole) EXPECT_TRUE(torch::equal(tensor, resumed.at(name))) << name;
}

TEST_F(TrainerTest, LearnsAndLogsEveryStepOnce) {
  TrainOptions settings = options("log");
  settings.steps = 400;
  settings.learning_rate = 1e-2;
  settings.stop_after = 10;
  run(settings);
  const double early = last_.last.at("loss");
  settings.stop_after = -1;
  run(settings);
  EXPECT_LT(last_.last.at("loss"), early / 2);
  const std::string lines = store::read_file(folder_ / "log" / "metrics.jsonl");
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 80);
}

TEST_F(TrainerTest, StopsWhenTheLossIsNotFinite) {
  Net net;
  EXPECT_THROW(train(net, {{trainable(net), 1}}, options("nan"),
                     [&](std::int64_t) -> BatchResult { return {net.forward(torch::randn({4, 6})).sum() * NAN, {}}; }),
               Error);
}

TEST_F(TrainerTest, CutsLargeTensorsIntoParts) {
  Checkpoint checkpoint;
  checkpoint.step = 4;
  checkpoint.tensors["large"] = torch::randn({1300, 4096});
  checkpoint.tensors["count"] = torch::tensor(5, torch::kInt64);
  checkpoint.optimizer = std::string(20 << 20, 'x');
  save_checkpoint(folder_, checkpoint);
  int parts = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_)) {
    if (entry.path().extension() == ".safetensors") {
      ++parts;
      EXPECT_LE(entry.file_size(), 16u << 20);
    }
  }
  EXPECT_GE(parts, 3);
  const auto back = load_checkpoint(folder_);
  ASSERT_TRUE(back.has_value());
  EXPECT_TRUE(torch::equal(back->tensors.at("large"), checkpoint.tensors["large"]));
  EXPECT_EQ(back->tensors.at("count").item<std::int64_t>(), 5);
  EXPECT_EQ(back->optimizer, checkpoint.optimizer);
}

}  // namespace
}  // namespace reamo::train
