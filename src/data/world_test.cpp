#include "data/world.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "ie/document.h"
#include "ie/error.h"

namespace reamo::data {
namespace {

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
std::vector<std::string> lines_of(const std::filesystem::path& path) {
  std::vector<std::string> lines;
  std::istringstream text(read(path));
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

const synth::Atlas& boxes() {
  static const synth::Atlas atlas = [] {
    synth::Atlas made;
    for (std::size_t kind = 0; kind < synth::kinds().size(); ++kind) {
      signal::ImageRgba sprite;
      sprite.width = sprite.height = 48;
      sprite.rgba.assign(48 * 48 * 4, 255);
      for (std::size_t i = 0; i < sprite.rgba.size(); i += 4) sprite.rgba[i] = std::uint8_t(kind * 37), sprite.rgba[i + 1] = std::uint8_t(kind * 91);
      made.add(int(kind), "noto", sprite);
    }
    return made;
  }();
  return atlas;
}

class World : public ::testing::Test {
 protected:
  void SetUp() override {
    base_ = std::filesystem::temp_directory_path() / ("reamo-world-" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
    std::filesystem::remove_all(base_);
  }
  void TearDown() override { std::filesystem::remove_all(base_); }
  WorldOptions options(const std::string& name) const {
    WorldOptions o;
    o.seed = 3;
    o.out = base_ / name;
    o.size = {96, 72, 64, 48};
    return o;
  }
  std::filesystem::path base_;
};

TEST_F(World, FilesAreWholeAndEqualWhateverTheThreads) {
  WorldOptions one = options("one"), two = options("two");
  one.count = two.count = 6;
  one.combination = two.combination = synth::Combination{true, true, false, true};
  two.threads = 3;
  one.sheet = base_ / "sheet.png";
  write_world(one, boxes());
  write_world(two, boxes());
  for (const char* name : {"documents.jsonl", "gold.jsonl", "schema.json"}) EXPECT_EQ(read(one.out / name), read(two.out / name)) << name;
  EXPECT_EQ(ie::read_schema(read(one.out / "schema.json")), synth::world_schema());
  std::vector<std::string> documents = lines_of(one.out / "documents.jsonl"), gold = lines_of(one.out / "gold.jsonl");
  ASSERT_EQ(documents.size(), 6u);
  ASSERT_EQ(gold.size(), 6u);
  for (std::size_t i = 0; i < documents.size(); ++i) {
    ie::Document document = ie::read_document(documents[i], one.out);
    ie::Result result = ie::read_result(gold[i]);
    EXPECT_EQ(result.document, *document.id);
    for (const std::filesystem::path& image : document.images) EXPECT_EQ(read(image), read(two.out / "media" / image.filename()));
    ASSERT_EQ(document.videos.size(), 1u);
    EXPECT_TRUE(std::filesystem::file_size(document.videos[0]) > 0);
    const ie::Medium* medium = result.medium("image-0");
    ASSERT_TRUE(medium);
    EXPECT_EQ(std::get<ie::ImageMedium>(medium->facts).width, 96);
  }
  EXPECT_TRUE(std::filesystem::exists(*one.sheet));
}

TEST_F(World, AnInstanceDoesNotDependOnItsNeighbours) {
  WorldOptions all = options("all"), last = options("last");
  all.count = 4;
  last.first = 3;
  last.count = 1;
  all.combination = last.combination = synth::Combination{true, true, false, false};
  write_world(all, boxes());
  write_world(last, boxes());
  EXPECT_EQ(lines_of(all.out / "gold.jsonl").back(), lines_of(last.out / "gold.jsonl").front());
}

TEST_F(World, FoldersThatCannotBeMadeAreNamed) {
  std::filesystem::create_directories(base_);
  std::ofstream(base_ / "file") << "x";
  WorldOptions bad = options("file");
  try {
    write_world(bad, boxes());
    FAIL() << "expected an Error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("file"), std::string::npos);
  }
}

}  // namespace
}  // namespace reamo::data
