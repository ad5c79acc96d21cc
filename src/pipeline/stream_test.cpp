#include "pipeline/stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "ie/error.h"
#include "store/tensor_file.h"

namespace reamo::pipeline {
namespace {

class StreamTest : public testing::Test {
 protected:
  void SetUp() override {
    path_ = std::filesystem::temp_directory_path() / ("reamo_stream_" + std::to_string(::getpid()) + ".jsonl");
    std::filesystem::remove(path_);
  }
  void TearDown() override { std::filesystem::remove(path_); }

  StreamOptions options(std::size_t batch = 3) {
    StreamOptions options;
    options.output = path_;
    options.batch = batch;
    options.progress = false;
    return options;
  }
  static std::vector<StreamOutcome> echo(const std::vector<StreamDocument>& documents) {
    std::vector<StreamOutcome> outcomes;
    for (const StreamDocument& item : documents) {
      if (item.document.text == "fail") {
        outcomes.push_back({"", "cannot be read"});
      } else {
        outcomes.push_back({"{\"document\": \"" + *item.document.id + "\", \"text\": \"" + *item.document.text + "\"}", ""});
      }
    }
    return outcomes;
  }
  static std::string documents(int count) {
    std::string lines;
    for (int i = 1; i <= count; ++i) lines += "{\"id\": \"d" + std::to_string(i) + "\", \"text\": \"t" + std::to_string(i) + "\"}\n";
    return lines;
  }
  StreamReport run(const std::string& input, const StreamOptions& options) {
    std::istringstream in(input);
    return run_stream(in, options, echo);
  }
  std::string output() { return store::read_file(path_); }
  std::filesystem::path path_;
};

TEST_F(StreamTest, KeepsOrderAndPutsErrorsInPlace) {
  const StreamReport report = run("{\"text\": \"a\"}\nnot json\n\n{\"id\": \"x\", \"text\": \"fail\"}\n{\"id\": \"x\", \"text\": \"b\"}\n{\"text\": \"c\"}",
                                  options());
  EXPECT_EQ(report.written, 5u);
  EXPECT_EQ(report.failed, 3u);
  std::istringstream lines(output());
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(line, "{\"document\": \"1\", \"text\": \"a\"}");
  std::getline(lines, line);
  EXPECT_THAT(line, testing::StartsWith("{\"document\":null,\"line\":2,\"error\":"));
  std::getline(lines, line);
  EXPECT_EQ(line, "{\"document\":\"x\",\"line\":4,\"error\":\"cannot be read\"}");
  std::getline(lines, line);
  EXPECT_THAT(line, testing::HasSubstr("was there before"));
  std::getline(lines, line);
  EXPECT_EQ(line, "{\"document\": \"6\", \"text\": \"c\"}");
}

TEST_F(StreamTest, ResumedAfterACutAnywhereGivesTheSameFile) {
  const std::string input = documents(7) + "broken\n" + documents(2);
  run(input, options());
  const std::string whole = output();
  for (std::size_t cut = 0; cut < whole.size(); cut += 13) {
    store::write_file_whole(path_, whole.substr(0, cut));
    StreamOptions again = options(2);
    again.resume = true;
    run(input, again);
    ASSERT_EQ(output(), whole) << "cut at " << cut;
  }
}

TEST_F(StreamTest, RefusesToResumeIntoAnotherFile) {
  store::write_file_whole(path_, "my notes\n");
  StreamOptions again = options();
  again.resume = true;
  EXPECT_THROW(run(documents(1), again), Error);
  EXPECT_EQ(output(), "my notes\n");
}

TEST_F(StreamTest, ShardsTogetherAreTheWhole) {
  run(documents(10), options());
  std::istringstream lines(output());
  std::multiset<std::string> whole, parts;
  for (std::string line; std::getline(lines, line);) whole.insert(line);
  for (std::size_t shard = 1; shard <= 3; ++shard) {
    StreamOptions part = options();
    part.shard = shard;
    part.shards = 3;
    run(documents(10), part);
    std::istringstream in(output());
    for (std::string line; std::getline(in, line);) parts.insert(line);
  }
  EXPECT_EQ(whole, parts);
}

TEST_F(StreamTest, RefusesLongLinesOnly) {
  StreamOptions limited = options();
  limited.max_line = 60;
  const StreamReport report = run("{\"text\": \"" + std::string(100, 'x') + "\"}\n{\"text\": \"ok\"}\n", limited);
  EXPECT_EQ(report.failed, 1u);
  EXPECT_THAT(output(), testing::HasSubstr("\"text\": \"ok\""));
}

TEST(ParseShard, TakesOneBasedPairs) {
  EXPECT_EQ(parse_shard("2/8"), (std::pair<std::size_t, std::size_t>{2, 8}));
  for (const char* bad : {"0/3", "4/3", "1", "1/", "a/b", "1/2x", "-1/2"}) EXPECT_THROW(parse_shard(bad), UsageError) << bad;
}

}  // namespace
}  // namespace reamo::pipeline
