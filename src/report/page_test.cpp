#include "report/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "ie/error.h"
#include "media/read.h"
#include "media/write.h"

namespace reamo::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class Folder : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "reamo-report-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    media::write_png(folder_ / "a.png", signal::Image(20, 10));
    media::write_mp4(folder_ / "a.mp4", media::from_images(std::vector<signal::Image>(4, signal::Image(32, 16)), 4));
    document_.text = "Ann </script><b>met</b> @SCRIPT@ Bo & \"Cy\"";
    document_.images = {folder_ / "a.png"};
    document_.videos = {folder_ / "a.mp4"};
    result_.document = "<i>d</i>";
    result_.model = {"mini", "00"};
    result_.tasks = {true, false, false};
    result_.schema.entities = std::vector<ie::EntityType>{{"person", ""}};
    result_.media = {{"text", ie::TextMedium{document_.text->size()}},
                     {"image-0", ie::ImageMedium{20, 10}},
                     {"video-0", ie::VideoMedium{32, 16, {0, 0.25, 0.5, 0.75}}}};
    std::vector<std::uint8_t> pixels(200);
    pixels[25] = 1;
    std::vector<std::uint8_t> film(512, 1);
    ie::Entity entity{"e1", "person", "Ann </script>", 0.5, {}, {}};
    entity.groundings = {{"text", ie::TextSpan{0, 13}, {}},
                         {"image-0", ie::Region{{5, 1, 1, 1}, ie::encode(pixels, 10, 20)}, 0.9},
                         {"video-0", ie::Tracklet{{0.25, {0, 0, 32, 16}, ie::encode(film, 16, 32), false}, {0.75, {0, 0, 32, 16}, ie::encode(film, 16, 32), true}}, {}}};
    result_.entities = {entity};
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
  ie::Document document_;
  ie::Result result_;
};

TEST_F(Folder, UserTextCannotLeaveItsPlace) {
  const std::string html = page(result_, document_);
  EXPECT_THAT(html, HasSubstr("<title>&lt;i&gt;d&lt;/i&gt;"));
  EXPECT_THAT(html, Not(HasSubstr("<b>met")));
  std::size_t closings = 0;
  for (std::size_t at = html.find("</script"); at != std::string::npos; at = html.find("</script", at + 1)) ++closings;
  EXPECT_EQ(closings, 2u);  // the data's and the program's own
  EXPECT_THAT(html, HasSubstr("@SCRIPT@ Bo"));
}

TEST_F(Folder, ThePageNamesNoAddress) {
  std::string html = page(result_, document_);
  // The name space of SVG is a name, never fetched.
  const std::string name_space = "http://www.w3.org/2000/svg";
  const std::size_t at = html.find(name_space);
  ASSERT_NE(at, std::string::npos);
  html.erase(at, name_space.size());
  EXPECT_THAT(html, Not(HasSubstr("http://")));
  EXPECT_THAT(html, Not(HasSubstr("https://")));
  EXPECT_THAT(html, Not(HasSubstr("src=\"")));
}

TEST_F(Folder, HoldsResultPageAndMasks) {
  write_folder(result_, document_, folder_ / "out" / "deep");
  const auto out = folder_ / "out" / "deep";
  EXPECT_EQ(read_text(out / "result.json"), ie::write_result(result_) + "\n");
  EXPECT_GT(std::filesystem::file_size(out / "index.html"), 20000u);
  const auto mask = media::read_image(out / "media" / "image-0-e1-1.png");
  EXPECT_EQ(mask.width, 20);
  EXPECT_EQ(mask.pixel(5, 1)[0], 255);
  EXPECT_EQ(mask.pixel(6, 1)[0], 0);
  EXPECT_TRUE(std::filesystem::exists(out / "media" / "video-0-e1-1" / "000001.png"));
  EXPECT_TRUE(std::filesystem::exists(out / "media" / "video-0-e1-1" / "000003.png"));
  write_folder(result_, document_, folder_ / "json", Parts::kJson);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "json" / "index.html"));
  write_folder(result_, document_, folder_ / "page", Parts::kPage);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "page" / "result.json"));
}

TEST_F(Folder, LongMediaAreToldNotCarried) {
  PageOptions options;
  options.media_seconds = 0.1;
  const std::string html = page(result_, document_, options);
  EXPECT_THAT(html, HasSubstr("not-in-page"));
  EXPECT_THAT(html, Not(HasSubstr("video/mp4")));
}

TEST_F(Folder, MissingMediaFailButMediaOfOthersAreShownWithoutContent) {
  document_.images = {folder_ / "none.png"};
  EXPECT_THROW(page(result_, document_), Error);
  document_.images.clear();
  document_.videos.clear();
  EXPECT_THAT(page(result_, document_), Not(HasSubstr("image/jpeg")));
}

}  // namespace
}  // namespace reamo::report
