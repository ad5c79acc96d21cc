// Files made to hurt a reader of weights: each is refused with a sentence that names the file, or read for what it is.
#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "ie/error.h"
#include "store/file_kind.h"
#include "store/pickle.h"
#include "store/torch_file.h"

namespace reamo::store {
namespace {

std::filesystem::path scratch(const std::string& name, const std::string& content) {
  const std::filesystem::path path = std::filesystem::path(testing::TempDir()) / ("attack_" + std::to_string(::getpid()) + name);
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

std::string number(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += char(value >> (8 * i));
  return out;
}

std::string safetensors(const std::string& header, std::size_t data) { return number(header.size(), 8) + header + std::string(data, 'd'); }

std::string refusal(const std::filesystem::path& path, bool torch = false) {
  try {
    if (torch) TorchFile::open(path);
    else TensorFile::open_safetensors(path);
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(path.filename().string()), std::string::npos) << error.what();
    return error.what();
  }
  return "accepted";
}

std::string header_refusal(const std::string& header, std::size_t data) { return refusal(scratch("h.safetensors", safetensors(header, data))); }

TEST(SafetensorsAttack, IsRefused) {
  const auto entry = [](const std::string& name, const std::string& shape, const std::string& range, const std::string& type = "F32") {
    return "\"" + name + "\":{\"dtype\":\"" + type + "\",\"shape\":" + shape + ",\"data_offsets\":" + range + "}";
  };
  const auto says = [&](const std::string& header, std::size_t data, const std::string& part) {
    EXPECT_NE(header_refusal(header, data).find(part), std::string::npos) << header << " -> " << header_refusal(header, data);
  };
  says("{" + entry("a", "[4294967296,4294967296]", "[0,0]") + "}", 0, "overflow");
  says("{" + entry("a", "[9223372036854775807,3]", "[0,4]") + "}", 4, "overflow");
  says("{" + entry("a", "[18446744073709551615]", "[0,4]") + "}", 4, "too large");
  says("{" + entry("a", "[-1]", "[0,4]") + "}", 4, "not a count");
  says("{" + entry("a", "[2]", "[0,4]") + "}", 4, "do not agree");
  says("{" + entry("a", "[1]", "[0,4]", "F16") + "}", 4, "do not agree");
  says("{" + entry("a", "[1]", "[4,0]") + "}", 4, "outside the file");
  says("{" + entry("a", "[2]", "[0,8]") + "}", 4, "outside the file");
  says("{" + entry("a", "[1]", "[0,4]") + "," + entry("b", "[1]", "[8,12]") + "}", 12, "belong to none");
  says("{" + entry("a", "[2]", "[0,8]") + "," + entry("b", "[2]", "[4,12]") + "}", 12, "overlap");
  says("{" + entry("a", "[1]", "[0,4]") + "," + entry("a", "[1]", "[4,8]") + "}", 8, "twice");
  says("{" + entry("a", "[1]", "[0,4]") + "}", 8, "longer than the tensors");
  says("{" + entry("a", "[1]", "[0,4]", "F33") + "}", 4, "unknown dtype");
  EXPECT_NE(refusal(scratch("l.safetensors", number(1000, 8) + "{}")).find("longer than the file"), std::string::npos);
  EXPECT_NE(refusal(scratch("m.safetensors", number(~std::uint64_t(0), 8) + "{}")).find("longer than the file"), std::string::npos);
  EXPECT_NE(header_refusal(std::string(100000, '['), 0).find("deeper"), std::string::npos);
}

TEST(SafetensorsAttack, EmptyTensorsMayShareAnOffset) {
  const std::string header = R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[4,4]},"b":{"dtype":"U8","shape":[4611686018427387904,3,0],"data_offsets":[0,0]},)"
                             R"("c":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"d":{"dtype":"F32","shape":[],"data_offsets":[4,8]}})";
  const TensorFile file = TensorFile::open_safetensors(scratch("z.safetensors", safetensors(header, 8)));
  EXPECT_EQ(file.at("a").elements(), 0);
  EXPECT_EQ(file.at("b").elements(), 0);
  EXPECT_EQ(file.at("d").elements(), 1);
}

TEST(SafetensorsAttack, HundredThousandTensorsAreTheLimit) {
  const auto many = [](std::size_t count) {
    std::string header = "{";
    for (std::size_t i = 0; i < count; ++i) header += (i ? ",\"" : "\"") + std::to_string(i) + R"(":{"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
    return safetensors(header + "}", 0);
  };
  EXPECT_EQ(TensorFile::open_safetensors(scratch("n.safetensors", many(100000))).tensors().size(), 100000u);
  EXPECT_NE(refusal(scratch("o.safetensors", many(100002))).find("100000"), std::string::npos);
}

TEST(PickleAttack, OnlyOpcodesOfTensorsAreRead) {
  // What pickletools lists for the protocols 0 to 5 and is read here.
  const std::set<int> read = {0x80, 0x95, '(', '0', 'N', 0x88, 0x89, 'K', 'M', 'J', 0x8A, 'G', 'X', 0x8C, 0x8D, 'U', 'T', 'C', 'B', ')', ']', '}', 0x8F,
                              0x85, 0x86, 0x87, 't', 'l', 'd', 'a', 'e', 0x90, 's', 'u', 'q', 'r', 0x94, 'h', 'j', 'c', 0x93, 'R', 0x81, 'b', 'Q', '.'};
  for (int op = 0; op < 256; ++op) {
    // Enough on the stack and behind the opcode for any of them.
    const std::string text = "}q\x01" "((NNNN" + std::string(1, char(op)) + std::string(64, '\x01') + "\n1\n.";
    std::string message = "accepted";
    try {
      parse_pickle(std::as_bytes(std::span(text)), "test");
    } catch (const Error& error) {
      message = error.what();
    }
    const bool unknown = message.find("opcode " + std::to_string(op) + " is not one") != std::string::npos;
    EXPECT_EQ(unknown, read.count(op) == 0) << op << ": " << message;
  }
}

TEST(PickleAttack, SharedTextDoesNotUnfold) {
  // One text of 1 MiB, named by half a million entries of a list, inside a file of the old format.
  const std::string magic("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 15);
  std::string bomb = "\x80\x02](X" + number(1 << 20, 4) + std::string(1 << 20, 'x') + "q\x01";
  for (int i = 0; i < 500000; ++i) bomb += "h\x01";
  const std::string message = refusal(scratch("b.pt", magic + "M\xE9\x03.}." + bomb + "e.]."), true);
  EXPECT_NE(message.find("256 MiB of text"), std::string::npos) << message;
}

// A zip archive of one member.
std::string zip(const std::string& name, const std::string& data, int method, std::uint32_t packed, std::uint32_t size) {
  const std::string local = "PK\x03\x04" + number(20, 2) + number(0, 2) + number(std::uint64_t(method), 2) + number(0, 8) + number(packed, 4) + number(size, 4) +
                            number(name.size(), 2) + number(0, 2) + name + data;
  const std::string central = "PK\x01\x02" + number(20, 2) + number(20, 2) + number(0, 2) + number(std::uint64_t(method), 2) + number(0, 8) + number(packed, 4) +
                              number(size, 4) + number(name.size(), 2) + number(0, 12) + number(0, 4) + name;
  return local + central + "PK\x05\x06" + number(0, 4) + number(1, 2) + number(1, 2) + number(central.size(), 4) + number(local.size(), 4) + number(0, 2);
}

TEST(ZipAttack, IsRefused) {
  const auto says = [](const std::string& content, const std::string& part) {
    const std::string message = refusal(scratch("z.pt", content), true);
    EXPECT_NE(message.find(part), std::string::npos) << message;
  };
  EXPECT_EQ(refusal(scratch("ok.pt", zip("a/data.pkl", "}.", 0, 2, 2)), true), "accepted");
  says(zip("a/data.pkl", std::string(40, 'x'), 8, 40, 4000000000u), "compressed");  // a bomb
  says(zip("a/data.pkl", "}.", 0, 2, 4000000000u), "compressed");
  says(zip("a/data.pkl", "}.", 0, 4000000000u, 4000000000u), "behind the end");
  says(zip("a/other", "}.", 0, 2, 2), "no data.pkl");
  const std::string whole = zip("a/data.pkl", "}.", 0, 2, 2);
  says(whole.substr(0, whole.size() - 30), "cut short");
}

TEST(LegacyTorchFile, IsReadAndEveryTruncationRefused) {
  const std::string magic("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 15);
  const std::string text = "\x80\x02}X\x01" + std::string(3, '\0') + "wctorch._utils\n_rebuild_tensor_v2\n((U\x07storagectorch\nFloatStorage\nU\x01" + "5U\x03" + "cpuK\x06NtQK\x01" "K\x02K\x02\x86K\x02K\x01\x86\x89}tRs.";
  std::string data;
  for (float value : {0.f, 1.f, 2.f, 3.f, 4.f, 5.f}) data.append(reinterpret_cast<const char*>(&value), 4);
  const std::string whole = magic + "M\xE9\x03.}." + text + "]U\x01" "5a." + number(6, 8) + data;
  const TorchFile file = TorchFile::open(scratch("legacy.pt", whole));
  ASSERT_EQ(file.tensors().size(), 1u);
  const TorchTensor& tensor = file.tensors().at("w");
  EXPECT_EQ(tensor.shape, (std::vector<std::int64_t>{2, 2}));
  const std::vector<std::byte> bytes = tensor.bytes();
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()), data.substr(4, 16));
  for (std::size_t size = 1; size < whole.size(); ++size) {
    EXPECT_NE(refusal(scratch("legacy_cut.pt", whole.substr(0, size)), true), "accepted") << size;
  }
}

TEST(ForeignFile, IsNamedAsWhatItIs) {
  const std::pair<std::string, std::string> files[] = {{"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS pointer"},
                                                       {"\n <!DOCTYPE html><html>", "HTML page"},
                                                       {"GGUF\x03" + std::string(40, '\0'), "GGUF"},
                                                       {"\x1f\x8b\x08" + std::string(40, 'x'), "gzip"},
                                                       {"\x89HDF\r\n\x1a\n" + std::string(40, 'x'), "HDF5"}};
  for (const auto& [content, kind] : files) {
    for (const bool torch : {false, true}) {
      const std::string message = refusal(scratch("foreign.bin", content), torch);
      EXPECT_NE(message.find(kind), std::string::npos) << message;
    }
  }
  EXPECT_NE(refusal(scratch("empty.bin", ""), false).find("empty"), std::string::npos);
}

}  // namespace
}  // namespace reamo::store
