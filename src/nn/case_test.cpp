#include "nn/case.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "ie/error.h"
#include "nn/weights.h"

namespace reamo::nn {
namespace {

class CaseTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) /
              ("case_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void write(const std::string& json, const Tensors& expected, const Tensors& inputs = {}) {
    std::ofstream(folder_ / "case.json") << json;
    write_tensors(folder_ / "expected.safetensors", expected);
    write_tensors(folder_ / "inputs.safetensors", inputs);
  }
  CaseResult run(const Tensors& got) { return compare(Case::open(folder_), got); }

  std::filesystem::path folder_;
};

TEST_F(CaseTest, UsesTheLongestToleranceThatFits) {
  write(R"({"op": "x", "expected": "expected.safetensors",
            "tolerance": {"*": {"atol": 1, "rtol": 0}, "frame*.mask": {"atol": 0.1, "rtol": 0}, "frame0.mask": {"atol": 0.5, "rtol": 0}}})",
        {{"frame0.mask", torch::tensor({1.0})}, {"frame1.mask", torch::tensor({1.0})}, {"other", torch::tensor({1.0})}});
  EXPECT_TRUE(run({{"frame0.mask", torch::tensor({1.4})}, {"frame1.mask", torch::tensor({1.05})}, {"other", torch::tensor({1.9})}}).passed);
  EXPECT_FALSE(run({{"frame0.mask", torch::tensor({1.6})}, {"frame1.mask", torch::tensor({1.05})}, {"other", torch::tensor({1.9})}}).passed);
  EXPECT_FALSE(run({{"frame0.mask", torch::tensor({1.4})}, {"frame1.mask", torch::tensor({1.2})}, {"other", torch::tensor({1.9})}}).passed);
}

TEST_F(CaseTest, RefusesMissingTensorsAndOtherShapes) {
  write(R"({"op": "x", "expected": "expected.safetensors", "tolerance": {"*": {"atol": 1, "rtol": 0}}})", {{"a", torch::zeros({2, 3})}});
  EXPECT_FALSE(run({}).passed);
  EXPECT_FALSE(run({{"a", torch::zeros({3, 2})}}).passed);
  EXPECT_TRUE(run({{"a", torch::zeros({2, 3})}}).passed);
}

TEST_F(CaseTest, TellsNotANumberFromANumber) {
  write(R"({"op": "x", "expected": "expected.safetensors", "tolerance": {"*": {"atol": 1, "rtol": 1}}})",
        {{"a", torch::tensor({1.0f, NAN, -INFINITY})}});
  EXPECT_TRUE(run({{"a", torch::tensor({1.0f, NAN, -INFINITY})}}).passed);
  EXPECT_FALSE(run({{"a", torch::tensor({NAN, NAN, -INFINITY})}}).passed);
  EXPECT_FALSE(run({{"a", torch::tensor({1.0f, 2.0f, -INFINITY})}}).passed);
  EXPECT_FALSE(run({{"a", torch::tensor({1.0f, NAN, INFINITY})}}).passed);
}

TEST_F(CaseTest, ComparesOnlyWhereTheRuleSays) {
  write(R"({"op": "x", "expected": "expected.safetensors", "inputs": "inputs.safetensors", "tolerance": {"*": {"atol": 0, "rtol": 0}},
            "rules": {"f*.mask": {"where": "abs(f*.logits) > 0.1"}, "rows": {"where": "keep == 1"}, "own": {"where_own": "mine >= 2"}}})",
        {{"f0.mask", torch::tensor({1, 0, 1})},
         {"f0.logits", torch::tensor({0.05, -3.0, 2.0})},
         {"rows", torch::tensor({{1, 1}, {2, 2}})},
         {"own", torch::tensor({5, 6})}},
        {{"keep", torch::tensor({0, 1})}});
  Tensors got{{"f0.mask", torch::tensor({0, 0, 1})},
              {"f0.logits", torch::tensor({0.05, -3.0, 2.0})},
              {"rows", torch::tensor({{7, 8}, {2, 2}})},
              {"own", torch::tensor({0, 6})},
              {"mine", torch::tensor({1, 2})}};
  EXPECT_TRUE(run(got).passed) << describe(run(got));
  got["f0.mask"] = torch::tensor({0, 1, 1});
  EXPECT_FALSE(run(got).passed);
  got["f0.mask"] = torch::tensor({0, 0, 1});
  got["rows"] = torch::tensor({{7, 8}, {2, 3}});
  EXPECT_FALSE(run(got).passed);
  got["rows"] = torch::tensor({{7, 8}, {2, 2}});
  got["mine"] = torch::tensor({2, 2});
  EXPECT_FALSE(run(got).passed);
}

TEST_F(CaseTest, AllowsAShareOfDifferences) {
  write(R"({"op": "x", "expected": "expected.safetensors", "tolerance": {"*": {"atol": 0, "rtol": 0}},
            "rules": {"m": {"compare": "nonzero", "max_fraction_different": 0.25}}})",
        {{"m", torch::tensor({0, 255, 255, 0})}});
  EXPECT_TRUE(run({{"m", torch::tensor({0, 1, 7, 0})}}).passed);
  EXPECT_TRUE(run({{"m", torch::tensor({1, 1, 7, 0})}}).passed);
  EXPECT_FALSE(run({{"m", torch::tensor({1, 1, 7, 9})}}).passed);
}

TEST_F(CaseTest, NamesWhatIsWrongWithACase) {
  EXPECT_THROW(Case::open(folder_), Error);
  std::ofstream(folder_ / "case.json") << R"({"what": "no op"})";
  EXPECT_THROW(Case::open(folder_), Error);
  std::ofstream(folder_ / "case.json") << R"({"op": "x", "weights": "not-there.safetensors"})";
  const Case reference = Case::open(folder_);
  EXPECT_THROW(reference.weights(), Error);
  EXPECT_THROW(reference.tolerance("a"), Error);
  EXPECT_TRUE(reference.expected().empty());
}

TEST(Pattern, StarsStandForAnything) {
  std::vector<std::string> stars;
  EXPECT_TRUE(fits_pattern("frame*.mask*", "frame12.mask_a", &stars));
  EXPECT_EQ(stars, (std::vector<std::string>{"12", "_a"}));
  EXPECT_TRUE(fits_pattern("*", ""));
  EXPECT_FALSE(fits_pattern("frame*.mask", "frame12.mas"));
}

}  // namespace
}  // namespace reamo::nn
