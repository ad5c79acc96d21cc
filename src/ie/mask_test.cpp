#include "ie/mask.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "ie/error.h"

namespace reamo::ie {
namespace {

using nlohmann::json;

json cases(const std::string& name) {
  const auto path =
      std::filesystem::path(REAMO_SHARED_DIR) / "parity/metrics/rle" / (name + ".json");
  if (!std::filesystem::exists(path)) return nullptr;
  std::ifstream stream(path);
  return json::parse(stream);
}

#define REFERENCE_CASES(variable, name) \
  const json variable = cases(name);    \
  if (variable.is_null())               \
  GTEST_SKIP() << "reference cases are not beside the checkout: rle/" << name

std::vector<std::uint8_t> pixels_of(const json& rows) {
  std::vector<std::uint8_t> pixels;
  for (const auto& row : rows) {
    for (const char c : row.get<std::string>()) pixels.push_back(c == '1');
  }
  return pixels;
}

std::vector<std::string> rows_of(const Mask& mask) {
  const auto pixels = decode(mask);
  std::vector<std::string> rows(mask.height, std::string(mask.width, '0'));
  for (int y = 0; y < mask.height; ++y) {
    for (int x = 0; x < mask.width; ++x) rows[y][x] = pixels[y * mask.width + x] ? '1' : '0';
  }
  return rows;
}

Mask mask_of(const json& rle) {
  return mask_from_string(rle.at("counts").get<std::string>(), rle.at("size")[0],
                          rle.at("size")[1]);
}

void expect_box(const Mask& mask, const json& box) {
  const Box b = mask.box();
  EXPECT_EQ((std::vector<double>{double(b.x), double(b.y), double(b.width), double(b.height)}),
            box.get<std::vector<double>>());
}

TEST(MaskReference, EncodesPixels) {
  REFERENCE_CASES(all, "encode");
  for (const auto& c : all) {
    SCOPED_TRACE(c.at("name").get<std::string>());
    const auto& expected = c.at("expected");
    const Mask mask = encode(pixels_of(c.at("input").at("rows")), c.at("input").at("size")[0],
                             c.at("input").at("size")[1]);
    EXPECT_EQ(mask.counts, expected.at("counts").get<std::vector<std::uint32_t>>());
    EXPECT_EQ(to_string(mask), expected.at("string"));
    EXPECT_EQ(mask.area(), expected.at("area").get<std::uint64_t>());
    expect_box(mask, expected.at("bbox"));
    EXPECT_EQ(mask_from_string(to_string(mask), mask.height, mask.width), mask);
  }
}

TEST(MaskReference, DecodesCounts) {
  REFERENCE_CASES(all, "decode");
  for (const auto& c : all) {
    SCOPED_TRACE(c.at("name").get<std::string>());
    const auto& input = c.at("input");
    const auto& expected = c.at("expected");
    const int height = input.at("size")[0], width = input.at("size")[1];
    const auto raw = expected.at("counts").get<std::vector<std::uint32_t>>();
    const Mask mask = input.contains("counts")
                          ? mask_from_counts(raw, height, width)
                          : mask_from_string(input.at("string").get<std::string>(), height, width);
    EXPECT_EQ(to_string(Mask{height, width, raw}), expected.at("string"));
    EXPECT_EQ(mask_from_string(expected.at("string").get<std::string>(), height, width), mask);
    EXPECT_EQ(mask.counts, expected.at("canonical_counts").get<std::vector<std::uint32_t>>());
    EXPECT_EQ(to_string(mask), expected.at("canonical_string"));
    EXPECT_EQ(mask.area(), expected.at("area").get<std::uint64_t>());
    expect_box(mask, expected.at("canonical_bbox"));
    if (expected.contains("rows")) {
      EXPECT_EQ(rows_of(mask), expected.at("rows").get<std::vector<std::string>>());
    }
  }
}

TEST(MaskReference, MergesMasks) {
  REFERENCE_CASES(all, "merge");
  for (const auto& c : all) {
    SCOPED_TRACE(c.at("name").get<std::string>());
    const auto& rles = c.at("input").at("rles");
    if (rles.empty()) continue;
    Mask any = mask_of(rles[0]), both = any;
    for (std::size_t i = 1; i < rles.size(); ++i) {
      any = unite(any, mask_of(rles[i]));
      both = intersect(both, mask_of(rles[i]));
    }
    const auto& expected = c.at("expected");
    EXPECT_EQ(any, mask_of(expected.at("union")));
    EXPECT_EQ(both, mask_of(expected.at("intersection")));
    if (expected.contains("union_canonical")) {
      EXPECT_EQ(to_string(any), expected.at("union_canonical").at("counts"));
      EXPECT_EQ(to_string(both), expected.at("intersection_canonical").at("counts"));
    }
  }
}

TEST(MaskReference, RasterisesPolygons) {
  REFERENCE_CASES(all, "polygon");
  for (const auto& c : all) {
    SCOPED_TRACE(c.at("name").get<std::string>());
    const auto& input = c.at("input");
    std::vector<double> polygon;
    if (input.contains("bbox")) {
      const double x = input.at("bbox")[0], y = input.at("bbox")[1], w = input.at("bbox")[2],
                   h = input.at("bbox")[3];
      polygon = {x, y, x, y + h, x + w, y + h, x + w, y};
    } else {
      polygon = input.at("polygon").get<std::vector<double>>();
    }
    const Mask mask = mask_from_polygon(polygon, input.at("size")[0], input.at("size")[1]);
    EXPECT_EQ(to_string(mask), c.at("expected").at("string"));
    EXPECT_EQ(rows_of(mask), c.at("expected").at("rows").get<std::vector<std::string>>());
  }
}

TEST(MaskReference, OverlapsAgree) {
  REFERENCE_CASES(all, "iou");
  for (const auto& c : all) {
    SCOPED_TRACE(c.at("name").get<std::string>());
    const auto& dt = c.at("input").at("dt");
    const auto& gt = c.at("input").at("gt");
    for (std::size_t i = 0; i < dt.size(); ++i) {
      for (std::size_t j = 0; j < gt.size(); ++j) {
        const Mask a = mask_of(dt[i]), b = mask_of(gt[j]);
        if (a.height != b.height || a.width != b.width) {
          EXPECT_THROW(intersection_area(a, b), Error);
          continue;
        }
        const double both = static_cast<double>(intersection_area(a, b));
        const bool crowd = c.at("input").at("iscrowd")[j] == 1;
        const double whole = static_cast<double>(crowd ? a.area() : union_area(a, b));
        EXPECT_EQ(both == 0 ? 0.0 : both / whole, c.at("expected").at("iou")[i][j].get<double>());
      }
    }
  }
}

TEST(Mask, AbsentRule) {
  const Mask nothing = mask_from_counts(std::vector<std::uint32_t>{6}, 2, 3);
  const Mask something = mask_from_counts(std::vector<std::uint32_t>{2, 1, 3}, 2, 3);
  EXPECT_EQ(iou(nothing, nothing), 1.0);
  EXPECT_EQ(iou(nothing, something), 0.0);
  EXPECT_EQ(iou(something, something), 1.0);
}

TEST(Mask, RefusesBadCounts) {
  EXPECT_THROW(mask_from_string("/", 1, 1), Error);                     // below 48
  EXPECT_THROW(mask_from_string("p", 1, 1), Error);                     // above 111
  EXPECT_THROW(mask_from_string("P", 1, 1), Error);                     // unfinished
  EXPECT_THROW(mask_from_string("O", 1, 1), Error);                     // negative
  EXPECT_THROW(mask_from_string("3", 2, 2), Error);                     // short
  EXPECT_THROW(mask_from_string("5", 2, 2), Error);                     // long
  EXPECT_THROW(mask_from_string("ooooooooooooooooooo0", 2, 2), Error);  // number too long
  EXPECT_THROW(mask_from_counts(std::vector<std::uint32_t>{1u << 31, 1u << 31}, 2, 2), Error);
  EXPECT_THROW(mask_from_string("0", 1 << 20, 1 << 20), Error);  // too many pixels
  EXPECT_THROW(encode(std::vector<std::uint8_t>(5), 2, 3), Error);
}

TEST(Mask, BoxIou) {
  EXPECT_EQ(box_iou({0, 0, 10, 10}, {5, 5, 10, 10}), 25.0 / 175.0);
  EXPECT_EQ(box_iou({0, 0, 10, 10}, {10, 0, 5, 5}), 0.0);
  EXPECT_EQ(box_iou({}, {}), 0.0);
}

rc::Gen<std::pair<std::pair<int, int>, std::vector<std::uint8_t>>> arbitrary_pixels() {
  return rc::gen::mapcat(rc::gen::pair(rc::gen::inRange(0, 12), rc::gen::inRange(0, 12)),
                         [](std::pair<int, int> size) {
                           return rc::gen::pair(
                               rc::gen::just(size),
                               rc::gen::container<std::vector<std::uint8_t>>(
                                   static_cast<std::size_t>(size.first) * size.second,
                                   rc::gen::inRange<std::uint8_t>(0, 2)));
                         });
}

RC_GTEST_PROP(MaskProperty, DecodeEncodeIsIdentity, ()) {
  const auto [size, pixels] = *arbitrary_pixels();
  const Mask mask = encode(pixels, size.first, size.second);
  RC_ASSERT(decode(mask) == pixels);
  RC_ASSERT(mask_from_string(to_string(mask), size.first, size.second) == mask);
  std::uint64_t area = 0;
  for (const auto p : pixels) area += p;
  RC_ASSERT(mask.area() == area);
}

RC_GTEST_PROP(MaskProperty, CombinesPixelwise, ()) {
  const auto [size, a] = *arbitrary_pixels();
  const auto b = *rc::gen::container<std::vector<std::uint8_t>>(
      a.size(), rc::gen::inRange<std::uint8_t>(0, 2));
  std::vector<std::uint8_t> any(a.size()), both(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    any[i] = a[i] | b[i];
    both[i] = a[i] & b[i];
  }
  const Mask x = encode(a, size.first, size.second), y = encode(b, size.first, size.second);
  RC_ASSERT(unite(x, y) == encode(any, size.first, size.second));
  RC_ASSERT(intersect(x, y) == encode(both, size.first, size.second));
  RC_ASSERT(intersection_area(x, y) == intersect(x, y).area());
  RC_ASSERT(union_area(x, y) == unite(x, y).area());
}

}  // namespace
}  // namespace reamo::ie
