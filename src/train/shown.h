// What each row of the encoder's features shows, in pieces of the reasoner's vocabulary: the generator knows every pixel.
#pragma once

#include <cstdint>
#include <vector>

#include "encoder/config.h"
#include "reasoner/hints.h"
#include "reasoner/tokenizer.h"
#include "synth/scene.h"

namespace reamo::train {

class ShownPieces {
 public:
  // Error where rows of features are not cells of one stretched picture: another fit than stretch, several frames or views a clip.
  ShownPieces(const encoder::EncoderConfig& encoder, const reasoner::Tokenizer& tokenizer);

  // Adds the rows of one picture: `tokens` rows (g * g cells), whose first is row `first` of the document. A row's shares are
  // those of its pixels: pieces of a kind's name share equally what the kind covers, background is the piece <media> at a third.
  void add(const synth::LabelDrawing& drawn, const std::vector<synth::SceneObject>& objects, int width, int height, int tokens,
           std::int64_t first, std::vector<reasoner::Shown>& shown) const;

 private:
  std::vector<reasoner::Ids> names_;  // by kind
  std::int64_t nothing_;
  int grid_;  // cells of the vision tower along a side, which the rows average
};

}  // namespace reamo::train
