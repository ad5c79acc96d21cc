// The language model's pieces (shards, adapter, what was trained beside it), and the whole published layout.
#include <gtest/gtest.h>

#include <cstring>

#include "convert/import.h"
#include "convert/sample_files.h"
#include "convert/tensor_convert.h"
#include "ie/error.h"

namespace reamo::convert {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using sample::numbered;
using sample::Shapes;
const fs::path kParity = fs::path(REAMO_SHARED_DIR) / "parity";
const json kSmall = {{"model_type", "llama"}, {"vocab_size", 520}, {"hidden_size", 16}, {"intermediate_size", 24}, {"num_hidden_layers", 2}, {"num_attention_heads", 2}};

std::vector<float> floats_of(const ModelPart& part, const std::string& name, store::DType dtype = store::DType::kF32) {
  for (const PartTensor& tensor : part.tensors) {
    if (tensor.name != name) continue;
    const std::vector<std::byte> bytes = tensor.bytes(dtype);
    std::vector<float> out(bytes.size() / store::size_of(dtype));
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (dtype == store::DType::kF32) {
        std::memcpy(&out[i], bytes.data() + 4 * i, 4);
        continue;
      }
      std::uint16_t bits;
      std::memcpy(&bits, bytes.data() + 2 * i, 2);
      const std::uint32_t wide = std::uint32_t(bits) << 16;
      if (dtype == store::DType::kF16) out[i] = half_to_float(bits);
      else std::memcpy(&out[i], &wide, 4);
    }
    return out;
  }
  ADD_FAILURE() << "no tensor " << name;
  return {};
}

bool has_note(const std::vector<std::string>& notes, const std::string& text) {
  for (const std::string& note : notes) {
    if (note.find(text) != std::string::npos) return true;
  }
  return false;
}

class ReamoImport : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(kParity)) GTEST_SKIP() << "the tokenizer of the reference cases is not here: " << kParity;
    folder_ = fs::temp_directory_path() / "reamo_whole";
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override {
    if (!folder_.empty()) fs::remove_all(folder_);
  }
  template <typename F>
  std::string message_of(F run) {
    try {
      run();
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  }
  void expect_says(const std::string& message, std::initializer_list<const char*> parts) {
    for (const char* part : parts) EXPECT_NE(message.find(part), std::string::npos) << message;
  }
  // A LLaMA folder without its weights.
  fs::path base_folder(const json& config, const std::string& name = "base") {
    fs::create_directories(folder_ / name);
    sample::write_text(folder_ / name / "config.json", config.dump());
    fs::copy_file(kParity / "llm/tokenizer/tokenizer.model", folder_ / name / "tokenizer.model", fs::copy_options::overwrite_existing);
    return folder_ / name;
  }
  fs::path adapter_folder(const json& config, std::int64_t rank, const sample::Values& values) {
    const fs::path folder = folder_ / "adapter";
    fs::create_directories(folder);
    sample::write_text(folder / "adapter_config.json", json{{"peft_type", "LORA"}, {"r", rank}, {"lora_alpha", 2 * rank}, {"bias", "none"}}.dump());
    sample::write_torch(folder / "adapter_model.bin", sample::shapes_of(lora_tensors(config, rank)), values);
    return folder;
  }
  fs::path folder_;
};

TEST_F(ReamoImport, ShardsAreOneModel) {
  const Shapes shapes = sample::shapes_of(llama_tensors(kSmall));
  for (const bool torch : {false, true}) {
    const fs::path base = base_folder(kSmall, torch ? "bin" : "safetensors");
    sample::write_shards(base, shapes, 3, torch, sample::numbered_values(), store::DType::kF16);
    const ModelPart part = import_llama({base, {}, {}}, {}).at(0);
    ASSERT_EQ(part.tensors.size(), shapes.size());
    for (const auto& [name, shape] : shapes) {
      const std::vector<float> got = floats_of(part, name);
      for (std::size_t i = 0; i < got.size(); ++i) ASSERT_EQ(got[i], half_to_float(float_to_half(numbered(name, i)))) << name;
    }
    // A shard that is not there, one without a tensor of the index, and an index that leads out of the folder.
    const std::string ending = torch ? ".bin" : ".safetensors", second = (torch ? "pytorch_model-00002-of-00003" : "model-00002-of-00003") + ending;
    fs::rename(base / second, base / "elsewhere");
    expect_says(message_of([&] { import_llama({base, {}, {}}, {}); }), {second.c_str(), "no such file"});
    if (torch) sample::write_torch(base / second, {{"another", {1}}});
    else sample::write_safetensors(base / second, {{"another", {1}}});
    expect_says(message_of([&] { import_llama({base, {}, {}}, {}); }), {"the shards lack tensors of the index: model.layers."});
    const fs::path index = base / ((torch ? "pytorch_model.bin" : "model.safetensors") + std::string(".index.json"));
    sample::write_text(index, R"({"weight_map": {"lm_head.weight": "../elsewhere.bin"}})");
    expect_says(message_of([&] { import_llama({base, {}, {}}, {}); }), {"the shard of lm_head.weight is no name of a file beside it"});
  }
}

TEST_F(ReamoImport, WhatWasTrainedComesBeforeTheAdapter) {
  const fs::path base = base_folder(kSmall);
  sample::write_safetensors(base / "model.safetensors", sample::shapes_of(llama_tensors(kSmall)), sample::numbered_values());
  // As the second stage saves it: the prefixes of PEFT, six more tokens, the projector.
  const std::string own = "base_model.model.";
  const Shapes trained = {{own + "model.embed_tokens.weight", {526, 16}},
                          {own + "lm_head.weight", {526, 16}},
                          {own + "model.mm_input_projector.layer.0.weight", {16, 12}},
                          {own + "model.mm_input_projector.layer.0.bias", {16}},
                          {own + "model.mm_input_projector.layer.2.weight", {16, 16}},
                          {own + "model.mm_input_projector.layer.2.bias", {16}}};
  const fs::path file = folder_ / "non_lora_trainables.bin";
  sample::write_torch(file, trained, sample::numbered_values());
  const fs::path adapter = adapter_folder(kSmall, 4, sample::numbered_values());
  const std::vector<ModelPart> parts = import_llama({base, adapter, file}, {});
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[1].component, "projector");
  EXPECT_EQ(parts[0].entry.config.at("model").at("vocab_size"), 526);
  EXPECT_EQ(parts[0].entry.config.at("tokenizer").at("added_tokens").at(2), "<Module>");
  for (const char* name : {"model.embed_tokens.weight", "lm_head.weight"}) {
    const std::vector<float> got = floats_of(parts[0], name);
    ASSERT_EQ(got.size(), 526u * 16u);
    for (std::size_t i = 0; i < got.size(); ++i) ASSERT_EQ(got[i], numbered(own + name, i)) << name;
  }
  EXPECT_EQ(floats_of(parts[1], "model.mm_input_projector.layer.2.bias").at(5), numbered(own + "model.mm_input_projector.layer.2.bias", 5));
  // W + alpha / r B A, rounded once.
  const std::string layer = "model.layers.1.self_attn.v_proj", a = own + layer + ".lora_A.weight", b = own + layer + ".lora_B.weight";
  for (const store::DType dtype : {store::DType::kF32, store::DType::kBF16, store::DType::kF16}) {
    const std::vector<float> got = floats_of(parts[0], layer + ".weight", dtype);
    ASSERT_EQ(got.size(), 256u);
    for (std::uint64_t i = 0; i < got.size(); ++i) {
      double sum = 0;
      for (std::uint64_t k = 0; k < 4; ++k) sum += 2.0 * double(numbered(b, i / 16 * 4 + k)) * double(numbered(a, k * 16 + i % 16));
      const double expected = double(numbered(layer + ".weight", i)) + sum;
      ASSERT_NEAR(got[i], expected, dtype == store::DType::kF32 ? 1e-7 : std::abs(expected) / (dtype == store::DType::kBF16 ? 256 : 2048) + 1e-7);
    }
  }

  // The first stage saves no head: it gets the mean row for the added tokens.
  const Shapes first_stage = {{"model.embed_tokens.weight", {526, 16}}, {"model.mm_input_projector.weight", {16, 12}}, {"model.mm_input_projector.bias", {16}}};
  sample::write_torch(folder_ / "mm_projector.bin", first_stage, sample::numbered_values());
  const std::vector<ModelPart> grown = import_llama({base, {}, folder_ / "mm_projector.bin"}, {});
  const std::vector<float> head = floats_of(grown.at(0), "lm_head.weight");
  ASSERT_EQ(head.size(), 526u * 16u);
  double mean = 0;
  for (std::uint64_t row = 0; row < 520; ++row) mean += double(numbered("lm_head.weight", row * 16 + 3)) / 520;
  EXPECT_NEAR(head[525 * 16 + 3], mean, 1e-7);
  EXPECT_EQ(head[519 * 16 + 3], numbered("lm_head.weight", 519 * 16 + 3));
  EXPECT_EQ(grown.at(1).entry.config.at("mm_input_projector_type"), "linear");

  // What is neither is named; so is a projector of another width together with what is missing.
  Shapes wrong = trained;
  wrong[own + "model.stranger"] = {1};
  sample::write_torch(file, wrong);
  expect_says(message_of([&] { import_llama({base, {}, file}, {}); }), {"non_lora_trainables.bin", "model.stranger"});
  wrong = trained;
  wrong.erase(own + "model.mm_input_projector.layer.0.bias");
  wrong[own + "model.mm_input_projector.layer.2.weight"] = {17, 16};
  sample::write_torch(file, wrong);
  expect_says(message_of([&] { import_llama({base, {}, file}, {}); }), {"1 missing: model.mm_input_projector.layer.0.bias", "layer.2.weight is [17, 16], expected [16, 16]"});
}

TEST_F(ReamoImport, AnAdapterThatDoesNotFitIsRefused) {
  const fs::path base = base_folder(kSmall);
  sample::write_safetensors(base / "model.safetensors", sample::shapes_of(llama_tensors(kSmall)));
  const fs::path adapter = adapter_folder(kSmall, 4, {});
  const auto import = [&] { return message_of([&] { import_llama({base, adapter, {}}, {}); }); };
  EXPECT_EQ(import(), "accepted");
  const std::string layer = "base_model.model.model.layers.0.mlp.up_proj";
  Shapes shapes = sample::shapes_of(lora_tensors(kSmall, 4));
  shapes.erase(layer + ".lora_B.weight");
  shapes[layer + ".lora_A.weight"] = {8, 16};
  shapes["base_model.model.model.layers.2.mlp.up_proj.lora_A.weight"] = {4, 16};
  sample::write_torch(adapter / "adapter_model.bin", shapes);
  expect_says(import(), {"1 missing: base_model.model.model.layers.0.mlp.up_proj.lora_B.weight", "lora_A.weight is [8, 16], expected [4, 16]", "1 not expected: base_model.model.model.layers.2."});
  for (const auto& [key, value, says] : std::vector<std::tuple<std::string, json, const char*>>{{"r", 0, "/r is 0"},
                                                                                               {"r", "4", "/r, the rank, is missing"},
                                                                                               {"use_dora", true, "/use_dora"},
                                                                                               {"bias", "all", "/bias"},
                                                                                               {"rank_pattern", {{"q_proj", 8}}, "/rank_pattern"},
                                                                                               {"modules_to_save", {"lm_head"}, "/modules_to_save"},
                                                                                               {"peft_type", "LOHA", "/peft_type"}}) {
    json config = {{"peft_type", "LORA"}, {"r", 4}, {"lora_alpha", 8}};
    config[key] = value;
    sample::write_text(adapter / "adapter_config.json", config.dump());
    expect_says(import(), {"adapter_config.json", says});
  }
}

TEST_F(ReamoImport, TheWholePublishedLayoutIsPutTogether) {
  // Full sizes, zeros that take no disk. The checkpoint of ImageBind is over 4 GiB, so its archive has 64-bit offsets.
  const fs::path vicuna = base_folder({{"model_type", "llama"}, {"vocab_size", 32000}}, "vicuna-7b-v1.5");
  sample::write_shards(vicuna, sample::shapes_of(llama_tensors(json::object())), 2, true, {}, store::DType::kF16);
  const fs::path lora = folder_ / "reamo-7b-lora";
  fs::rename(adapter_folder(json::object(), 128, {}), lora);
  const std::string own = "base_model.model.";
  sample::write_torch(lora / "non_lora_trainables.bin", {{own + "model.embed_tokens.weight", {32006, 4096}},
                                                         {own + "lm_head.weight", {32006, 4096}},
                                                         {own + "model.mm_input_projector.layer.0.weight", {4096, 1024}},
                                                         {own + "model.mm_input_projector.layer.0.bias", {4096}},
                                                         {own + "model.mm_input_projector.layer.2.weight", {4096, 4096}},
                                                         {own + "model.mm_input_projector.layer.2.bias", {4096}}});
  fs::create_directories(folder_ / ".checkpoints");
  const sample::Values one_value = [](const std::string&, const Shape&, std::uint64_t, std::span<float> out) { std::fill(out.begin(), out.end(), 0.25f); };
  sample::write_torch(folder_ / ".checkpoints/imagebind_huge.pth", sample::shapes_of(imagebind_tensors(json::object())));
  sample::write_torch(folder_ / "seem_focall_v1.pt", sample::shapes_of(seem_tensors(json::object())));
  fs::create_directories(folder_ / "shas");
  sample::write_torch(folder_ / "shas/checkpoint.pt", sample::shapes_of(frame_classifier_tensors(json::object())), one_value, store::DType::kF32,
                      {"state_dict", {{"wav2vec_keep_layers", 15}, {"classifier_n_transformer_layers", 1}}});
  const auto speech = [&](const std::string& name, json config, const char* kind) {
    fs::create_directories(folder_ / name);
    Shapes shapes;
    for (const TensorSpec& spec : wav2vec2_tensors(config)) shapes[spec.name.rfind("lm_head.", 0) == 0 ? spec.name : "wav2vec2." + spec.name] = spec.shape;
    sample::write_torch(folder_ / name / "pytorch_model.bin", shapes);
    config.update({{"model_type", "wav2vec2"}, {"architectures", {kind}}});
    sample::write_text(folder_ / name / "config.json", config.dump());
  };
  speech("wav2vec2-xls-r-300m",
         {{"feat_extract_norm", "layer"}, {"conv_bias", true}, {"hidden_size", 1024}, {"num_hidden_layers", 24}, {"intermediate_size", 4096}, {"vocab_size", 0}}, "Wav2Vec2ForPreTraining");
  speech("wav2vec2-base-960h", {{"hidden_size", 768}, {"vocab_size", 32}}, "Wav2Vec2ForCTC");
  std::string merges = "#version: 0.2\n";
  for (int i = 0; i < 48894; ++i) merges += "a" + std::to_string(i) + " b\n";
  sample::write_text(folder_ / "bpe.txt", merges);

  const ReamoSources sources = find_reamo(folder_);
  EXPECT_EQ(sources.base, vicuna);
  EXPECT_EQ(sources.adapter, lora);
  EXPECT_EQ(sources.projector, lora / "non_lora_trainables.bin");
  EXPECT_EQ(sources.imagebind, folder_ / ".checkpoints/imagebind_huge.pth");
  EXPECT_EQ(sources.seem, folder_ / "seem_focall_v1.pt");
  EXPECT_EQ(sources.shas, folder_ / "shas/checkpoint.pt");
  EXPECT_EQ(sources.xlsr, folder_ / "wav2vec2-xls-r-300m");
  EXPECT_EQ(sources.wav2vec2, folder_ / "wav2vec2-base-960h");

  ImportOptions options;
  options.vocabulary = folder_ / "bpe.txt";
  const std::vector<ModelPart> parts = import_reamo(sources, options);
  std::map<std::string, std::uint64_t> parameters;
  for (const ModelPart& part : parts) parameters[part.component] = part.parameters();
  EXPECT_EQ(parts.size(), 6u);
  EXPECT_EQ(parameters.at("reasoner"), 6738415616u + 2u * 6u * 4096u);
  EXPECT_EQ(parameters.at("projector"), 1024u * 4096u + 4096u * 4096u + 2u * 4096u);
  EXPECT_EQ(parameters.at("visual"), 341181177u + 9u);
  EXPECT_NEAR(double(parameters.at("encoder")), 719.1e6, 0.1e6);
  EXPECT_NEAR(double(parameters.at("segmenter")), 210.5e6, 0.1e6);
  EXPECT_NEAR(double(parameters.at("listener")), 94.4e6, 0.1e6);
  EXPECT_TRUE(has_note(parts[0].notes, "folded into 224 matrices"));
  EXPECT_FALSE(has_note(parts[0].notes, "no segmenter") || has_note(parts[0].notes, "no listener"));
  for (const ModelPart& part : parts) {
    if (part.component == "segmenter") {
      EXPECT_EQ(floats_of(part, "classification_layer.weight").at(7), 0.25f);
    } else if (part.component == "encoder") {
      EXPECT_EQ(part.entry.config.at("variant"), "reamo");
    }
  }

  // Two files that could be the same piece are not guessed between; a piece that is missing is left out with a note.
  fs::copy_file(folder_ / "shas/checkpoint.pt", folder_ / "shas/other.pt");
  expect_says(message_of([&] { find_reamo(folder_); }), {"could both be the segmenter", "--shas"});
  ReamoSources fewer = sources;
  fewer.adapter.reset();
  fewer.xlsr.reset();
  const std::vector<ModelPart> some = import_reamo(fewer, options);
  EXPECT_EQ(some.size(), 5u);
  EXPECT_TRUE(has_note(some[0].notes, "no adapter") && has_note(some[0].notes, "wav2vec2-xls-r-300m, is missing"));
}

}  // namespace
}  // namespace reamo::convert
