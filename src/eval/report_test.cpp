#include "eval/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "eval/baseline_file.h"
#include "eval/evaluate_files.h"
#include "eval/html_parts.h"
#include "eval/test_results.h"
#include "ie/error.h"

namespace reamo::eval {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// A document of n entities in the text.
ie::Result document(const std::string& id, std::size_t n) {
  ie::Result r;
  r.document = id;
  r.tasks.ner = true;
  r.schema = ie::default_schema();
  r.media = {{"text", ie::TextMedium{1000}}};
  for (std::size_t i = 0; i < n; ++i)
    r.entities.push_back({"e" + std::to_string(i), "person", "x", {}, {text(10 * i, 10 * i + 5)}, {}});
  return r;
}

TEST(ScoreTable, ResamplesAsTheReferenceDoesWithAnyNumberOfThreads) {
  ScoreTable table;
  Rows f1_rows, mean_rows;
  SplitMix64 random(7);
  for (int i = 0; i < 300; ++i) {
    InstanceScores s;
    s.combination = "text";
    s.tasks = {"ner"};
    s.entity = {random.index(3), 2 + random.index(3), 2 + random.index(4)};
    s.mask = {double(random.index(100)) / 100, 1 + random.index(2)};
    table.add(s);
    f1_rows.push_back({double(s.entity.tp), double(s.entity.n_pred - s.entity.tp), double(s.entity.n_gold - s.entity.tp)});
    mean_rows.push_back({s.mask.sum, double(s.mask.count), 0});
  }
  Options options;
  options.replicates = 400;
  options.seed = 99;
  const std::vector<const MeasureColumns*> measures{&table.columns(Measure::kEntity), &table.columns(Measure::kMask)};
  const auto values = resampled(measures, options);
  EXPECT_EQ(values[0], replicates(Statistic::kMicroF1, f1_rows, 400, 99));
  const auto expected = replicates(Statistic::kRatioOfSums, mean_rows, 400, 99);
  for (std::size_t b = 0; b < expected.size(); ++b) EXPECT_NEAR(values[1][b], expected[b], 1e-12);
  options.threads = 3;
  EXPECT_EQ(resampled(measures, options), values);
}

TEST(Compare, AgreesWithThePairedReference) {
  Rows rows_a, rows_b;
  Evaluator a, b;
  for (std::size_t i = 0; i < 60; ++i) {
    const auto g = document(std::to_string(i), 4);
    auto p = document(std::to_string(i), 4), q = p;
    p.entities.resize(4 - i % 2);
    q.entities.resize(4 - i % 4);
    a.add(g, &p);
    b.add(g, &q);
    rows_a.push_back({double(p.entities.size()), 0, double(4 - p.entities.size())});
    rows_b.push_back({double(q.entities.size()), 0, double(4 - q.entities.size())});
  }
  const PairedReport report = compare(a.table(), b.table(), a.options());
  const PairedDifference& d = report.all.measures.at(Measure::kEntity);
  EXPECT_GT(d.difference, 0);
  EXPECT_DOUBLE_EQ(d.a - d.b, d.difference);
  EXPECT_EQ(d.ci95, interval(paired_replicates(Statistic::kMicroF1, rows_a, rows_b, 1000, 1), 0.95));
  EXPECT_LT(*d.p, 0.05);
  const PairedReport same = compare(a.table(), a.table(), a.options());
  EXPECT_EQ(same.all.measures.at(Measure::kEntity).difference, 0);
  EXPECT_EQ(same.all.measures.at(Measure::kEntity).p, 1.0);
  EXPECT_FALSE(same.all.measures.contains(Measure::kMask));
  EXPECT_EQ(report.by_task.at("ner").instances, 60u);
}

ErrorCounts errors_of(const ie::Result& g, const ie::Result& p) { return analyse(g, &p, {}, false).counts; }

TEST(Errors, ARightAnswerHasNone) {
  const ErrorCounts counts = errors_of(gold(), gold());
  for (const ItemErrors& e : counts.items) {
    EXPECT_EQ(e.right, e.gold);
    EXPECT_EQ(e.right, e.predicted);
    EXPECT_EQ(e.repeated + e.invented, 0u);
  }
  EXPECT_EQ(counts.places, (PlaceErrors{3, 3, 0, 0, 0, 0, 2, 0}));
}

TEST(Errors, EachClassOfItems) {
  ie::Result p = gold();
  p.entities[0].type = "place";                                                // wrong type
  p.entities.push_back({"e4", "organization", "Bank", {}, {text(10, 14)}, {}});  // repeated
  p.entities.push_back({"e5", "person", "Bob", {}, {text(30, 33)}, {}});         // invented
  p.entities[2].mention = "lorry";                                             // incomplete, and invented
  const ErrorCounts counts = errors_of(gold(), p);
  EXPECT_EQ(counts.of(ItemKind::kEntity), (ItemErrors{3, 1, 1, 0, 1, 5, 1, 2}));
  EXPECT_EQ(counts.of(ItemKind::kRelation), (ItemErrors{1, 0, 0, 1, 0, 1, 0, 1}));
  EXPECT_EQ(counts.of(ItemKind::kTrigger), (ItemErrors{1, 1, 0, 0, 0, 1, 0, 0}));
  EXPECT_EQ(counts.of(ItemKind::kArgument), (ItemErrors{2, 0, 0, 2, 0, 2, 0, 2}));
  ie::Result q = gold();
  q.relations[0].type = "owns";
  q.events[0].arguments.pop_back();
  EXPECT_EQ(errors_of(gold(), q).of(ItemKind::kRelation).wrong_type, 1u);
  EXPECT_EQ(errors_of(gold(), q).of(ItemKind::kArgument).incomplete, 1u);
  EXPECT_EQ(analyse(gold(), nullptr, {}, false).counts.of(ItemKind::kEntity).incomplete, 3u);
}

TEST(Errors, MentionsWithoutAPlaceInTheTextMayBeThereAsOftenAsInGold) {
  ie::Result g = gold(), p = gold();
  g.entities.push_back(g.entities[2]);
  g.entities.back().id = "e4";
  for (const char* id : {"e4", "e5"}) {
    p.entities.push_back(p.entities[2]);
    p.entities.back().id = id;
  }
  EXPECT_EQ(errors_of(g, p).of(ItemKind::kEntity).repeated, 1u);
}

TEST(Errors, EachClassOfPlaces) {
  ie::Result g = gold();
  const ie::Mask other = rectangle(6, 6, 3, 3);
  g.entities[1].groundings.push_back(image(other));
  g.entities[1].absent.clear();
  ie::Result p = g;
  p.entities[0].groundings[1] = image(other);                        // the place of another
  p.entities[0].groundings[2] = audio(5, 6);                         // misplaced
  p.entities[1].groundings.pop_back();                               // missed
  p.entities[2].mention = "lorry";                                   // propagated: the tracklet
  p.entities[0].absent.clear();
  p.entities[0].groundings.push_back(g.entities[2].groundings[0]);   // over
  EXPECT_EQ(errors_of(g, p).places, (PlaceErrors{4, 0, 1, 1, 1, 1, 1, 1}));
}

TEST(Curves, ByNumberOfGoldItems) {
  Options options;
  options.curves = true;
  Evaluator evaluator(options);
  for (std::size_t n = 0; n <= 7; ++n) {
    const auto g = document(std::to_string(n), n);
    auto p = g;
    if (n == 3) p.entities.clear();
    evaluator.add(g, &p);
  }
  const Report report = evaluator.report();
  const Curve& curve = report.curves->at(Measure::kEntity);
  EXPECT_EQ(curve[0].instances, 1u);
  EXPECT_EQ(curve[4].instances, 3u);
  EXPECT_EQ(curve[2].score, 0.0);
  EXPECT_EQ(curve[4].score, 1.0);
  EXPECT_FALSE(report.curves->contains(Measure::kMask));
}

TEST(Worst, TheWorstFirstAndNoMoreThanAskedFor) {
  Options options;
  options.worst = 2;
  Evaluator evaluator(options);
  for (std::size_t n = 0; n < 6; ++n) {
    const auto g = document(std::to_string(n), 6);
    auto p = g;
    p.entities.resize(6 - n);
    evaluator.add(g, &p);
  }
  const Report report = evaluator.report();
  ASSERT_EQ(report.worst.size(), 2u);
  EXPECT_EQ(report.worst[0].document, "5");
  EXPECT_EQ(report.worst[1].document, "4");
  ASSERT_EQ(report.worst[0].pairs.size(), 6u);
  EXPECT_EQ(report.worst[0].pairs[0].gold, "x (person); text 0-5");
  EXPECT_EQ(report.worst[0].pairs[5].state, ItemState::kMissing);
}

class ReportFiles : public ::testing::Test {
 protected:
  std::filesystem::path file(const std::string& name, const std::string& content) {
    const auto path = std::filesystem::path(::testing::TempDir()) / ("reamo_report_" + name);
    std::ofstream(path) << content;
    return path;
  }
  static std::string lines(const std::vector<ie::Result>& results) {
    std::string all;
    for (const ie::Result& result : results) all += ie::write_result(result) + "\n";
    return all;
  }
};

TEST_F(ReportFiles, OrderAndThreadsDoNotChangeTheFigures) {
  std::vector<ie::Result> golds, preds;
  for (std::size_t i = 0; i < 700; ++i) {
    golds.push_back(document("d" + std::to_string(i), 1 + i % 5));
    preds.push_back(golds.back());
    if (i % 3 == 0) preds.back().entities.pop_back();
  }
  Options options;
  options.errors = options.curves = true;
  options.worst = 5;
  const auto g = file("g", lines(golds)), p = file("p", lines(preds));
  const Report in_order = evaluate_files(g, p, options);
  options.threads = 2;
  std::rotate(preds.begin(), preds.begin() + 100, preds.end());
  std::swap(preds[3], preds[600]);
  const Report mixed = evaluate_files(g, file("mixed", lines(preds)), options);
  EXPECT_EQ(to_json({in_order, "", "", nullptr, nullptr, "", true}), to_json({mixed, "", "", nullptr, nullptr, "", true}));
  EXPECT_EQ(mixed.missing.count + mixed.surplus.count, 0u);
}

TEST_F(ReportFiles, RefusesWhatIsThereTwiceWhereverItStands) {
  const auto g = file("g", lines({document("a", 1), document("b", 1), document("c", 1)}));
  const std::vector<std::vector<const char*>> orders{
      {"a", "a", "b", "c"}, {"a", "b", "c", "c"}, {"a", "b", "c", "a"}, {"c", "b", "c"}, {"a", "b", "c", "x", "x"}};
  for (const auto& order : orders) {
    std::vector<ie::Result> preds;
    for (const char* id : order) preds.push_back(document(id, 1));
    EXPECT_THROW(evaluate_files(g, file("p", lines(preds))), Error) << order[1];
  }
}

TEST_F(ReportFiles, NamesWhatDoesNotFit) {
  auto a = gold(), b = document("b", 1), c = document("c", 1);
  a.schema = ie::default_schema();
  auto p = a;
  p.media[1].facts = ie::ImageMedium{20, 10};
  p.media.pop_back();
  p.entities = {};
  p.relations = {};
  p.events = {};
  const auto report = evaluate_files(
      file("g", lines({a, b, c})),
      file("p", lines({document("y", 1)}) + "{\"document\": \"b\", \"line\": 2, \"error\": \"broken\"}\n" + lines({p})));
  EXPECT_THAT(report.missing.first, ElementsAre("\"b\" (failed)", "\"c\""));
  EXPECT_THAT(report.failed.first, ElementsAre("\"b\", line 2: broken"));
  EXPECT_THAT(report.surplus.first, ElementsAre("\"y\", line 1"));
  EXPECT_THAT(report.media_names.first, ElementsAre("\"d1\": video-0/audio is in gold only"));
  EXPECT_THAT(report.sizes.first, ElementsAre("\"d1\", image-0: 10 x 10 in gold, 20 x 10 predicted"));
  EXPECT_THAT(mismatch_text(report), HasSubstr("1 predictions have no gold document"));
}

TEST_F(ReportFiles, TwoSystems) {
  std::vector<ie::Result> golds, half;
  for (int i = 0; i < 20; ++i) {
    golds.push_back(document(std::to_string(i), 2));
    half.push_back(golds.back());
    half.back().entities.pop_back();
  }
  const auto g = file("g", lines(golds));
  const FileComparison result = compare_files(g, g, file("b", lines(half)));
  EXPECT_EQ(result.a.all.entity.counts.f1(), 1.0);
  EXPECT_EQ(result.b.all.entity.counts.recall(), 0.5);
  const PairedDifference& d = result.paired.all.measures.at(Measure::kEntity);
  EXPECT_EQ(d.p, 0.0);
  const ReportView view{result.a, "g", "a", &result.b, &result.paired, "b"};
  EXPECT_EQ(nlohmann::json::parse(to_json(view)).at("against").at("all").at("entity").at("p"), 0.0);
  EXPECT_THAT(to_text(view), HasSubstr("A - B"));
  EXPECT_THAT(to_csv(view), HasSubstr("difference,all,entity,0.33"));
}

TEST_F(ReportFiles, BaselinesAreResultsOfTheGoldDocuments) {
  ie::Result g = gold();
  g.schema = ie::default_schema();
  const auto path = file("g", lines({g}));
  for (const NamedBaseline& named : baselines()) {
    BaselineOptions options;
    options.baseline = named.baseline;
    options.gold = path;
    if (named.baseline == Baseline::kCapitalised) {
      EXPECT_THROW(make_baseline(options, [](std::string_view) {}), UsageError);
      options.documents = file("d", "{\"id\": \"d1\", \"text\": \"then Mary Chen hit it.\"}\n");
    }
    std::string first, again;
    EXPECT_EQ(make_baseline(options, [&](std::string_view line) { first = line; }), 1u);
    make_baseline(options, [&](std::string_view line) { again = line; });
    EXPECT_EQ(first, again);
    const ie::Result answer = ie::read_result(first);
    EXPECT_EQ(answer.document, "d1");
    const Group group = evaluate({g}, {answer}).all;
    if (named.baseline == Baseline::kCapitalised) {
      ASSERT_EQ(answer.entities.size(), 1u);
      EXPECT_EQ(answer.entities[0].mention, "Mary Chen");
      continue;
    }
    EXPECT_EQ(group.entity.counts.f1(), 1.0);
    if (named.baseline == Baseline::kWhole) {
      EXPECT_DOUBLE_EQ(*group.mask.mean, 0.16);
      EXPECT_EQ(group.over_grounding.matched, 1.0);
    }
  }
}

TEST(ReportJson, HasTheKeysOfTheContractAndNoOthers) {
  const Report report = evaluate({gold()}, {gold()});
  const auto json = nlohmann::json::parse(to_json({report, "", ""}));
  EXPECT_EQ(json.size(), 3u);
  const std::map<std::string, std::vector<std::string>> keys{
      {"entity", {"ci95", "f1", "p", "r"}}, {"relation", {"ci95", "f1", "p", "r"}}, {"trigger", {"ci95", "f1", "p", "r"}},
      {"argument", {"ci95", "f1", "p", "r"}}, {"mask", {"ci95", "iou"}}, {"tracklet", {"j"}}, {"segment", {"iou"}},
      {"over_grounding", {"rate"}}, {"miss_grounding", {"rate"}}, {"joint", {"f1"}}};
  EXPECT_EQ(json.at("all").size(), keys.size() + 1);
  for (const auto& [part, expected] : keys) {
    std::vector<std::string> found;
    for (const auto& [key, value] : json.at("all").at(part).items()) found.push_back(key);
    EXPECT_EQ(found, expected) << part;
  }
  EXPECT_TRUE(nlohmann::json::parse(to_json({report, "", "", nullptr, nullptr, "", true})).contains("mismatches"));
}

TEST(ReportHtml, IsWholeAndEscaped) {
  ie::Result g = gold(), p = gold();
  g.document = p.document = "<script>alert(1)</script>";
  g.entities[0].mention = "a \"b\" & <img src=x>";
  p.entities.pop_back();
  p.events.clear();
  Options options;
  options.errors = options.curves = true;
  options.worst = 50;
  const Report report = evaluate({g}, {p}, options);
  const std::string html = to_html({report, "g<old>.jsonl", "p.jsonl"});
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;"));
  EXPECT_THAT(html, HasSubstr("a &quot;b&quot; &amp; &lt;img src=x&gt;"));
  EXPECT_THAT(html, HasSubstr("<svg"));
  EXPECT_THAT(html, HasSubstr("place: missed"));
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("<img")));
  EXPECT_THAT(html, Not(HasSubstr("://")));
  EXPECT_THAT(html, Not(HasSubstr("url(")));
  EXPECT_EQ(html_text(std::string("a\0\x1b", 3)), "a\xEF\xBF\xBD\xEF\xBF\xBD");
}

}  // namespace
}  // namespace reamo::eval
