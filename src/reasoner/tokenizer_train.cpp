#include <sentencepiece_trainer.h>

#include <cctype>
#include <unordered_map>

#include "ie/error.h"
#include "reasoner/tokenizer.h"
#include "store/tensor_file.h"

namespace reamo::reasoner {
namespace {

bool is_ascii_punctuation(unsigned char c) { return c > 0x20 && c < 0x7f && !std::isalnum(c); }

// Length in bytes of the punctuation character at `at`, 0 if it is none: ASCII, the Latin-1 quotation marks, U+2010..U+205E and
// U+3001..U+303F.
std::size_t punctuation_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0; };
  const unsigned char c = byte(at);
  if (is_ascii_punctuation(c)) return 1;
  if (c == 0xC2 && (byte(at + 1) == 0xAB || byte(at + 1) == 0xBB)) return 2;
  if (c == 0xE2 && (byte(at + 1) == 0x80 || byte(at + 1) == 0x81) && byte(at + 2) >= 0x80) return 3;
  if (c == 0xE3 && byte(at + 1) == 0x80 && byte(at + 2) > 0x80) return 3;
  return 0;
}

// Every punctuation character a word of its own, runs of blanks one space.
std::string separated(std::string_view line) {
  std::string out;
  const auto blank = [&] {
    if (!out.empty() && out.back() != ' ') out += ' ';
  };
  for (std::size_t at = 0; at < line.size();) {
    if (const std::size_t length = punctuation_length(line, at)) {
      blank();
      out.append(line.substr(at, length));
      out += ' ';
      at += length;
    } else if (static_cast<unsigned char>(line[at]) <= 0x20) {
      blank();
      ++at;
    } else {
      out += line[at++];
    }
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

class Lines : public sentencepiece::SentenceIterator {
 public:
  explicit Lines(const std::vector<std::string>& lines) : lines_(lines) {}
  bool done() const override { return at_ == lines_.size(); }
  void Next() override { ++at_; }
  const std::string& value() const override { return lines_[at_]; }
  sentencepiece::util::Status status() const override { return {}; }

 private:
  const std::vector<std::string>& lines_;
  std::size_t at_ = 0;
};

}  // namespace

void train_tokenizer(const std::vector<std::string>& lines, int vocabulary, const std::filesystem::path& model) {
  std::vector<std::string> sentences;
  for (const std::string& line : lines) {
    if (std::string words = separated(line); !words.empty()) sentences.push_back(std::move(words));
  }
  if (sentences.empty()) throw Error(model.string() + ": no text to train a tokenizer on");
  std::string characters;
  for (char c = '!'; c <= '~'; ++c) characters += c;
  const std::unordered_map<std::string, std::string> arguments{
      {"model_type", "bpe"},
      {"vocab_size", std::to_string(vocabulary)},
      {"byte_fallback", "true"},
      {"split_digits", "true"},
      {"normalization_rule_name", "identity"},
      {"remove_extra_whitespaces", "false"},
      {"character_coverage", "0.9998"},
      {"required_chars", characters},
      {"unk_id", "0"},
      {"bos_id", "1"},
      {"eos_id", "2"},
      {"pad_id", "-1"},
      {"max_sentence_length", "65536"},
      {"num_threads", "1"},
      {"minloglevel", "2"},
  };
  std::string proto;
  Lines iterator(sentences);
  if (const auto status = sentencepiece::SentencePieceTrainer::Train(arguments, &iterator, &proto); !status.ok()) {
    throw Error(model.string() + ": the tokenizer cannot be trained: " + status.ToString());
  }
  store::write_file_whole(model, proto);
}

const std::vector<std::string>& compact_tokens() {
  static const std::vector<std::string> kTokens{
      "<UIE>",    "</UIE>", "<Module>", "</Module>", "<Instruction>", "</Instruction>",
      "ImageSegmentation", "AudioSegmentation", "VideoTracking", "Type:", "Trigger:",
      "<ner>", "<types>", "<re>", "<ee>", "<media>", "<speech>", "<text>", "<example>", "<answer>"};
  return kTokens;
}

}  // namespace reamo::reasoner
