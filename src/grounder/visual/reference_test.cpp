#include "grounder/visual/reference.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>

#include "grounder/visual/seem.h"
#include "grounder/visual/test_png.h"

namespace reamo::grounder {
namespace {

const std::filesystem::path kCases = std::filesystem::path(REAMO_SHARED_DIR) / "parity" / "seem";

ReferenceContext context() {
  ReferenceContext context;
  context.read_image = read_test_png;
  // The published vocabulary is not part of the repository: REAMO_CLIP_VOCABULARY names bpe_simple_vocab_16e6.txt.gz.
  static const std::optional<nn::ClipTokenizer> tokenizer = []() -> std::optional<nn::ClipTokenizer> {
    const char* path = std::getenv("REAMO_CLIP_VOCABULARY");
    if (path == nullptr) return std::nullopt;
    return nn::ClipTokenizer::open(path);
  }();
  context.tokenizer = tokenizer ? &*tokenizer : nullptr;
  return context;
}

void expect_agreement(const std::filesystem::path& folder) {
  const nn::Case reference = nn::Case::open(folder);
  const ReferenceRun run = run_seem_case(reference, context());
  if (!run.skipped.empty()) {
    std::printf("%s: %s\n", reference.name().c_str(), run.skipped.c_str());
    return;
  }
  const nn::CaseResult result = nn::compare(reference, run.tensors);
  EXPECT_TRUE(result.passed) << reference.name() << ": " << nn::describe(result);
  EXPECT_GT(result.compared, 0u) << reference.name();
}

TEST(SeemReference, EveryCaseAgrees) {
  if (!std::filesystem::exists(kCases)) GTEST_SKIP() << "no reference cases at " << kCases;
  int count = 0;
  for (const std::filesystem::path& folder : nn::find_cases(kCases)) {
    if (nn::Case::open(folder).op() == "seem.full_size") continue;
    SCOPED_TRACE(folder.string());
    expect_agreement(folder);
    ++count;
  }
  EXPECT_GE(count, 20);
}

// The published size, 341 million parameters made by a formula.
TEST(SeemReference, FullSizeAgrees) {
  if (!std::filesystem::exists(kCases / "full_size")) GTEST_SKIP() << "no reference case at " << kCases;
  expect_agreement(kCases / "full_size");
}

TEST(SeemReference, DefaultModelHasThePublishedTensors) {
  const std::filesystem::path list = kCases / "seem_focall_keys.json";
  if (!std::filesystem::exists(list)) GTEST_SKIP() << "no key list at " << list;
  const nlohmann::json published = nlohmann::json::parse(store::read_file(list)).at("tensors");
  SeemConfig config;
  config.focalnet.depths = {1, 1, 1, 1};  // the names of deeper blocks follow
  config.decoder.layers = config.decoder.encoder_layers = config.text.layers = 1;
  Seem model(config);
  std::map<std::string, std::vector<std::int64_t>> own;
  for (const auto& item : model->named_parameters()) own[item.key()] = item.value().sizes().vec();
  for (const auto& item : model->named_buffers()) own[item.key()] = item.value().sizes().vec();
  for (const auto& [name, shape] : own) {
    ASSERT_TRUE(published.contains(name)) << name;
    EXPECT_EQ(published.at(name).get<std::vector<std::int64_t>>(), shape) << name;
  }
  for (const auto& [name, shape] : published.items()) {
    const bool deeper = name.find("blocks.") != std::string::npos || name.find("layers.") != std::string::npos;
    EXPECT_TRUE(deeper || own.count(name)) << name;
  }
}

}  // namespace
}  // namespace reamo::grounder
