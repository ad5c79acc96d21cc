// Weights to start a stage from: its own, or the picture trunk of the stage before it.
#pragma once

#include <filesystem>

#include "encoder/imagebind.h"
#include "grounder/visual/seem.h"

namespace reamo::train {

// `file`: weights of an encoder, or of the stage dense, whose trunk becomes the conv stem.
void start_from(encoder::ImageBind& encoder, const std::filesystem::path& file);
// `file`: weights of a grounder, of the stage dense (its trunk), or of an encoder (its conv stem); of the last two the heads begin anew.
void start_from(grounder::Seem& grounder, const std::filesystem::path& file);

}  // namespace reamo::train
