#include "benchmark/pairs.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "eval/bootstrap.h"
#include "ie/error.h"
#include "store/whole_file.h"

namespace reamo::benchmark {
namespace {

using Random = eval::SplitMix64;

constexpr std::array kTypes{"person", "organization", "location", "product", "date", "event name"};
constexpr std::size_t kCharactersPerEntity = 40;

bool chance(Random& random, std::size_t percent) { return random.index(100) < percent; }

std::size_t between(Random& random, std::size_t low, std::size_t high) { return low + random.index(high - low + 1); }

std::string any_type(Random& random) { return kTypes[random.index(kTypes.size())]; }

std::string word(Random& random, std::size_t length) {
  std::string text;
  while (text.size() < length) text += char('a' + random.index(26));
  text[0] = char(text[0] - 'a' + 'A');
  return text;
}

struct Blob {
  double x, y, half_width, half_height, phase;  // pixels; phase of the waves of its outline, radians
};

// An oval with a wavy outline: about as many runs as an outline drawn by hand.
ie::Mask mask_of(const Blob& blob, int height, int width) {
  std::vector<std::uint32_t> counts{0};
  std::size_t zeros = 0;
  for (int x = 0; x < width; ++x) {
    const double at = (x - blob.x) / blob.half_width;
    const double reach = at * at >= 1 ? 0 : blob.half_height * std::sqrt(1 - at * at) * (1 + 0.1 * std::sin(x * 0.3 + blob.phase));
    const int top = std::clamp(int(blob.y - reach), 0, height), bottom = reach > 0 ? std::clamp(int(blob.y + reach), top, height) : top;
    if (bottom == top) {
      zeros += std::size_t(height);
      continue;
    }
    if (counts.size() == 1) {
      counts[0] = std::uint32_t(zeros + std::size_t(top));
    } else {
      counts.push_back(std::uint32_t(zeros + std::size_t(top)));
    }
    counts.push_back(std::uint32_t(bottom - top));
    zeros = std::size_t(height - bottom);
  }
  if (counts.size() == 1) {
    counts[0] = std::uint32_t(zeros);
  } else {
    counts.push_back(std::uint32_t(zeros));
  }
  return ie::mask_from_counts(counts, height, width);
}

ie::Grounding picture_place(const Blob& blob, const PairOptions& options) {
  ie::Mask mask = mask_of(blob, options.height, options.width);
  const ie::Box box = mask.box();
  return {"image-0", ie::Region{box, std::move(mask)}, std::nullopt};
}

ie::Entity entity_at(std::size_t number, std::string type, std::string mention, std::size_t start) {
  const std::size_t end = start + mention.size();
  return {"e" + std::to_string(number), std::move(type), std::move(mention), std::nullopt, {{"text", ie::TextSpan{start, end}, std::nullopt}}, {}};
}

ie::Result empty_result(const PairOptions& options, std::size_t index, bool has_picture, const std::string& model) {
  ie::Result result;
  result.document = "pair-" + std::to_string(index + 1);
  result.model = {model, ""};
  result.tasks = {true, false, false};
  result.schema.entities.emplace();
  for (const char* type : kTypes) result.schema.entities->push_back({type, ""});
  result.media.push_back({"text", ie::TextMedium{std::max<std::size_t>(1, options.entities) * kCharactersPerEntity}});
  if (has_picture) result.media.push_back({"image-0", ie::ImageMedium{options.width, options.height}});
  return result;
}

}  // namespace

Pair make_pair(const PairOptions& options, std::size_t index) {
  if (options.width < 16 || options.height < 16) throw UsageError("pictures must be at least 16 pixels wide and high");
  Random random(options.seed * 0x9E3779B97F4A7C15u + index * 0xD1342543DE82EF95u);
  const bool has_picture = options.masks_every > 0 && index % options.masks_every == 0;
  Pair pair{empty_result(options, index, has_picture, "made-up gold"), empty_result(options, index, has_picture, "made-up answers")};
  const auto predict = [&](ie::Entity entity) {
    entity.id = "e" + std::to_string(pair.pred.entities.size() + 1);
    entity.score = double(between(random, 300, 999)) / 1000;
    pair.pred.entities.push_back(std::move(entity));
  };
  for (std::size_t i = 0; i < options.entities; ++i) {
    const std::size_t start = i * kCharactersPerEntity + random.index(8);
    ie::Entity gold = entity_at(i + 1, any_type(random), word(random, between(random, 4, 14)), start);
    ie::Entity pred = gold;
    if (chance(random, 10)) pred.type = any_type(random);
    if (chance(random, 10)) pred = entity_at(i + 1, pred.type, pred.mention.substr(0, pred.mention.size() - 1), start);
    if (i == 0 && has_picture) {
      Blob blob{double(between(random, 0, std::size_t(options.width))), double(between(random, 0, std::size_t(options.height))),
                options.width * double(between(random, 5, 40)) / 100, options.height * double(between(random, 5, 40)) / 100,
                double(random.index(628)) / 100};
      gold.groundings.push_back(picture_place(blob, options));
      blob.x += double(random.index(20));
      blob.y += double(random.index(20));
      if (chance(random, 90)) pred.groundings.push_back(picture_place(blob, options));
    }
    if (chance(random, 85)) predict(std::move(pred));
    if (chance(random, 10)) predict(entity_at(0, any_type(random), word(random, 6), start + 24));
    pair.gold.entities.push_back(std::move(gold));
  }
  return pair;
}

void write_pairs(const PairOptions& options, const std::filesystem::path& folder) {
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure) throw Error(folder.string() + ": the folder cannot be made: " + failure.message());
  store::WholeFile gold(folder / "gold.jsonl"), pred(folder / "pred.jsonl");
  for (std::size_t i = 0; i < options.pairs; ++i) {
    const Pair pair = make_pair(options, i);
    gold.write(ie::write_result(pair.gold) + "\n");
    pred.write(ie::write_result(pair.pred) + "\n");
  }
  gold.commit();
  pred.commit();
}

}  // namespace reamo::benchmark
