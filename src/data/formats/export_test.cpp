// Exporters: what is written comes back through the importer of the same format, and brush masks through
// their decoder.
#include "data/formats/export.h"

#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "data/formats/brush.h"
#include "data/formats/formats_testing.h"

namespace reamo::data::testing {
namespace {

using nlohmann::json;

ExportCounts export_gold(const std::string& format, const fs::path& gold, const fs::path& out) {
  ExportOptions options;
  options.results = gold;
  options.out = out;
  options.strict = true;
  return run_export(export_format(format), options);
}

// Items without ids, as far as a format keeps them.
std::multiset<std::string> items_of(const Imported& imported, bool with_mentions) {
  std::multiset<std::string> items;
  for (const ie::Result& result : imported.gold) {
    const auto name = [&](const std::string& id) {
      return result.entity(id)->type + ":" + result.entity(id)->mention;
    };
    for (const ie::Entity& entity : result.entities) {
      ie::Result one;
      one.media = result.media;
      one.entities.push_back(entity);
      one.entities[0].id = "e";
      one.entities[0].absent.clear();
      if (!with_mentions) one.entities[0].mention.clear();
      items.insert(ie::write_result(one));
    }
    for (const ie::Relation& relation : result.relations)
      items.insert(name(relation.head) + " " + relation.type + " " + name(relation.tail));
    for (const ie::Event& event : result.events) {
      std::string text = event.type + " " + event.trigger.mention;
      for (const ie::Argument& argument : event.arguments)
        text += " " + argument.role + "=" + name(argument.entity);
      items.insert(text);
    }
  }
  return items;
}

struct Trip {
  const char* format;
  const char* sample;
  bool mentions;  // kept by the format
};

std::ostream& operator<<(std::ostream& out, const Trip& trip) { return out << trip.format; }

class RoundTrip : public ::testing::TestWithParam<Trip> {};

TEST_P(RoundTrip, KeepsEveryItem) {
  const Trip& trip = GetParam();
  Folder folder;
  const Imported before = import_files(trip.format, {kSamples / trip.sample}, folder / "before");
  const ExportCounts counts = export_gold(trip.format, folder / "before/gold.jsonl", folder / "there");
  EXPECT_EQ(counts.left_out, 0u);
  EXPECT_GT(counts.items, 0u);
  const Imported after = import_files(trip.format, {folder / "there"}, folder / "after");
  EXPECT_EQ(after.counts.skipped, 0u) << after.faults.front();
  EXPECT_EQ(after.counts.documents, before.counts.documents);
  EXPECT_EQ(items_of(after, trip.mentions), items_of(before, trip.mentions));
}

INSTANTIATE_TEST_SUITE_P(Export, RoundTrip,
                         ::testing::Values(Trip{"conll", "conll/sample.conll", true},
                                           Trip{"brat", "brat/note.ann", true},
                                           Trip{"coco", "coco/instances.json", false},
                                           Trip{"cvat", "cvat/annotations.xml", true},
                                           Trip{"youtube-vis", "youtube_vis/sample.json", false},
                                           Trip{"rttm", "sound/talk.rttm", true}));

TEST(Export, DavisComesBack) {
  Folder folder;
  const Imported before =
      import_files("youtube-vis", {kSamples / "youtube_vis/sample.json"}, folder / "before");
  export_gold("davis", folder / "before/gold.jsonl", folder / "there");
  const Imported after = import_files("davis", {folder / "there"}, folder / "after");
  EXPECT_EQ(items_of(after, false), items_of(before, false));
}

TEST(Export, TranscriptsComeBack) {
  Folder folder;
  import_files("textgrid", {kSamples / "sound/talk.TextGrid"}, folder / "before");
  for (const char* format : {"textgrid", "webvtt"}) {
    export_gold(format, folder / "before/gold.jsonl", folder / format);
    const Imported after = import_files(format, {folder / format}, folder / "after");
    const ie::Transcript& transcript = after.gold.at(0).transcripts->at("audio-0");
    ASSERT_EQ(transcript.words.size(), 2u) << format;
    EXPECT_EQ(transcript.words[1].word, "world");
  }
  EXPECT_EQ(import_files("textgrid", {folder / "textgrid"}, folder / "after")
                .gold.at(0)
                .transcripts->at("audio-0")
                .words[1]
                .start,
            2.0);
}

TEST(Export, LeavesNestedMentionsOutOfConllAndCountsThem) {
  Folder folder;
  import_files("brat", {kSamples / "brat/note.ann"}, folder / "before");
  const ExportCounts counts = export_gold("conll", folder / "before/gold.jsonl", folder / "there");
  EXPECT_EQ(counts.left_out, 1u + 1u + 2u);  // "Ana" inside "Ana Silva", a relation, two events
  const auto lines = lines_of(folder / "there/entities.conll");
  EXPECT_EQ(lines.at(0), "Ana\tB-person");
  EXPECT_EQ(lines.at(1), "Silva\tI-person");
  EXPECT_EQ(lines.at(2), ",\tO");
}

TEST(Export, BrushMasksComeBackAndBeginAsTheFormatSays) {
  // 1 x 2 pixels, the second set: 8 bytes, words of 8 bits, lengths of 4, 8, 12, 16 bits; run of 4 zeros, run
  // of 4 x 255.
  const ie::Mask two = ie::encode(std::vector<std::uint8_t>{0, 1}, 1, 2);
  EXPECT_EQ(encode_brush(two), (std::vector<std::uint8_t>{0, 0, 0, 8, 0b00111001, 0b10111101, 0b11111100,
                                                          0b00110000, 0b00001000, 0b01111111, 0b11100000}));
  std::mt19937 random(3);
  for (int round = 0; round < 60; ++round) {
    const int height = 1 + static_cast<int>(random() % 60),
              width = 1 + static_cast<int>(random() % (round < 5 ? 3000 : 60));
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(height) * static_cast<std::size_t>(width));
    std::uint8_t now = 0;
    for (auto& pixel : pixels) {
      if (random() % (round < 5 ? 40000 : 9) == 0) now ^= 1;
      pixel = now;
    }
    const ie::Mask mask = ie::encode(pixels, height, width);
    std::vector<std::uint8_t> bytes = encode_brush(mask);
    EXPECT_EQ(decode_brush(bytes, height, width), mask);
    bytes[random() % bytes.size()] ^= static_cast<std::uint8_t>(1 << random() % 8);
    try {
      decode_brush(bytes, height, width);
    } catch (const Error&) {
    }
  }
}

TEST(Export, WritesLabelStudioTasks) {
  Folder folder;
  import_files("coco", {kSamples / "coco/instances.json"}, folder / "coco");
  EXPECT_EQ(export_gold("label-studio", folder / "coco/gold.jsonl", folder / "masks").items, 3u);
  const json masks = json::parse(store::read_file(folder / "masks/tasks.json"));
  const json& brush = masks.at(0).at("annotations").at(0).at("result").at(0);
  EXPECT_EQ(brush.at("type"), "brushlabels");
  const auto bytes = brush.at("value").at("rle").get<std::vector<std::uint8_t>>();
  EXPECT_EQ(decode_brush(bytes, brush.at("original_height"), brush.at("original_width")).area(), 192u);

  import_files("brat", {kSamples / "brat/note.ann"}, folder / "brat");
  const ExportCounts counts = export_gold("label-studio", folder / "brat/gold.jsonl", folder / "text");
  EXPECT_EQ(counts.left_out, 0u);
  const json text = json::parse(store::read_file(folder / "text/tasks.json")).at(0);
  std::size_t links = 0;
  for (const json& item : text.at("annotations").at(0).at("result")) {
    links += item.at("type") == "relation";
    if (item.at("type") == "labels") {
      const auto points = ie::to_code_points(text.at("data").at("text").get<std::string>());
      const auto start = item.at("value").at("start").get<std::size_t>(),
                 end = item.at("value").at("end").get<std::size_t>();
      EXPECT_EQ(ie::to_utf8(std::u32string_view(points).substr(start, end - start)),
                item.at("value").at("text"));
    }
  }
  EXPECT_EQ(links, 1u + 3u + 1u);  // a relation, and arguments
  EXPECT_NE(store::read_file(folder / "text/config.xml").find("<Label value=\"person\"/>"),
            std::string::npos);
}

TEST(Export, ReportsBadLinesAndForeignResults) {
  Folder folder;
  import_files("conll", {kSamples / "conll/sample.conll"}, folder / "in");
  const auto gold = lines_of(folder / "in/gold.jsonl");
  write(folder / "mixed.jsonl",
        gold.at(0) + "\n{\"document\": null, \"line\": 2, \"error\": \"broken\"}\n" + gold.at(1) + "\n");
  ExportOptions options;
  options.results = folder / "mixed.jsonl";
  options.documents = folder / "in/documents.jsonl";
  options.out = folder / "out";
  std::vector<std::string> faults;
  const ExportCounts counts = run_export(export_format("conll"), options,
                                         [&](const RowError& error) { faults.push_back(error.text()); });
  EXPECT_EQ(counts.documents, 2u);
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_TRUE(faults[0].starts_with(options.results.string() + ":2: ")) << faults[0];
  options.documents = std::nullopt;
  EXPECT_THROW(run_export(export_format("conll"), options), Error);  // no documents.jsonl beside
}

}  // namespace
}  // namespace reamo::data::testing
