#include "ie/align.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "ie/error.h"
#include "ie/unicode.h"

namespace reamo::ie {
namespace {

using Spans = std::vector<TextSpan>;
using Aligned = std::vector<std::optional<TextSpan>>;

TEST(CodePoints, CountsAndOffsets) {
  const std::string text = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\xA6\x8A!";  // a, e acute, euro, fox, !
  EXPECT_EQ(count_code_points(text), 5u);
  EXPECT_EQ(code_point_offsets(text), (std::vector<std::size_t>{0, 1, 3, 6, 10, 11}));
  EXPECT_EQ(code_point_offsets(""), (std::vector<std::size_t>{0}));
}

TEST(CodePoints, RefusesInvalidUtf8) {
  for (const std::string bad :
       {"\xC3", "\x80", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "a\xFF"}) {
    EXPECT_THROW(count_code_points(bad), Error);
    EXPECT_THROW(code_point_offsets(bad), Error);
    EXPECT_FALSE(is_valid_utf8(bad));
  }
}

TEST(Fold, CaseAndSpace) {
  EXPECT_EQ(fold("  Mary\n\t CHEN\xC2\xA0"), "mary chen");
  EXPECT_EQ(fold("STRASSE"), fold("stra\xC3\x9F"
                                  "e"));
  EXPECT_EQ(fold(" \n"), "");
}

TEST(FindAll, PrefersWordBorders) {
  EXPECT_EQ(find_all("Ann, Anna and Ann", "Ann"), (Spans{{0, 3}, {14, 17}}));
  EXPECT_EQ(find_all("Annas", "Ann"), (Spans{{0, 3}}));
  EXPECT_EQ(find_all("aaaa", "aa"), (Spans{{0, 2}, {2, 4}}));
  EXPECT_EQ(find_all("abc", ""), Spans{});
  EXPECT_EQ(find_all("abc", "x"), Spans{});
}

TEST(FindAll, FoldsWhenNothingIsExact) {
  EXPECT_EQ(find_all("the HARBOR\n  Bank", "Harbor bank"), (Spans{{4, 17}}));
  EXPECT_EQ(find_all("Stra\xC3\x9F"
                     "e",
                     "STRASSE"),
            (Spans{{0, 6}}));
  EXPECT_EQ(find_all("Stra\xC3\x9F"
                     "e",
                     "se"),
            Spans{});  // would begin inside one character
  EXPECT_EQ(find_all("x", " "), Spans{});
}

TEST(FindAll, CountsCodePoints) {
  EXPECT_EQ(find_all("\xF0\x9F\xA6\x8A fox", "fox"), (Spans{{2, 5}}));
}

TEST(AlignMentions, TakesOccurrencesInTurn) {
  EXPECT_EQ(align_mentions("Ann met Ann.", {"Ann", "Ann", "Ann", "Bob"}),
            (Aligned{TextSpan{0, 3}, TextSpan{8, 11}, TextSpan{8, 11}, std::nullopt}));
  EXPECT_EQ(align_mentions("Mary Chen", {"Chen", "Mary Chen"}),
            (Aligned{TextSpan{5, 9}, TextSpan{0, 9}}));
}

// Against plain search over all starts, on an alphabet without case or space.
RC_GTEST_PROP(FindAllProperty, AgreesWithBruteForce, ()) {
  const auto letters = rc::gen::container<std::string>(rc::gen::element('a', 'b', '.'));
  const std::string text = *letters, mention = *rc::gen::nonEmpty(letters);
  const auto word = [&](std::size_t i) { return i < text.size() && text[i] != '.'; };
  const auto collect = [&](bool borders) {
    Spans spans;
    for (std::size_t i = 0; i + mention.size() <= text.size();) {
      const std::size_t end = i + mention.size();
      const bool fits = text.compare(i, mention.size(), mention) == 0;
      const bool clean = !(i > 0 && word(i - 1) && word(i)) && !(word(end - 1) && word(end));
      if (fits && (clean || !borders)) {
        spans.push_back({i, end});
        i = end;
      } else {
        ++i;
      }
    }
    return spans;
  };
  const Spans expected = collect(true).empty() ? collect(false) : collect(true);
  RC_ASSERT(find_all(text, mention) == expected);
}

RC_GTEST_PROP(FoldProperty, IsIdempotent, (const std::u32string& raw)) {
  std::string text;
  for (char32_t c : raw) append_utf8(text, c % 0xD800);
  RC_ASSERT(fold(fold(text)) == fold(text));
}

}  // namespace
}  // namespace reamo::ie
