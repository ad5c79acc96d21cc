#include "train/shown.h"

#include <cmath>
#include <map>

#include "ie/error.h"

namespace reamo::train {

ShownPieces::ShownPieces(const encoder::EncoderConfig& encoder, const reasoner::Tokenizer& tokenizer)
    : nothing_(tokenizer.find("<media>")), grid_(encoder.tower(encoder::Modality::kVision).height / 16) {
  if (encoder.fit != encoder::Fit::kStretch || encoder.video.frames != 1 || encoder.video.views != 1 ||
      encoder.tower(encoder::Modality::kVision).stem != encoder::Stem::kConv) {
    throw Error("what rows of features show is only known of a conv stem over stretched pictures, one frame a clip");
  }
  for (const synth::Kind& kind : synth::kinds()) names_.push_back(tokenizer.encode_text(kind.name));
}

void ShownPieces::add(const synth::LabelDrawing& drawn, const std::vector<synth::SceneObject>& objects, int width, int height,
                      int tokens, std::int64_t first, std::vector<reasoner::Shown>& shown) const {
  const int side = int(std::lround(std::sqrt(double(tokens))));
  if (side * side != tokens) throw Error("the rows of a picture are not cells of a square");
  const auto from = [&](int cell, int pixels) { return (cell * grid_ / side) * pixels / grid_; };
  const auto to = [&](int cell, int pixels) { return ((cell + 1) * grid_ + side - 1) / side * pixels / grid_; };
  for (int token = 0; token < tokens; ++token) {
    std::map<std::uint16_t, int> pixels;
    int all = 0;
    for (int y = from(token / side, height); y < to(token / side, height); ++y) {
      for (int x = from(token % side, width); x < to(token % side, width); ++x, ++all) {
        ++pixels[drawn.labels[std::size_t(y) * std::size_t(width) + std::size_t(x)]];
      }
    }
    std::map<std::int64_t, float> shares;
    for (const auto& [label, count] : pixels) {
      const float share = float(count) / float(all);
      if (label == 0) {
        shares[nothing_] += share / 3;
        continue;
      }
      const reasoner::Ids& name = names_[std::size_t(objects[label - 1u].kind)];
      for (const std::int64_t piece : name) shares[piece] += share / float(name.size());
    }
    for (const auto& [piece, share] : shares) shown.push_back({first + token, piece, share});
  }
}

}  // namespace reamo::train
