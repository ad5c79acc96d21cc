#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

#include "grounder/audio/speech_text.h"
#include "ie/error.h"
#include "nn/weights.h"
#include "store/json_limits.h"
#include "store/tensor_file.h"
#include "synth/random.h"
#include "train/listener_stage.h"

namespace reamo::train {
namespace {

constexpr float kSilence = -15.9424f;  // log of the filter bank's floor

struct Place {
  std::uint32_t file = 0;
  std::int64_t first_frame = 0, frames = 0;
  std::int64_t first_byte = 0, bytes = 0;
  std::int64_t first_word = 0, words = 0;
};

template <typename T>
std::span<const T> view(const store::TensorFile& file, const std::string& name, store::DType dtype) {
  const store::TensorView& tensor = file.at(name);
  if (tensor.dtype != dtype) throw Error(file.path().string() + ": tensor " + name + " has the wrong type");
  return {reinterpret_cast<const T*>(tensor.bytes.data()), std::size_t(tensor.elements())};
}

double gaussian(synth::Random& random) {
  return std::sqrt(-2 * std::log(1 - random.uniform())) * std::cos(2 * std::numbers::pi * random.uniform());
}

// A smooth random curve of standard deviation `deviation`: values at a few points, straight between them.
std::vector<float> smooth_curve(synth::Random& random, std::int64_t size, int points, double deviation) {
  std::vector<double> at(std::size_t(points) + 1);
  for (double& value : at) value = deviation * gaussian(random);
  std::vector<float> curve(static_cast<std::size_t>(size));
  for (std::int64_t i = 0; i < size; ++i) {
    const double x = double(i) / double(std::max<std::int64_t>(1, size)) * points;
    const int left = std::min(int(x), points - 1);
    curve[std::size_t(i)] = float(at[std::size_t(left)] + (x - left) * (at[std::size_t(left) + 1] - at[std::size_t(left)]));
  }
  return curve;
}

// Bins moved by a factor, as a shorter or longer vocal tract does.
torch::Tensor warp_bins(const torch::Tensor& mel, double factor) {
  const std::int64_t bins = mel.size(1);
  const torch::Tensor at = (torch::arange(bins, torch::kFloat32) * factor).clamp(0, double(bins - 1) - 1e-3);
  const torch::Tensor left = at.floor().to(torch::kInt64), share = at - at.floor();
  return mel.index_select(1, left) * (1 - share) + mel.index_select(1, left + 1) * share;
}

// Energies of a steady or slowly changing coloured noise, added in the power domain.
torch::Tensor add_noise(const torch::Tensor& mel, double snr, synth::Random& random) {
  const std::int64_t frames = mel.size(0), bins = mel.size(1);
  std::vector<float> color = smooth_curve(random, bins, 5, 1.2);
  const double tilt = random.uniform(-3, 3);
  for (std::int64_t bin = 0; bin < bins; ++bin) color[std::size_t(bin)] += float(tilt * double(bin) / double(bins));
  const std::vector<float> loudness = smooth_curve(random, frames, int(1 + frames / 60), random.chance(0.5) ? 0.1 : 1.0);
  // A filter sums few Fourier bins at low frequencies, many at high ones: the scatter of its energy falls.
  const torch::Tensor scatter = torch::linspace(0.9, 0.3, bins);
  torch::Generator generator = at::detail::createCPUGenerator(random.next());
  torch::Tensor noise = torch::randn({frames, bins}, generator, torch::kFloat32) * scatter +
                        torch::tensor(color).unsqueeze(0) + torch::tensor(loudness).unsqueeze(1);
  const torch::Tensor speech = mel.exp();
  noise = noise.exp();
  const double ratio = speech.sum().item<double>() / std::max(1e-12, noise.sum().item<double>());
  return (speech + noise * (ratio * std::pow(10.0, -snr / 10))).log();
}

}  // namespace

struct SpeechShards::Data {
  std::vector<store::TensorFile> files;
  std::vector<Place> places;
};

SpeechShards::SpeechShards(const std::vector<std::filesystem::path>& folders) : data_(std::make_unique<Data>()) {
  for (const std::filesystem::path& folder : folders) {
    const std::filesystem::path index_path = folder / "index.json";
    const nlohmann::json index = store::parse_json(store::read_file(index_path), index_path.string());
    if (index.value("format", "") != "reamo-speech") throw Error(index_path.string() + ": not an index of speech shards");
    for (const nlohmann::json& shard : index.at("shards")) {
      data_->files.push_back(store::TensorFile::open_safetensors(folder / shard.at("file").get<std::string>()));
      const store::TensorFile& file = data_->files.back();
      const auto frames = view<std::int32_t>(file, "frames", store::DType::kI32);
      const auto bytes = view<std::int32_t>(file, "text_bytes", store::DType::kI32);
      const auto words = view<std::int32_t>(file, "words", store::DType::kI32);
      Place next;
      next.file = std::uint32_t(data_->files.size() - 1);
      for (std::size_t i = 0; i < frames.size() && i < bytes.size() && i < words.size(); ++i) {
        next.frames = frames[i];
        next.bytes = bytes[i];
        next.words = words[i];
        if (next.frames <= 0 || next.bytes < 0 || next.words < 0) throw Error(file.path().string() + ": a count is negative");
        data_->places.push_back(next);
        next.first_frame += next.frames;
        next.first_byte += next.bytes;
        next.first_word += next.words;
      }
      const store::TensorView& mel = file.at("mel");
      if (mel.dtype != store::DType::kF16 || mel.shape.size() != 2 || mel.shape[0] != next.first_frame ||
          file.at("text").elements() != next.first_byte || file.at("starts").elements() != next.first_word ||
          file.at("ends").elements() != next.first_word || bytes.size() != frames.size() || words.size() != frames.size()) {
        throw Error(file.path().string() + ": the counts do not fit the tensors");
      }
    }
  }
  if (data_->places.empty()) throw Error("no utterances in the folders of speech shards");
}

SpeechShards::~SpeechShards() = default;
std::size_t SpeechShards::size() const { return data_->places.size(); }
int SpeechShards::frames(std::size_t index) const { return int(data_->places.at(index).frames); }

SpeechItem SpeechShards::item(std::size_t index) const {
  const Place& place = data_->places.at(index);
  const store::TensorFile& file = data_->files[place.file];
  const auto text = view<char>(file, "text", store::DType::kU8).subspan(std::size_t(place.first_byte), std::size_t(place.bytes));
  const auto starts = view<float>(file, "starts", store::DType::kF32).subspan(std::size_t(place.first_word));
  const auto ends = view<float>(file, "ends", store::DType::kF32).subspan(std::size_t(place.first_word));
  const store::TensorView& mel = file.at("mel");
  const std::int64_t bins = mel.shape[1];

  SpeechItem item;
  item.mel = torch::empty({place.frames, bins}, torch::kFloat16);
  std::memcpy(item.mel.data_ptr(), mel.bytes.data() + place.first_frame * bins * 2, std::size_t(place.frames * bins) * 2);
  const std::vector<grounder::SpokenWord> words = grounder::spoken_words({text.data(), text.size()});
  if (std::int64_t(words.size()) != place.words) throw Error(file.path().string() + ": a text has another number of words");
  for (std::size_t i = 0; i < words.size(); ++i) {
    item.words.push_back({words[i].written, starts[i], ends[i], 1.0});
    for (const std::string& spoken : words[i].spoken) item.text += (item.text.empty() ? "" : " ") + spoken;
  }
  return item;
}

AugmentedSpeech augment(const torch::Tensor& mel, const AugmentOptions& options, std::uint64_t seed) {
  synth::Random random(seed);
  torch::Tensor x = mel.to(torch::kFloat32);
  const std::int64_t bins = x.size(1);
  AugmentedSpeech result;
  if (options.warp && random.chance(0.5)) x = warp_bins(x, random.uniform(0.9, 1.1));
  if (options.silence) {
    const int before = random.chance(0.6) ? random.between(0, 60) : 0, after = random.chance(0.6) ? random.between(0, 60) : 0;
    x = torch::cat({torch::full({before, bins}, kSilence), x, torch::full({after, bins}, kSilence)});
    result.shift = before;
  }
  if (random.chance(options.noisy)) x = add_noise(x, random.uniform(options.least_snr, options.most_snr), random);
  x = grounder::normalize_mel(x).clone();
  for (int i = 0; i < options.frequency_masks; ++i) {
    const std::int64_t width = random.between(0, 8), first = std::int64_t(random.index(std::size_t(bins - width)));
    x.narrow(1, first, width).zero_();
  }
  for (int i = 0; i < options.time_masks; ++i) {
    const std::int64_t width = std::min<std::int64_t>(random.between(0, 14), x.size(0) - 1);
    x.narrow(0, std::int64_t(random.index(std::size_t(x.size(0) - width))), width).zero_();
  }
  result.mel = x;
  return result;
}

}  // namespace reamo::train
