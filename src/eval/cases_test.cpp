#include "eval/cases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "ie/error.h"

namespace reamo::eval {
namespace {

std::filesystem::path reference() {
  return std::filesystem::path(REAMO_SHARED_DIR) / "parity/metrics";
}

// One test a group, so that a fault names its group.
class MetricCases : public ::testing::TestWithParam<const char*> {};

TEST_P(MetricCases, AgreeWithTheReference) {
  const auto folder = reference() / GetParam();
  if (!std::filesystem::exists(folder))
    GTEST_SKIP() << "reference cases are not beside the checkout: " << GetParam();
  const auto files = metric_case_files(folder);
  std::size_t on_disk = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    on_disk += entry.path().extension() == ".json";
  EXPECT_EQ(files.size(), on_disk) << "a file has no metric here";
  for (const auto& file : files) {
    std::size_t run = 0;
    for (const CaseOutcome& outcome : run_metric_cases(file)) {
      SCOPED_TRACE(file.filename().string() + ": " + outcome.name);
      EXPECT_TRUE(outcome.passed())
          << outcome.fault << " " << outcome.worst << " error " << outcome.largest_error;
      if (!outcome.skipped.empty()) continue;
      ++run;
      EXPECT_GT(outcome.compared, 0u);
      for (const std::string& path : outcome.not_produced)
        EXPECT_EQ(path, "/bbox");  // raw boxes of counts that are not canonical
    }
    EXPECT_GT(run, 0u) << file;
  }
}

INSTANTIATE_TEST_SUITE_P(Groups, MetricCases,
                         ::testing::Values("rle", "mask_iou", "davis", "hota", "segments",
                                           "ie_strict", "ie_instructuie", "bootstrap", "grounded"),
                         [](const auto& info) { return std::string(info.param); });

TEST(MetricCaseFiles, WrongAnswersAreSeen) {
  const auto folder = std::filesystem::path(::testing::TempDir()) / "reamo_cases" / "segments";
  std::filesystem::create_directories(folder);
  const auto file = folder / "tiou.json";
  std::ofstream(file)
      << R"([{"name": "right", "input": {"gold": [0, 2], "predictions": [[1, 3]]}, "expected": {"tiou": [0.33333], "extra": 1}, "tolerance": {"*": 1e-4}},
    {"name": "wrong", "input": {"gold": [0, 2], "predictions": [[1, 3]]}, "expected": {"tiou": [0.34], "hull_iou_unclamped": [0.3]}, "tolerance": {"*": 1e-3, "hull_iou_unclamped": 1}},
    {"name": "broken", "input": {}, "expected": {}, "tolerance": {}}])";
  const auto outcomes = run_metric_cases(file);
  ASSERT_EQ(outcomes.size(), 3u);
  EXPECT_TRUE(outcomes[0].passed());
  EXPECT_EQ(outcomes[0].not_produced, (std::vector<std::string>{"/extra"}));
  EXPECT_FALSE(outcomes[1].passed());
  EXPECT_NEAR(outcomes[1].largest_share, 6.67, 0.01);
  EXPECT_FALSE(outcomes[2].fault.empty());
  EXPECT_THROW(run_metric_cases(folder / "nothing.json"), Error);
  EXPECT_EQ(metric_case_files(folder.parent_path()), (std::vector<std::filesystem::path>{file}));
}

}  // namespace
}  // namespace reamo::eval
