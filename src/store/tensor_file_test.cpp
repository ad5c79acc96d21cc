#include "store/tensor_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>

#include "ie/error.h"

namespace reamo::store {
namespace {

class TensorFileTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("reamo_store_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path write(const std::string& header, const std::string& data, std::int64_t declared = -1) {
    const auto path = folder_ / "x.safetensors";
    std::ofstream out(path, std::ios::binary);
    const std::uint64_t size = declared < 0 ? header.size() : std::uint64_t(declared);
    for (int i = 0; i < 8; ++i) out.put(char((size >> (8 * i)) & 0xff));
    out << header << data;
    return path;
  }
  std::string refusal(const std::filesystem::path& path) {
    try {
      TensorFile::open_safetensors(path);
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  }
  std::filesystem::path folder_;
};

TEST_F(TensorFileTest, ReadsWhatItWrote) {
  const auto path = folder_ / "a.safetensors";
  const float values[] = {1.5f, -2.0f, 3.25f};
  std::vector<std::byte> bytes(sizeof values);
  std::memcpy(bytes.data(), values, sizeof values);
  write_safetensors(path, {{"weights", DType::kF32, {3, 1}, [&] { return bytes; }}, {"none", DType::kI64, {0, 4}, [] { return std::vector<std::byte>(); }}},
                    {{"format", "test"}});
  const TensorFile file = TensorFile::open_safetensors(path);
  EXPECT_EQ(file.metadata().at("format"), "test");
  const TensorView& view = file.at("weights");
  EXPECT_EQ(view.shape, (std::vector<std::int64_t>{3, 1}));
  EXPECT_EQ(std::memcmp(view.bytes.data(), values, sizeof values), 0);
  EXPECT_EQ(file.at("none").elements(), 0);
  EXPECT_THROW(file.at("other"), Error);
}

TEST_F(TensorFileTest, LeavesNothingBehindWhenWritingFails) {
  const auto path = folder_ / "b.safetensors";
  EXPECT_THROW(write_safetensors(path, {{"w", DType::kF32, {2}, [] { return std::vector<std::byte>(3); }}}), Error);
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(TensorFileTest, RefusesBrokenHeaders) {
  using testing::HasSubstr;
  const std::string f32 = R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
  EXPECT_EQ(refusal(write(f32, "abcd")), "accepted");
  EXPECT_THAT(refusal(write(f32, "abc")), HasSubstr("outside the file"));
  EXPECT_THAT(refusal(write(f32, "abcdef")), HasSubstr("longer than the tensors"));
  EXPECT_THAT(refusal(write(f32, "abcd", 1 << 20)), HasSubstr("longer than the file"));
  EXPECT_THAT(refusal(write(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", "abcd")), HasSubstr("do not agree"));
  EXPECT_THAT(refusal(write(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296,4],"data_offsets":[0,4]}})", "abcd")),
              HasSubstr("overflows"));
  EXPECT_THAT(refusal(write(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}})",
                            "abcdef")),
              HasSubstr("overlap"));
  EXPECT_THAT(refusal(write(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}})", "abc")),
              HasSubstr("belong to none"));
  EXPECT_THAT(refusal(write(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", "abcd")),
              HasSubstr("twice"));
  EXPECT_THAT(refusal(write(R"({"a":{"dtype":"Q4","shape":[1],"data_offsets":[0,4]}})", "abcd")), HasSubstr("unknown dtype"));
  EXPECT_THAT(refusal(write(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", "abcd")), HasSubstr("not a count"));
  EXPECT_THAT(refusal(write("{]", "")), HasSubstr("not valid JSON"));
  EXPECT_THAT(refusal(write(std::string(200, '['), "")), HasSubstr("nested deeper"));
}

TEST_F(TensorFileTest, SharesOffsetsOfEmptyTensors) {
  EXPECT_EQ(refusal(write(R"({"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"b":{"dtype":"F32","shape":[0,9],"data_offsets":[0,0]}})", "")),
            "accepted");
}

TEST_F(TensorFileTest, SaysWhatAWrongFileIs) {
  const auto path = folder_ / "lfs.safetensors";
  std::ofstream(path) << "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n";
  EXPECT_THAT(refusal(path), testing::HasSubstr("Git LFS pointer"));
  EXPECT_THAT(refusal(folder_ / "missing"), testing::HasSubstr("cannot be opened"));
}

TEST_F(TensorFileTest, HashesAsSha256) {
  const auto path = folder_ / "abc";
  write_file_whole(path, "abc");
  EXPECT_EQ(sha256_file(path), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace reamo::store
