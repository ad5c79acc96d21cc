// Imports from sparse files with the published names and shapes, and of the small reference models.
#include "convert/import.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <fstream>

#include "convert/sample_files.h"
#include "convert/tensor_convert.h"
#include "convert/vocabulary.h"
#include "ie/error.h"

namespace reamo::convert {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
const fs::path kParity = fs::path(REAMO_SHARED_DIR) / "parity";
#define NEEDS_SHARED() \
  if (!fs::exists(kParity)) GTEST_SKIP() << "reference cases are not here: " << kParity

using sample::Shapes;
using sample::shapes_of;
// Zeros that take no disk.
void write_sparse(const fs::path& path, const Shapes& shapes) { sample::write_safetensors(path, shapes); }

class ImportTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("reamo_import_" + std::to_string(::getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "in");
  }
  void TearDown() override { fs::remove_all(folder_); }
  template <typename F>
  std::string message_of(F run) {
    try {
      run();
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  }
  void write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name, std::ios::binary) << text; }
  fs::path folder_;
};

TEST_F(ImportTest, TablesAreThePublishedKeyLists) {
  NEEDS_SHARED();
  const auto published = [](const json& list) {
    Shapes shapes;
    for (const auto& [name, entry] : list.items()) shapes[name] = (entry.is_object() ? entry.at("shape") : entry).get<Shape>();
    return shapes;
  };
  EXPECT_EQ(shapes_of(imagebind_tensors(json::object())), published(read_json_file(kParity / "imagebind/imagebind_huge_keys.json").at("tensors")));
  EXPECT_EQ(shapes_of(seem_tensors(json::object())), published(read_json_file(kParity / "seem/seem_focall_keys.json").at("tensors")));
  const json keys = read_json_file(kParity / "llm/vicuna7b_keys.json");
  EXPECT_EQ(shapes_of(llama_tensors(json::object())), published(keys.at("vicuna_7b_v1.5")));
  EXPECT_EQ(shapes_of(lora_tensors(json::object(), 128)), published(keys.at("lora_adapter_r128")));
  EXPECT_EQ(shapes_of(projector_tensors({{"mm_input_projector_type", "mlp"}})), published(keys.at("reamo_projector_mlp")));
  EXPECT_EQ(shapes_of(projector_tensors({{"mm_input_projector_type", "linear"}})), published(keys.at("reamo_projector_linear")));
}

TEST_F(ImportTest, FullSizesAreCheckedWithoutReadingThem) {
  NEEDS_SHARED();
  write_sparse(folder_ / "in/imagebind_huge.pth", shapes_of(imagebind_tensors(json::object())));
  const ModelPart encoder = import_imagebind(folder_ / "in/imagebind_huge.pth", {});
  EXPECT_EQ(encoder.parameters(), 1200786990u);
  write_sparse(folder_ / "in/seem.pt", shapes_of(seem_tensors(json::object())));
  ImportOptions options;
  std::string merges = "#version\n";  // as many as CLIP has
  for (int i = 0; i < 48894; ++i) merges += "a" + std::to_string(i) + " b\n";
  write("in/merges.txt", merges);
  options.vocabulary = folder_ / "in/merges.txt";
  EXPECT_EQ(import_seem(folder_ / "in/seem.pt", options).parameters(), 341181177u + 9u);

  fs::create_directories(folder_ / "in/vicuna");
  write("in/vicuna/config.json", R"({"model_type": "llama", "vocab_size": 32000})");
  fs::copy(kParity / "llm/tokenizer/tokenizer.model", folder_ / "in/vicuna/tokenizer.model");
  write_sparse(folder_ / "in/vicuna/model.safetensors", shapes_of(llama_tensors(json::object())));
  EXPECT_EQ(import_llama({folder_ / "in/vicuna", {}, {}}, {}).at(0).parameters(), 6738415616u);
}

TEST_F(ImportTest, EveryDifferenceComesInOneMessage) {
  const json config = {{"hidden_size", 8}, {"intermediate_size", 12}, {"num_hidden_layers", 1}, {"num_attention_heads", 2}, {"vocab_size", 600}};
  Shapes shapes = shapes_of(llama_tensors(config));
  shapes.erase("model.norm.weight");
  shapes["lm_head.weight"] = {600, 9};
  shapes["stranger"] = {1};
  write_sparse(folder_ / "in/a.safetensors", shapes);
  const Checkpoint checkpoint = Checkpoint::open(folder_ / "in/a.safetensors");
  const std::string message = message_of([&] { check_tensors(checkpoint, llama_tensors(config), "a.safetensors", false); });
  for (const char* part : {"1 missing: model.norm.weight", "lm_head.weight is [600, 9], expected [600, 8]", "1 not expected: stranger"}) {
    EXPECT_NE(message.find(part), std::string::npos) << message;
  }
}

std::size_t peak_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmHWM:", 0) == 0) return std::stoul(line.substr(6));
  }
  return 0;
}

TEST_F(ImportTest, MemoryStaysUnderThreeTensors) {
  const std::int64_t side = 2048;  // 16 MiB each
  Shapes shapes;
  for (int i = 0; i < 6; ++i) shapes["t" + std::to_string(i)] = {side, side};
  write_sparse(folder_ / "in/large.safetensors", shapes);
  TensorTable table;
  for (const auto& [name, shape] : shapes) table.push_back({name, shape});
  const Checkpoint checkpoint = Checkpoint::open(folder_ / "in/large.safetensors");
  ModelPart part;
  part.component = "encoder";
  part.entry = {"Test", json::object(), {}, "none"};
  part.take(checkpoint, table);
  std::ofstream("/proc/self/clear_refs") << "5";  // the peak starts anew
  const std::size_t before = peak_kib();
  write_parts(folder_ / "out", {part}, {.dtype = store::DType::kBF16});
  EXPECT_LT(peak_kib() - before, 3u * 16384u) << "KiB over " << before;
  EXPECT_EQ(fs::file_size(folder_ / "out/encoder.safetensors") >> 20, 48u);
}

TEST_F(ImportTest, PartsAreAddedWholeAndReplacedOnRequest) {
  NEEDS_SHARED();
  ImportOptions options;
  options.config = kParity / "imagebind/model/config.json";
  options.vocabulary = kParity / "imagebind/text/bpe_small_300.txt.gz";
  const ModelPart encoder = import_imagebind(kParity / "imagebind/model/weights.safetensors", options);
  write_parts(folder_ / "out", {encoder}, {});
  const store::TensorFile written = store::TensorFile::open_safetensors(folder_ / "out/encoder.safetensors");
  const store::TensorFile source = store::TensorFile::open_safetensors(kParity / "imagebind/model/weights.safetensors");
  for (const auto& [name, view] : written.tensors()) {
    ASSERT_TRUE(source.has(name)) << name;
    EXPECT_EQ(std::memcmp(view.bytes.data(), source.at(name).bytes.data(), view.bytes.size()), 0) << name;
  }
  EXPECT_NE(message_of([&] { write_parts(folder_ / "out", {encoder}, {}); }).find("already"), std::string::npos);
  write_parts(folder_ / "out", {encoder}, {.dtype = store::DType::kBF16, .replace = true});
  const store::ModelFolder model = store::open_model_folder(folder_ / "out", true);
  EXPECT_EQ(model.at("encoder").files, (std::vector<std::string>{"encoder-2.safetensors", "bpe.json"}));
  EXPECT_FALSE(fs::exists(folder_ / "out/encoder.safetensors"));
  // A write that fails leaves the folder as it was.
  ModelPart broken = encoder;
  broken.component = "visual";
  broken.tensors.back().bytes = [](store::DType) -> std::vector<std::byte> { throw Error("no"); };
  EXPECT_EQ(message_of([&] { write_parts(folder_ / "out", {broken}, {}); }), "no");
  EXPECT_FALSE(fs::exists(folder_ / "out/visual.safetensors"));
  EXPECT_EQ(store::open_model_folder(folder_ / "out", true).hash, model.hash);
}

TEST_F(ImportTest, TheAdapterIsFoldedIn) {
  NEEDS_SHARED();
  json config = read_json_file(kParity / "llm/reamo_lora_folder/case.json").at("config");
  config["vocab_size"] = 520;
  // The decoder of the case with an embedding as large as the tokenizer.
  Shapes shapes = shapes_of(llama_tensors(config));
  write_sparse(folder_ / "in/model.safetensors", shapes);
  write("in/config.json", config.dump());
  fs::copy(kParity / "llm/tokenizer/tokenizer.model", folder_ / "in/tokenizer.model");
  const std::vector<ModelPart> parts = import_llama({folder_ / "in", kParity / "llm/reamo_lora_folder", {}}, {});
  const Checkpoint adapter = Checkpoint::open(kParity / "llm/reamo_lora_folder", "adapter_model");
  const std::string layer = "model.layers.1.mlp.down_proj";
  const store::TorchTensor &down = adapter.tensors().at("base_model.model." + layer + ".lora_A.weight"),
                           &up = adapter.tensors().at("base_model.model." + layer + ".lora_B.weight");
  const std::vector<std::byte> a = down.bytes(), b = up.bytes();
  const auto value = [](const std::vector<std::byte>& bytes, std::int64_t i) {
    float x;
    std::memcpy(&x, bytes.data() + 4 * i, 4);
    return x;
  };
  for (const PartTensor& tensor : parts.at(0).tensors) {
    if (tensor.name != layer + ".weight") continue;
    const std::vector<std::byte> got = tensor.bytes(store::DType::kF32);
    const std::int64_t rows = tensor.shape[0], width = tensor.shape[1], rank = down.shape[0];
    double largest = 0;
    for (std::int64_t r = 0; r < rows; ++r) {
      for (std::int64_t c = 0; c < width; ++c) {
        double expected = 0;  // the base is zero; alpha / r = 2
        for (std::int64_t k = 0; k < rank; ++k) expected += 2.0 * double(value(b, r * rank + k)) * double(value(a, k * width + c));
        largest = std::max(largest, std::abs(expected));
        ASSERT_NEAR(value(got, r * width + c), expected, 1e-5);
      }
    }
    EXPECT_GT(largest, 1e-3);
  }
}

TEST(ConvertTypes, RoundToNearestEven) {
  EXPECT_EQ(float_to_bfloat(1.00390625f), 0x3F80);  // half way, to even
  EXPECT_EQ(float_to_bfloat(1.01171875f), 0x3F82);
  EXPECT_EQ(float_to_half(65504.f), 0x7BFF);
  EXPECT_EQ(float_to_half(0x1p-24f), 1);
  EXPECT_EQ(float_to_half(0x1p-25f), 0);
  EXPECT_TRUE(std::isnan(half_to_float(float_to_half(NAN))));
  for (std::uint32_t bits = 0; bits < 0x7C00; ++bits) ASSERT_EQ(float_to_half(half_to_float(std::uint16_t(bits))), bits);
  EXPECT_THROW(floats_as({1e6f}, store::DType::kF16, "w"), Error);
}

}  // namespace
}  // namespace reamo::convert
