// Training of the small encoder (stage `encoder`): what stands in every cell of a picture, and which words go with which
// picture. The reasoner then reads its tokens.
#pragma once

#include <cstdint>

#include "encoder/encoder.h"
#include "nn/clip_tokenizer.h"
#include "synth/atlas.h"
#include "synth/vision_samples.h"
#include "train/trainer.h"

namespace reamo::train {

struct EncoderStageOptions {
  TrainOptions train;
  int batch = 32;                   // pictures
  int data_threads = 1;
  double contrastive_weight = 0.2;  // of picture against caption, InfoNCE within the batch, both ways
  double stem_rate = 0.0;           // learning rate of the conv stem as a share of the rest; 0: the stem stays as it is
  synth::VisionOptions vision;      // width and height: those of the vision tower
};
// The vision tower's grid against the kinds of its 16-pixel cells (a linear classifier that is checkpointed but not part of the
// encoder), and, where the encoder has a text tower, pooled pictures against captions that name what they show.
TrainReport train_encoder(encoder::Encoder& encoder, const nn::ClipTokenizer& tokenizer, const synth::Atlas& atlas,
                          const EncoderStageOptions& options);

}  // namespace reamo::train
