#include "synth/proportions.h"

#include <map>
#include <set>
#include <string_view>
#include <vector>

namespace reamo::synth {
namespace {

Proportion proportion(const Kind& kind) {
  static const std::map<std::string_view, double> by_type = {{"person", 1}, {"animal", 0.85}, {"vehicle", 1.3}, {"food", 0.62}, {"plant", 0.75},
                                                             {"tool", 0.68}, {"clothing", 0.66}, {"instrument", 0.78}, {"building", 1.6}, {"object", 0.68}};
  static const std::map<std::string_view, double> by_name = {
      {"elephant", 1.45}, {"giraffe", 1.5}, {"rhinoceros", 1.2}, {"hippopotamus", 1.15}, {"whale", 1.5}, {"camel", 1.2}, {"horse", 1.2}, {"cow", 1.1},
      {"dragon", 1.3}, {"long-necked dinosaur", 1.45}, {"bear", 1.05}, {"polar bear", 1.1}, {"gorilla", 1}, {"unicorn", 1.1}, {"zebra", 1.1},
      {"mouse", 0.58}, {"snail", 0.58}, {"butterfly", 0.6}, {"bee", 0.58}, {"ladybird", 0.58}, {"spider", 0.6}, {"chick", 0.58}, {"frog", 0.62},
      {"bicycle", 1}, {"kick scooter", 0.9}, {"scooter", 1.05}, {"motorcycle", 1.1}, {"airplane", 1.4}, {"bus", 1.5}, {"cruise ship", 1.6},
      {"cargo ship", 1.55}, {"steam locomotive", 1.5}, {"fir tree", 1.4}, {"leafy tree", 1.4}, {"palm tree", 1.4}, {"christmas tree", 1.2},
      {"tent", 1.2}, {"hut", 1.3}, {"fountain", 1.2}, {"castle", 1.8}, {"stadium", 1.7}, {"piano", 1}, {"bed", 1.1}, {"sofa", 1.1}, {"bathtub", 1.05},
      {"door", 1.05}, {"chair", 0.85}, {"toilet", 0.8}, {"snowman", 1}, {"traffic light", 0.95}, {"ladder", 1}, {"cactus", 0.95}, {"baby", 0.7},
      {"child", 0.82}, {"television", 0.8}, {"shopping cart", 0.85}, {"parachute", 1}, {"anchor", 0.8}};
  static const std::set<std::string_view> flying = {"airplane", "helicopter", "rocket", "flying saucer", "satellite", "balloon", "kite", "parachute",
                                                    "butterfly", "bee", "eagle", "pigeon", "parrot", "bat", "owl", "cable car", "dragon", "superhero"};
  static const std::map<std::string_view, double> colored = {{"person", 0.4}, {"vehicle", 0.5}, {"tool", 0.35}, {"clothing", 0.5}, {"instrument", 0.4},
                                                             {"building", 0.25}, {"object", 0.45}, {"animal", 0}, {"food", 0}, {"plant", 0}};
  Proportion out;
  const auto name = by_name.find(kind.name);
  out.size = name != by_name.end() ? name->second : by_type.at(kind.entity_type);
  out.flies = flying.count(kind.name) != 0;
  out.recolor = colored.at(kind.entity_type);
  return out;
}

}  // namespace

const Proportion& proportion_of(int kind) {
  static const std::vector<Proportion> all = [] {
    std::vector<Proportion> list;
    for (const Kind& each : kinds()) list.push_back(proportion(each));
    return list;
  }();
  return all.at(std::size_t(kind));
}

}  // namespace reamo::synth
