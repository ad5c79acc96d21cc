#include "benchmark/pairs.h"

#include <gtest/gtest.h>

#include "eval/evaluate.h"

namespace reamo::benchmark {
namespace {

std::size_t places(const ie::Result& result, std::string_view medium) {
  std::size_t count = 0;
  for (const ie::Entity& entity : result.entities) {
    for (const ie::Grounding& grounding : entity.groundings) count += grounding.medium == medium;
  }
  return count;
}

TEST(Pairs, AreWhatIsAskedFor) {
  for (std::size_t i = 0; i < 40; ++i) {
    const Pair pair = make_pair({}, i);
    EXPECT_EQ(pair.gold.entities.size(), 5u);
    EXPECT_EQ(places(pair.gold, "text"), 5u);
    EXPECT_EQ(places(pair.gold, "image-0"), i % 10 == 0 ? 1u : 0u);
    EXPECT_EQ(pair.gold.document, pair.pred.document);
  }
}

TEST(Pairs, AreValidAndComeBackAsWritten) {
  for (std::size_t i = 0; i < 40; ++i) {
    const Pair pair = make_pair({}, i);
    EXPECT_EQ(ie::read_result(ie::write_result(pair.gold)), pair.gold);
    EXPECT_EQ(ie::read_result(ie::write_result(pair.pred)), pair.pred);
  }
}

TEST(Pairs, DependOnSeedAndNumberOnly) {
  EXPECT_EQ(make_pair({}, 7).gold, make_pair({.pairs = 9}, 7).gold);
  EXPECT_NE(make_pair({}, 7).gold.entities, make_pair({}, 8).gold.entities);
  EXPECT_NE(make_pair({}, 7).gold.entities, make_pair({.seed = 2}, 7).gold.entities);
}

TEST(Pairs, AreNeitherAllRightNorAllWrong) {
  eval::Evaluator evaluator;
  for (std::size_t i = 0; i < 200; ++i) {
    const Pair pair = make_pair({}, i);
    evaluator.add(pair.gold, &pair.pred);
  }
  const eval::Report report = evaluator.report();
  EXPECT_GT(report.all.entity.counts.f1(), 0.5);
  EXPECT_LT(report.all.entity.counts.f1(), 0.9);
  EXPECT_EQ(report.all.mask.count, 20u);
  EXPECT_GT(*report.all.mask.mean, 0.3);
  EXPECT_LT(*report.all.mask.mean, 0.95);
}

}  // namespace
}  // namespace reamo::benchmark
