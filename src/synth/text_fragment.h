// Text under construction that remembers where its mentions stand.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reamo::synth {

struct Mark {
  enum class What { kEntity, kTrigger };
  What what = What::kEntity;
  int index = 0;                    // member or event of the story
  std::size_t start = 0, end = 0;   // bytes while under construction
  friend bool operator==(const Mark&, const Mark&) = default;
};

struct Fragment {
  std::string text;
  std::vector<Mark> marks;

  Fragment() = default;
  Fragment(std::string plain) : text(std::move(plain)) {}
  Fragment(const char* plain) : text(plain) {}
  bool empty() const { return text.empty(); }
  // Appends; a comma before , . ; : ! ? and a full stop before another are dropped.
  Fragment& add(std::string_view plain);
  Fragment& add(const std::string& plain) { return add(std::string_view(plain)); }
  Fragment& add(const char* plain) { return add(std::string_view(plain)); }
  Fragment& add(const Fragment& other);
};

Fragment marked(std::string_view text, Mark::What what, int index);
// Replaces each `$x` of the pattern by the fragment of that letter; a letter without a fragment is an Error.
struct Slot { char letter; const Fragment* fragment; };
Fragment fill(std::string_view pattern, const std::vector<Slot>& slots);

// Same byte length, so marks stay right: ASCII, Latin-1 and Latin Extended-A letters.
std::string lower(std::string_view text);
void capitalise_first(Fragment& fragment);
void lower_all(Fragment& fragment);
void upper_all_ascii(Fragment& fragment);
// Headline capitals: every word but the short ones.
void title_case(Fragment& fragment);

}  // namespace reamo::synth
