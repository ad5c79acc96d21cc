#include "reasoner/tokenizer.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "ie/error.h"

namespace reamo::reasoner {
namespace {

using nlohmann::json;

const std::filesystem::path kCases = std::filesystem::path(REAMO_SHARED_DIR) / "parity/llm";

json read_json(const std::filesystem::path& path) {
  std::ifstream file(path);
  return json::parse(file);
}

TokenizerOptions reamo_options(bool legacy) {
  return {legacy, {"<concept>", "UIE", "<Module>", "</Module>", "<Instruction>", "</Instruction>"}};
}

class ReferenceTokenizer : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kCases)) GTEST_SKIP() << "no reference cases beside the checkout";
  }
  static Tokenizer load(const TokenizerOptions& options = {}) {
    return Tokenizer::load(kCases / "tokenizer/tokenizer.model", options);
  }
};

TEST_F(ReferenceTokenizer, EncodesAsThePublishedClass) {
  const json data = read_json(kCases / "tokenizer_encode/encode.json");
  TokenizerOptions placeholders_legacy = reamo_options(true), placeholders = reamo_options(false);
  for (TokenizerOptions* options : {&placeholders_legacy, &placeholders}) {
    for (const char* mark : {"<image>", "<audio>", "<video>"}) options->added_tokens.emplace_back(mark);
  }
  const std::map<std::string, Tokenizer> by_column{
      {"legacy_plain", load({true, {}})},          {"nonlegacy_plain", load({false, {}})},
      {"legacy_reamo", load(reamo_options(true))}, {"nonlegacy_reamo", load(reamo_options(false))},
      {"legacy_placeholders", load(placeholders_legacy)}, {"nonlegacy_placeholders", load(placeholders)}};
  const json& strings = data.at("strings");
  ASSERT_GT(strings.size(), 10u);
  int columns = 0;
  for (const auto& [column, expected] : data.items()) {
    if (column == "strings") continue;
    ++columns;
    for (std::size_t i = 0; i < strings.size(); ++i) {
      const std::string text = strings[i].get<std::string>();
      const Ids ids = column == "raw_sentencepiece" ? load().encode_raw(text) : by_column.at(column).encode(text);
      EXPECT_EQ(ids, expected[i].get<Ids>()) << column << ": " << text;
    }
  }
  EXPECT_GE(columns, 5);
}

TEST_F(ReferenceTokenizer, PlacesMarksOfMedia) {
  const json c = read_json(kCases / "prompt_placeholders/case.json");
  const json data = read_json(kCases / "prompt_placeholders" / c.at("data").get<std::string>());
  const Tokenizer legacy = load(reamo_options(true)), modern = load(reamo_options(false));
  int compared = 0;
  for (const json& row : data.is_array() ? data : data.at("prompts")) {
    for (const auto& [column, expected] : row.items()) {
      if (!expected.is_array() || (column != "legacy" && column != "nonlegacy")) continue;
      const Tokenizer& tokenizer = column.starts_with("non") ? modern : legacy;
      const std::string text = row.contains("prompt") ? row.at("prompt").get<std::string>() : row.at("text").get<std::string>();
      EXPECT_EQ(tokenizer.encode_placeholders(text), expected.get<Ids>()) << column << ": " << text;
      ++compared;
    }
  }
  EXPECT_GT(compared, 0);
}

TEST_F(ReferenceTokenizer, DecodesAsThePublishedClass) {
  const json data = read_json(kCases / "tokenizer_decode/decode.json");
  const Tokenizer legacy = load(reamo_options(true)), modern = load(reamo_options(false));
  ASSERT_GT(data.size(), 10u);
  for (const json& row : data) {
    const Ids ids = row.at("ids").get<Ids>();
    for (const bool skip : {false, true}) {
      const std::string column = std::string("legacy_skip_special_") + (skip ? "true" : "false");
      if (!row.at(column).is_null()) EXPECT_EQ(legacy.decode(ids, skip), row.at(column)) << row.at("ids");
      if (!row.at("non" + column).is_null()) EXPECT_EQ(modern.decode(ids, skip), row.at("non" + column)) << row.at("ids");
    }
    if (!row.at("raw_sentencepiece").is_null()) EXPECT_EQ(legacy.decode_raw(ids), row.at("raw_sentencepiece")) << row.at("ids");
  }
}

TEST_F(ReferenceTokenizer, BytesOfTokensMakeTheText) {
  const Tokenizer tokenizer = load();
  for (const std::string text : {"Mary Chen, of (Harbor) Bank.", "  two  blanks", "caf\xC3\xA9 \xF0\x9F\xA6\x8A", "a\nb\tc", ""}) {
    std::string bytes;
    for (const std::int64_t id : tokenizer.encode_text(text)) bytes += tokenizer.token_bytes(id);
    EXPECT_EQ(bytes, text.empty() ? "" : " " + text);
    bytes.clear();
    for (const std::int64_t id : tokenizer.encode_text(text, false)) bytes += tokenizer.token_bytes(id);
    EXPECT_EQ(bytes, text);
  }
}

TEST(TrainTokenizer, KeepsPunctuationApartAndReadsAnyByte) {
  std::vector<std::string> lines;
  for (int i = 0; i < 60; ++i) {
    lines.push_back("Mary Chen, of \"Harbor Bank\" (founded 19" + std::to_string(10 + i) + "), said: we're glad.");
    lines.push_back("The attacker bombed the embassy in Paris; nobody was hurt...");
  }
  const auto path = std::filesystem::path(testing::TempDir()) / "trained_tokenizer.model";
  train_tokenizer(lines, 420, path);
  const Tokenizer tokenizer = Tokenizer::load(path, {true, compact_tokens()});
  EXPECT_LE(tokenizer.base_size(), 420);
  EXPECT_GT(tokenizer.base_size(), 380);
  EXPECT_EQ(tokenizer.bos(), 1);
  EXPECT_EQ(tokenizer.eos(), 2);
  EXPECT_EQ(tokenizer.find("<UIE>"), tokenizer.base_size());
  for (std::int64_t id = 3; id < tokenizer.base_size(); ++id) {
    const std::string& bytes = tokenizer.token_bytes(id);
    const auto is_mark = [](char c) { return std::ispunct(static_cast<unsigned char>(c)) != 0; };
    const auto is_letter = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
    EXPECT_FALSE(std::any_of(bytes.begin(), bytes.end(), is_mark) && std::any_of(bytes.begin(), bytes.end(), is_letter)) << bytes;
    EXPECT_LE(std::count_if(bytes.begin(), bytes.end(), is_mark), 1) << bytes;
  }
  const Ids mary = tokenizer.encode_text("Mary"), in_text = tokenizer.encode_text("Mary, she");
  EXPECT_TRUE(std::equal(mary.begin(), mary.end(), in_text.begin()));
  std::string bytes;
  for (const std::int64_t id : tokenizer.encode_text("\xE4\xBD\xA0 q\x01")) bytes += tokenizer.token_bytes(id);
  EXPECT_EQ(bytes, " \xE4\xBD\xA0 q\x01");
  EXPECT_EQ(tokenizer.encode_text("<UIE>").size() > 1, true);
  std::filesystem::remove(path);
}

TEST(LoadTokenizer, RefusesWhatIsNoModel) {
  EXPECT_THROW(Tokenizer::load("/nonexistent/tokenizer.model"), Error);
  const auto path = std::filesystem::path(testing::TempDir()) / "not_a_model";
  std::ofstream(path) << "hello";
  EXPECT_THROW(Tokenizer::load(path), Error);
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace reamo::reasoner
