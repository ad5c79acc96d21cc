// Importers on the samples beside: what they read, what they report, and that no bytes make them fail
// otherwise.
#include "data/formats/import.h"

#include <random>

#include "data/formats/formats_testing.h"
#include "data/formats/indexed_png.h"
#include "data/formats/json_items.h"
#include "data/formats/text_lines.h"
#include "data/formats/xml.h"
#include "media/read.h"
#include "media/write.h"

namespace reamo::data::testing {
namespace {

struct Sample {
  const char* format;
  std::vector<std::string> inputs;  // files below testdata
  std::uint64_t documents, entities, relations, events;
  bool pictures = false;  // needs the pictures a.png and b.png
};

std::ostream& operator<<(std::ostream& out, const Sample& sample) {
  return out << sample.format << " " << sample.inputs.front();
}

const std::vector<Sample>& samples() {
  static const std::vector<Sample> all{
      {"conll", {"conll/sample.conll"}, 2, 4, 0, 0},
      {"conll04", {"conll04/columns.txt"}, 2, 3, 2, 0},
      {"conll04", {"conll04/sample.json"}, 2, 2, 1, 0},
      {"brat", {"brat/note.ann"}, 1, 5, 1, 2},
      {"mnre", {"mnre/sample.txt"}, 2, 4, 1, 0},
      {"oneie", {"oneie/sample.jsonl"}, 2, 3, 1, 1},
      {"phee", {"phee/sample.json"}, 1, 5, 0, 1},
      {"casie", {"casie/17.json"}, 1, 2, 0, 2},
      {"tacred", {"tacred/sample.json"}, 2, 4, 1, 0},
      {"coco", {"coco/instances.json"}, 2, 3, 0, 0},
      {"coco", {"coco/captions.json", "coco/instances.json"}, 2, 3, 0, 0},
      {"voc", {"voc/a.xml"}, 1, 2, 0, 0},
      {"cvat", {"cvat/annotations.xml"}, 2, 3, 0, 0},
      {"vrd", {"vrd/annotations_test.json"}, 2, 2, 2, 0, true},
      {"imsitu", {"imsitu/train.json"}, 1, 2, 0, 1},
      {"gmner", {"gmner/txt/test.txt"}, 2, 3, 0, 0},
      {"m2e2", {"m2e2/text.json", "m2e2/links.txt"}, 1, 2, 0, 1},
      {"m2e2", {"m2e2/text.json", "m2e2/image.json", "m2e2/links.txt"}, 2, 4, 0, 2, true},
      {"youtube-vis", {"youtube_vis/sample.json"}, 1, 1, 0, 0},
      {"tao", {"tao/sample.json"}, 1, 1, 0, 0},
      {"vidsitu", {"vidsitu/sample.json"}, 1, 2, 0, 2},
      {"audiocaps", {"captions/audiocaps.csv"}, 2, 0, 0, 0},
      {"webvid", {"captions/webvid.csv"}, 1, 0, 0, 0},
      {"cc3m", {"captions/cc3m.tsv"}, 2, 0, 0, 0},
      {"rttm", {"sound/talk.rttm"}, 1, 2, 0, 0},
      {"textgrid", {"sound/talk.TextGrid"}, 1, 0, 0, 0},
      {"srt", {"sound/talk.srt"}, 1, 0, 0, 0},
      {"webvtt", {"sound/talk.vtt"}, 1, 0, 0, 0},
  };
  return all;
}

// Two pictures of 80 x 72 that the samples name.
const fs::path& pictures() {
  static const Folder folder;
  static const bool written = [] {
    for (const char* name : {"a.png", "b.png"}) media::write_png(folder / name, signal::Image(80, 72));
    return true;
  }();
  (void)written;
  return folder.path();
}

ImportOptions options_of(const Sample& sample) {
  ImportOptions options;
  if (sample.pictures) options.images = pictures();
  return options;
}

const ie::Entity& entity(const ie::Result& result, const std::string& mention) {
  for (const ie::Entity& entity : result.entities) {
    if (entity.mention == mention) return entity;
  }
  throw Error("there is no entity " + mention);
}

class EachSample : public ::testing::TestWithParam<Sample> {};

TEST_P(EachSample, IsReadWithoutFault) {
  const Sample& sample = GetParam();
  Folder out;
  std::vector<fs::path> inputs;
  for (const std::string& input : sample.inputs) inputs.push_back(kSamples / input);
  ImportOptions options = options_of(sample);
  options.strict = true;
  const Imported imported = import_files(sample.format, inputs, out.path(), options);
  EXPECT_EQ(imported.counts.documents, sample.documents);
  EXPECT_EQ(imported.counts.entities, sample.entities);
  EXPECT_EQ(imported.counts.relations, sample.relations);
  EXPECT_EQ(imported.counts.events, sample.events);
  expect_mentions_in_text(imported);
  EXPECT_EQ(std::distance(fs::directory_iterator(out.path()), {}), 2) << "only the two files are left";
}

// Changed bytes are read, reported or refused, never more than that.
TEST_P(EachSample, SurvivesMutations) {
  const Sample& sample = GetParam();
  Folder in, out;
  std::vector<fs::path> inputs;
  std::vector<std::string> contents;
  const fs::path first = kSamples / sample.inputs.front();
  fs::copy(
      first.parent_path().parent_path() == kSamples ? first.parent_path() : first.parent_path().parent_path(),
      in.path() / "set", fs::copy_options::recursive);
  const fs::path base =
      first.parent_path().parent_path() == kSamples ? first.parent_path() : first.parent_path().parent_path();
  for (const std::string& input : sample.inputs) {
    inputs.push_back(in.path() / "set" / (kSamples / input).lexically_relative(base));
    contents.push_back(store::read_file(inputs.back()));
  }
  ImportOptions options = options_of(sample);
  options.inputs = inputs;
  options.out = out.path();
  std::mt19937 random(7);
  const std::string bytes = "{}[]\",:'<>/\\0123456789-e\t\n \x80\xff";
  for (int round = 0; round < 300; ++round) {
    const std::size_t which = random() % inputs.size();
    std::string content = contents[which];
    for (unsigned i = 0; i <= random() % 4; ++i) {
      const std::size_t at = random() % content.size();
      switch (random() % 4) {
        case 0:
          content[at] = bytes[random() % bytes.size()];
          break;
        case 1:
          content.erase(at, 1 + random() % 8);
          break;
        case 2:
          content.insert(at, content.substr(random() % content.size(), random() % 20));
          break;
        default:
          content.resize(at + 1);
      }
      if (content.empty()) content = " ";
    }
    write(inputs[which], content);
    try {
      run_import(import_format(sample.format), options);
    } catch (const Error&) {
    }
    write(inputs[which], contents[which]);
  }
}

INSTANTIATE_TEST_SUITE_P(Import, EachSample, ::testing::ValuesIn(samples()));

TEST(Import, SpellsLabelsOut) {
  EXPECT_EQ(spelled_out("creative-work", LabelKind::kEntity), "creative work");
  EXPECT_EQ(spelled_out("programlang", LabelKind::kEntity), "programming language");
  EXPECT_EQ(spelled_out("misc", LabelKind::kEntity), "other");
  EXPECT_EQ(spelled_out("PER", LabelKind::kEntity), "person");
  EXPECT_EQ(spelled_out("Work_For", LabelKind::kRelation), "work for");
  EXPECT_EQ(spelled_out("OrgBased_In", LabelKind::kRelation), "org based in");
  EXPECT_EQ(spelled_out("/per/loc/place_of_residence", LabelKind::kRelation), "place of residence");
  EXPECT_EQ(spelled_out("per:city_of_birth", LabelKind::kRelation), "city of birth");
  EXPECT_EQ(spelled_out("Justice:Arrest-Jail", LabelKind::kEvent), "Arrest jail");
  EXPECT_EQ(spelled_out("Adverse_event", LabelKind::kEvent), "Adverse event");
}

TEST(Import, ReadsEveryKindOfTag) {
  Folder folder;
  // Begun inside, ended (E), alone (S), alone (U), last (L), and an inside tag of another type.
  write(folder / "a.conll", "a I-X\nb I-X\nc O\nd B-X\ne E-X\nf E-X\ng S-Y\nh U-Y\ni B-Z\nj L-Z\nk I-W\n");
  const Imported imported = import_files("conll", {folder / "a.conll"}, folder / "out");
  std::string mentions;
  for (const ie::Entity& entity : imported.gold.at(0).entities)
    mentions += entity.type + ":" + entity.mention + ";";
  EXPECT_EQ(mentions, "x:a b;x:d e;x:f;y:g;y:h;z:i j;w:k;");
}

TEST(Import, ReportsFileAndLineAndGoesOn) {
  Folder folder;
  const fs::path file = folder / "a.conll";
  write(file,
        "a\tO\n\nb\tB-X\nnotag\nc\tO\n\nd\tQ-X\n\n" + std::string(300, 'x') + "\tO\n\ne\tB-X\n\n\xff\tO\n\n");
  ImportOptions options;
  options.max_record_bytes = 200;
  const Imported imported = import_files("conll", {file}, folder / "out", options);
  EXPECT_EQ(imported.counts.documents, 2u);  // a, e
  EXPECT_EQ(imported.counts.skipped, 4u);
  ASSERT_EQ(imported.faults.size(), 4u);
  EXPECT_TRUE(imported.faults[0].starts_with(file.string() + ":4: the line has no tag"))
      << imported.faults[0];
  EXPECT_TRUE(imported.faults[1].starts_with(file.string() + ":7: \"Q-X\" is not a tag"))
      << imported.faults[1];
  EXPECT_TRUE(imported.faults[2].starts_with(file.string() + ":9: the line is longer than 200 bytes"))
      << imported.faults[2];
  EXPECT_TRUE(imported.faults[3].starts_with(file.string() + ":13: the line is not UTF-8"))
      << imported.faults[3];
  options.strict = true;
  try {
    import_files("conll", {file}, folder / "strict", options);
    ADD_FAILURE() << "a strict import goes on";
  } catch (const Error& error) {
    EXPECT_EQ(error.what(), imported.faults[0]);
  }
  EXPECT_FALSE(fs::exists(folder.path() / "strict" / "gold.jsonl"));
  EXPECT_FALSE(fs::exists(folder.path() / "strict" / "documents.jsonl"));
}

TEST(Import, ReadsElementsOfTornJson) {
  Folder folder;
  const std::string whole = store::read_file(kSamples / "tacred/sample.json");
  write(folder / "a.json", whole.substr(0, whole.size() - 40));  // in the middle of the second element
  const Imported imported = import_files("tacred", {folder / "a.json"}, folder / "out");
  EXPECT_EQ(imported.counts.documents, 1u);
  ASSERT_EQ(imported.faults.size(), 1u);
  EXPECT_NE(imported.faults[0].find("ends in the middle"), std::string::npos) << imported.faults[0];
}

TEST(Import, LooksForPicturesInTheUsualFolders) {
  Folder folder;
  fs::copy(kSamples / "coco/instances.json", folder / "instances.json");
  fs::create_directories(folder / "images");
  media::write_jpeg(folder / "images/a.jpg", signal::Image(40, 30));
  media::write_jpeg(folder / "images/b.jpg", signal::Image(21, 20));  // stated: 20 x 20
  const Imported imported = import_files("coco", {folder / "instances.json"}, folder / "out");
  ASSERT_EQ(imported.counts.documents, 1u);
  EXPECT_TRUE(fs::equivalent(imported.documents[0].images.at(0), folder / "images/a.jpg"));
  ASSERT_EQ(imported.faults.size(), 1u);
  EXPECT_NE(imported.faults[0].find("21 x 20"), std::string::npos) << imported.faults[0];
}

TEST(Import, TakesLimitNameLabelsAndSchemaOfEachFolder) {
  Folder folder;
  write(folder / "set/one/train.txt", "a\tB-X\n\nb\tB-X\n\n");
  write(folder / "set/one/test.txt", "t\tB-T\n\n");
  write(folder / "set/two/train.txt", "c\tB-Y\n\n");
  ImportOptions options;
  options.split = "train";
  options.name = "both";
  options.labels = {{"X", "an ex"}};
  options.scope = SchemaScope::kFolder;
  const Imported imported = import_files("conll", {folder / "set"}, folder / "out", options);
  ASSERT_EQ(imported.gold.size(), 3u);
  EXPECT_EQ(imported.gold[2].document, "both-3");
  ASSERT_EQ(imported.gold[0].schema.entities->size(), 1u);
  EXPECT_EQ(imported.gold[0].schema.entities->at(0).name, "an ex");
  EXPECT_EQ(imported.gold[2].schema.entities->at(0).name, "y");
  options.limit = 2;
  EXPECT_EQ(import_files("conll", {folder / "set"}, folder / "out", options).gold.size(), 2u);
  EXPECT_THROW(import_format("word"), UsageError);
}

TEST(Import, FindsMentionsNearWrongOffsets) {
  Folder folder;
  std::string text = store::read_file(kSamples / "casie/17.json");
  const auto at = text.find("\"startOffset\": 26");
  ASSERT_NE(at, std::string::npos);
  write(folder / "1.json", text.replace(at, 17, "\"startOffset\": 27"));
  EXPECT_EQ(import_files("casie", {folder / "1.json"}, folder / "out").counts.skipped, 0u);
  write(folder / "1.json", text.replace(at, 17, "\"startOffset\": 50"));
  ImportOptions options;
  EXPECT_THROW(import_files("casie", {folder / "1.json"}, folder / "out", options),
               Error);  // nothing is left
}

TEST(Import, KeepsPartsOfAMention) {
  Folder out;
  const Imported brat = import_files("brat", {kSamples / "brat/note.ann"}, out.path());
  EXPECT_EQ(entity(brat.gold.at(0), "Ana Åse").groundings.size(), 2u);
  EXPECT_EQ(brat.gold[0].events.at(0).arguments.at(1).role, "participant");
  const Imported phee = import_files("phee", {kSamples / "phee/sample.json"}, out.path());
  EXPECT_EQ(entity(phee.gold.at(0), "An old man 70").groundings.size(), 2u);
  EXPECT_EQ(phee.gold[0].events.at(0).arguments.size(), 5u);
}

TEST(Import, PutsBoxesAndMasksWhereTheyAre) {
  Folder out;
  const auto region = [](const ie::Entity& entity) {
    return std::get<ie::Region>(entity.groundings.at(0).place);
  };
  const Imported coco = import_files("coco", {kSamples / "coco/instances.json"}, out.path());
  EXPECT_EQ(region(coco.gold.at(0).entities.at(0)).box, (ie::Box{4, 4, 16, 12}));
  EXPECT_EQ(region(coco.gold[0].entities.at(1)).mask.area(), 50u);
  EXPECT_EQ(region(coco.gold.at(1).entities.at(0)).box, (ie::Box{2, 3, 5, 6}));
  const Imported voc = import_files("voc", {kSamples / "voc/a.xml"}, out.path());
  EXPECT_EQ(voc.gold.at(0).entities.at(0).type, "potted plant");
  EXPECT_EQ(region(voc.gold[0].entities[0]).box, (ie::Box{0, 0, 10, 20}));
  EXPECT_EQ(region(voc.gold[0].entities[0]).mask.area(), 200u);
  const Imported gmner = import_files("gmner", {kSamples / "gmner/txt"}, out.path());
  EXPECT_EQ(entity(gmner.gold.at(0), "Ana").groundings.size(), 2u);
  EXPECT_EQ(entity(gmner.gold[0], "New York").absent, std::vector<std::string>{"image-0"});
  const Imported cvat = import_files("cvat", {kSamples / "cvat"}, out.path());
  EXPECT_EQ(entity(cvat.gold.at(0), "dog").type, "dog");
  EXPECT_EQ(ie::decode(region(entity(cvat.gold[0], "dog")).mask)[2 * 8 + 4], 1);
  EXPECT_EQ(region(entity(cvat.gold[0], "dog")).mask.area(), 4u);
  EXPECT_EQ(entity(cvat.gold[0], "the red car").type, "car");
}

TEST(Import, JoinsTextAndPicturesOfM2e2) {
  Folder out;
  ImportOptions options;
  options.images = pictures();
  const Imported imported = import_files("m2e2", {kSamples / "m2e2"}, out.path(), options);
  EXPECT_EQ(imported.documents.at(0).images.size(), 1u);
  EXPECT_EQ(imported.gold.at(0).events.at(0).arguments.size(), 4u);
  EXPECT_EQ(imported.gold.at(1).document, "b");
}

TEST(Import, ReadsPanopticMasks) {
  Folder folder;
  signal::Image masks(4, 2);
  for (int x = 0; x < 2; ++x) masks.pixel(x, 0)[1] = 1;  // 256
  masks.pixel(3, 1)[2] = 1;                              // 65536
  fs::create_directories(folder / "masks");
  media::write_png(folder / "masks/a.png", masks);
  write(
      folder / "p.json",
      R"({"annotations": [{"image_id": 1, "file_name": "a.png", "segments_info": [{"id": 256, "category_id": 1}, {"id": 65536, "category_id": 2}]}],
    "images": [{"id": 1, "file_name": "a.jpg", "width": 4, "height": 2}], "categories": [{"id": 1, "name": "sky-other-merged"}, {"id": 2, "name": "dog"}]})");
  const Imported imported = import_files("coco-panoptic", {folder / "p.json"}, folder / "out");
  ASSERT_EQ(imported.gold.at(0).entities.size(), 2u);
  EXPECT_EQ(std::get<ie::Region>(imported.gold[0].entities[0].groundings[0].place).box,
            (ie::Box{0, 0, 2, 1}));
  EXPECT_EQ(imported.gold[0].entities[0].type, "sky other merged");
}

TEST(Import, ReadsNumberedPng) {
  Folder folder;
  NumberImage image{3, 2, {0, 1, 2, 0, 200, 2}};
  write(folder / "a.png", number_png(image));
  EXPECT_EQ(read_number_png(folder / "a.png", {}).numbers, image.numbers);
  media::write_png(folder / "grey.png", ie::encode(std::vector<std::uint8_t>{0, 1, 1, 0}, 2, 2));
  EXPECT_EQ(read_number_png(folder / "grey.png", {}).numbers, (std::vector<std::uint8_t>{0, 1, 1, 0}));
  media::write_png(folder / "colours.png", signal::Image(2, 2));
  EXPECT_THROW(read_number_png(folder / "colours.png", {}), Error);
}

TEST(Import, WritesFilmsOfNumberedPictures) {
  Folder folder;
  for (int i = 0; i < 3; ++i) {
    NumberImage masks{16, 16, std::vector<std::uint8_t>(256)};
    masks.numbers[static_cast<std::size_t>(17 + i)] = 1;
    const std::string name = "0000" + std::to_string(i);
    write(folder / ("film/Annotations/" + name + ".png"), number_png(masks));
    fs::create_directories(folder / "film/JPEGImages");
    media::write_jpeg(folder / ("film/JPEGImages/" + name + ".jpg"), signal::Image(16, 16));
  }
  write(folder / "film/meta.json", R"({"fps": 10, "objects": [{"id": 1, "label": "ball"}]})");
  const Imported imported = import_files("davis", {folder / "film"}, folder / "out");
  ASSERT_EQ(imported.documents.at(0).videos.size(), 1u);
  const std::vector<double> times = media::frame_times(imported.documents[0].videos[0]);
  ASSERT_EQ(times.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(times[i], 0.1 * static_cast<double>(i), 0.001);
  const auto& tracklet = std::get<ie::Tracklet>(imported.gold.at(0).entities.at(0).groundings.at(0).place);
  ASSERT_EQ(tracklet.size(), 3u);
  EXPECT_EQ(tracklet[2].box, (ie::Box{3, 1, 1, 1}));
  EXPECT_DOUBLE_EQ(tracklet[2].time, 0.2);
  EXPECT_EQ(imported.gold[0].entities[0].type, "ball");
}

TEST(Import, ReadsPythonLiterals) {
  EXPECT_EQ(python_to_json(R"({'a': "it's", 'b': ('x', 2), 'c': None, 'd': 'q"\'\n\x41'})"),
            R"({"a": "it's", "b": ["x", 2], "c": null, "d": "q\"'\n\u0041"})");
  EXPECT_THROW(python_to_json("{'a': open('f')}"), Error);
  EXPECT_THROW(python_to_json("'never ends"), Error);
}

TEST(Import, RefusesDeepOrBrokenXml) {
  Folder folder;
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "<a>";
  for (const std::string& text : {deep, std::string("<a><b></a></b>"), std::string("<a>&who;</a>"),
                                  std::string("<!DOCTYPE a [<!ENTITY b \"c\">]><a/>"), std::string("")}) {
    write(folder / "a.xml", text);
    EXPECT_THROW(read_xml(folder / "a.xml"), Error) << text.substr(0, 40);
  }
  write(folder / "a.xml", "<a b='1 &amp; 2'>x<![CDATA[<y>]]>&#x41;</a>");
  const XmlNode root = read_xml(folder / "a.xml");
  EXPECT_EQ(root.attribute("b"), "1 & 2");
  EXPECT_EQ(root.text, "x<y>A");
}

struct Real {
  const char* format;
  std::vector<std::string> inputs;  // below the shared data
  std::uint64_t limit, documents, entities, relations, events;
};

std::ostream& operator<<(std::ostream& out, const Real& real) {
  return out << real.format << " " << real.inputs.front();
}

class RealData : public ::testing::TestWithParam<Real> {};

TEST_P(RealData, IsReadWithoutFault) {
  const Real& real = GetParam();
  Folder out;
  std::vector<fs::path> inputs;
  for (const std::string& input : real.inputs) inputs.push_back(kShared / input);
  if (!fs::exists(inputs.front())) GTEST_SKIP() << inputs.front() << " is not there";
  ImportOptions options;
  options.strict = true;
  options.limit = real.limit;
  const Imported imported = import_files(real.format, inputs, out.path(), options);
  EXPECT_EQ(imported.counts.documents, real.documents);
  EXPECT_EQ(imported.counts.entities, real.entities);
  EXPECT_EQ(imported.counts.relations, real.relations);
  EXPECT_EQ(imported.counts.events, real.events);
  expect_mentions_in_text(imported);
}

INSTANTIATE_TEST_SUITE_P(
    Import, RealData,
    ::testing::Values(Real{"conll", {"text/wnut17/emerging.dev.conll"}, 0, 1009, 836, 0, 0},
                      Real{"conll", {"text/crossner/ai"}, 0, 881, 3890, 0, 0},
                      Real{"conll04", {"text/conll04/test.txt"}, 0, 288, 1079, 422, 0},
                      Real{"mnre", {"text/mnre/mnre_test.txt"}, 0, 1614, 3228, 640, 0},
                      Real{"gmner", {"text/gmner/txt/test.txt"}, 0, 1500, 2543, 0, 0},
                      Real{"geneva", {"text/geneva/ctt_s400/dev.json"}, 0, 75, 933, 0, 80},
                      Real{"phee", {"text/phee/dev.json"}, 0, 961, 4939, 0, 1155},
                      Real{"casie", {"text/casie"}, 0, 128, 3022, 0, 1119},
                      Real{"m2e2", {"text/m2e2/text_multimedia_event.json"}, 0, 192, 1125, 0, 192},
                      Real{"coco",
                           {"coco_mini/instances/annotations.json", "coco_mini/instances/captions.json"},
                           0,
                           96,
                           781,
                           0,
                           0},
                      Real{"coco-panoptic", {"coco_mini/panoptic/annotations.json"}, 3, 3, 12, 0, 0}));

}  // namespace
}  // namespace reamo::data::testing
