#include "nn/clip_tokenizer.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "ie/error.h"
#include "nn/case.h"
#include "nn/text_repair.h"
#include "store/tensor_file.h"

namespace reamo::nn {
namespace {

const std::filesystem::path kShared = REAMO_SHARED_DIR;

std::vector<std::string> sentences() {
  return {"the dog runs near the red car", "the dog sees the red bird", "a bird sees the car near the river", "l'été, the naïve dog"};
}

std::filesystem::path scratch(const std::string& name) { return std::filesystem::path(testing::TempDir()) / name; }

TEST(ClipTokenizer, GivesTheIdsOfTheReferenceCase) {
  const std::filesystem::path folder = kShared / "parity/imagebind/text/tokenize";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "reference cases are not here: " << folder;
  const Case reference = Case::open(folder);
  const ClipTokenizer tokenizer =
      ClipTokenizer::from_gzip_merges(reference.path(reference.config().at("merges_file")), reference.config().at("vocab_size"));
  EXPECT_EQ(tokenizer.start_id(), reference.config().at("start_id"));
  EXPECT_EQ(tokenizer.end_id(), reference.config().at("end_id"));
  const Tensors expected = reference.expected();
  ClipTokenizeOptions older;
  older.older_truncation = true;
  const nlohmann::json entries = reference.data("inputs").at("entries");
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::string text = entries[i].at("text");
    const auto row = [&](const std::string& name) {
      const torch::Tensor t = expected.at(name)[std::int64_t(i)].to(torch::kInt64).contiguous();
      return std::vector<std::int64_t>(t.data_ptr<std::int64_t>(), t.data_ptr<std::int64_t>() + t.numel());
    };
    const std::string name = entries[i].at("group").get<std::string>() + "/" + entries[i].at("name").get<std::string>();
    EXPECT_EQ(tokenizer.encode(text), row("tokens")) << name;
    EXPECT_EQ(tokenizer.encode(text, older), row("tokens_older_truncation")) << name;
    EXPECT_EQ(tokenizer.ids(text).size(), entries[i].at("content_token_count").get<std::size_t>()) << name;
  }
}

TEST(ClipTokenizer, LearnsFrequentPairsFirst) {
  const ClipTokenizer tokenizer = train_clip_bpe(sentences(), 25);
  EXPECT_EQ(tokenizer.vocab_size(), 512 + 25 + 2);
  EXPECT_EQ(tokenizer.ids("the").size(), 1u);
  EXPECT_EQ(tokenizer.ids("the dog").size(), 2u);
  EXPECT_GT(tokenizer.ids("zqx").size(), 1u);
}

TEST(ClipTokenizer, StopsLearningWhenNoPairIsLeft) {
  EXPECT_EQ(train_clip_bpe({"ab"}, 10).vocab_size(), 512 + 1 + 2);
  EXPECT_EQ(train_clip_bpe({}, 10).vocab_size(), 514);
}

TEST(ClipTokenizer, ReadsWhatItSaved) {
  const ClipTokenizer tokenizer = train_clip_bpe(sentences(), 60);
  const std::filesystem::path path = scratch("bpe.json");
  tokenizer.save(path);
  const ClipTokenizer again = ClipTokenizer::open(path);
  for (const std::string& text : sentences()) EXPECT_EQ(again.encode(text), tokenizer.encode(text));
  EXPECT_EQ(again.vocab_size(), tokenizer.vocab_size());
}

TEST(ClipTokenizer, ReadsAVocabularyBesideItsMerges) {
  const ClipTokenizer tokenizer = train_clip_bpe(sentences(), 20);
  nlohmann::json vocabulary = nlohmann::json::object();
  for (int id = 0; id < tokenizer.vocab_size(); ++id) vocabulary[tokenizer.tokens()[id]] = id;
  std::string merges = "#version: 0.2\n";
  for (const auto& [left, right] : tokenizer.merges()) merges += left + " " + right + "\n";
  const std::filesystem::path folder = scratch("vocabulary");
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "vocab.json") << vocabulary;
  std::ofstream(folder / "merges.txt") << merges;
  const ClipTokenizer again = ClipTokenizer::open(folder);
  for (const std::string& text : sentences()) EXPECT_EQ(again.encode(text), tokenizer.encode(text));

  vocabulary.erase("a");
  vocabulary["another"] = 64;
  std::ofstream(folder / "vocab.json") << vocabulary;
  EXPECT_THROW(ClipTokenizer::open(folder), Error);
}

TEST(ClipTokenizer, DecodesToTheCleanText) {
  const ClipTokenizer tokenizer = train_clip_bpe(sentences(), 60);
  EXPECT_EQ(tokenizer.decode(tokenizer.encode("  The   DOG runs ")).substr(0, 12), "the dog runs");
  EXPECT_EQ(tokenizer.decode(tokenizer.ids("été 42")), "été 4 2");
  EXPECT_THROW(tokenizer.decode({100000}), Error);
}

TEST(ClipTokenizer, PadsAsTheTowersWant) {
  const ClipTokenizer tokenizer = train_clip_bpe(sentences(), 60);
  ClipTokenizeOptions options;
  options.context_length = 8;
  options.pad_id = ClipTokenizeOptions::kPadWithEnd;
  const std::vector<std::int64_t> row = tokenizer.encode("dog", options);
  ASSERT_EQ(row.size(), 8u);
  EXPECT_EQ(row[0], tokenizer.start_id());
  EXPECT_EQ(row[7], tokenizer.end_id());
  const torch::Tensor rows = tokenizer.encode(std::vector<std::string>{"dog", "the car near the river and the dog"}, options);
  EXPECT_EQ(rows.sizes(), (std::vector<std::int64_t>{2, 8}));
  EXPECT_EQ(rows[1][7].item<std::int64_t>(), tokenizer.end_id());
}

TEST(ClipTokenizer, TakesAVeryLongWord) {
  const ClipTokenizer tokenizer = train_clip_bpe(sentences(), 60);
  EXPECT_GT(tokenizer.ids(std::string(200000, 'e')).size(), 1000u);
}

TEST(ClipTokenizer, RefusesBrokenFiles) {
  std::ofstream(scratch("broken.json")) << R"({"format": "reamo-bpe", "merges": ["a b c"]})";
  EXPECT_THROW(ClipTokenizer::open(scratch("broken.json")), Error);
  std::ofstream(scratch("other.json")) << R"({"merges": []})";
  EXPECT_THROW(ClipTokenizer::open(scratch("other.json")), Error);
  EXPECT_THROW(ClipTokenizer::open(scratch("not-there.json")), Error);
  EXPECT_THROW(ClipTokenizer::open(scratch("not-there.gz")), Error);
}

TEST(TextRepair, UndoesWhatHtmlAndOneByteReadersDid) {
  EXPECT_EQ(repair_text("cafÃ©"), "café");
  EXPECT_EQ(repair_text("&EACUTE;cole"), "École");
  EXPECT_EQ(repair_text("&eacute;cole", false), "&eacute;cole");
  EXPECT_EQ(repair_text("<b>&eacute;"), "<b>&eacute;");
  EXPECT_EQ(repair_text("schÃ¶n â€” naïve"), "schön — naïve");
  EXPECT_EQ(repair_text("РџСЂРёРІРµС‚"), "Привет");
  EXPECT_EQ(repair_text("Привет, мир!"), "Привет, мир!");
  EXPECT_EQ(repair_text("Ελλάδα, Ötzi, São Paulo"), "Ελλάδα, Ötzi, São Paulo");
  EXPECT_EQ(repair_text("bad \xff byte"), "bad \xEF\xBF\xBD byte");
  EXPECT_EQ(unescape_html("&notit; &amp &#x110000; &#1;|"), "¬it; & \xEF\xBF\xBD |");
}

}  // namespace
}  // namespace reamo::nn
