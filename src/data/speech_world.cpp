// What the recordings of the synthetic world say, as texts for training the listener.
#include "data/speech_shards.h"

namespace reamo::data {

SpeechText speech_text_from_world(std::uint64_t seed, synth::Split split) {
  synth::InstanceOptions options;
  options.seed = seed;
  options.split = split;
  options.combination = synth::Combination{.audio = true};
  return [options](std::uint64_t index) {
    static const synth::Atlas none;  // nothing is drawn
    const synth::Instance instance = synth::make_instance(options, index, none);
    return instance.audios.empty() ? std::string() : instance.audios.front().text;
  };
}

}  // namespace reamo::data
