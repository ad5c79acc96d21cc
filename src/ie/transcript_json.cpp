#include "ie/transcript_json.h"

namespace reamo::ie {

Transcript read_transcript(const JsonNode& node, bool complete) {
  constexpr std::size_t kMaxWords = 1'000'000;
  if (complete) {
    node.keys({"text", "words"});
  } else {
    node.keys({"text"}, {"words"});
  }
  Transcript transcript;
  transcript.text = node.at("text").string();
  if (!node.has("words")) return transcript;
  if (node.at("words").size() > kMaxWords) node.at("words").fail("more than 1000000 words");
  node.at("words").each([&](const JsonNode& item) {
    item.keys({"word", "start", "end"}, {"score"});
    Word word{item.at("word").non_empty_string(), item.at("start").number(),
              item.at("end").number(), 1};
    if (word.end < word.start) item.at("end").fail("must not be before \"start\"");
    if (!transcript.words.empty() && word.start < transcript.words.back().start) {
      item.at("start").fail("words must be in order of time");
    }
    if (item.has("score")) word.score = item.at("score").number(0, 1);
    transcript.words.push_back(std::move(word));
  });
  return transcript;
}

void write_transcript(JsonWriter& writer, const Transcript& transcript) {
  writer.begin_object().key("text").string(transcript.text).key("words").begin_array();
  for (const Word& word : transcript.words) {
    writer.begin_object()
        .key("word")
        .string(word.word)
        .key("start")
        .time(word.start)
        .key("end")
        .time(word.end);
    writer.key("score").number(word.score).end_object();
  }
  writer.end_array().end_object();
}

}  // namespace reamo::ie
