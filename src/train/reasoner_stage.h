// Training of the reasoner: the stages `uie`, `alignment`, `grounding` and `meta_response` (PAPER 4). They differ in what
// the examples are drawn from and in which weights move.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "encoder/encoder.h"
#include "ie/document.h"
#include "ie/result.h"
#include "reasoner/reasoner.h"
#include "reasoner/target.h"
#include "synth/atlas.h"
#include "synth/story.h"
#include "train/trainer.h"

namespace reamo::train {

// Gives the example with this number; a function of the number alone, callable from several threads. nullopt: nothing
// fits (too long), take the next.
using ExampleSource = std::function<std::optional<reasoner::TrainingExample>(std::int64_t number)>;

// How examples are made into token ids.
struct ExampleMaker {
  reasoner::Tokenizer tokenizer;
  reasoner::PromptOptions prompt;
  std::int64_t max_length = 640;  // tokens; longer examples are left out

  std::optional<reasoner::TrainingExample> make(const reasoner::Request& request, const ie::MetaResponse& response) const;
};

// Texts of the world.
ExampleSource world_texts(ExampleMaker maker, synth::InstanceOptions options);
// Documents of the world with a text or a recording, their pictures and films by name only: what words say of the items,
// and the calls that look for those items in the media. Recordings are their transcripts, with a listener's mistakes.
ExampleSource world_documents(ExampleMaker maker, synth::InstanceOptions options, std::shared_ptr<const synth::Atlas> atlas);
// Documents of the world with at least one medium beside the text, whole: pictures and films drawn and encoded, recordings as
// transcripts with a listener's mistakes; every item that any medium tells or shows, with its calls. `combinations`: which
// ones, in turn; the encoder must stay as it is meanwhile.
ExampleSource seen_documents(ExampleMaker maker, synth::InstanceOptions options, std::shared_ptr<const synth::Atlas> atlas,
                             encoder::Encoder encoder, std::vector<synth::Combination> combinations);
// Annotated texts of files: documents.jsonl and gold.jsonl of one folder, as `reamo data import` writes them. Label order
// is shuffled and, for part of the examples, the schema is cut down to some of the types.
ExampleSource annotated_texts(ExampleMaker maker, const std::filesystem::path& folder, std::uint64_t seed);
// Several sources, each with its share.
ExampleSource mixture(std::vector<std::pair<double, ExampleSource>> sources, std::uint64_t seed);

struct ReasonerStageOptions {
  TrainOptions train;
  int batch = 16;             // examples
  reasoner::LossOptions loss;
  int data_threads = 1;       // that make examples ahead; 0: in the training thread
  std::string learn = "all";  // all; projector; lora (adapters, projector): what moves
  reasoner::LoraConfig lora;
};

// Trains `model` on `source`; the run folder holds checkpoints. Where `learn` is "lora" the adapters are attached (if not
// yet) and stay unmerged. Figures logged: loss by kind of target token (grammar, label, name, phrase), of tags, links and what is shown; tokens.
TrainReport train_reasoner(reasoner::Llama& model, const ExampleSource& source, const ReasonerStageOptions& options);

}  // namespace reamo::train
