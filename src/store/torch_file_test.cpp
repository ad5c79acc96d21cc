#include "store/torch_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "ie/error.h"
#include "store/pickle.h"
#include "store/whole_file.h"

namespace reamo::store {
namespace {

const std::filesystem::path kShared = std::filesystem::path(REAMO_SHARED_DIR) / "parity";

std::string message_of(const std::filesystem::path& path) {
  try {
    TorchFile::open(path);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

std::filesystem::path scratch(const std::string& name, const std::string& content) {
  const std::filesystem::path path = std::filesystem::path(testing::TempDir()) / name;
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

TEST(TorchFile, ReadsEveryKindOfTensor) {
  const std::filesystem::path folder = kShared / "llm/torch_bin";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "reference cases are not here: " << folder;
  const TensorFile expected = TensorFile::open_safetensors(folder / "expected.safetensors");
  for (const char* name : {"state.bin", "plain_dict.bin"}) {
    const TorchFile file = TorchFile::open(folder / name);
    EXPECT_EQ(file.tensors().size(), expected.tensors().size());
    for (const auto& [key, tensor] : file.tensors()) {
      ASSERT_TRUE(expected.has(key)) << key;
      EXPECT_EQ(tensor.shape, expected.at(key).shape) << key;
      if (tensor.dtype != expected.at(key).dtype) continue;  // widened in the expectation
      const std::vector<std::byte> bytes = tensor.bytes();
      EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), expected.at(key).bytes.begin(), expected.at(key).bytes.end())) << key;
    }
  }
}

TEST(TorchFile, ReadsWhatStandsBesideTheTensors) {
  const std::filesystem::path path = kShared / "shas/checkpoint_container/sfc_d16.pt";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "reference cases are not here: " << path;
  const TorchFile file = TorchFile::open(path);
  EXPECT_FALSE(file.tensors_under("state_dict").empty());
  EXPECT_TRUE(file.tensors_under("state_dict").count("classification_layer.weight"));
  bool found = false;
  for (const auto& [key, value] : file.values().items()) found = found || (value.is_object() && value.contains("wav2vec_keep_layers"));
  EXPECT_TRUE(found) << file.values().dump();
}

TEST(TorchFile, RefusesWhatIsNoCheckpoint) {
  EXPECT_NE(message_of("not-there.pt").find("not-there.pt"), std::string::npos);
  EXPECT_NE(message_of(scratch("text.pt", "no archive at all, only some text")).find("not a PyTorch file"), std::string::npos);
  EXPECT_NE(message_of(scratch("old.pt", std::string("\x80\x02", 2) + std::string(40, 'x'))).find("a pickle"), std::string::npos);
}

TEST(TorchFile, RefusesEveryTruncation) {
  const std::filesystem::path path = kShared / "llm/torch_bin/state.bin";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "reference cases are not here: " << path;
  const std::string whole = read_file(path);
  for (std::size_t size = 0; size < whole.size(); size += 37) {
    EXPECT_NE(message_of(scratch("cut.pt", whole.substr(0, size))), "") << size;
  }
}

// Every byte changed once: a clear refusal or some tensors, never anything outside of the file.
TEST(TorchFile, SurvivesDamage) {
  const std::filesystem::path path = kShared / "llm/torch_bin/state.bin";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "reference cases are not here: " << path;
  const std::string whole = read_file(path);
  for (std::size_t at = 0; at < whole.size(); at += 7) {
    std::string damaged = whole;
    damaged[at] = char(damaged[at] ^ 0x41);
    const std::filesystem::path copy = scratch("damaged.pt", damaged);
    try {
      const TorchFile file = TorchFile::open(copy);
      for (const auto& [name, tensor] : file.tensors()) tensor.bytes();
    } catch (const Error&) {
    }
  }
}

TEST(Pickle, RefusesProgramsAndBrokenStacks) {
  const auto parse = [](const std::string& text) {
    return parse_pickle({reinterpret_cast<const std::byte*>(text.data()), text.size()}, "test");
  };
  EXPECT_THROW(parse("i__main__\nx\n."), Error);  // INST
  EXPECT_THROW(parse("."), Error);
  EXPECT_THROW(parse("t."), Error);
  EXPECT_THROW(parse("h\x07."), Error);
  EXPECT_THROW(parse("NK"), Error);
  EXPECT_THROW(parse("Na."), Error);
  const PickleDocument number = parse("J\xFE\xFF\xFF\xFF.");
  EXPECT_EQ(*number.root->as<std::int64_t>(), -2);
  // A deep nest is built and released without recursion.
  EXPECT_NO_THROW(parse(")" + std::string(200000, '\x85') + "."));
}

}  // namespace
}  // namespace reamo::store
