// The cast of things that pictures can show, and their artwork as sprites.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "signal/image.h"

namespace reamo::synth {

// A kind of thing: "fox", "firefighter", "guitar". The table is part of the program, the same with every atlas.
struct Kind {
  std::string name;         // CLDR short name, simplified ("woman firefighter" and "man firefighter" are one kind)
  std::string entity_type;  // of the world's schema: person, animal, vehicle, food, plant, tool, clothing, instrument, building, object
  std::string group;        // finer: "animal-bird", "transport-water", "toy"
  std::string plural;       // "foxes", "men with beard"
  std::vector<std::string> descriptions;  // other ways to say it, without article ("person who fights fires")
  std::vector<std::string> test_descriptions;  // further ones that are never used in training; often none
  std::vector<std::string> code_points;   // emoji sequences, as "1f468-200d-1f692"
  bool held_out = false;    // never shown in training
};
const std::vector<Kind>& kinds();          // at least 300
int find_kind(std::string_view name);      // -1: none
// The plural of an English noun phrase: its head is what stands before "with", "in", "of", "that", ..
std::string plural_of(std::string_view noun_phrase);

// Sprites of all kinds in one or more styles, made once by `reamo data atlas`. A style may lack kinds. A sprite is cut to
// what is visible of it and at most 72 pixels high.
class Atlas {
 public:
  // A safetensors file; its metadata `kinds` must be those of this program, else Error.
  static Atlas load(const std::filesystem::path& path);
  // Adds another atlas (another style).
  void merge(Atlas other);
  std::vector<std::string> styles() const;
  bool has(int kind, const std::string& style) const;
  // All sprites of a kind in a style: variants of gender, skin tone, colour. Error if there is none.
  const std::vector<signal::ImageRgba>& sprites(int kind, const std::string& style) const;
  void add(int kind, const std::string& style, signal::ImageRgba sprite);
  void save(const std::filesystem::path& path) const;

 private:
  std::map<std::pair<std::string, int>, std::vector<signal::ImageRgba>> sprites_;
};

}  // namespace reamo::synth
