#include "train/reasoner_stage.h"

#include <algorithm>
#include <fstream>
#include <map>

#include "ie/error.h"
#include "synth/random.h"
#include "train/prefetch.h"
#include "train/shown.h"

namespace reamo::train {
namespace {

constexpr int kBatchesPerGroup = 8;  // sorted by length together, so that little is padding

// A document with its gold, text only.
struct Annotated {
  std::string text;
  ie::Result gold;
};

std::vector<Annotated> read_annotated(const std::filesystem::path& folder) {
  std::ifstream documents(folder / "documents.jsonl"), golds(folder / "gold.jsonl");
  if (!documents || !golds) throw Error(folder.string() + ": needs documents.jsonl and gold.jsonl");
  std::vector<Annotated> list;
  std::string document_line, gold_line;
  while (std::getline(documents, document_line) && std::getline(golds, gold_line)) {
    ie::Document document = ie::read_document(document_line, folder);
    ie::Result gold = ie::read_result(gold_line);
    if (document.id != gold.document) throw Error(folder.string() + ": documents and gold are not in the same order");
    if (document.text) list.push_back({*document.text, std::move(gold)});
  }
  if (list.empty()) throw Error(folder.string() + ": no annotated text");
  return list;
}

// Keeps some of the entity types (those of other items always) and the items of kept types.
void cut_schema(ie::Result& gold, synth::Random& random) {
  if (!gold.schema.entities || gold.schema.relations || gold.schema.events) return;
  auto& types = *gold.schema.entities;
  random.shuffle(types);
  if (types.size() > 2 && random.chance(0.5)) types.resize(random.between(2, int(types.size())));
  std::erase_if(gold.entities, [&](const ie::Entity& entity) { return gold.schema.entity(entity.type) == nullptr; });
}

// By entity id and medium, the phrases of the instance's calls. Items of a response stand in the order of its gold.
ie::Phrases phrases_of(const synth::Instance& instance) {
  ie::Phrases phrases;
  for (const ie::Call& call : instance.response.calls) {
    for (const ie::Instruction& instruction : call.instructions) {
      if (instruction.number < 1 || instruction.number > instance.gold.entities.size()) continue;
      const std::string medium = instruction.medium.value_or(
          call.module == ie::GrounderModule::kImageSegmentation ? "image-0"
          : call.module == ie::GrounderModule::kVideoTracking   ? "video-0"
                                                                : "audio-0");
      phrases[instance.gold.entities[instruction.number - 1].id][medium] = instruction.phrase;
    }
  }
  return phrases;
}

// Text, media by name and what a listener makes of recordings.
reasoner::Request request_of(const synth::Instance& instance, std::uint64_t seed, std::int64_t number) {
  reasoner::Request request{instance.schema, instance.text, {}, {}};
  for (std::size_t i = 0; i < instance.images.size(); ++i) {
    request.media.push_back({"image-" + std::to_string(i), reasoner::MediumKind::kImage, {}});
  }
  synth::Random random = synth::Random(seed).stream("heard", std::uint64_t(number));
  for (std::size_t i = 0; i < instance.audios.size(); ++i) {
    const std::string name = "audio-" + std::to_string(i);
    request.media.push_back({name, reasoner::MediumKind::kAudio, {}});
    request.transcripts[name].text = random.chance(0.5) ? synth::heard_text(instance.audios[i].text)
                                                        : synth::noisy_transcript(instance.audios[i].text, random);
  }
  for (std::size_t i = 0; i < instance.videos.size(); ++i) {
    request.media.push_back({"video-" + std::to_string(i), reasoner::MediumKind::kVideo, {}});
  }
  return request;
}

// Leaves the items that the text or a recording says.
void keep_said(const synth::Instance& instance, ie::Result& gold, ie::Phrases& phrases) {
  const auto spoken = [&](const std::string& id) {
    return std::any_of(instance.spoken.begin(), instance.spoken.end(), [&](const auto& place) { return place.id == id; });
  };
  const auto in_text = [](const std::vector<ie::Grounding>& groundings) {
    return std::any_of(groundings.begin(), groundings.end(), [](const ie::Grounding& g) { return g.medium == "text"; });
  };
  std::erase_if(gold.entities, [&](const ie::Entity& e) { return !in_text(e.groundings) && !spoken(e.id); });
  const auto there = [&](const std::string& id) { return gold.entity(id) != nullptr; };
  std::erase_if(gold.relations, [&](const ie::Relation& r) { return !there(r.head) || !there(r.tail); });
  std::erase_if(gold.events, [&](const ie::Event& e) { return !in_text(e.trigger.groundings) && !spoken(e.id); });
  for (ie::Event& event : gold.events) std::erase_if(event.arguments, [&](const ie::Argument& a) { return !there(a.entity); });
  std::erase_if(phrases, [&](const auto& entry) { return !there(entry.first); });
}

std::vector<std::vector<reasoner::TrainingExample>> make_group(const ExampleSource& source, std::int64_t group, int batch,
                                                               std::uint64_t seed) {
  const std::int64_t size = std::int64_t(batch) * kBatchesPerGroup;
  std::vector<reasoner::TrainingExample> examples;
  for (std::int64_t i = 0; i < size; ++i) {
    // A number whose example does not fit gives its place to others far away, never to a neighbour.
    for (std::int64_t attempt = 0; attempt < 50; ++attempt) {
      auto example = source(group * size + i + attempt * (std::int64_t(1) << 40));
      if (!example) continue;
      examples.push_back(std::move(*example));
      break;
    }
  }
  if (examples.empty()) throw Error("no training example fits the length limit");
  // Together what shares its schema, which is then read once; within that by length.
  std::map<reasoner::Ids, std::size_t> shared;
  const auto schema_of = [](const reasoner::TrainingExample& e) { return reasoner::Ids(e.prompt.begin(), e.prompt.begin() + e.schema); };
  for (const auto& example : examples) ++shared[schema_of(example)];
  std::erase_if(shared, [&](const auto& entry) { return entry.second < std::size_t(batch) / 2; });
  std::size_t place = 0;
  for (auto& [schema, order] : shared) order = ++place;
  std::vector<std::pair<std::size_t, reasoner::TrainingExample>> sorted;
  for (auto& example : examples) {
    const auto found = shared.find(schema_of(example));
    sorted.emplace_back(found == shared.end() ? 0 : found->second, std::move(example));
  }
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    return std::pair(a.first, a.second.length()) < std::pair(b.first, b.second.length());
  });
  examples.clear();
  for (auto& [order, example] : sorted) examples.push_back(std::move(example));
  std::vector<std::vector<reasoner::TrainingExample>> batches;
  for (std::size_t at = 0; at < examples.size(); at += std::size_t(batch)) {
    const std::size_t end = std::min(examples.size(), at + std::size_t(batch));
    batches.emplace_back(std::make_move_iterator(examples.begin() + at), std::make_move_iterator(examples.begin() + end));
  }
  synth::Random random = synth::Random(seed).stream("order", std::uint64_t(group));
  random.shuffle(batches);
  return batches;
}

std::vector<ParameterGroup> choose_parameters(reasoner::Llama& model, const ReasonerStageOptions& options) {
  if (options.learn == "all") return {{trainable(*model), 1}};
  for (torch::Tensor& parameter : model->parameters()) parameter.set_requires_grad(false);
  if (options.learn == "projector") {
    for (torch::Tensor& parameter : model->model->mm_input_projector->parameters()) parameter.set_requires_grad(true);
    return {{trainable(*model), 1}};
  }
  if (options.learn != "lora") throw UsageError("learn must be all, projector or lora, not " + options.learn);
  for (auto& [name, projection] : model->block_projections()) {
    if (!projection->lora_a.defined()) projection->attach(options.lora);
    projection->lora_a.set_requires_grad(true);
    projection->lora_b.set_requires_grad(true);
  }
  std::vector<ParameterGroup> groups{{trainable(*model), 1}};
  if (model->config().has_projector) {
    ParameterGroup projector{{}, 0.1};  // 2e-5 against 2e-4, as published
    for (torch::Tensor& parameter : model->model->mm_input_projector->parameters()) {
      parameter.set_requires_grad(true);
      projector.parameters.push_back(parameter);
    }
    groups.push_back(projector);
  }
  return groups;
}

}  // namespace

std::optional<reasoner::TrainingExample> ExampleMaker::make(const reasoner::Request& request,
                                                            const ie::MetaResponse& response) const {
  const reasoner::Prompt trial = reasoner::build_prompt(request, tokenizer, prompt);
  if (!trial.left_out.empty()) return std::nullopt;
  reasoner::TrainingExample example = reasoner::make_example(request, response, tokenizer, prompt);
  if (example.length() > max_length) return std::nullopt;
  return example;
}

ExampleSource world_texts(ExampleMaker maker, synth::InstanceOptions options) {
  return [maker = std::move(maker), options](std::int64_t number) {
    const synth::Instance instance = synth::make_text_instance(options, std::uint64_t(number));
    return maker.make({instance.schema, instance.text, {}, {}}, instance.response);
  };
}

ExampleSource world_documents(ExampleMaker maker, synth::InstanceOptions options, std::shared_ptr<const synth::Atlas> atlas) {
  std::vector<synth::Combination> kept;
  for (const synth::Combination& combination : synth::combinations()) {
    const bool more = combination.image || combination.video || combination.audio;
    if ((combination.text || combination.audio) && more) kept.push_back(combination);
  }
  return [maker = std::move(maker), options, atlas, kept](std::int64_t number) {
    synth::InstanceOptions own = options;
    own.combination = kept[std::size_t(number) % kept.size()];
    const synth::Instance instance = synth::make_instance(own, std::uint64_t(number), *atlas);
    ie::Result gold = instance.gold;
    ie::Phrases phrases = phrases_of(instance);
    keep_said(instance, gold, phrases);
    return maker.make(request_of(instance, options.seed, number), ie::response_from_result(gold, phrases));
  };
}

ExampleSource seen_documents(ExampleMaker maker, synth::InstanceOptions options, std::shared_ptr<const synth::Atlas> atlas,
                             encoder::Encoder encoder, std::vector<synth::Combination> combinations) {
  if (combinations.empty()) throw UsageError("no combination of media to draw documents of");
  const ShownPieces shows(encoder.config(), maker.tokenizer);
  return [=, maker = std::move(maker)](std::int64_t number) {
    synth::InstanceOptions own = options;
    own.combination = combinations[std::size_t(number) % combinations.size()];
    const synth::Instance instance = synth::make_instance(own, std::uint64_t(number), *atlas);
    reasoner::Request request = request_of(instance, options.seed, number);
    const synth::RenderSize size;
    std::size_t image = 0, video = 0;
    std::vector<reasoner::Shown> shown;
    std::int64_t rows = 0;
    for (reasoner::MediumFeatures& medium : request.media) {
      if (medium.kind == reasoner::MediumKind::kImage) {
        const synth::Scene& scene = instance.images[image++];
        const synth::LabelDrawing drawn = synth::draw_labels(scene, *atlas, size.image_width, size.image_height);
        medium.features = encoder.encode_image(drawn.image);
        shows.add(drawn, scene.objects, size.image_width, size.image_height, int(medium.features.size(0)), rows, shown);
      } else if (medium.kind == reasoner::MediumKind::kVideo) {
        const synth::Film& film = instance.videos[video++];
        std::vector<std::vector<signal::Image>> clips;
        std::int64_t row = rows;
        for (const auto& frames : encoder.video_frames(synth::frame_count(film), film.frame_rate)) {
          const int frame = int(frames.at(0));
          const synth::LabelDrawing drawn = synth::draw_frame_labels(film, *atlas, frame, size.video_width, size.video_height);
          const int tokens = encoder.config().video.tokens;
          shows.add(drawn, synth::scene_at(film, frame / film.frame_rate).objects, size.video_width, size.video_height, tokens, row, shown);
          clips.push_back({drawn.image});
          row += tokens;
        }
        medium.features = encoder.encode_video(clips);
      }
      if (medium.features.defined()) rows += medium.features.size(0);
    }
    std::optional<reasoner::TrainingExample> example = maker.make(request, instance.response);
    if (example) example->shown = std::move(shown);
    return example;
  };
}

ExampleSource annotated_texts(ExampleMaker maker, const std::filesystem::path& folder, std::uint64_t seed) {
  auto list = std::make_shared<const std::vector<Annotated>>(read_annotated(folder));
  return [maker = std::move(maker), list, seed](std::int64_t number) {
    synth::Random random = synth::Random(seed).stream("annotated", std::uint64_t(number));
    const Annotated& chosen = random.pick(*list);
    ie::Result gold = chosen.gold;
    cut_schema(gold, random);
    return maker.make({gold.schema, chosen.text, {}, {}}, ie::response_from_result(gold, {}));
  };
}

ExampleSource mixture(std::vector<std::pair<double, ExampleSource>> sources, std::uint64_t seed) {
  double sum = 0;
  for (const auto& [share, source] : sources) sum += share;
  return [sources = std::move(sources), sum, seed](std::int64_t number) {
    double at = synth::Random(seed).stream("mixture", std::uint64_t(number)).uniform(0, sum);
    for (const auto& [share, source] : sources) {
      if ((at -= share) < 0) return source(number);
    }
    return sources.back().second(number);
  };
}

TrainReport train_reasoner(reasoner::Llama& model, const ExampleSource& source, const ReasonerStageOptions& options) {
  const torch::Device device(options.train.device);
  if (options.train.bf16) model->set_compute_dtype(torch::kBFloat16);
  const std::vector<ParameterGroup> groups = choose_parameters(model, options);
  using Group = std::vector<std::vector<reasoner::TrainingExample>>;
  Prefetch<Group> prefetch(
      [&](std::int64_t group) { return make_group(source, group, options.batch, options.train.seed); }, options.data_threads, 2);
  TrainOptions loop = options.train;
  loop.bf16 = false;  // the model chooses its own dtype
  const std::int64_t pad = model->config().pad_token_id;
  const bool apart = model->config().bidirectional_prompt;
  std::int64_t current = -1;
  Group group;
  const auto report = train(*model, groups, loop, [&](std::int64_t batch) -> BatchResult {
    if (batch / kBatchesPerGroup != current) {
      current = batch / kBatchesPerGroup;
      group = prefetch.get(current);
    }
    const auto& examples = group[std::size_t(batch % kBatchesPerGroup) % group.size()];
    const reasoner::TrainingBatch tensors = reasoner::collate(examples, pad, apart).to(device);
    const reasoner::Losses losses = reasoner::training_loss(model, tensors, options.loss);
    return {losses.total,
            {{"target", losses.target},
             {"tag", losses.tag},
             {"link", losses.link},
             {"shown", losses.shown},
             {"grammar", losses.grammar},
             {"label", losses.label},
             {"name", losses.name},
             {"phrase", losses.phrase},
             {"tokens", double(tensors.tokens)}}};
  });
  model->set_compute_dtype(torch::kFloat32);
  return report;
}

}  // namespace reamo::train
