#include "synth/names.h"

#include "synth/names_lists.h"

namespace reamo::synth {
namespace {

using Words = std::vector<std::string_view>;

std::string capitalised(std::string word) {
  if (word.empty()) return word;
  unsigned char c = word[0];
  if (c >= 'a' && c <= 'z') word[0] = char(c - 32);
  // Latin-1 letters: the second byte of U+00E0..U+00FE.
  if (c == 0xC3 && word.size() > 1 && (unsigned char)word[1] >= 0xA0) word[1] = char(word[1] - 0x20);
  return word;
}

// A word of the list that belongs to the split; an invented one when luck fails.
std::string choose(Random& random, Split split, const Words& words) {
  for (int attempt = 0; attempt < 24; ++attempt) {
    std::string word(words[random.index(words.size())]);
    if (names_split(word) == split) return word;
  }
  return invented_word(random, split);
}

std::string pick(Random& random, const Words& words) { return std::string(words[random.index(words.size())]); }

const Words kMonths = {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"};
const Words kShortMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
const Words kDays = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
const Words kOrdinals = {"first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth", "thirteenth", "fifteenth", "twentieth"};
const Words kNumbers = {"two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "fifteen", "twenty", "thirty", "forty", "fifty", "sixty", "eighty", "ninety"};
const Words kAdjectives = {"Silver", "Golden", "Broken", "Last", "Silent", "Blue", "Hidden", "Burning", "Northern", "Lost", "Little", "Electric", "Red", "Winter", "Distant", "Paper", "Iron", "Bright", "Wild", "Empty", "Hollow", "Gentle", "Velvet", "Crooked", "Frozen", "Secret"};
const Words kNouns = {"River", "Garden", "Mirror", "Harbor", "Sky", "Machine", "Letter", "Lantern", "Road", "Forest", "Moon", "Bridge", "Island", "Clock", "Summer", "Window", "Storm", "Kingdom", "Dream", "Orchard", "Shadow", "Crown", "Mountain", "Ocean", "Star", "Compass", "Feather", "Horizon", "Meadow", "Lion", "Swan", "Falcon", "Anchor"};

std::string grouped(int n) {
  std::string digits = std::to_string(n), out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i && (digits.size() - i) % 3 == 0) out += ',';
    out += digits[i];
  }
  return out;
}

std::string joined(std::string_view first, std::string_view second) {
  std::string out(first);
  return out += second;
}

std::string acronym(Random& random, Split split) {
  for (;;) {
    std::string word;
    int n = random.between(3, 5);
    for (int i = 0; i < n; ++i) word += "ABCDEFGHIKLMNOPRSTUVW"[random.index(21)];
    if (names_split(word) == split) return word;
  }
}

std::string title_word(Random& random, Split split, const Words& words) { return choose(random, split, words); }

}  // namespace

Split names_split(std::string_view word) {
  std::uint32_t hash = 2166136261u;
  for (unsigned char c : word) {
    if (c >= 'A' && c <= 'Z') c = (unsigned char)(c + 32);
    hash = (hash ^ c) * 16777619u;
  }
  hash ^= hash >> 15;
  hash *= 0x2c1b3c6du;
  return (hash >> 20) & 1 ? Split::kTest : Split::kTrain;
}

std::string invented_word(Random& random, Split split, int culture) {
  const std::vector<Culture>& all = cultures();
  const Words& syllables = all[culture < 0 ? random.index(all.size()) : std::size_t(culture)].syllables;
  for (;;) {
    int n = random.between(2, random.chance(0.2) ? 4 : 3);
    std::string word;
    for (int i = 0; i < n; ++i) word += syllables[random.index(syllables.size())];
    if (word.size() < 4 || word.size() > 13) continue;
    word = capitalised(word);
    if (names_split(word) == split) return word;
  }
}

PersonName person_name(Random& random, Split split) {
  const std::vector<Culture>& all = cultures();
  std::size_t c = random.index(all.size());
  const Culture& culture = all[random.chance(0.25) ? 0 : c];
  int number = int(&culture - all.data());
  PersonName name;
  name.gender = random.chance(0.5) ? Gender::kFemale : Gender::kMale;
  bool invented = random.chance(0.4);
  name.given = invented ? invented_word(random, split, number) : choose(random, split, name.gender == Gender::kFemale ? culture.female : culture.male);
  const Culture& other = random.chance(0.15) ? all[random.index(all.size())] : culture;
  name.family = random.chance(0.5) ? invented_word(random, split, int(&other - all.data())) : choose(random, split, other.family);
  double form = random.uniform();
  if (form < 0.1) {
    name.full = name.given;
    name.family.clear();
  } else if (form < 0.16) {
    name.full = name.given + " " + std::string(1, "ABCDEFGHJKLMNPRST"[random.index(17)]) + ". " + name.family;
  } else if (form < 0.2) {
    name.full = std::string(1, "ABCDEFGHJKLMNPRST"[random.index(17)]) + ". " + name.family;
  } else if (form < 0.24) {
    name.full = name.given + " " + name.family + "-" + choose(random, split, culture.family);
  } else if (form < 0.28) {
    name.full = name.given + " " + pick(random, {"van", "de", "von", "da", "bin"}) + " " + name.family;
  } else {
    name.full = name.given + " " + name.family;
  }
  return name;
}

Named location_name(Random& random, Split split) {
  double form = random.uniform();
  const Words endings = {"ville", "ton", "burg", "stad", "grad", "abad", "ia", "land", "mouth", "ford", "ora", "pur", "holm", "wick"};
  if (form < 0.45) return {choose(random, split, real_places()), "", ""};
  if (form < 0.68) return {invented_word(random, split), "", ""};
  if (form < 0.78) {
    std::string word = invented_word(random, split);
    if (word.size() < 9) word += pick(random, endings);
    return {names_split(word) == split ? word : invented_word(random, split), "", ""};
  }
  if (form < 0.84) return {pick(random, {"Port", "Fort", "Saint", "New", "North", "South", "East", "West", "Lake", "Mount", "Upper", "San", "El", "Cape"}) + " " + invented_word(random, split), "", ""};
  if (form < 0.92) return {invented_word(random, split) + " " + pick(random, {"City", "Bay", "Valley", "Island", "Hills", "Falls", "Beach", "Springs", "Heights", "County", "Park", "Square", "Street"}), "", ""};
  return {invented_word(random, split) + " " + pick(random, {"River", "Desert", "Mountains", "Peninsula", "Islands", "Strait", "Gulf", "Canal", "Coast"}), "the ", ""};
}

Named organization_name(Random& random, Split split, std::string_view family) {
  auto stem = [&] {
    if (!family.empty() && random.chance(0.7)) return std::string(family);
    return random.chance(0.25) ? title_word(random, split, kNouns) : invented_word(random, split);
  };
  double form = random.uniform();
  if (form < 0.28) {
    const Words suffixes = {"Bank", "Corp", "Corp.", "Inc.", "Ltd", "Group", "Motors", "Foods", "Airlines", "Systems", "Industries", "Media", "Records", "Energy", "Pharma", "Studios", "Holdings", "Labs", "Logistics", "Insurance", "Electronics", "Brewery", "Press", "Software", "Steel", "Partners", "GmbH", "& Co."};
    std::string name = stem() + " " + pick(random, suffixes);
    return {name, "", ""};
  }
  if (form < 0.36) return {stem() + " " + pick(random, {"&", "and"}) + " " + stem(), "", ""};
  if (form < 0.44) {
    std::string place = random.chance(0.5) ? choose(random, split, real_places()) : invented_word(random, split);
    if (random.chance(0.5)) return {"University of " + place, "the ", place};
    return {place + " " + pick(random, {"City Council", "Police Department", "Zoo", "Opera", "Symphony Orchestra", "Football Club", "Chamber of Commerce", "Fire Brigade", "Medical Center"}), "the ", place};
  }
  if (form < 0.56) return {stem() + " " + pick(random, {"University", "College", "Institute", "Academy", "High School"}), "", ""};
  if (form < 0.68) return {acronym(random, split), random.chance(0.4) ? "the " : "", ""};
  if (form < 0.78) return {pick(random, {"National", "Royal", "United", "International", "Federal", "European", "Central"}) + " " + stem() + " " + pick(random, {"Agency", "Association", "Society", "Council", "Federation", "Union", "Institute", "Foundation", "Authority"}), "the ", ""};
  if (form < 0.86) return {stem() + " " + pick(random, {"United", "Rovers", "FC", "City", "Tigers", "Hawks", "Wolves", "Rangers", "Athletic"}), "", ""};
  if (form < 0.93) return {stem() + " " + pick(random, {"Foundation", "Museum", "Hospital", "Theatre", "Times", "Herald", "Gazette", "Trust", "Orchestra"}), "the ", ""};
  return {stem(), "", ""};
}

Named building_name(Random& random, Split split) {
  std::string stem = random.chance(0.3) ? title_word(random, split, kNouns) : invented_word(random, split);
  if (random.chance(0.3)) return {stem + " " + pick(random, {"Hall", "House", "Castle", "Abbey", "Cathedral"}), "", ""};
  return {stem + " " + pick(random, {"Tower", "Bridge", "Hotel", "Arena", "Library", "Palace", "Lighthouse", "Station", "Stadium", "Mall", "Center", "Mill", "Church", "Temple"}), "the ", ""};
}

Named product_name(Random& random, Split split) {
  std::string stem = random.chance(0.2) ? title_word(random, split, kNouns) : invented_word(random, split);
  double form = random.uniform();
  std::string number = std::to_string(random.between(2, 9));
  if (form < 0.25) return {stem + " " + std::string(1, "XSZMTRQ"[random.index(7)]) + number, "the ", ""};
  if (form < 0.4) return {stem + " " + number, "the ", ""};
  if (form < 0.55) return {stem + pick(random, {"Phone", "Pad", "Book", "Cam", "Watch", "Pod", "Cola", "Soft", "Drive"}), "the ", ""};
  if (form < 0.75) return {stem + " " + pick(random, {"Pro", "Mini", "Max", "Air", "Plus", "Lite", "One", "Ultra"}), "the ", ""};
  if (form < 0.85) return {std::string(1, "ABCDEFGKMRSTVX"[random.index(14)]) + "-" + std::to_string(random.between(10, 999)) + " " + stem, "the ", ""};
  return {stem, "", ""};
}

Named artwork_name(Random& random, Split split) {
  std::string adjective = title_word(random, split, kAdjectives), noun = title_word(random, split, kNouns);
  double form = random.uniform();
  if (form < 0.3) return {"The " + adjective + " " + noun, "", ""};
  if (form < 0.45) return {adjective + " " + noun, "", ""};
  if (form < 0.6) return {noun + " of " + invented_word(random, split), "", ""};
  if (form < 0.7) return {"The " + noun + " and the " + title_word(random, split, kNouns), "", ""};
  if (form < 0.8) return {pick(random, {"Waiting for", "Letters to", "Songs for", "Back to", "A Night in", "Goodbye,"}) + " " + invented_word(random, split), "", ""};
  if (form < 0.9) return {invented_word(random, split) + "'s " + noun, "", ""};
  return {pick(random, {"Symphony No.", "Sonata No.", "Portrait No."}) + " " + std::to_string(random.between(1, 12)) + " " + pick(random, {"by the Sea", "in Blue", "in D Minor", "in Red"}), "", ""};
}

Named award_name(Random& random, Split split) {
  std::string stem = random.chance(0.35) ? title_word(random, split, kAdjectives) + " " + title_word(random, split, kNouns) : invented_word(random, split);
  return {stem + " " + pick(random, {"Prize", "Award", "Medal", "Cup", "Trophy", "Prize for Peace", "Award for Best Film", "Medal of Honor", "Shield"}), "the ", ""};
}

Named vehicle_name(Random& random, Split split) {
  std::string stem = invented_word(random, split);
  if (random.chance(0.5)) return {stem + " " + pick(random, {"Express", "Star", "Queen", "Explorer"}), "the ", ""};
  return {pick(random, {"MV", "SS", "HMS"}) + " " + stem, "the ", ""};
}

DateText date_text(Random& random) {
  std::string month = pick(random, kMonths), day = std::to_string(random.between(1, 28)), year = std::to_string(random.between(1890, 2031));
  switch (random.index(18)) {
    case 0: return {day + " " + month + " " + year, "on "};
    case 1: return {month + " " + day + ", " + year, "on "};
    case 2: return {month + " " + day, "on "};
    case 3: return {month + " " + year, "in "};
    case 4: return {year, "in "};
    case 5: return {pick(random, kDays), "on "};
    case 6: return {"last " + pick(random, kDays), ""};
    case 7: return {pick(random, {"yesterday", "this morning", "last night", "two weeks ago", "three years ago", "last year", "earlier this week"}), ""};
    case 8: return {std::to_string(random.between(2000, 2030)) + (random.between(1, 12) < 10 ? "-0" : "-1") + std::to_string(random.between(1, 2)) + "-" + std::to_string(random.between(10, 28)), "on "};
    case 9: return {std::to_string(random.between(1, 12)) + "/" + day + "/" + year, "on "};
    case 10: return {"the " + pick(random, kOrdinals) + " of " + month, "on "};
    case 11: return {pick(random, {"spring", "summer", "autumn", "winter"}) + " " + year, "in "};
    case 12: return {std::to_string(random.between(1, 12)) + pick(random, {":30", ":15", ":45", " a.m.", " p.m.", "pm", "am"}), "at "};
    case 13: return {pick(random, kDays) + " " + pick(random, {"morning", "evening", "night", "afternoon"}), "on "};
    case 14: return {pick(random, kShortMonths) + ". " + day, "on "};
    case 15: return {"the " + std::to_string(random.between(2, 20) * 10 + 1800) + "s", "in "};
    case 16: return {day + "." + std::to_string(random.between(1, 12)) + "." + year, "on "};
    default: return {month, "in "};
  }
}

DateText spoken_date_text(Random& random) {
  switch (random.index(7)) {
    case 0: return {pick(random, kDays), "on "};
    case 1: return {"last " + pick(random, kDays), ""};
    case 2: return {"the " + pick(random, kOrdinals) + " of " + pick(random, kMonths), "on "};
    case 3: return {pick(random, kMonths), "in "};
    case 4: return {pick(random, {"yesterday", "this morning", "last night", "two weeks ago", "three years ago", "last year"}), ""};
    case 5: return {pick(random, {"nineteen", "twenty"}) + " " + pick(random, {"eighty five", "twenty two", "ninety nine", "forty one", "twelve", "sixty eight", "ten"}), "in "};
    default: return {pick(random, kDays) + " " + pick(random, {"morning", "evening", "night", "afternoon"}), "on "};
  }
}

std::string amount_text(Random& random) {
  int n = random.chance(0.5) ? random.between(2, 99) : random.between(1, 95) * 100;
  switch (random.index(12)) {
    case 0: return joined("$", grouped(n * random.between(1, 90)));
    case 1: return joined("$", std::to_string(random.between(1, 40))) + "." + std::to_string(random.between(1, 9)) + " million";
    case 2: return joined("€", grouped(n));
    case 3: return grouped(n) + " dollars";
    case 4: return pick(random, kNumbers) + " million " + pick(random, {"dollars", "euros", "pounds", "rupees", "yen"});
    case 5: return grouped(n) + " euros";
    case 6: return joined("£", std::to_string(random.between(1, 60))) + pick(random, {"m", "k", "bn", ",000"});
    case 7: return pick(random, kNumbers) + " " + pick(random, {"dollars", "euros", "pounds", "crowns"});
    case 8: return joined("USD ", grouped(n));
    case 9: return grouped(n * 1000) + " yen";
    case 10: return joined("$", std::to_string(random.between(2, 99))) + "." + std::to_string(random.between(10, 99));
    default: return pick(random, kNumbers) + " thousand " + pick(random, {"dollars", "euros", "pesos"});
  }
}

std::string spoken_amount_text(Random& random) {
  return pick(random, kNumbers) + pick(random, {"", "", " thousand", " million"}) + " " + pick(random, {"dollars", "euros", "pounds", "rupees", "yen", "crowns"});
}

std::string percentage_text(Random& random) {
  int n = random.between(1, 95);
  switch (random.index(3)) {
    case 0: return std::to_string(n) + "%";
    case 1: return std::to_string(n) + " percent";
    default: return std::to_string(n) + "." + std::to_string(random.between(1, 9)) + " per cent";
  }
}

}  // namespace reamo::synth
