// reamo train: vocabularies, the stages, and the bundle of their weights.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdio>
#include <memory>

#include "cli/command.h"
#include "ie/error.h"
#include "nn/weights.h"
#include "store/json_limits.h"
#include "store/tensor_file.h"
#include "train/bundle.h"
#include "train/encoder_stage.h"
#include "train/initial_weights.h"
#include "train/listener_stage.h"
#include "train/reasoner_sources.h"
#include "train/reasoner_stage.h"
#include "train/vision_stage.h"
#include "train/vocabulary.h"
#include "version.h"

namespace reamo::cli {
namespace {

// Options of every stage, and those of some.
struct Arguments {
  train::TrainOptions train;
  bool fp32 = false;
  std::string init, output;
  int batch = 0, data_threads = 1;
  std::vector<std::string> atlases, annotated;
  std::string tokenizer, bpe;
  int size = 0;                  // pixels of training pictures
  bool augmentation = false;
  std::int64_t texts = 20000;
  int vocabulary = 2500, merges = 1500;
  reasoner::LossOptions loss;
  std::string encoder;            // weights
  double stem_rate = 0;
  double text_share = 1;
  std::string learn = "all";
  std::int64_t max_length = 1000;  // tokens of an example
  std::vector<std::string> shards, held_out;
  std::string listener = R"({"front_end": "log_mel", "log_mel": {"stem": 96, "width": 176, "layers": 4, "feed_forward": 528}})";
};

CLI::App* stage(CLI::App& parent, const std::string& name, const std::string& what, Arguments& a, double rate, std::int64_t steps, int batch) {
  a.train.learning_rate = rate;
  a.train.steps = steps;
  a.batch = batch;
  CLI::App* app = parent.add_subcommand(name, what);
  app->add_option("--run", a.train.run, "folder of checkpoints and metrics; an interrupted run goes on there")->required();
  app->add_option("--steps", a.train.steps, "updates in all")->capture_default_str();
  app->add_option("--stop-after", a.train.stop_after, "end this call after so many updates");
  app->add_option("--batch", a.batch, "examples an update")->capture_default_str();
  app->add_option("--learning-rate", a.train.learning_rate, "at its highest")->capture_default_str();
  app->add_option("--warmup", a.train.warmup, "updates")->capture_default_str();
  app->add_option("--schedule", a.train.schedule, "linear or cosine")->check(CLI::IsMember({"linear", "cosine"}))->capture_default_str();
  app->add_option("--weight-decay", a.train.weight_decay)->capture_default_str();
  app->add_option("--clip", a.train.clip, "global gradient norm")->capture_default_str();
  app->add_option("--accumulation", a.train.accumulation, "batches an update")->capture_default_str();
  app->add_option("--seed", a.train.seed)->capture_default_str();
  app->add_option("--checkpoint-seconds", a.train.checkpoint_seconds)->capture_default_str();
  app->add_option("--data-threads", a.data_threads, "threads that make examples ahead")->capture_default_str();
  app->add_flag("--fp32", a.fp32, "no bf16 in the forward pass");
  app->add_option("--init", a.init, "weights to start from (safetensors)");
  app->add_option("-o,--output", a.output, "where the trained weights go (safetensors), when the last update is done")->required();
  return app;
}

synth::Atlas load_atlases(const std::vector<std::string>& paths) {
  if (paths.empty()) throw UsageError("--atlas: at least one atlas is needed (`reamo data atlas` makes them)");
  synth::Atlas atlas = synth::Atlas::load(paths.front());
  for (std::size_t i = 1; i < paths.size(); ++i) atlas.merge(synth::Atlas::load(paths[i]));
  return atlas;
}

synth::VisionOptions vision_options(const Arguments& a, const synth::Atlas& atlas) {
  synth::VisionOptions vision;
  vision.styles = atlas.styles();
  vision.width = vision.height = a.size;
  vision.sprite_augmentation = a.augmentation;
  return vision;
}

bool finished(const Arguments& a, const train::TrainReport& report) {
  std::fprintf(stderr, "\n%lld of %lld updates, %.0f s\n", static_cast<long long>(report.step),
               static_cast<long long>(a.train.steps), report.seconds);
  return report.step >= a.train.steps;
}

train::TrainOptions loop_options(const Arguments& a, const CommonOptions& common) {
  train::TrainOptions options = a.train;
  options.device = common.device;
  options.bf16 = !a.fp32;
  return options;
}

int train_dense(const Arguments& a, const CommonOptions& common) {
  const synth::Atlas atlas = load_atlases(a.atlases);
  torch::manual_seed(a.train.seed);
  train::DenseStageOptions options{loop_options(a, common), a.batch, a.data_threads, vision_options(a, atlas), {}};
  train::DenseNet net(options.net, std::int64_t(synth::kinds().size()));
  if (!a.init.empty()) nn::load(*net, nn::read_tensors(a.init), a.init);
  if (finished(a, train::train_dense(net, atlas, options))) nn::write_tensors(a.output, nn::state_dict(*net));
  return 0;
}

int train_grounder(const Arguments& a, const CommonOptions& common) {
  const synth::Atlas atlas = load_atlases(a.atlases);
  const nn::ClipTokenizer tokenizer = nn::ClipTokenizer::open(a.bpe);
  torch::manual_seed(a.train.seed);
  grounder::Seem model(grounder::mini_seem_config(tokenizer.vocab_size()));
  if (!a.init.empty()) train::start_from(model, a.init);
  train::GrounderStageOptions options;
  options.train = loop_options(a, common);
  options.batch = a.batch;
  options.data_threads = a.data_threads;
  options.vision = vision_options(a, atlas);
  if (finished(a, train::train_grounder(model, tokenizer, atlas, options))) nn::write_tensors(a.output, nn::state_dict(*model));
  return 0;
}

int train_encoder(const Arguments& a, const CommonOptions& common) {
  const synth::Atlas atlas = load_atlases(a.atlases);
  const nn::ClipTokenizer tokenizer = nn::ClipTokenizer::open(a.bpe);
  torch::manual_seed(a.train.seed);
  encoder::Encoder encoder = encoder::Encoder::from_json(encoder::encoder_mini_config(tokenizer.vocab_size()));
  if (!a.init.empty()) {
    encoder::ImageBind module = encoder.module();
    train::start_from(module, a.init);
  }
  train::EncoderStageOptions options;
  options.train = loop_options(a, common);
  options.batch = a.batch;
  options.data_threads = a.data_threads;
  options.stem_rate = a.stem_rate;
  options.vision = vision_options(a, atlas);
  options.vision.height = encoder.config().tower(encoder::Modality::kVision).height;
  options.vision.width = encoder.config().tower(encoder::Modality::kVision).columns;
  const train::TrainReport report = train::train_encoder(encoder, tokenizer, atlas, options);
  if (finished(a, report)) nn::write_tensors(a.output, nn::state_dict(*encoder.module()));
  return 0;
}

int train_reasoner(const Arguments& a, const CommonOptions& common, train::Reading reading) {
  train::ExampleMaker maker{reasoner::Tokenizer::load(a.tokenizer, {true, reasoner::compact_tokens()}), {}, a.max_length};
  const reasoner::ReasonerConfig config = reasoner::mini_config(maker.tokenizer.size(), 192);
  maker.prompt = config.prompt;
  reasoner::Llama model(config.model);
  model->initialize(a.train.seed);
  if (!a.init.empty()) nn::load(*model, nn::read_tensors(a.init), a.init, {.prefix = "", .allow_extra = true, .optional = {"tag_head.*"}});
  train::ReasonerStageOptions options;
  options.train = loop_options(a, common);
  options.batch = a.batch;
  options.loss = a.loss;
  options.data_threads = a.data_threads;
  options.learn = a.learn;
  train::SourceOptions sources;
  sources.reading = reading;
  sources.seed = a.train.seed;
  sources.text_share = a.text_share;
  sources.annotated.assign(a.annotated.begin(), a.annotated.end());
  if (!a.atlases.empty()) sources.atlas = std::make_shared<const synth::Atlas>(load_atlases(a.atlases));
  if (!a.encoder.empty()) {
    const nlohmann::json encoder = encoder::encoder_mini_config(nn::ClipTokenizer::open(a.bpe).vocab_size());
    sources.encoder = encoder::Encoder::open(encoder, a.encoder, std::nullopt, {.device = torch::kCPU, .precision = a.fp32 ? torch::kFloat32 : torch::kBFloat16});
  }
  const train::TrainReport report = train::train_reasoner(model, train::reasoner_source(maker, sources), options);
  if (!finished(a, report)) return 0;
  for (auto& [name, projection] : model->block_projections()) projection->merge();
  nn::write_tensors(a.output, nn::state_dict(*model));
  return 0;
}

int train_listener(const Arguments& a, const CommonOptions& common) {
  torch::manual_seed(a.train.seed);
  grounder::ListenerNet net(grounder::listener_config(store::parse_json(a.listener, "--config")));
  if (!a.init.empty()) nn::load(*net, nn::read_tensors(a.init), a.init);
  train::ListenerStageOptions options;
  options.train = loop_options(a, common);
  options.batch_seconds = a.batch;
  options.data_threads = a.data_threads;
  options.shards.assign(a.shards.begin(), a.shards.end());
  options.held_out.assign(a.held_out.begin(), a.held_out.end());
  if (finished(a, train::train_listener(net, options))) nn::write_tensors(a.output, nn::state_dict(*net));
  return 0;
}

int make_vocabulary(const Arguments& a) {
  std::vector<std::filesystem::path> annotated(a.annotated.begin(), a.annotated.end());
  std::filesystem::create_directories(a.output);
  reasoner::train_tokenizer(train::reasoner_lines(a.train.seed, a.texts, annotated), a.vocabulary, std::filesystem::path(a.output) / "tokenizer.model");
  nn::train_clip_bpe(train::phrase_lines(a.train.seed, a.texts / 4), a.merges).save(std::filesystem::path(a.output) / "bpe.json");
  return 0;
}

}  // namespace

Command train_command(CLI::App& program) {
  CLI::App* app = program.add_subcommand("train", "train the parts of a small model from nothing");
  app->require_subcommand(1);
  auto run = std::make_shared<std::function<int(const CommonOptions&)>>();
  const auto arguments = [] { return std::make_shared<Arguments>(); };
  const auto set = [run](CLI::App* stage_app, std::function<int(const CommonOptions&)> what) {
    stage_app->callback([run, what] { *run = what; });
  };

  auto vocabulary = arguments();
  CLI::App* words = app->add_subcommand("vocabulary", "learn tokenizer.model and bpe.json from the world and annotated texts");
  words->add_option("-o,--output", vocabulary->output, "folder")->required();
  words->add_option("--texts", vocabulary->texts, "of the world")->capture_default_str();
  words->add_option("--vocabulary", vocabulary->vocabulary, "pieces of the reasoner's tokenizer")->capture_default_str();
  words->add_option("--merges", vocabulary->merges, "of the phrase tokenizer")->capture_default_str();
  words->add_option("--annotated", vocabulary->annotated, "folder with documents.jsonl and gold.jsonl")->take_all();
  words->add_option("--seed", vocabulary->train.seed)->capture_default_str();
  set(words, [vocabulary](const CommonOptions&) { return make_vocabulary(*vocabulary); });

  auto dense = arguments();
  dense->size = 128;
  CLI::App* dense_app = stage(*app, "dense", "what things look like: the kind of every cell of a picture", *dense, 2e-3, 3000, 32);
  dense_app->add_option("--atlas", dense->atlases, "artwork; may be given several times")->take_all();
  dense_app->add_option("--size", dense->size, "pixels")->capture_default_str();
  dense_app->add_flag("--augmentation", dense->augmentation, "stronger changes of colour and outline");
  set(dense_app, [dense](const CommonOptions& common) { return train_dense(*dense, common); });

  auto grounder = arguments();
  grounder->size = 192;
  CLI::App* grounder_app = stage(*app, "grounder", "phrases to masks", *grounder, 1e-3, 4000, 16);
  grounder_app->add_option("--atlas", grounder->atlases, "artwork; may be given several times")->take_all();
  grounder_app->add_option("--bpe", grounder->bpe, "bpe.json")->required();
  grounder_app->add_option("--size", grounder->size, "pixels")->capture_default_str();
  grounder_app->add_flag("--augmentation", grounder->augmentation, "stronger changes of colour and outline");
  set(grounder_app, [grounder](const CommonOptions& common) { return train_grounder(*grounder, common); });

  auto encoder = arguments();
  CLI::App* encoder_app = stage(*app, "encoder", "pictures to tokens: kinds of cells, and pictures against captions", *encoder, 1e-3, 2000, 32);
  encoder_app->add_option("--atlas", encoder->atlases, "artwork; may be given several times")->take_all();
  encoder_app->add_option("--bpe", encoder->bpe, "bpe.json")->required();
  encoder_app->add_option("--stem-rate", encoder->stem_rate, "learning rate of the conv stem, as a share; 0: it stays as it is")->capture_default_str();
  encoder_app->add_flag("--augmentation", encoder->augmentation, "stronger changes of colour and outline");
  set(encoder_app, [encoder](const CommonOptions& common) { return train_encoder(*encoder, common); });

  const auto reasoner_stage = [&](const std::string& name, const std::string& what, double rate, std::int64_t steps, train::Reading reading) {
    auto a = arguments();
    a->train.beta2 = 0.97;
    CLI::App* stage_app = stage(*app, name, what, *a, rate, steps, 16);
    stage_app->add_option("--tokenizer", a->tokenizer, "tokenizer.model")->required();
    stage_app->add_option("--max-length", a->max_length, "tokens; longer examples are left out")->capture_default_str();
    stage_app->add_option("--tag-weight", a->loss.tag_weight, "of the loss of tagging source tokens")->capture_default_str();
    stage_app->add_option("--link-weight", a->loss.link_weight, "of the loss of relations and roles of mentions, times the tag weight")->capture_default_str();
    stage_app->add_option("--shown-weight", a->loss.shown_weight, "of the loss of naming what rows of features show")->capture_default_str();
    stage_app->add_option("--label-weight", a->loss.label_weight, "of labels in answers, against 1 of other tokens")->capture_default_str();
    stage_app->add_option("--learn", a->learn, "which weights move")->check(CLI::IsMember({"all", "projector", "lora"}))->capture_default_str();
    auto* atlas = stage_app->add_option("--atlas", a->atlases, "artwork; may be given several times")->take_all();
    if (reading != train::Reading::kPictures) {
      stage_app->add_option("--annotated", a->annotated, "folder with documents.jsonl and gold.jsonl; may be given several times")->take_all();
      stage_app->add_option("--text-share", a->text_share, "of texts of the world, against 1 of documents with media")->capture_default_str();
    }
    if (reading != train::Reading::kSaid) {
      atlas->required();
      stage_app->add_option("--encoder", a->encoder, "weights of the encoder (safetensors)")->required();
      stage_app->add_option("--bpe", a->bpe, "bpe.json")->required();
    }
    set(stage_app, [a, reading](const CommonOptions& common) { return train_reasoner(*a, common, reading); });
  };
  reasoner_stage("uie", "textual extraction by instruction; with artwork also from documents with media, by what their words say", 1.5e-3, 10000, train::Reading::kSaid);
  reasoner_stage("alignment", "what the encoder sees, in the words of the reasoner: documents of pictures and films alone", 1e-3, 1000, train::Reading::kPictures);
  reasoner_stage("meta_response", "whole documents of every combination of media, with their grounding calls", 1e-3, 4000, train::Reading::kSeen);

  auto listener = arguments();
  CLI::App* listener_app = stage(*app, "listener", "speech to words with times", *listener, 1.5e-3, 4000, 64);
  listener_app->get_option("--batch")->description("seconds of sound an update");
  listener_app->add_option("--shards", listener->shards, "folders of `reamo data speech`")->required()->take_all();
  listener_app->add_option("--held-out", listener->held_out, "folders scored at checkpoints")->take_all();
  listener_app->add_option("--config", listener->listener, "of the network, as JSON")->capture_default_str();
  set(listener_app, [listener](const CommonOptions& common) { return train_listener(*listener, common); });

  struct BundleArguments {
    train::BundleParts parts;
    std::string name = "reamo-mini", version = kVersion, folder;
  };
  auto parts = std::make_shared<BundleArguments>();
  parts->parts.listener_config = listener->listener;
  CLI::App* bundle_app = app->add_subcommand("bundle", "gather trained weights into a model folder");
  bundle_app->add_option("--tokenizer", parts->parts.tokenizer, "tokenizer.model");
  bundle_app->add_option("--reasoner", parts->parts.reasoner);
  bundle_app->add_option("--bpe", parts->parts.bpe, "bpe.json");
  bundle_app->add_option("--visual", parts->parts.visual);
  bundle_app->add_option("--encoder", parts->parts.encoder);
  bundle_app->add_option("--listener", parts->parts.listener);
  bundle_app->add_option("--listener-config", parts->parts.listener_config, "as JSON")->capture_default_str();
  bundle_app->add_option("--name", parts->name)->capture_default_str();
  bundle_app->add_option("--model-version", parts->version)->capture_default_str();
  bundle_app->add_option("-o,--output", parts->folder, "model folder")->required();
  set(bundle_app, [parts](const CommonOptions&) {
    train::bundle(parts->parts, parts->name, parts->version, parts->folder);
    return 0;
  });

  return {app, [run](const CommonOptions& common) { return (*run)(common); }};
}

}  // namespace reamo::cli
