// Names of the synthetic world: people of many cultures, organisations, places, products, works, prizes; dates and amounts.
// Real and invented names are mixed. The words of a name that carry it are for one split only: names_split() decides by hash.
#pragma once

#include <string>
#include <string_view>

#include "synth/random.h"
#include "synth/story.h"

namespace reamo::synth {

// The split to which a name word belongs; half of all words each.
Split names_split(std::string_view word);

enum class Gender { kFemale, kMale, kNeutral };
struct PersonName {
  std::string full;    // "Mary Chen"
  std::string given, family;  // family is empty for a single name
  Gender gender = Gender::kNeutral;
};
PersonName person_name(Random& random, Split split);

struct Named {
  std::string text;      // the mention
  std::string article;   // "the " where the name is used with it, else ""
  std::string nested;    // a place name inside the text, or ""
};
Named organization_name(Random& random, Split split, std::string_view family = {});
Named location_name(Random& random, Split split);
Named building_name(Random& random, Split split);
Named product_name(Random& random, Split split);
Named artwork_name(Random& random, Split split);
Named award_name(Random& random, Split split);
Named vehicle_name(Random& random, Split split);

// "3 May 2021", "last Tuesday", "1987", "noon"; `lead` is the preposition it takes with its space: "on ", "in ", "".
struct DateText { std::string text, lead; };
DateText date_text(Random& random);
// The same in words that can be spoken: "the third of may", "last tuesday".
DateText spoken_date_text(Random& random);
std::string amount_text(Random& random);
std::string spoken_amount_text(Random& random);
std::string percentage_text(Random& random);

// An invented word of 2 to 4 syllables of some language, capitalised.
std::string invented_word(Random& random, Split split, int culture = -1);

}  // namespace reamo::synth
