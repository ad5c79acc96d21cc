#include "synth/vision_samples.h"

#include <algorithm>

#include "ie/error.h"

namespace reamo::synth {
namespace {

constexpr int kCell = 8, kMaskCell = 4;
constexpr double kLeastShare = 0.15;

struct Picture {
  Scene scene;
  LabelDrawing drawn;
};

Picture draw_picture(const Atlas& atlas, const VisionOptions& options, Random& random) {
  if (options.width < kCell || options.height < kCell || options.width % kCell || options.height % kCell)
    throw UsageError("pictures for training have sides that are multiples of 8");
  Picture picture;
  picture.scene = random_scene(atlas, random, options.styles, options.kinds, double(options.width) / options.height);
  if (options.sprite_augmentation)
    for (SceneObject& object : picture.scene.objects)
      if (random.chance(0.6)) object.finish = random.next() | 1;
  picture.drawn = draw_labels(picture.scene, atlas, options.width, options.height);
  return picture;
}

// The object that covers most of each cell, and its share.
void fill_cells(const Picture& picture, int width, int height, std::vector<std::uint16_t>& kind_of_cell, std::vector<float>* share_of_cell) {
  const int columns = width / kCell, rows = height / kCell;
  std::vector<int> counts(picture.scene.objects.size() + 1);
  for (int row = 0; row < rows; ++row)
    for (int column = 0; column < columns; ++column) {
      std::fill(counts.begin(), counts.end(), 0);
      for (int y = 0; y < kCell; ++y)
        for (int x = 0; x < kCell; ++x) ++counts[picture.drawn.labels[std::size_t(row * kCell + y) * width + column * kCell + x]];
      const auto most = std::max_element(counts.begin() + 1, counts.end());
      const double covered = most == counts.end() ? 0 : double(*most) / (kCell * kCell);
      const bool object = covered >= kLeastShare;
      kind_of_cell.push_back(object ? std::uint16_t(1 + picture.scene.objects[std::size_t(most - counts.begin() - 1)].kind) : std::uint16_t(0));
      if (share_of_cell) share_of_cell->push_back(object ? float(covered) : float(counts[0]) / (kCell * kCell));
    }
}

// The share of each mask cell that the wanted objects cover, times 255. `wanted` by label: 0 is the background.
std::vector<std::uint8_t> cell_shares(const Picture& picture, int width, int height, const std::vector<std::uint8_t>& wanted) {
  const int columns = width / kMaskCell;
  std::vector<std::uint8_t> shares;
  for (int row = 0; row < height / kMaskCell; ++row)
    for (int column = 0; column < columns; ++column) {
      int count = 0;
      for (int y = 0; y < kMaskCell; ++y)
        for (int x = 0; x < kMaskCell; ++x) count += wanted[picture.drawn.labels[std::size_t(row * kMaskCell + y) * width + column * kMaskCell + x]];
      shares.push_back(std::uint8_t(count * 255 / (kMaskCell * kMaskCell)));
    }
  return shares;
}

GroundPhrase make_phrase(const Picture& picture, int width, int height, std::string text, const std::vector<std::size_t>& objects) {
  std::vector<std::uint8_t> wanted(picture.scene.objects.size() + 1, 0);
  for (const std::size_t object : objects) wanted[object + 1] = 1;
  return {std::move(text), !objects.empty(), cell_shares(picture, width, height, wanted)};
}

}  // namespace

DenseSample dense_sample(const Atlas& atlas, const VisionOptions& options, std::uint64_t seed, std::uint64_t index) {
  Random random = Random(seed).stream("dense", index);
  Picture picture = draw_picture(atlas, options, random);
  DenseSample sample;
  sample.grid_width = options.width / kCell, sample.grid_height = options.height / kCell;
  fill_cells(picture, options.width, options.height, sample.kind_of_cell, &sample.share_of_cell);
  sample.image = std::move(picture.drawn.image);
  return sample;
}

GroundSample ground_sample(const Atlas& atlas, const VisionOptions& options, std::uint64_t seed, std::uint64_t index) {
  constexpr int kEach = 3;
  Random random = Random(seed).stream("ground", index);
  Picture picture = draw_picture(atlas, options, random);
  const Scene& scene = picture.scene;
  GroundSample sample;
  sample.mask_width = options.width / kMaskCell, sample.mask_height = options.height / kMaskCell;

  std::vector<std::uint8_t> all(scene.objects.size() + 1, 1);
  all[0] = 0;
  sample.foreground = cell_shares(picture, options.width, options.height, all);

  // Phrases for single objects, each object's plain ones as likely as all its others together; then sets.
  struct Candidate {
    std::vector<std::string> texts;  // in the order of use
    std::vector<std::size_t> objects;
  };
  std::vector<Candidate> present;
  const auto is_seen = [&](std::size_t object) { return picture.drawn.visibility[object] > 0.1; };
  for (std::size_t object = 0; object < scene.objects.size(); ++object) {
    std::vector<std::string> phrases = describe(scene, atlas, object, options.wording);
    if (phrases.empty() || !is_seen(object)) continue;
    const std::string plain = phrases[0];
    random.shuffle(phrases);
    if (random.chance(0.5)) phrases.insert(phrases.begin(), plain);
    present.push_back({std::move(phrases), {object}});
  }
  std::vector<SetPhrase> sets = describe_sets(scene);
  random.shuffle(present);
  if (!sets.empty() && random.chance(0.5)) {
    SetPhrase& set = sets[random.index(sets.size())];
    if (std::all_of(set.objects.begin(), set.objects.end(), is_seen)) present.insert(present.begin(), {{set.text}, set.objects});
  }
  if (present.empty()) {  // nothing can be told apart: all of the first kind
    std::vector<std::size_t> same;
    for (std::size_t i = 0; i < scene.objects.size(); ++i)
      if (scene.objects[i].kind == scene.objects[0].kind) same.push_back(i);
    present.push_back({{kinds()[std::size_t(scene.objects[0].kind)].plural}, same});
  }
  for (int i = 0; i < kEach; ++i) {
    const Candidate& candidate = present[std::size_t(i) % present.size()];
    const std::string& text = candidate.texts[std::size_t(i) / present.size() % candidate.texts.size()];
    sample.phrases.push_back(make_phrase(picture, options.width, options.height, text, candidate.objects));
  }
  for (int i = 0; i < kEach; ++i) {
    std::string text;
    const auto is_new = [&] {
      return !text.empty() && std::none_of(sample.phrases.begin(), sample.phrases.end(), [&](const GroundPhrase& p) { return p.text == text; });
    };
    if (random.chance(0.7)) {
      const std::vector<std::string> near = near_misses(scene, atlas, random.index(scene.objects.size()));
      if (!near.empty()) text = random.pick(near);
    }
    while (!is_new()) text = absent_phrase(scene, random, options.wording);
    sample.phrases.push_back(make_phrase(picture, options.width, options.height, std::move(text), {}));
  }
  fill_cells(picture, options.width, options.height, sample.kind_of_cell, nullptr);
  sample.image = std::move(picture.drawn.image);
  return sample;
}

}  // namespace reamo::synth
