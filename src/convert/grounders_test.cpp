// SEEM, SHAS and wav2vec 2.0 as their publishers lay them out, converted to each type of element.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "convert/import.h"
#include "convert/sample_files.h"
#include "convert/tensor_convert.h"
#include "ie/error.h"

namespace reamo::convert {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using sample::Shapes;
const fs::path kParity = fs::path(REAMO_SHARED_DIR) / "parity";

// The first `count` elements as the model folder has them.
std::vector<float> floats_of(const store::TensorView& view, std::size_t count) {
  std::vector<float> out(count);
  for (std::size_t i = 0; i < count; ++i) {
    std::uint16_t bits = 0;
    switch (view.dtype) {
      case store::DType::kF32: std::memcpy(&out[i], view.bytes.data() + 4 * i, 4); break;
      case store::DType::kF16:
        std::memcpy(&bits, view.bytes.data() + 2 * i, 2);
        out[i] = half_to_float(bits);
        break;
      default: {
        std::memcpy(&bits, view.bytes.data() + 2 * i, 2);
        const std::uint32_t wide = std::uint32_t(bits) << 16;
        std::memcpy(&out[i], &wide, 4);
      }
    }
  }
  return out;
}

// Half of the distance between neighbours at `value`: what rounding to nearest may change.
float half_step(float value, store::DType dtype) {
  if (dtype == store::DType::kF32) return 0;
  const int digits = dtype == store::DType::kBF16 ? 8 : 11;
  return std::max(std::ldexp(1.0f, std::ilogb(value == 0 ? 1e-9f : value) - digits), dtype == store::DType::kF16 ? 0x1p-25f : 0.0f);
}

class GroundersTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / "reamo_grounders";
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

  // Writes the part in every type; all of the names, and each element that `source` gives for a name of the folder, are compared.
  template <typename F>
  void expect_converted(const ModelPart& part, F source) {
    for (const store::DType dtype : {store::DType::kF32, store::DType::kBF16, store::DType::kF16}) {
      const fs::path out = folder_ / ("out" + std::string(store::name_of(dtype)));
      write_parts(out, {part}, {.dtype = dtype});
      const store::TensorFile file = store::TensorFile::open_safetensors(out / (part.component + ".safetensors"));
      ASSERT_EQ(file.tensors().size(), part.tensors.size());
      for (const PartTensor& tensor : part.tensors) {
        ASSERT_TRUE(file.has(tensor.name)) << tensor.name;
        const store::TensorView& view = file.at(tensor.name);
        EXPECT_EQ(view.shape, tensor.shape) << tensor.name;
        EXPECT_EQ(view.dtype, dtype) << tensor.name;
        const std::vector<float> got = floats_of(view, std::size_t(view.elements()));
        for (std::size_t i = 0; i < got.size(); ++i) {
          const float expected = source(tensor.name, i);
          ASSERT_LE(std::abs(got[i] - expected), half_step(expected, dtype)) << tensor.name << ' ' << i << ' ' << store::name_of(dtype);
        }
      }
    }
  }
  fs::path folder_;
};

TEST_F(GroundersTest, SeemIsConverted) {
  if (!fs::exists(kParity)) GTEST_SKIP() << "reference cases are not here: " << kParity;
  // The published program's own configuration names sizes; the words are as many as the checkpoint has.
  const store::TensorFile source = store::TensorFile::open_safetensors(kParity / "seem/weights.safetensors");
  ImportOptions options;
  options.config = kParity / "seem/small_config.json";
  options.vocabulary = folder_ / "in/merges.txt";
  const std::string words = "sem_seg_head.predictor.lang_encoder.lang_encoder.token_embedding.weight";
  std::string merges = "#version: 0.2\n";
  for (std::int64_t i = 514; i < source.at(words).shape.at(0); ++i) merges += "a" + std::to_string(i) + " b\n";
  sample::write_text(*options.vocabulary, merges);
  const ModelPart part = import_seem(kParity / "seem/weights.safetensors", options);
  EXPECT_EQ(part.component, "visual");
  EXPECT_EQ(part.entry.class_name, "Seem");
  EXPECT_EQ(part.texts.count("bpe.json"), 1u);
  expect_converted(part, [&](const std::string& name, std::size_t i) {
    if (!source.has(name)) return 1.0f;  // dilation_kernel, which the file may lack
    float value;
    std::memcpy(&value, source.at(name).bytes.data() + 4 * i, 4);
    return value;
  });
  options.vocabulary.reset();
  EXPECT_NE(message_of([&] { import_seem(kParity / "seem/weights.safetensors", options); }).find("--vocab"), std::string::npos);
}

TEST_F(GroundersTest, SeemIsReadAsItIsPublished) {
  // One flat dictionary in a PyTorch file, with what its training left in it.
  Shapes shapes = sample::shapes_of(seem_tensors(json::object()));
  shapes.erase("dilation_kernel");
  shapes["criterion.empty_weight"] = {134};
  sample::write_torch(folder_ / "in/seem_focall_v1.pt", shapes);
  ImportOptions options;
  options.vocabulary = folder_ / "in/merges.txt";
  std::string merges = "#version: 0.2\n";
  for (int i = 0; i < 48894; ++i) merges += "a" + std::to_string(i) + " b\n";
  sample::write_text(*options.vocabulary, merges);
  const ModelPart part = import_seem(folder_ / "in/seem_focall_v1.pt", options);
  EXPECT_EQ(part.parameters(), 341181177u + 9u);
  ASSERT_EQ(part.notes.size(), 1u);
  EXPECT_NE(part.notes[0].find("dilation_kernel"), std::string::npos);

  shapes.erase("backbone.norm3.bias");
  shapes["backbone.norm3.weight"] = {5};
  shapes["sem_seg_head.stranger"] = {1};
  sample::write_torch(folder_ / "in/seem_focall_v1.pt", shapes);
  const std::string message = message_of([&] { import_seem(folder_ / "in/seem_focall_v1.pt", options); });
  for (const char* says : {"seem_focall_v1.pt", "1 missing: backbone.norm3.bias", "backbone.norm3.weight is [5], expected [1536]", "1 not expected: sem_seg_head.stranger"}) {
    EXPECT_NE(message.find(says), std::string::npos) << message;
  }
}

const json kSmallSpeech = {{"model_type", "wav2vec2"},      {"feat_extract_norm", "layer"}, {"conv_bias", true},     {"do_stable_layer_norm", true},
                           {"hidden_size", 16},             {"num_hidden_layers", 3},       {"num_attention_heads", 2}, {"intermediate_size", 24},
                           {"conv_dim", {8, 8}},            {"conv_kernel", {10, 3}},       {"conv_stride", {5, 2}}, {"num_conv_pos_embeddings", 8},
                           {"num_conv_pos_embedding_groups", 4}, {"vocab_size", 32}};

// What a pretraining checkpoint has: the prefix, the newer names of the positional weights, what only training uses.
Shapes pretrained(json config) {
  config["vocab_size"] = 0;
  Shapes shapes;
  for (const TensorSpec& spec : wav2vec2_tensors(config)) {
    std::string name = "wav2vec2." + spec.name;
    if (const std::size_t at = name.find("weight_g"); at != std::string::npos) name = name.substr(0, at) + "parametrizations.weight.original0";
    if (const std::size_t at = name.find("weight_v"); at != std::string::npos) name = name.substr(0, at) + "parametrizations.weight.original1";
    shapes[name] = spec.shape;
  }
  shapes["wav2vec2.masked_spec_embed"] = {config.at("hidden_size")};
  shapes["quantizer.codevectors"] = {1, 4, 4};
  shapes["quantizer.weight_proj.bias"] = {4};
  shapes["project_hid.weight"] = {4, 16};
  shapes["project_q.bias"] = {4};
  return shapes;
}

TEST_F(GroundersTest, ShasIsItsClassifierOnTheFirstLayersOfTheEncoder) {
  fs::create_directories(folder_ / "in/xlsr");
  sample::write_text(folder_ / "in/xlsr/config.json", kSmallSpeech.dump());
  sample::write_torch(folder_ / "in/xlsr/pytorch_model.bin", pretrained(kSmallSpeech), sample::numbered_values());
  const Shapes classifier = sample::shapes_of(frame_classifier_tensors({{"d_model", 16}, {"dim_feedforward", 40}, {"layers", 2}}));
  const json settings = {{"model_name", "facebook/wav2vec2-xls-r-300m"}, {"wav2vec_keep_layers", 2}, {"classifier_n_transformer_layers", 2}, {"log_wandb", false}, {"max_epochs", 8}};
  sample::write_torch(folder_ / "in/shas.pt", classifier, sample::numbered_values(), store::DType::kF32, {"state_dict", settings});
  const ModelPart part = import_shas(folder_ / "in/shas.pt", folder_ / "in/xlsr", {});
  EXPECT_EQ(part.component, "segmenter");
  EXPECT_EQ(part.entry.config.at("classifier"), json({{"layers", 2}, {"heads", 8}, {"d_model", 16}, {"dim_feedforward", 40}}));
  EXPECT_EQ(part.entry.config.at("wav2vec2").at("keep_layers"), 2);
  EXPECT_EQ(part.entry.config.at("wav2vec2").at("final_layer_norm"), false);
  std::size_t of_encoder = 0;
  expect_converted(part, [&](const std::string& name, std::size_t i) {
    if (classifier.count(name) != 0) return sample::numbered(name, i);
    of_encoder += i == 0;
    EXPECT_EQ(name.find("layers.2."), std::string::npos) << name;
    std::string published = "wav2vec2." + name;
    if (const std::size_t at = published.find("weight_g"); at != std::string::npos) published = published.substr(0, at) + "parametrizations.weight.original0";
    if (const std::size_t at = published.find("weight_v"); at != std::string::npos) published = published.substr(0, at) + "parametrizations.weight.original1";
    return sample::numbered(published, i);
  });
  EXPECT_EQ(of_encoder, 3u * (part.tensors.size() - classifier.size()));
  EXPECT_EQ(part.tensors.size() - classifier.size(), 8u + 4u + 3u + 2u + 2u * 16u);
  ASSERT_EQ(part.notes.size(), 1u);
  EXPECT_NE(part.notes[0].find("first 2 layers"), std::string::npos);

  // An encoder of another width, and one that is something else.
  json other = kSmallSpeech;
  other["hidden_size"] = 32;
  sample::write_text(folder_ / "in/xlsr/config.json", other.dump());
  EXPECT_NE(message_of([&] { import_shas(folder_ / "in/shas.pt", folder_ / "in/xlsr", {}); }).find("made for an encoder of width 16"), std::string::npos);
  other["model_type"] = "hubert";
  sample::write_text(folder_ / "in/xlsr/config.json", other.dump());
  EXPECT_NE(message_of([&] { import_shas(folder_ / "in/shas.pt", folder_ / "in/xlsr", {}); }).find("\"hubert\", not wav2vec2"), std::string::npos);
}

TEST_F(GroundersTest, ShasOfFullSize) {
  // XLS-R 300M without a configuration beside it, and the classifier as its training program saves it.
  json config = {{"feat_extract_norm", "layer"}, {"conv_bias", true}, {"hidden_size", 1024}, {"num_hidden_layers", 24}, {"intermediate_size", 4096}};
  sample::write_torch(folder_ / "in/xlsr.bin", pretrained(config));
  const json settings = {{"wav2vec_keep_layers", 15}, {"classifier_n_transformer_layers", 1}};
  Shapes classifier = sample::shapes_of(frame_classifier_tensors(json::object()));
  sample::write_torch(folder_ / "in/shas.pt", classifier, {}, store::DType::kF32, {"state_dict", settings});
  const ModelPart part = import_shas(folder_ / "in/shas.pt", folder_ / "in/xlsr.bin", {});
  // 202.1 million of the encoder cut to 15 layers (AUDIO.md 2), with the norm that is not used, and the classifier.
  EXPECT_NEAR(double(part.parameters()), 202.1e6 + 8.4e6, 0.1e6);

  classifier.erase("layer_norm.bias");
  classifier["classification_layer.bias"] = {2};
  sample::write_torch(folder_ / "in/shas.pt", classifier, {}, store::DType::kF32, {"state_dict", settings});
  const std::string message = message_of([&] { import_shas(folder_ / "in/shas.pt", folder_ / "in/xlsr.bin", {}); });
  for (const char* says : {"shas.pt", "1 missing: layer_norm.bias", "classification_layer.bias is [2], expected [1]"}) EXPECT_NE(message.find(says), std::string::npos) << message;
}

TEST_F(GroundersTest, TheListenerHearsTheSymbolsOfItsVocabulary) {
  json config = kSmallSpeech;
  config["feat_extract_norm"] = "group";
  config["conv_bias"] = false;
  config["do_stable_layer_norm"] = false;
  config["architectures"] = {"Wav2Vec2ForCTC"};
  config["vocab_size"] = 5;
  Shapes shapes;
  for (const TensorSpec& spec : wav2vec2_tensors(config)) shapes[spec.name.rfind("lm_head.", 0) == 0 ? spec.name : "wav2vec2." + spec.name] = spec.shape;
  shapes["wav2vec2.masked_spec_embed"] = {16};
  sample::write_text(folder_ / "in/config.json", config.dump());
  sample::write_text(folder_ / "in/vocab.json", R"({"A": 3, "<pad>": 1, "|": 0, "B": 4, "<unk>": 2})");
  sample::write_torch(folder_ / "in/pytorch_model.bin", shapes, sample::numbered_values());
  const ModelPart part = import_wav2vec2(folder_ / "in", {});
  EXPECT_EQ(part.component, "listener");
  EXPECT_EQ(part.entry.config.at("symbols"), json({"|", "<pad>", "<unk>", "A", "B"}));
  EXPECT_EQ(part.entry.config.at("blank"), 1);
  EXPECT_EQ(part.entry.config.at("conv").at("vocab_size"), 5);
  EXPECT_EQ(part.entry.config.at("conv").at("feat_extract_norm"), "group");
  expect_converted(part, [&](const std::string& name, std::size_t i) {
    EXPECT_EQ(shapes.count(name), 1u) << name;
    return sample::numbered(name, i);
  });

  sample::write_text(folder_ / "in/vocab.json", R"({"A": 3, "<pad>": 1, "|": 0, "B": 3, "<unk>": 2})");
  EXPECT_NE(message_of([&] { import_wav2vec2(folder_ / "in", {}); }).find("no free number below 5"), std::string::npos);
  shapes.erase("lm_head.weight");
  sample::write_torch(folder_ / "in/pytorch_model.bin", shapes);
  EXPECT_NE(message_of([&] { import_wav2vec2(folder_ / "in", {}); }).find("no lm_head"), std::string::npos);
}

}  // namespace
}  // namespace reamo::convert
