// What utterances for training the listener say.
#include <algorithm>
#include <fstream>
#include <memory>
#include <optional>

#include "data/speech_shards.h"
#include "ie/error.h"
#include "synth/names.h"
#include "synth/random.h"

namespace reamo::data {
namespace {

using Sentence = std::vector<std::string>;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// A word that is spoken as it is spelled: letters and apostrophes, at most one comma or stop behind. Empty: not such a word.
std::string clean_word(std::string word) {
  std::string behind;
  while (!word.empty() && (word.back() == '.' || word.back() == ',' || word.back() == '!' || word.back() == '?')) {
    behind = word.back() == ',' ? "," : ".";
    word.pop_back();
  }
  if (word.empty() || word.size() > 20 || !is_letter(word.front()) || !is_letter(word.back())) return {};
  std::size_t capitals = 0;
  for (const char c : word) {
    if (!is_letter(c) && c != '\'') return {};
    capitals += c >= 'A' && c <= 'Z';
  }
  if (capitals > 1 && word.size() > 3) {  // shouted: an abbreviation would be spelled
    for (char& c : word) c = char(is_letter(c) ? c | 0x20 : c);
  }
  return word + behind;
}

// One sentence a line, or one word a line with its tag behind a tab and an empty line between sentences.
void read_sentences(const std::filesystem::path& path, std::vector<Sentence>& sentences) {
  std::ifstream file(path);
  if (!file) throw Error(path.string() + ": cannot be read");
  Sentence columns;
  const auto add = [&](Sentence words) {
    if (words.size() >= 3) sentences.push_back(std::move(words));
  };
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    const std::size_t tab = line.find('\t');
    if (line.empty()) {
      add(std::move(columns));
      columns.clear();
    } else if (tab != std::string::npos) {
      std::string word = line.substr(0, tab);
      if (word.front() == '\'' && !columns.empty() && columns.back().back() != '.') {  // 's, 'm: parted by the tokenizer
        word = columns.back() + word;
        columns.pop_back();
      }
      word = clean_word(word);
      if (!word.empty()) columns.push_back(std::move(word));
    } else {
      Sentence words;
      for (std::size_t at = 0; at < line.size();) {
        const std::size_t space = std::min(line.find(' ', at), line.size());
        std::string word = clean_word(line.substr(at, space - at));
        if (!word.empty()) words.push_back(std::move(word));
        at = space + 1;
      }
      add(std::move(words));
    }
  }
  add(std::move(columns));
}

// A name, a date or an amount of the world, of letters only; empty where the draw has digits or other signs.
std::string spoken_fragment(synth::Random& random, synth::Split split) {
  std::string text;
  switch (random.index(8)) {
    case 0:
    case 1: text = synth::person_name(random, split).full; break;
    case 2: text = synth::organization_name(random, split).text; break;
    case 3: text = synth::location_name(random, split).text; break;
    case 4: text = synth::product_name(random, split).text; break;
    case 5: text = synth::spoken_date_text(random).text; break;
    case 6: text = synth::spoken_amount_text(random); break;
    default: text = synth::invented_word(random, split); break;
  }
  for (const char c : text) {
    if (!is_letter(c) && c != ' ' && c != '\'') return {};
  }
  return text;
}

std::string from_sentences(const std::vector<Sentence>& sentences, synth::Random random, synth::Split split) {
  const Sentence& sentence = sentences[random.index(sentences.size())];
  const std::size_t words = std::min<std::size_t>(sentence.size(), std::size_t(random.between(3, 14)));
  const std::size_t first = random.index(sentence.size() - words + 1);
  std::string text;
  const auto append = [&](const std::string& word) { text += (text.empty() ? "" : " ") + word; };
  const double fragments = random.chance(0.6) ? 0.15 : 0.0;
  for (std::size_t i = 0; i < words; ++i) {
    if (random.chance(fragments)) {
      const std::string fragment = spoken_fragment(random, split);
      if (!fragment.empty()) append(fragment);
    }
    append(sentence[first + i]);
  }
  if (is_letter(text.back()) && random.chance(0.5)) text += '.';
  return text;
}

}  // namespace

SpeechText speech_text_from_files(const std::vector<std::filesystem::path>& files, std::uint64_t seed, synth::Split split) {
  auto sentences = std::make_shared<std::vector<Sentence>>();
  for (const std::filesystem::path& file : files) read_sentences(file, *sentences);
  if (sentences->empty()) throw Error("no sentence of three plain words or more in the files for speech");
  return [sentences, seed, split](std::uint64_t index) {
    return from_sentences(*sentences, synth::Random(seed).stream("speech-text", index), split);
  };
}

SpeechText mixed_speech_text(SpeechText first, SpeechText second, double share, std::uint64_t seed) {
  return [=](std::uint64_t index) {
    return synth::Random(seed).stream("speech-mix", index).chance(share) ? first(index) : second(index);
  };
}

}  // namespace reamo::data
