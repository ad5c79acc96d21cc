#include "parity/verify.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "ie/error.h"
#include "nn/case.h"
#include "nn/weights.h"
#include "parity/registry.h"

namespace reamo::parity {
namespace {

const std::filesystem::path kShared = std::filesystem::path(REAMO_SHARED_DIR) / "parity";

std::filesystem::path fresh_folder() {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) /
                                       ("verify_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

// Every family; the visual grounder's and the encoder's towers have tests of their own beside them, which take longer.
class VerifyFamily : public testing::TestWithParam<const char*> {};

TEST_P(VerifyFamily, AgreesWithTheReferenceCases) {
  if (!std::filesystem::exists(kShared)) GTEST_SKIP() << "reference cases are not here: " << kShared;
  std::ostringstream out;
  VerifyOptions options;
  options.family = GetParam();
  EXPECT_TRUE(verify(kShared, options, out)) << out.str();
}

INSTANTIATE_TEST_SUITE_P(Parity, VerifyFamily,
                         testing::Values("imagebind.image_to_tensor", "imagebind.sound_to_mel", "imagebind.tokenize", "ctc_align",
                                         "shas.w", "shas.n", "shas.cl", "llm.", "seem.pre", "seem.point"),
                         [](const auto& info) {
                           std::string name = info.param;
                           for (char& c : name) {
                             if (c == '.') c = '_';
                           }
                           return name;
                         });

TEST(Verify, KnowsEveryOpOfTheReferenceCases) {
  if (!std::filesystem::exists(kShared)) GTEST_SKIP() << "reference cases are not here: " << kShared;
  const std::vector<std::string> known = known_ops();
  for (const auto& folder : nn::find_cases(kShared)) {
    const std::string op = nn::Case::open(folder).op();
    EXPECT_NE(std::find(known.begin(), known.end(), op), known.end()) << op << " of " << folder;
  }
}

TEST(Verify, FailsWhereAWeightIsAnother) {
  const std::filesystem::path source = kShared / "imagebind/model";
  if (!std::filesystem::exists(source)) GTEST_SKIP() << "reference cases are not here: " << source;
  const std::filesystem::path folder = fresh_folder();
  std::filesystem::create_directories(folder / "vision_image");
  for (const char* name : {"case.json", "inputs.safetensors", "expected.safetensors"}) {
    std::filesystem::copy_file(source / "vision_image" / name, folder / "vision_image" / name);
  }
  std::filesystem::copy_file(source / "config.json", folder / "config.json");
  auto weights = nn::read_tensors(source / "weights.safetensors");
  nn::write_tensors(folder / "weights.safetensors", weights);
  std::ostringstream good;
  EXPECT_TRUE(verify(folder, {}, good)) << good.str();
  EXPECT_NE(good.str().find("pass  imagebind.model"), std::string::npos) << good.str();

  weights.at("modality_trunks.vision.blocks.2.attn.out_proj.weight")[4][7] += 0.05;
  nn::write_tensors(folder / "weights.safetensors", weights);
  std::ostringstream bad;
  EXPECT_FALSE(verify(folder, {}, bad));
  EXPECT_NE(bad.str().find("FAIL  imagebind.model"), std::string::npos) << bad.str();
  EXPECT_NE(bad.str().find("0 passed, 1 failed"), std::string::npos) << bad.str();
}

TEST(Verify, CountsUnknownAndBrokenCasesAsFailures) {
  const std::filesystem::path folder = fresh_folder();
  std::filesystem::create_directories(folder / "unknown");
  std::filesystem::create_directories(folder / "broken");
  std::ofstream(folder / "unknown/case.json") << R"({"op": "smell.odour"})";
  std::ofstream(folder / "broken/case.json") << "{";
  std::ostringstream out;
  EXPECT_FALSE(verify(folder, {}, out));
  EXPECT_NE(out.str().find("unknown op 'smell.odour'"), std::string::npos) << out.str();
  EXPECT_NE(out.str().find("0 passed, 2 failed"), std::string::npos) << out.str();
}

TEST(Verify, NamesAnEmptyFolder) {
  std::ostringstream out;
  EXPECT_THROW(verify(fresh_folder(), {}, out), Error);
  EXPECT_THROW(verify("no-such-folder", {}, out), Error);
}

}  // namespace
}  // namespace reamo::parity
