#include "store/model_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "ie/error.h"
#include "store/tensor_file.h"

namespace reamo::store {
namespace {

class ModelFolderTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("reamo_folder_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    write_file_whole(folder_ / "w.bin", "weights");
    ModelFolder model{folder_, "tiny", "1", {}, {}, {}};
    model.components["reasoner"] = {"Llama", {{"hidden_size", 8}}, {"w.bin"}, "own"};
    write_model_folder(model);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string refusal(bool hashes = false) {
    try {
      open_model_folder(folder_, hashes);
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  }
  std::filesystem::path folder_;
};

TEST_F(ModelFolderTest, ReadsWhatItWrote) {
  const ModelFolder model = open_model_folder(folder_, true);
  EXPECT_EQ(model.name, "tiny");
  EXPECT_EQ(model.at("reasoner").config.at("hidden_size"), 8);
  EXPECT_EQ(model.hash.size(), 64u);
  EXPECT_THROW(model.at("listener"), Error);
}

TEST_F(ModelFolderTest, NamesTruncatedMissingAndChangedFiles) {
  write_file_whole(folder_ / "w.bin", "weight");
  EXPECT_THAT(refusal(), testing::HasSubstr("w.bin has 6 bytes instead of 7"));
  write_file_whole(folder_ / "w.bin", "weightz");
  EXPECT_EQ(refusal(), "accepted");
  EXPECT_THAT(refusal(true), testing::HasSubstr("other SHA-256"));
  std::filesystem::remove(folder_ / "w.bin");
  EXPECT_THAT(refusal(), testing::HasSubstr("w.bin is missing"));
}

TEST_F(ModelFolderTest, StaysInsideItself) {
  std::string text = read_file(folder_ / "reamo.json");
  const auto at = text.find("\"w.bin\"");
  text.replace(at, 7, "\"../w\"");
  write_file_whole(folder_ / "reamo.json", text);
  EXPECT_THAT(refusal(), testing::HasSubstr("names of files in the folder"));
}

}  // namespace
}  // namespace reamo::store
