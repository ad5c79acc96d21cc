#include "grounder/visual/class_list.h"

#include <algorithm>
#include <array>

namespace reamo::grounder {
namespace {

constexpr int kThings = 80;

constexpr std::array<const char*, 134> kNames = {
    "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat", "traffic light",
    "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat", "dog", "horse", "sheep", "cow",
    "elephant", "bear", "zebra", "giraffe", "backpack", "umbrella", "handbag", "tie", "suitcase", "frisbee",
    "skis", "snowboard", "sports ball", "kite", "baseball bat", "baseball glove", "skateboard", "surfboard",
    "tennis racket", "bottle", "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple",
    "sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair", "couch",
    "potted plant", "bed", "dining table", "toilet", "tv", "laptop", "mouse", "remote", "keyboard", "cell phone",
    "microwave", "oven", "toaster", "sink", "refrigerator", "book", "clock", "vase", "scissors", "teddy bear",
    "hair drier", "toothbrush", "banner", "blanket", "bridge", "cardboard", "counter", "curtain", "door-stuff",
    "floor-wood", "flower", "fruit", "gravel", "house", "light", "mirror-stuff", "net", "pillow", "platform",
    "playingfield", "railroad", "river", "road", "roof", "sand", "sea", "shelf", "snow", "stairs", "tent", "towel",
    "wall-brick", "wall-stone", "wall-tile", "wall-wood", "water-other", "window-blind", "window-other",
    "tree-merged", "fence-merged", "ceiling-merged", "sky-other-merged", "cabinet-merged", "table-merged",
    "floor-other-merged", "pavement-merged", "mountain-merged", "grass-merged", "dirt-merged", "paper-merged",
    "food-other-merged", "building-other-merged", "rock-merged", "wall-other-merged", "rug-merged", "background"};

constexpr std::array<const char*, 81> kTemplates = {
    "{}.", "a photo of a {}.", "a bad photo of a {}.", "a photo of many {}.", "a sculpture of a {}.",
    "a photo of the hard to see {}.", "a low resolution photo of the {}.", "a rendering of a {}.",
    "graffiti of a {}.", "a bad photo of the {}.", "a cropped photo of the {}.", "a tattoo of a {}.",
    "the embroidered {}.", "a photo of a hard to see {}.", "a bright photo of a {}.", "a photo of a clean {}.",
    "a photo of a dirty {}.", "a dark photo of the {}.", "a drawing of a {}.", "a photo of my {}.",
    "the plastic {}.", "a photo of the cool {}.", "a close-up photo of a {}.",
    "a black and white photo of the {}.", "a painting of the {}.", "a painting of a {}.",
    "a pixelated photo of the {}.", "a sculpture of the {}.", "a bright photo of the {}.",
    "a cropped photo of a {}.", "a plastic {}.", "a photo of the dirty {}.", "a jpeg corrupted photo of a {}.",
    "a blurry photo of the {}.", "a photo of the {}.", "a good photo of the {}.", "a rendering of the {}.",
    "a {} in a video game.", "a photo of one {}.", "a doodle of a {}.", "a close-up photo of the {}.",
    "the origami {}.", "the {} in a video game.", "a sketch of a {}.", "a doodle of the {}.", "a origami {}.",
    "a low resolution photo of a {}.", "the toy {}.", "a rendition of the {}.", "a photo of the clean {}.",
    "a photo of a large {}.", "a rendition of a {}.", "a photo of a nice {}.", "a photo of a weird {}.",
    "a blurry photo of a {}.", "a cartoon {}.", "art of a {}.", "a sketch of the {}.", "a embroidered {}.",
    "a pixelated photo of a {}.", "itap of the {}.", "a jpeg corrupted photo of the {}.", "a good photo of a {}.",
    "a plushie {}.", "a photo of the nice {}.", "a photo of the small {}.", "a photo of the weird {}.",
    "the cartoon {}.", "art of the {}.", "a drawing of the {}.", "a photo of the large {}.",
    "a black and white photo of a {}.", "the plushie {}.", "a dark photo of a {}.", "itap of a {}.",
    "graffiti of the {}.", "a toy {}.", "itap of my {}.", "a photo of a cool {}.", "a photo of a small {}.",
    "a tattoo of the {}."};

std::string without(std::string name, const std::vector<std::string>& pieces) {
  for (const std::string& piece : pieces) {
    for (auto at = name.find(piece); at != std::string::npos; at = name.find(piece)) name.erase(at, piece.size());
  }
  return name;
}

}  // namespace

const std::vector<SeemClass>& coco_classes() {
  static const std::vector<SeemClass> classes = [] {
    std::vector<SeemClass> list;
    for (std::size_t i = 0; i < kNames.size(); ++i) {
      const std::string name = kNames[i];
      const bool background = i + 1 == kNames.size();
      list.push_back({name, class_prompt_name(name), background ? "others" : without(name, {"-other", "-merged"}),
                      i < kThings});
    }
    return list;
  }();
  return classes;
}

std::string class_prompt_name(const std::string& name) { return without(name, {"-other", "-merged", "-stuff"}); }

std::vector<std::string> class_prompts(const std::string& name) {
  const std::string shown = class_prompt_name(name);
  std::vector<std::string> prompts;
  for (const char* pattern : kTemplates) {
    std::string prompt = pattern;
    prompt.replace(prompt.find("{}"), 2, shown);
    prompts.push_back(std::move(prompt));
  }
  return prompts;
}

torch::Tensor prompt_vectors(Seem& model, const torch::Tensor& ids) {
  const torch::Tensor vectors = model->phrase_vectors(ids);
  return vectors / (vectors.norm(2, -1, true) + 1e-7);
}

torch::Tensor class_embeddings(Seem& model, const std::vector<std::string>& names, const EncodeIds& encode) {
  torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> rows;
  for (const std::string& name : names) {
    const torch::Tensor mean = prompt_vectors(model, encode(class_prompts(name))).mean(0);
    rows.push_back(mean / mean.norm());
  }
  return torch::stack(rows);
}

}  // namespace reamo::grounder
