#include "data/atlas.h"

#include <gtest/gtest.h>

#include <fstream>

#include "data/atlas_artwork.h"
#include "ie/error.h"

namespace reamo::data {
namespace {

std::filesystem::path fresh_folder(const std::string& name) {
  const auto folder = std::filesystem::temp_directory_path() / ("reamo_" + name);
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

TEST(AtlasSprites, AreCutToWhatIsVisibleAndShrunk) {
  signal::ImageRgba artwork{200, 100, std::vector<std::uint8_t>(200 * 100 * 4, 0)};
  for (int y = 10; y < 90; ++y)
    for (int x = 40; x < 200; ++x) {
      std::uint8_t* pixel = &artwork.rgba[(std::size_t(y) * 200 + x) * 4];
      pixel[0] = 200, pixel[1] = 100, pixel[2] = 50, pixel[3] = 255;
    }
  const signal::ImageRgba sprite = trim_sprite(artwork, 80);
  EXPECT_EQ(sprite.width, 80);
  EXPECT_EQ(sprite.height, 40);
  for (std::size_t i = 0; i < sprite.rgba.size(); i += 4) {
    ASSERT_EQ(sprite.rgba[i], 200);
    ASSERT_EQ(sprite.rgba[i + 3], 255);
  }
  EXPECT_EQ(trim_sprite({4, 4, std::vector<std::uint8_t>(64, 0)}).width, 0);
}

TEST(AtlasSprites, ColoursDoNotBleedFromTransparentPixels) {
  signal::ImageRgba artwork{4, 2, std::vector<std::uint8_t>(32, 0)};
  for (int i = 0; i < 8; ++i) {
    const bool solid = i % 2 == 0;
    artwork.rgba[std::size_t(i) * 4] = solid ? 255 : 0, artwork.rgba[std::size_t(i) * 4 + 1] = solid ? 0 : 255;
    artwork.rgba[std::size_t(i) * 4 + 3] = solid ? 255 : 0;
  }
  artwork.rgba[7 * 4 + 3] = 30;  // keeps the box
  const signal::ImageRgba sprite = trim_sprite(artwork, 2);
  ASSERT_EQ(sprite.width, 2);
  EXPECT_EQ(sprite.rgba[0], 255);
  EXPECT_EQ(sprite.rgba[1], 0);
  EXPECT_NEAR(sprite.rgba[3], 128, 1);
}

TEST(AtlasArtwork, SvgIsFoundByCodePointsWithOrWithoutSelectors) {
  const auto folder = fresh_folder("svg_artwork");
  std::ofstream(folder / "2600.svg") << R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><rect x="2" y="2" width="6" height="6" fill="#ff0000"/></svg>)";
  std::ofstream(folder / "2601.svg") << "no picture";
  const Artwork artwork = open_svg_artwork(folder, false);
  ASSERT_TRUE(artwork("2600-fe0f"));
  const signal::ImageRgba sprite = trim_sprite(*artwork("2600"));
  EXPECT_EQ(sprite.width, 72);
  EXPECT_EQ(sprite.rgba[(36 * 72 + 36) * 4], 255);
  EXPECT_FALSE(artwork("2602"));
  EXPECT_THROW(artwork("2601"), Error);
  std::filesystem::remove_all(folder);
}

TEST(AtlasArtwork, IconifyIsFoundByName) {
  const auto folder = fresh_folder("iconify_artwork");
  std::ofstream(folder / "names.txt") << "# group: x\n1F98A ; fully-qualified # X E3.0 fox\n1F43B ; fully-qualified # X E0.6 bear\n";
  std::ofstream(folder / "icons.json") << R"({"icons": {"fox-face": {"body": "<circle cx='32' cy='32' r='20' fill='#0000ff'/>"}}, "aliases": {"bear": {"parent": "fox-face"}}})";
  const Artwork artwork = open_iconify_artwork(folder / "icons.json", folder / "names.txt");
  EXPECT_TRUE(artwork("1f98a"));
  EXPECT_TRUE(artwork("1f43b"));
  EXPECT_FALSE(artwork("1f98b"));
  std::ofstream(folder / "icons.json") << "{";
  EXPECT_THROW(open_iconify_artwork(folder / "icons.json", folder / "names.txt"), Error);
  std::filesystem::remove_all(folder);
}

TEST(AtlasArtwork, TheFontHasEveryKindJoinedFromItsParts) {
  if (!std::filesystem::exists(ArtworkPaths().noto_font)) GTEST_SKIP() << "fonts-noto-color-emoji is not installed";
  const Artwork artwork = open_artwork("noto");
  std::size_t missing = 0;
  for (const synth::Kind& kind : synth::kinds())
    if (!artwork(kind.code_points[0])) ++missing;
  EXPECT_LE(missing, 5u);  // older versions of the font lack the newest emoji
  EXPECT_NE(artwork("1f468-200d-1f692")->rgba, artwork("1f468")->rgba);
  EXPECT_FALSE(artwork("1f468-200d-1f98a"));
}

TEST(AtlasArtwork, SaysWhatIsMissing) {
  ArtworkPaths paths;
  paths.node_modules = "/nowhere";
  paths.noto_font = "/nowhere/font.ttf";
  EXPECT_THROW(open_artwork("twemoji", paths), Error);
  EXPECT_THROW(open_artwork("noto", paths), Error);
  EXPECT_THROW(open_artwork("crayon", paths), UsageError);
  EXPECT_EQ(artwork_package("openmoji"), "openmoji");
}

}  // namespace
}  // namespace reamo::data
