// Labels of data sets spelled out for people: "creative-work" -> "creative work", "Live_In" -> "live in",
// "Justice:Arrest-Jail" -> "Arrest jail".
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace reamo::data {

// Entity types, relation types and roles are in lower case; events begin with a capital.
enum class LabelKind { kEntity, kRelation, kEvent, kRole };

class Labels {
 public:
  // `given` goes before every rule; `keep`: labels stay as they are in the file.
  Labels(std::map<std::string, std::string> given, bool keep) : given_(std::move(given)), keep_(keep) {}

  // Throws Error on a label that is empty, longer than 200 bytes or not UTF-8.
  std::string operator()(std::string_view label, LabelKind kind) const;

 private:
  std::map<std::string, std::string> given_;
  bool keep_;
};

// The rules: parents before ':' or '/' are dropped, '_', '-' and capitals inside separate words, usual
// abbreviations and names run together are written out.
std::string spelled_out(std::string_view label, LabelKind kind);

}  // namespace reamo::data
