#include "train/listener_stage.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <fstream>
#include <mutex>
#include <numeric>

#include "grounder/audio/word_times.h"
#include "ie/error.h"
#include "nn/weights.h"
#include "synth/random.h"
#include "train/prefetch.h"

namespace reamo::train {
namespace {

namespace F = torch::nn::functional;

// One batch, padded to its longest utterance; frames of 20 ms.
struct Batch {
  torch::Tensor mel;                    // [batch, mel frames, mels]
  std::vector<std::int64_t> lengths;    // mel frames
  torch::Tensor targets;                // symbols of all texts, one after the other
  std::vector<std::int64_t> target_lengths;
  torch::Tensor starts, start_weights;  // [batch, frames]: 1 where a word starts; 0 where that is unknown or padding
  torch::Tensor inside, real;           // [batch, frames]: 1 within words; 1 before the utterance's end
};

double frame_of(double seconds) { return (seconds - grounder::kListenerFrameMiddle) / grounder::kListenerFrameSeconds; }

void mark_words(Batch& batch, std::int64_t row, const SpeechItem& item, int shift, std::int64_t frames) {
  const auto clip = [&](double frame) { return std::clamp<std::int64_t>(std::llround(frame), 0, frames); };
  const double offset = 0.01 * shift;
  batch.start_weights[row].narrow(0, 0, frames).fill_(1);
  batch.real[row].narrow(0, 0, frames).fill_(1);
  double start = 0;
  for (const ie::Word& word : item.words) {
    const bool unknown = word.start < 0;
    if (!unknown) start = word.start;
    const std::int64_t first = clip(frame_of(start + offset)), last = clip(frame_of(word.end + offset));
    if (last > first) batch.inside[row].narrow(0, first, last - first).fill_(1);
    if (unknown) {
      if (last > first + 1) batch.start_weights[row].narrow(0, first + 1, last - first - 1).fill_(0);
    } else if (first < frames) {
      batch.starts[row][first] = 1;
    }
  }
}

Batch make_batch(const std::vector<SpeechItem>& items, const std::vector<AugmentedSpeech>& sounds,
                 const grounder::ListenerConfig& config) {
  Batch batch;
  std::int64_t longest = 0;
  for (const AugmentedSpeech& sound : sounds) {
    batch.lengths.push_back(sound.mel.size(0));
    longest = std::max(longest, sound.mel.size(0));
  }
  const std::int64_t rows = std::int64_t(items.size()), frames = (longest + 1) / 2;
  batch.mel = torch::zeros({rows, longest, sounds[0].mel.size(1)});
  batch.starts = torch::zeros({rows, frames});
  batch.start_weights = torch::zeros({rows, frames});
  batch.inside = torch::zeros({rows, frames});
  batch.real = torch::zeros({rows, frames});
  std::vector<std::int64_t> targets;
  for (std::int64_t row = 0; row < rows; ++row) {
    batch.mel[row].narrow(0, 0, batch.lengths[std::size_t(row)]).copy_(sounds[std::size_t(row)].mel);
    const std::vector<std::int64_t> ids = grounder::symbol_ids(config, items[std::size_t(row)].text);
    targets.insert(targets.end(), ids.begin(), ids.end());
    batch.target_lengths.push_back(std::int64_t(ids.size()));
    mark_words(batch, row, items[std::size_t(row)], sounds[std::size_t(row)].shift, (batch.lengths[std::size_t(row)] + 1) / 2);
  }
  batch.targets = torch::tensor(targets, torch::kInt64);
  return batch;
}

// Utterances in batches of like length, in an order of its own for each epoch.
class BatchOrder {
 public:
  BatchOrder(const SpeechShards& shards, double batch_seconds, std::uint64_t seed)
      : shards_(shards), budget_(std::int64_t(batch_seconds * 100)), seed_(seed) {}

  // Called with any numbers; keeps the epochs made so far.
  const std::vector<std::size_t>& batch(std::int64_t number) {
    const std::lock_guard lock(mutex_);
    while (number >= std::int64_t(batches_.size())) add_epoch();
    return batches_[std::size_t(number)];
  }

 private:
  void add_epoch() {
    synth::Random random = synth::Random(seed_).stream("epoch", epoch_++);
    std::vector<std::size_t> order(shards_.size());
    std::iota(order.begin(), order.end(), std::size_t(0));
    random.shuffle(order);
    constexpr std::size_t kPool = 1024;  // sorted by length together
    std::vector<std::vector<std::size_t>> batches;
    for (std::size_t first = 0; first < order.size(); first += kPool) {
      const auto begin = order.begin() + std::ptrdiff_t(first);
      const auto end = order.begin() + std::ptrdiff_t(std::min(order.size(), first + kPool));
      std::sort(begin, end, [&](std::size_t a, std::size_t b) { return shards_.frames(a) < shards_.frames(b); });
      batches.emplace_back();
      for (auto it = begin; it != end; ++it) {
        const std::int64_t padded = std::int64_t(batches.back().size() + 1) * shards_.frames(*it);
        if (!batches.back().empty() && padded > budget_) batches.emplace_back();
        batches.back().push_back(*it);
      }
    }
    random.shuffle(batches);
    for (auto& batch : batches) batches_.push_back(std::move(batch));
  }

  const SpeechShards& shards_;
  std::int64_t budget_;
  std::uint64_t seed_, epoch_ = 0;
  std::mutex mutex_;
  std::deque<std::vector<std::size_t>> batches_;  // references stay good
};

template <typename T>
std::size_t edit_distance(const T& a, const T& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t(0));
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t space = std::min(text.find(' ', at), text.size());
    words.push_back(text.substr(at, space - at));
    at = space + 1;
  }
  return words;
}

BatchResult losses(grounder::LogMelNet& net, const Batch& batch, const torch::Device& device, std::int64_t blank,
                   const ListenerStageOptions& options) {
  const grounder::ListenerOutput output = net->forward(batch.mel.to(device), batch.lengths);
  std::vector<std::int64_t> frames;
  for (const std::int64_t length : batch.lengths) frames.push_back((length + 1) / 2);
  const torch::Tensor ctc =
      torch::ctc_loss(output.log_probs.transpose(0, 1).contiguous(), batch.targets.to(device), frames, batch.target_lengths,
                      blank, at::Reduction::Mean, /*zero_infinity=*/true);
  const auto binary = [&](const torch::Tensor& logits, const torch::Tensor& target, const torch::Tensor& weight, double positive) {
    const torch::Tensor loss = torch::binary_cross_entropy_with_logits(
        logits, target.to(device), weight.to(device), torch::full({1}, positive, torch::TensorOptions().device(device)),
        at::Reduction::Sum);
    return loss / weight.sum().clamp_min(1).to(device);
  };
  const torch::Tensor start = binary(output.starts, batch.starts, batch.start_weights, 5);
  const torch::Tensor inside = binary(output.inside, batch.inside, batch.real, 1);
  const double seconds = double(std::accumulate(batch.lengths.begin(), batch.lengths.end(), std::int64_t(0))) / 100;
  return {ctc + options.start_weight * start + options.inside_weight * inside,
          {{"ctc", ctc.item<double>()},
           {"start", start.item<double>()},
           {"inside", inside.item<double>()},
           {"audio_seconds", seconds}}};
}

}  // namespace

ListenerScore evaluate_listener(grounder::ListenerNet& net, const SpeechShards& shards, std::size_t count) {
  const torch::NoGradGuard no_grad;
  const bool training = net->is_training();
  net->eval();
  AugmentOptions options;
  options.noisy = 1;
  options.least_snr = options.most_snr = 20;
  options.silence = options.warp = false;
  options.frequency_masks = options.time_masks = 0;

  ListenerScore score;
  std::size_t characters = 0, character_errors = 0, words = 0, word_errors = 0, placed = 0;
  double iou = 0;
  for (std::size_t i = 0; i < std::min(count, shards.size()); ++i) {
    const SpeechItem item = shards.item(i);
    if (item.text.empty()) continue;
    const torch::Tensor mel = augment(item.mel, options, i).mel.unsqueeze(0).to(net->parameters()[0].device());
    const grounder::ListenerFrames frames = grounder::listener_frames(net->log_mel->forward(mel, {mel.size(1)}));
    std::string heard;
    for (const ie::Word& word : grounder::decode_words(frames, net->config())) heard += (heard.empty() ? "" : " ") + word.word;
    const std::vector<std::string> spoken = split(item.text);
    characters += item.text.size();
    character_errors += edit_distance(heard, item.text);
    words += spoken.size();
    word_errors += edit_distance(split(heard), spoken);
    ++score.utterances;
    if (spoken.size() != item.words.size()) continue;  // a written word is several spoken ones
    std::vector<ie::Word> aligned;
    try {
      aligned = grounder::align_words(frames, net->config(), spoken);
    } catch (const Error&) {
      aligned.assign(spoken.size(), {"", -2, -1, 0});  // too short for its text: no word is found
    }
    for (std::size_t k = 0; k < aligned.size(); ++k) {
      if (item.words[k].start < 0 || (k + 1 < aligned.size() && item.words[k + 1].start < 0)) continue;
      const double both = std::min(aligned[k].end, item.words[k].end) - std::max(aligned[k].start, item.words[k].start);
      const double any = std::max(aligned[k].end, item.words[k].end) - std::min(aligned[k].start, item.words[k].start);
      iou += any > 0 ? std::max(0.0, both) / any : 0;
      ++placed;
    }
  }
  score.cer = double(character_errors) / double(std::max<std::size_t>(1, characters));
  score.wer = double(word_errors) / double(std::max<std::size_t>(1, words));
  score.word_iou = iou / double(std::max<std::size_t>(1, placed));
  net->train(training);
  return score;
}

TrainReport train_listener(grounder::ListenerNet& net, const ListenerStageOptions& options) {
  if (net->config().front_end != "log_mel") throw UsageError("only the log_mel front end of the listener is trained here");
  const SpeechShards shards(options.shards);
  std::unique_ptr<SpeechShards> held_out;
  if (!options.held_out.empty()) held_out = std::make_unique<SpeechShards>(options.held_out);
  BatchOrder order(shards, options.batch_seconds, options.train.seed);
  const torch::Device device(options.train.device);

  const auto make = [&](std::int64_t number) {
    AugmentOptions augmentation;
    augmentation.frequency_masks = options.frequency_masks;
    augmentation.time_masks = options.time_masks;
    synth::Random random = synth::Random(options.train.seed).stream("batch", std::uint64_t(number));
    std::vector<SpeechItem> items;
    std::vector<AugmentedSpeech> sounds;
    for (const std::size_t index : order.batch(number)) {
      SpeechItem item = shards.item(index);
      const std::uint64_t seed = random.next();
      if (item.text.empty()) continue;
      sounds.push_back(augment(item.mel, augmentation, seed));
      items.push_back(std::move(item));
    }
    if (items.empty()) throw Error("a batch of speech shards has no text at all");
    return make_batch(items, sounds, net->config());
  };
  Prefetch<Batch> batches(make, options.data_threads);

  const auto at_checkpoint = [&](std::int64_t step) {
    nn::write_tensors(options.train.run / "listener.safetensors", nn::state_dict(*net, "", torch::kFloat16));
    if (!held_out) return;
    const ListenerScore score = evaluate_listener(net, *held_out, options.scored);
    std::ofstream log(options.train.run / "held_out.jsonl", std::ios::app);
    log << nlohmann::json{{"step", step}, {"cer", score.cer}, {"wer", score.wer}, {"word_iou", score.word_iou}} << "\n";
  };
  const std::vector<ParameterGroup> groups{{trainable(*net), 1.0}};
  return train(*net, groups, options.train,
               [&](std::int64_t number) { return losses(net->log_mel, batches.get(number), device, net->config().blank, options); },
               at_checkpoint);
}

}  // namespace reamo::train
