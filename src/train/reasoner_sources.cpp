#include "train/reasoner_sources.h"

#include "ie/error.h"

namespace reamo::train {

ExampleSource reasoner_source(const ExampleMaker& maker, const SourceOptions& options) {
  std::vector<std::pair<double, ExampleSource>> list;
  synth::InstanceOptions world;
  world.seed = options.seed;
  if (options.atlas) world.artwork = options.atlas->styles();
  synth::InstanceOptions whole = world;  // the world's own schema, everything asked: one schema for many documents
  whole.tasks = ie::Tasks{true, true, true};
  whole.renamed_schema = 0;
  if (options.reading != Reading::kPictures) {
    list.emplace_back(options.text_share / 2, world_texts(maker, world));
    list.emplace_back(options.text_share / 2, world_texts(maker, whole));
    for (const std::filesystem::path& folder : options.annotated) list.emplace_back(0.08, annotated_texts(maker, folder, options.seed));
  }
  if (options.reading == Reading::kSaid) {
    if (options.atlas) {
      list.emplace_back(0.3, world_documents(maker, world, options.atlas));
      list.emplace_back(0.3, world_documents(maker, whole, options.atlas));
    }
    return mixture(std::move(list), options.seed);
  }
  if (!options.atlas || !options.encoder) throw Error("documents with pictures need an atlas and an encoder");
  std::vector<synth::Combination> all, silent;
  for (const synth::Combination& combination : synth::combinations()) {
    const bool seen = combination.image || combination.video, told = combination.text || combination.audio;
    if (seen || combination.audio) all.push_back(combination);
    if (seen && !told) silent.push_back(combination);
  }
  // Names of what is seen, in few words: the shortest examples by far, and what the rest is built on.
  synth::InstanceOptions names = world;
  names.tasks = ie::Tasks{true, false, false};
  const bool pictures = options.reading == Reading::kPictures;
  const auto seen = [&](const synth::InstanceOptions& instances, const std::vector<synth::Combination>& combinations) {
    return seen_documents(maker, instances, options.atlas, *options.encoder, combinations);
  };
  list.emplace_back(pictures ? 1.0 : 0.8, seen(names, silent));
  list.emplace_back(pictures ? 0.2 : 0.3, seen(world, pictures ? silent : all));
  list.emplace_back(pictures ? 0.2 : 0.4, seen(whole, pictures ? silent : all));
  return mixture(std::move(list), options.seed);
}

}  // namespace reamo::train
