#include "data/formats/labels.h"

#include <algorithm>
#include <cctype>

#include "ie/error.h"
#include "ie/unicode.h"

namespace reamo::data {
namespace {

constexpr std::size_t kMaxLabelBytes = 200;

// Entity labels that are not words, by their lower case.
const std::map<std::string_view, std::string_view>& entity_words() {
  static const std::map<std::string_view, std::string_view> words{
      {"per", "person"},
      {"pers", "person"},
      {"peop", "person"},
      {"prs", "person"},
      {"loc", "location"},
      {"org", "organization"},
      {"gpe", "geopolitical entity"},
      {"fac", "facility"},
      {"veh", "vehicle"},
      {"wea", "weapon"},
      {"val", "value"},
      {"misc", "other"},
      {"prod", "product"},
      {"norp", "nationality, religious or political group"},
      {"pol", "political group"},
      {"programlang", "programming language"},
      {"politicalparty", "political party"},
      {"literarygenre", "literary genre"},
      {"musicgenre", "music genre"},
      {"musicalartist", "musical artist"},
      {"musicalinstrument", "musical instrument"},
      {"chemicalelement", "chemical element"},
      {"chemicalcompound", "chemical compound"},
      {"astronomicalobject", "astronomical object"},
      {"academicjournal", "academic journal"},
      {"pottedplant", "potted plant"},
      {"diningtable", "dining table"},
      {"tvmonitor", "television"},
      {"motorbike", "motorcycle"},
      {"aeroplane", "airplane"},
      {"num", "number"}};
  return words;
}

std::string_view after_last(std::string_view label, std::string_view separators) {
  const auto at = label.find_last_of(separators);
  return at == std::string_view::npos || at + 1 == label.size() ? label : label.substr(at + 1);
}

// Words in lower case, one blank between. Capitals begin a word after a small letter.
std::string words_of(std::string_view label) {
  std::string words;
  bool after_small = false;
  for (const char c : label) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '_' || c == '-' || std::isspace(byte)) {
      if (!words.empty() && words.back() != ' ') words += ' ';
      after_small = false;
      continue;
    }
    if (std::isupper(byte) && after_small) words += ' ';
    after_small = std::islower(byte);
    words += c;
  }
  while (!words.empty() && words.back() == ' ') words.pop_back();
  return ie::lower_case(words);
}

}  // namespace

std::string spelled_out(std::string_view label, LabelKind kind) {
  std::string_view own = label;
  if (kind == LabelKind::kRelation) own = after_last(label, ":/");
  if (kind == LabelKind::kEvent) own = after_last(label, ":.");
  if (kind == LabelKind::kEntity) {
    own = after_last(label, ":");
    if (const auto found = entity_words().find(ie::lower_case(own)); found != entity_words().end()) {
      return std::string(found->second);
    }
  }
  std::string words = words_of(own);
  if (words.empty()) return std::string(label);
  if (kind == LabelKind::kEvent)
    words[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(words[0])));
  return words;
}

std::string Labels::operator()(std::string_view label, LabelKind kind) const {
  if (label.empty()) throw Error("a label is empty");
  if (label.size() > kMaxLabelBytes)
    throw Error("a label is longer than " + std::to_string(kMaxLabelBytes) + " bytes");
  if (!ie::is_valid_utf8(label)) throw Error("a label is not UTF-8");
  if (const auto found = given_.find(std::string(label)); found != given_.end()) return found->second;
  return keep_ ? std::string(label) : spelled_out(label, kind);
}

}  // namespace reamo::data
