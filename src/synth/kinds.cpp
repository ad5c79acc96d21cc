#include <algorithm>
#include <array>
#include <unordered_map>

#include "synth/atlas.h"
#include "synth/kinds_table.h"

namespace reamo::synth {
namespace {

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::string plural_of_word(std::string_view word) {
  static const std::unordered_map<std::string_view, std::string_view> irregular = {
      {"man", "men"}, {"woman", "women"}, {"person", "people"}, {"child", "children"}, {"mouse", "mice"}, {"goose", "geese"},
      {"fish", "fish"}, {"sheep", "sheep"}, {"deer", "deer"}, {"wolf", "wolves"}, {"loaf", "loaves"}, {"leaf", "leaves"},
      {"knife", "knives"}, {"die", "dice"}, {"ox", "oxen"}, {"cactus", "cacti"}, {"tooth", "teeth"}, {"foot", "feet"},
      {"policeman", "policemen"}, {"scissors", "scissors"}, {"jeans", "jeans"}, {"glasses", "glasses"}, {"elf", "elves"},
      {"sunglasses", "sunglasses"}, {"headphones", "headphones"}, {"maracas", "maracas"}, {"scales", "scales"},
      {"cherries", "cherries"}, {"grapes", "grapes"}, {"pancakes", "pancakes"}, {"fries", "fries"}, {"socks", "socks"},
      {"spaghetti", "spaghetti"}, {"sushi", "sushi"}, {"popcorn", "popcorn"}, {"corn", "corn"}, {"bread", "bread"},
      {"broccoli", "broccoli"}, {"beer", "beers"}, {"wine", "wines"}, {"shorts", "shorts"}, {"scarf", "scarves"},
      {"aircraft", "aircraft"}, {"piano", "pianos"}, {"kangaroo", "kangaroos"}, {"flamingo", "flamingos"}};
  if (const auto found = irregular.find(word); found != irregular.end()) return std::string(found->second);
  const auto ends = [&](std::string_view ending) { return word.size() > ending.size() && word.ends_with(ending); };
  const std::string plain(word);
  if (ends("s") || ends("x") || ends("z") || ends("ch") || ends("sh") || word == "tomato" || word == "potato") return plain + "es";
  if (ends("y") && std::string_view("aeiou").find(word[word.size() - 2]) == std::string_view::npos)
    return plain.substr(0, plain.size() - 1) + "ies";
  return plain + "s";
}

std::vector<Kind> read_table() {
  std::vector<Kind> all;
  for (const KindRow& row : kKindRows) {
    Kind kind;
    std::string_view name = row.name;
    if (name.starts_with('!')) kind.held_out = true, name.remove_prefix(1);
    kind.name = name;
    kind.entity_type = row.entity_type;
    kind.group = row.group;
    kind.plural = plural_of(name);
    for (std::string& description : split(row.descriptions, '|')) {
      if (description.starts_with('*')) kind.test_descriptions.push_back(description.substr(1));
      else kind.descriptions.push_back(std::move(description));
    }
    kind.code_points = split(row.code_points, '|');
    all.push_back(std::move(kind));
  }
  return all;
}

}  // namespace

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> table = read_table();
  return table;
}

int find_kind(std::string_view name) {
  static const auto by_name = [] {
    std::unordered_map<std::string_view, int> index;
    for (std::size_t i = 0; i < kinds().size(); ++i) index[kinds()[i].name] = int(i);
    return index;
  }();
  const auto found = by_name.find(name);
  return found == by_name.end() ? -1 : found->second;
}

std::string plural_of(std::string_view noun_phrase) {
  // The head noun is the last word before the first of these.
  static constexpr std::array<std::string_view, 14> joints = {" with ", " in ", " of ", " that ", " who ", " on ", " at ",
                                                              " to ",   " for ", " from ", " like ", " by ", " and ", " without "};
  std::size_t end = noun_phrase.size();
  for (std::string_view joint : joints) end = std::min(end, noun_phrase.find(joint));
  const std::string_view head = noun_phrase.substr(0, end);
  const std::size_t space = head.rfind(' ');
  const std::size_t word = space == std::string_view::npos ? 0 : space + 1;
  return std::string(head.substr(0, word)) + plural_of_word(head.substr(word)) + std::string(noun_phrase.substr(end));
}

}  // namespace reamo::synth
