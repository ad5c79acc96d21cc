#include "nn/resnet.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "ie/error.h"
#include "nn/autocast.h"
#include "nn/weights.h"

namespace reamo::nn {
namespace {

ResNetConfig small(int topdown_stride) {
  ResNetConfig c;
  c.stem_width = 8;
  c.widths = {8, 12, 16};
  c.blocks = {1, 2, 1};
  c.topdown_width = 10;
  c.topdown_stride = topdown_stride;
  return c;
}

TEST(ResNet, ReturnsTheMapsAtTheirStrides) {
  for (int stride : {4, 8, 16}) {
    ResNet net(small(stride));
    const ResNetFeatures f = net->forward(torch::randn({2, 3, 64, 96}));
    EXPECT_EQ(f.stride4.sizes(), (std::vector<std::int64_t>{2, 8, 16, 24}));
    EXPECT_EQ(f.stride8.sizes(), (std::vector<std::int64_t>{2, 12, 8, 12}));
    EXPECT_EQ(f.stride16.sizes(), (std::vector<std::int64_t>{2, 16, 4, 6}));
    EXPECT_EQ(f.topdown.sizes(), (std::vector<std::int64_t>{2, 10, 64 / stride, 96 / stride}));
  }
}

TEST(ResNet, TakesSizesThatAreNoMultipleOfTheStride) {
  ResNet net(small(4));
  const ResNetFeatures f = net->forward(torch::randn({1, 3, 50, 37}));
  EXPECT_EQ(f.stride16.sizes(), (std::vector<std::int64_t>{1, 16, 4, 3}));
  EXPECT_EQ(f.topdown.sizes(), (std::vector<std::int64_t>{1, 10, 13, 10}));
}

TEST(ResNet, HasTheStatedSizeAndNames) {
  ResNet net;
  std::int64_t parameters = 0;
  for (const auto& item : net->named_parameters()) {
    parameters += item.value().numel();
    const std::string head = item.key().substr(0, item.key().find('.'));
    EXPECT_TRUE(head == "stem" || head == "stages" || head == "topdown") << item.key();
  }
  EXPECT_NEAR(double(parameters), 2.4e6, 0.15e6);
}

TEST(ResNet, ReachesEveryParameterUnderAutocast) {
  torch::manual_seed(1);
  ResNet net(small(8));
  torch::Tensor loss;
  {
    AutocastGuard autocast(torch::kCPU);
    const ResNetFeatures f = net->forward(torch::randn({4, 3, 32, 32}));
    loss = (f.topdown.to(torch::kFloat32) * torch::randn_like(f.topdown, torch::kFloat32)).sum();
  }
  loss.backward();
  for (const auto& item : net->named_parameters()) {
    ASSERT_TRUE(item.value().grad().defined()) << item.key();
    EXPECT_GT(item.value().grad().abs().sum().item<float>(), 0.0f) << item.key();
    EXPECT_TRUE(torch::isfinite(item.value().grad()).all().item<bool>()) << item.key();
  }
}

TEST(ResNet, CarriesItsWeightsByName) {
  torch::manual_seed(2);
  ResNet a(small(8)), b(small(8));
  a->forward(torch::randn({4, 3, 32, 32}));  // moves the running statistics
  load(*b, state_dict(*a, "backbone."), "memory", {.prefix = "backbone.", .allow_extra = false, .optional = {}});
  a->eval();
  b->eval();
  const torch::Tensor x = torch::randn({1, 3, 32, 32});
  EXPECT_TRUE(torch::equal(a->forward(x).topdown, b->forward(x).topdown));
}

TEST(ResNet, ReadsAndChecksItsConfiguration) {
  EXPECT_EQ(resnet_config(to_json(small(4))).widths, small(4).widths);
  EXPECT_THROW(resnet_config({{"width", 3}}), Error);
  EXPECT_THROW(resnet_config({{"widths", {1, 2}}}), Error);
  EXPECT_THROW(resnet_config({{"topdown_stride", 5}}), Error);
  EXPECT_THROW(resnet_config({{"blocks", "many"}}), Error);
}

TEST(Autocast, EndsWithItsScope) {
  const torch::Tensor a = torch::randn({4, 4});
  {
    AutocastGuard autocast(torch::kCPU);
    EXPECT_EQ(torch::matmul(a, a).scalar_type(), torch::kBFloat16);
    { AutocastGuard off(torch::kCPU, false); }
    EXPECT_EQ(torch::matmul(a, a).scalar_type(), torch::kBFloat16);
  }
  EXPECT_EQ(torch::matmul(a, a).scalar_type(), torch::kFloat32);
}

TEST(Autocast, NamesWhatItDoesNotKnow) {
  EXPECT_EQ(choose_device("cpu").type(), torch::kCPU);
  EXPECT_THROW(choose_device("gpu"), UsageError);
  EXPECT_THROW(choose_device("cuda:x"), UsageError);
  EXPECT_EQ(choose_dtype("bf16"), torch::kBFloat16);
  EXPECT_THROW(choose_dtype("int3"), UsageError);
}

}  // namespace
}  // namespace reamo::nn
