#include "ie/transcript_io.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "ie/error.h"

namespace reamo::ie {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string error_of(const std::string& text, TranscriptFormat format) {
  try {
    read_transcript(text, format);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Transcripts, FormatByName) {
  EXPECT_EQ(transcript_format("a/b.SRT"), TranscriptFormat::kSrt);
  EXPECT_EQ(transcript_format("x.TextGrid"), TranscriptFormat::kTextGrid);
  EXPECT_THROW(transcript_format("x.txt"), UsageError);
}

TEST(Transcripts, ReadsSrt) {
  const auto t = read_transcript(
      "\xEF\xBB\xBF"
      "1\r\n00:00:01,000 --> 00:00:02,000\r\n<i>ab cd</i>\r\n{\\an8}ef gh\r\n\r\n"
      "2\r\n01:00:00,500 --> 01:00:01,500 X1:1\r\nlate\r\n",
      TranscriptFormat::kSrt);
  EXPECT_EQ(t.text, "ab cd ef gh late");
  ASSERT_THAT(t.words, SizeIs(5));
  EXPECT_EQ(t.words[1], (Word{"cd", 1.25, 1.5, 1}));
  EXPECT_EQ(t.words[4], (Word{"late", 3600.5, 3601.5, 1}));
}

TEST(Transcripts, ReadsWebVtt) {
  const auto t = read_transcript(
      "WEBVTT - title\n\nNOTE nothing\n\nid\n00:01.000 --> 00:03.000 align:start\n<v Mary>A&amp;B "
      "<00:02.500>is 1 < 2\n",
      TranscriptFormat::kWebVtt);
  ASSERT_THAT(t.words, SizeIs(5));
  EXPECT_EQ(t.words[0], (Word{"A&B", 1.0, 2.5, 1}));
  EXPECT_EQ(t.words[1].start, 2.5);
  EXPECT_EQ(t.words[3].word, "<");
  EXPECT_EQ(t.words[4].end, 3.0);
}

TEST(Transcripts, ReadsTextGridLongAndShort) {
  const auto same = [](const std::string& text) {
    const auto t = read_transcript(text, TranscriptFormat::kTextGrid);
    EXPECT_EQ(t.words, (std::vector<Word>{{"say", 0.25, 0.5, 1}, {"\"hi\"", 0.5, 1, 1}}));
  };
  same(
      "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\nxmin = 0 ! start\nxmax = "
      "1\ntiers? <exists>\nsize = 2\nitem []:\n"
      "item [1]:\nclass = \"IntervalTier\"\nname = \"phones\"\nxmin = 0\nxmax = 1\nintervals: size "
      "= 1\nintervals [1]:\nxmin = 0\nxmax = 1\n"
      "text = \"x\"\nitem [2]:\nclass = \"IntervalTier\"\nname = \"Words\"\nxmin = 0\nxmax = "
      "1\nintervals: size = 3\nintervals [1]:\nxmin = 0\n"
      "xmax = 0.25\ntext = \"\"\nintervals [2]:\nxmin = 0.25\nxmax = 0.5\ntext = "
      "\"say\"\nintervals [3]:\nxmin = 0.5\nxmax = 1\ntext = \"\"\"hi\"\"\"\n");
  same(
      "\"ooTextFile\"\n\"TextGrid\"\n0\n1\n<exists>\n2\n\"TextTier\" \"p\" 0 1 1 0.5 "
      "\"m\"\n\"IntervalTier\"\n\"any\"\n0\n1\n2\n0.25\n0.5\n\"say\"\n0.5\n1\n\"\"\"hi\"\"\"\n");
}

TEST(Transcripts, ReadsJsonWithAndWithoutTimes) {
  EXPECT_EQ(read_transcript("{\"text\": \"a b\"}", TranscriptFormat::kJson),
            (Transcript{"a b", {}}));
  EXPECT_EQ(
      read_transcript("{\"text\": \"a\", \"words\": [{\"word\": \"a\", \"start\": 0, \"end\": 1}]}",
                      TranscriptFormat::kJson),
      (Transcript{"a", {{"a", 0, 1, 1}}}));
}

TEST(Transcripts, RefusesAndSaysWhere) {
  EXPECT_THAT(error_of("1\n00:00:02,000 --> 00:00:01,000\nx\n", TranscriptFormat::kSrt),
              HasSubstr("line 2"));
  EXPECT_THAT(error_of("1\n00:00:aa,000 --> 00:00:01,000\nx\n", TranscriptFormat::kSrt),
              HasSubstr("line 2"));
  EXPECT_THAT(error_of("\n\n1\nhello\n", TranscriptFormat::kSrt), HasSubstr("line 4"));
  EXPECT_THAT(error_of("00:01.000 --> 00:02.000\nx\n", TranscriptFormat::kWebVtt),
              HasSubstr("WEBVTT"));
  EXPECT_THAT(
      error_of("WEBVTT\n\n00:01.000 --> 00:02.000\nx <00:03.000>y\n", TranscriptFormat::kWebVtt),
      HasSubstr("line 3"));
  EXPECT_THAT(error_of("\"ooTextFile\" \"Pitch\"", TranscriptFormat::kTextGrid),
              HasSubstr("TextGrid"));
  EXPECT_THAT(
      error_of("\"ooTextFile\"\n\"TextGrid\" 0 1 <exists> 1\n\"IntervalTier\" \"w\" 0 1 1 0.5",
               TranscriptFormat::kTextGrid),
      HasSubstr("line 3"));
  EXPECT_THAT(
      error_of("\"ooTextFile\" \"TextGrid\" 0 1 <exists> 99999999999", TranscriptFormat::kTextGrid),
      HasSubstr("count"));
  EXPECT_THAT(
      error_of("{\"text\": \"a\", \"words\": [{\"word\": \"a\", \"start\": 1, \"end\": 0}]}",
               TranscriptFormat::kJson),
      HasSubstr("/words/0/end"));
  EXPECT_THAT(error_of("\xFF\xFE"
                       "1",
                       TranscriptFormat::kSrt),
              HasSubstr("UTF-16"));
  EXPECT_THROW(write_transcript({"a", {}}, TranscriptFormat::kSrt), Error);
}

RC_GTEST_PROP(TranscriptProperty, ReadOfWriteKeepsWordsAndTimes, ()) {
  Transcript t;
  int at = 0;
  for (const auto& name : *rc::gen::container<std::vector<std::string>>(
           rc::gen::element<std::string>("a", "Mary", "\"x\"", "A&B", "<b>", "\xC3\xA9"))) {
    const int start = at + *rc::gen::inRange(0, 1500), end = start + *rc::gen::inRange(1, 900);
    t.words.push_back({name, start / 1000.0, end / 1000.0, 1});
    t.text += (t.text.empty() ? "" : " ") + name;
    at = end;
  }
  RC_ASSERT(
      read_transcript(write_transcript(t, TranscriptFormat::kJson), TranscriptFormat::kJson) == t);
  RC_ASSERT(read_transcript(write_transcript(t, TranscriptFormat::kTextGrid),
                            TranscriptFormat::kTextGrid) == t);
  const auto vtt =
      read_transcript(write_transcript(t, TranscriptFormat::kWebVtt), TranscriptFormat::kWebVtt);
  RC_ASSERT(vtt.text == t.text);
  for (std::size_t i = 0; i < t.words.size(); ++i)
    RC_ASSERT(vtt.words[i].start == t.words[i].start);
}

}  // namespace
}  // namespace reamo::ie
