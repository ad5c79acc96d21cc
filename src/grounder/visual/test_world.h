// A world of coloured squares and a grounder trained on it in a few seconds, for tests.
#pragma once

#include <algorithm>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "grounder/visual/grounding_loss.h"
#include "grounder/visual/postprocess.h"
#include "grounder/visual/preprocess.h"
#include "grounder/visual/visual_grounder.h"
#include "nn/clip_tokenizer.h"
#include "nn/weights.h"
#include "signal/image.h"

namespace reamo::grounder {

inline const std::vector<std::string> kSquareNames = {"red square", "green square", "blue square"};

struct Square {
  int color;
  ie::Box box;
};

inline signal::Image draw_squares(int width, int height, const std::vector<Square>& squares, unsigned seed) {
  const int colors[3][3] = {{225, 45, 40}, {40, 195, 60}, {50, 70, 230}};
  std::mt19937 random(seed);
  signal::Image image(width, height);
  for (std::uint8_t& value : image.rgb) value = std::uint8_t(115 + random() % 25);
  for (const Square& square : squares) {
    for (int y = std::max(0, square.box.y); y < std::min(height, square.box.y + square.box.height); ++y) {
      for (int x = std::max(0, square.box.x); x < std::min(width, square.box.x + square.box.width); ++x) {
        for (int c = 0; c < 3; ++c) image.pixel(x, y)[c] = std::uint8_t(colors[square.color][c] + int(random() % 9) - 4);
      }
    }
  }
  return image;
}

// Visible pixels of square `index`.
inline ie::Mask square_mask(int width, int height, const std::vector<Square>& squares, std::size_t index) {
  std::vector<std::uint8_t> pixels(std::size_t(width) * height, 0);
  for (std::size_t i = index; i < squares.size(); ++i) {
    const ie::Box& box = squares[i].box;
    for (int y = std::max(0, box.y); y < std::min(height, box.y + box.height); ++y) {
      for (int x = std::max(0, box.x); x < std::min(width, box.x + box.width); ++x) {
        pixels[std::size_t(y) * width + x] = i == index;
      }
    }
  }
  return ie::encode(pixels, height, width);
}

inline GroundingBatch square_batch(int images, int size, const nn::ClipTokenizer& tokenizer, const SeemConfig& config,
                                   std::mt19937& random) {
  nn::ClipTokenizeOptions options;
  options.context_length = config.text.context;
  options.pad_id = nn::ClipTokenizeOptions::kPadWithEnd;
  const torch::Tensor names = tokenizer.encode(kSquareNames, options);
  GroundingBatch batch;
  std::vector<torch::Tensor> pixels, masks;
  std::vector<std::int64_t> index;
  std::vector<float> present;
  for (int image = 0; image < images; ++image) {
    std::vector<Square> squares;
    for (int i = 0, count = int(random() % 4); i < count; ++i) {
      const int side = 12 + int(random() % 14);
      squares.push_back({int(random() % 3), {int(random() % (size - side)), int(random() % (size - side)), side, side}});
    }
    pixels.push_back(normalise(draw_squares(size, size, squares, unsigned(random())), config.input).pixels);
    for (int color = 0; color < 3; ++color) {
      torch::Tensor mask = torch::zeros({size, size});
      for (std::size_t i = 0; i < squares.size(); ++i) {
        if (squares[i].color == color) mask += from_mask(square_mask(size, size, squares, i)).to(torch::kFloat32);
      }
      masks.push_back(torch::adaptive_avg_pool2d(mask.unsqueeze(0), {size / 4, size / 4})[0]);
      index.push_back(image);
      present.push_back(mask.sum().item<float>() > 20);
    }
  }
  batch.pixels = torch::stack(pixels);
  batch.ids = names.repeat({images, 1});
  batch.image_index = torch::tensor(index);
  batch.masks = torch::stack(masks);
  batch.present = torch::tensor(present);
  return batch;
}

inline SeemConfig square_config(int vocabulary) {
  SeemConfig config = mini_seem_config(vocabulary);
  config.resnet.stem_width = 8;
  config.resnet.widths = {12, 16, 24};
  config.resnet.blocks = {1, 1, 1};
  config.resnet.topdown_width = 16;
  config.dot_product.width = 24;
  config.text = {vocabulary, 8, 16, 2, 1};
  config.input = {0, 64, 32};
  return config;
}

// Trained once a process, written to a folder and loaded from there.
inline const VisualGrounder& square_grounder() {
  static const VisualGrounder grounder = [] {
    const auto folder = std::filesystem::path(testing::TempDir()) /
                        ("square_grounder_" + std::to_string(std::random_device()()));
    std::filesystem::create_directories(folder);
    const nn::ClipTokenizer tokenizer = nn::train_clip_bpe(kSquareNames, 12);
    tokenizer.save(folder / "bpe.json");
    torch::manual_seed(3);
    std::mt19937 random(5);
    const SeemConfig config = square_config(tokenizer.vocab_size());
    Seem model(config);
    torch::optim::AdamW optimizer(model->parameters(), torch::optim::AdamWOptions(3e-3));
    const int steps = 150;
    for (int step = 0; step < steps; ++step) {
      for (auto& group : optimizer.param_groups()) {
        static_cast<torch::optim::AdamWOptions&>(group.options()).lr(3e-3 * (1 - 0.9 * step / steps));
      }
      const GroundingLoss loss = grounding_loss(model, square_batch(8, 64, tokenizer, config, random));
      optimizer.zero_grad();
      loss.total.backward();
      optimizer.step();
    }
    nn::write_tensors(folder / "visual.safetensors", nn::state_dict(*model));
    VisualGrounder loaded = VisualGrounder::load(to_json(config), folder / "visual.safetensors", folder / "bpe.json");
    std::filesystem::remove_all(folder);
    return loaded;
  }();
  return grounder;
}

}  // namespace reamo::grounder
